"""How much decisions weigh: log-odds and confidences of open columns once others are decided; learned, shipped as readable data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from .confirmed import CERTAIN, Confirmed, Placed, decided, feedback_figures
from .features import Evidence, Places
from .model import Confidence
from .names import Matrix
from .pairs import Pairs
from .second_look import second_look
from .situation import situation

FORMAT = "dms-matching-feedback/2"
PARTS = ("pairs", "confidence")
DECIDED = (
    "name", "like", "table", "source_elsewhere", "led_decided", "other_source", "other_table", "taken_in_table", "taken",
    "taken_for_name", "beside",
)  # fmt: skip
"""What of a pair's figures comes from decisions alone, and so may count for a confidence."""
LIMIT = 3.0
"""Decisions about others speak for or against a pair by so much log-odds at most."""


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
        if not confirmed.begun:
            heard = feedback_figures(evidence, pairs, odds, confirmed, Placed.of(evidence, confirmed))["remembered"]
            moved = np.asarray(odds + self.pairs.weights["remembered"] * heard, dtype=np.float32)
            return moved, usual.of(situation(evidence, pairs, moved).figures)
        figures = all_figures(evidence, pairs, odds, confirmed, usual)
        moved = decided(evidence, pairs, self.pairs.log_odds(figures), confirmed)
        before = decided(evidence, pairs, odds, confirmed)
        found, shown = column_figures(evidence, pairs, before, moved, self.gain(figures), usual)
        confidence = self.confidence.chance(shown)
        top = moved[found]
        confidence = np.where(top >= CERTAIN, 1.0, np.where(top <= -CERTAIN, 0.0, confidence))
        return moved, np.asarray(confidence, dtype=np.float32)

    def gain(self, figures: Mapping[str, Matrix]) -> Matrix:
        """What decisions about others add to the log-odds of each pair."""
        total = sum(self.pairs.weights[name] * figures[name] for name in DECIDED)
        return np.asarray(np.clip(total, -LIMIT, LIMIT), dtype=np.float32)


def all_figures(
    evidence: Evidence, pairs: Pairs, odds: Matrix, confirmed: Confirmed, usual: Confidence
) -> dict[str, Matrix]:
    """What decisions say of each pair, and what a second look does, by name, each of shape (pairs,)."""
    placed = Placed.of(evidence, confirmed)
    return {
        **feedback_figures(evidence, pairs, odds, confirmed, placed),
        **second_look(evidence, pairs, odds, placed, usual),
    }


def column_figures(
    evidence: Evidence, pairs: Pairs, odds: Matrix, moved: Matrix, gain: Matrix, usual: Confidence
) -> tuple[Places, dict[str, Matrix]]:
    """The place of each target column's best pair, and the figures that its confidence is made of.

    These are the log-odds that it was right before the second look, if it was the best then, else that it is now; whether it
    changed; and what decisions about others say of it. odds and moved: log-odds of all pairs before and after,
    both with what is decided as certain.
    """
    before = situation(evidence, pairs, odds)
    after = situation(evidence, pairs, moved)
    changed = before.best != after.best
    figures = {
        "before": np.where(changed, 0.0, log_odds_of(usual.of(before.figures))),
        "changed": changed,
        "usual_changed": np.where(changed, log_odds_of(usual.of(after.figures)), 0.0),
        "gain": gain[after.best],
    }
    return after.best, {name: np.asarray(value, dtype=np.float32) for name, value in figures.items()}


def log_odds_of(chance: Matrix) -> Matrix:
    """Chances as log-odds, none of them out of all doubt."""
    kept = np.clip(chance, 0.001, 0.999)
    return np.asarray(np.log(kept / (1 - kept)), dtype=np.float32)


@cache
def shipped_feedback() -> Feedback:
    """The weights that come with the package."""
    return Feedback.from_dict(json.loads((files(__package__) / "feedback.json").read_text(encoding="utf-8")))
