"""Boosted decision trees as readable data: small questions about named figures, whose answers are added up.

The form is the package's own (JSON): a list of trees, each a list of nodes ``[figure, threshold, left, right]`` or ``[value]``;
a value not larger than the threshold goes left. The sum of all values and of ``start`` is the log-odds (Friedman, "Greedy
function approximation: a gradient boosting machine", 2001).

All pairs are asked all questions of a tree at once, without following a path: each leaf is a bit, a question answered with *no*
takes away the bits of the leaves to its left, and the lowest bit that remains is the leaf (Lucchese et al., "QuickScorer", 2015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .names import Matrix

MOST_LEAVES = 8

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree."""

    questions: tuple[tuple[int, np.float32, np.uint8], ...]
    """The place of a figure, the threshold, and the leaves that remain if the figure is larger."""
    values: NDArray[np.float64]
    """Of every leaf, from left to right."""

    @staticmethod
    def of(nodes: Sequence[Sequence[float]]) -> Tree:
        """From its nodes. Raises IndexError if a node is not there, ValueError for too many leaves."""
        questions: list[tuple[int, np.float32, np.uint8]] = []
        values: list[float] = []

        def visit(place: int) -> None:
            if len(nodes[place]) == 1:
                values.append(nodes[place][0])
                return
            figure, threshold, left, right = nodes[place]
            before = len(values)
            visit(int(left))
            to_left = (1 << len(values)) - (1 << before)
            if len(values) >= MOST_LEAVES:
                raise ValueError(f"a tree with more than {MOST_LEAVES} leaves")
            questions.append((int(figure), np.float32(threshold), np.uint8(255 - to_left)))
            visit(int(right))

        visit(0)
        return Tree(tuple(questions), np.array(values, dtype=np.float32).astype(np.float64))

    def of_columns(self, columns: Matrix) -> NDArray[np.float64]:
        """The value of each pair; columns: shape (figures, pairs)."""
        left = np.full(columns.shape[1], 255, dtype=np.uint8)
        for figure, threshold, mask in self.questions:
            left &= np.where(columns[figure] > threshold, mask, np.uint8(255))
        return self.values[lowest_bits()[left]]


@cache
def lowest_bits() -> NDArray[np.intp]:
    """The place of the lowest bit of every byte; 0 for none."""
    return np.array([(byte & -byte).bit_length() - 1 if byte else 0 for byte in range(256)], dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Trees:
    """A model of log-odds."""

    figures: tuple[str, ...]
    start: float
    trees: tuple[Tree, ...]

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Trees:
        """From its data. Raises KeyError, IndexError or ValueError if it is damaged."""
        return Trees(tuple(data["figures"]), float(data["start"]), tuple(Tree.of(nodes) for nodes in data["trees"]))

    def log_odds(self, figures: Mapping[str, Matrix]) -> NDArray[np.float64]:
        """The log-odds of each pair; figures: by name, each of shape (pairs,)."""
        columns = np.stack([figures[name] for name in self.figures])
        total = np.full(columns.shape[1], self.start)
        for tree in self.trees:
            total += tree.of_columns(columns)
        return total

    def chance(self, figures: Mapping[str, Matrix]) -> Matrix:
        """The chance of each pair, 0 to 1."""
        return (1 / (1 + np.exp(-self.log_odds(figures)))).astype(np.float32)
