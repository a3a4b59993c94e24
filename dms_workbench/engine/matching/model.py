"""The learned model as it is shipped: two passes of trees and what turns a chance into a confidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from .features import Evidence
from .names import Matrix
from .pairs import Pairs, features, second_features
from .trees import Trees

FORMAT = "dms-matching/1"
READABLE = (FORMAT,)
UNNAMED, UNNAMED_AT_MOST = 0.3, 0.5
"""Where names share less, place and type alone speak for a pair: between two products they were wrong most of the time."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """Log-odds that the best source of a target column is right: a weighted sum of figures of its situation.

    However much speaks for a source whose name has nothing in common with the column's, its confidence has a limit.
    """

    weights: tuple[tuple[str, float], ...]

    def of(self, figures: Mapping[str, Matrix]) -> Matrix:
        """The confidence of each column, 0 to 1. figures: by name, each of shape (columns,)."""
        total = sum(weight * (figures[name] if name != "one" else 1.0) for name, weight in self.weights)
        found = 1 / (1 + np.exp(-np.asarray(total, dtype=np.float64)))
        limit = np.where(figures["named"] < UNNAMED, UNNAMED_AT_MOST, 1.0)
        return np.minimum(found, limit).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """Both passes and the confidence."""

    first: Trees
    second: Trees
    confidence: Confidence
    trained_on: tuple[str, ...]

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Model:
        """From its data. Raises ValueError for a format this version cannot read."""
        if data.get("format") not in READABLE:
            raise ValueError(f"a model of format {data.get('format')!r}; this version reads {', '.join(READABLE)}")
        return Model(
            Trees.from_dict(data["first"]),
            Trees.from_dict(data["second"]),
            Confidence(tuple((name, float(weight)) for name, weight in data["confidence"].items())),
            tuple(data["trained_on"]),
        )

    def log_odds(self, evidence: Evidence, pairs: Pairs) -> Matrix:
        """The log-odds of each pair after both passes."""
        first = features(evidence, pairs)
        second = {**first, **second_features(evidence, pairs, self.first.chance(first))}
        return self.second.log_odds(second).astype(np.float32)


@cache
def shipped_model() -> Model:
    """The model that comes with the package."""
    return Model.from_dict(json.loads((files(__package__) / "model.json").read_text(encoding="utf-8")))
