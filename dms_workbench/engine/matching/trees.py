"""Boosted decision trees as readable data: small questions about named figures, whose answers are added up.

The form is the package's own (JSON): a list of trees, each a list of nodes ``[figure, threshold, left, right]`` or ``[value]``;
a value not larger than the threshold goes left. The sum of all values and of ``start`` is the log-odds (Friedman, "Greedy
function approximation: a gradient boosting machine", 2001).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .names import Matrix


@dataclass(frozen=True, slots=True)
class Trees:
    """A model of log-odds."""

    figures: tuple[str, ...]
    start: float
    figure: tuple[NDArray[np.int32], ...]
    """Of each tree's nodes the place of the figure asked for; -1 at a leaf."""
    threshold: tuple[NDArray[np.float32], ...]
    """At a leaf: its value."""
    left: tuple[NDArray[np.int32], ...]
    right: tuple[NDArray[np.int32], ...]

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Trees:
        """From its data. Raises KeyError or IndexError if it is damaged."""
        figures = tuple(data["figures"])
        trees = [[(-1, node[0], 0, 0) if len(node) == 1 else tuple(node) for node in tree] for tree in data["trees"]]
        return Trees(
            figures,
            float(data["start"]),
            tuple(np.array([node[0] for node in tree], dtype=np.int32) for tree in trees),
            tuple(np.array([node[1] for node in tree], dtype=np.float32) for tree in trees),
            tuple(np.array([node[2] for node in tree], dtype=np.int32) for tree in trees),
            tuple(np.array([node[3] for node in tree], dtype=np.int32) for tree in trees),
        )

    def log_odds(self, figures: Mapping[str, Matrix]) -> NDArray[np.float64]:
        """The log-odds of each pair; figures: by name, each of shape (pairs,)."""
        columns = np.stack([figures[name] for name in self.figures])
        pairs = np.arange(columns.shape[1])
        total = np.full(columns.shape[1], self.start)
        for figure, threshold, left, right in zip(self.figure, self.threshold, self.left, self.right, strict=True):
            node = np.zeros(len(pairs), dtype=np.int32)
            while (asked := figure[node]).max(initial=-1) >= 0:
                inner = asked >= 0
                goes_left = columns[np.maximum(asked, 0), pairs] <= threshold[node]
                node = np.where(inner, np.where(goes_left, left[node], right[node]), node)
            total += threshold[node]
        return total

    def chance(self, figures: Mapping[str, Matrix]) -> Matrix:
        """The chance of each pair, 0 to 1."""
        return (1 / (1 + np.exp(-self.log_odds(figures)))).astype(np.float32)
