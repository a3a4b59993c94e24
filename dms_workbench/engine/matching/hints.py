"""Further evidence beside names, types and structure: it moves the log-odds of pairs and says why."""

from __future__ import annotations

from typing import Protocol

from .features import Evidence
from .names import Matrix
from .pairs import Pairs


class Hint(Protocol):
    """Evidence that is not always there: values, embeddings."""

    def log_odds(self, evidence: Evidence, pairs: Pairs, odds: Matrix) -> Matrix:
        """The log-odds of all pairs, of shape (pairs,), with this evidence taken in."""
        ...

    def reasons(self, source: int, target: int) -> tuple[str, ...]:
        """What it says of a pair, in words; columns by their places in the two schemas. Called after `log_odds`."""
        ...
