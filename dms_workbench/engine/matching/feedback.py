"""How much decisions weigh: log-odds and confidences of open columns once others are decided; learned, shipped as readable data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from .confirmed import CERTAIN, Confirmed, decided, feedback_figures
from .features import Evidence, Places
from .model import Confidence
from .names import Matrix
from .pairs import Pairs
from .situation import situation

FORMAT = "dms-matching-feedback/1"
PARTS = ("pairs", "confidence")
SHOWN = ("name", "other_source", "other_target", "other_table", "taken_in_table", "taken", "beside")
"""What counts for the confidence of a column's best pair."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A weighted sum of figures, each of the same shape; ``one`` is the constant."""

    weights: Mapping[str, float]

    def log_odds(self, figures: Mapping[str, Matrix]) -> Matrix:
        """The sum."""
        total = sum(weight * (figures[name] if name != "one" else 1.0) for name, weight in self.weights.items())
        return np.asarray(total, dtype=np.float32)

    def chance(self, figures: Mapping[str, Matrix]) -> Matrix:
        """The sum as a chance, 0 to 1."""
        return np.asarray(1 / (1 + np.exp(-self.log_odds(figures).astype(np.float64))), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Feedback:
    """Weights of what decisions say: of a pair, and of the best pair of a column."""

    pairs: Weights
    confidence: Weights

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Feedback:
        """From its data. Raises ValueError for a format this version cannot read."""
        if data.get("format") != FORMAT:
            raise ValueError(f"weights of format {data.get('format')!r}; this version reads {FORMAT}")
        return Feedback(*(Weights({name: float(weight) for name, weight in data[part].items()}) for part in PARTS))

    def spread(
        self, evidence: Evidence, pairs: Pairs, odds: Matrix, confirmed: Confirmed, usual: Confidence
    ) -> tuple[Matrix, Matrix]:
        """The log-odds of all pairs, of shape (pairs,), and the confidence of each target column, knowing the decisions.

        usual: makes confidences where nothing is decided yet, and other projects alone have a say.
        """
        figures = feedback_figures(evidence, pairs, odds, confirmed)
        if not confirmed.begun:
            moved = np.asarray(odds + self.pairs.weights["remembered"] * figures["remembered"], dtype=np.float32)
            return moved, usual.of(situation(evidence, pairs, moved).figures)
        moved = decided(evidence, pairs, self.pairs.log_odds(figures), confirmed)
        found, shown = column_figures(evidence, pairs, moved, figures, usual)
        confidence = self.confidence.chance(shown)
        top = moved[found]
        confidence = np.where(top >= CERTAIN, 1.0, np.where(top <= -CERTAIN, 0.0, confidence))
        return moved, np.asarray(confidence, dtype=np.float32)


def column_figures(
    evidence: Evidence, pairs: Pairs, odds: Matrix, figures: Mapping[str, Matrix], usual: Confidence
) -> tuple[Places, dict[str, Matrix]]:
    """The place of each target column's best pair, and the figures that its confidence is made of.

    These are the log-odds that it would usually be right, and what the decisions say of it.
    """
    found = situation(evidence, pairs, odds)
    chance = np.clip(usual.of(found.figures), 0.001, 0.999)
    own = {f"decided_{name}": figures[name][found.best] for name in SHOWN}
    return found.best, {"usual": np.log(chance / (1 - chance)), **own}


@cache
def shipped_feedback() -> Feedback:
    """The weights that come with the package."""
    return Feedback.from_dict(json.loads((files(__package__) / "feedback.json").read_text(encoding="utf-8")))
