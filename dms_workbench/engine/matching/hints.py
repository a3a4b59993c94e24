"""Further evidence beside names, types and structure: it moves the log-odds of pairs and says why."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .features import Evidence
from .names import Matrix
from .pairs import Pairs

CERTAIN = 0.9999
"""What a person confirmed stays so."""
UPWARDS = 0.5
"""The share of a gain that the confidence takes over: what was learned without hints is not to be raised by them lightly."""


class Hint(Protocol):
    """Evidence that is not always there: values, embeddings."""

    def log_odds(self, evidence: Evidence, pairs: Pairs, odds: Matrix) -> Matrix:
        """The log-odds of all pairs, of shape (pairs,), with this evidence taken in."""
        ...

    def reasons(self, source: int, target: int) -> tuple[str, ...]:
        """What it says of a pair, in words; columns by their places in the two schemas. Called after `log_odds`."""
        ...


def shifted(confidence: Matrix, odds: Matrix, moved: Matrix) -> Matrix:
    """The confidence of each target column, with what the hints moved its best pair by: a loss in full, a gain in part.

    odds, moved: of all pairs, as many for each target column. The calibration knows nothing of hints, so that its figures
    alone would hardly fall when values contradict.
    """
    if not moved.any():
        return confidence
    targets = len(confidence)
    best = odds.reshape(targets, -1).argmax(axis=1)
    move = moved.reshape(targets, -1)[np.arange(targets), best].astype(np.float64)
    known = np.clip(confidence.astype(np.float64), 1e-6, 1 - 1e-6)
    log_odds = np.log(known / (1 - known)) + np.where(move > 0, UPWARDS, 1.0) * move
    return np.asarray(np.where(confidence >= CERTAIN, confidence, 1 / (1 + np.exp(-log_odds))), dtype=np.float32)
