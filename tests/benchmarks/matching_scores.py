"""Figures of a matcher's answers: accuracy, precision and share of what it is sure of, calibration, and what it fills in although
nothing is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from dms_workbench.engine.matching.suggest import CONFIDENT, Suggestions
from tests.benchmarks.matching_cases import ColumnName, Problem

BINS = 10


@dataclass(slots=True)
class Scores:
    """The answers about columns whose truth is known."""

    first: list[tuple[float, bool]] = field(default_factory=list)
    """Confidence of the first suggestion and whether it is right; (0, False) where there is none."""
    by_set: list[float] = field(default_factory=list)
    """The accuracy of each set."""
    orphans: list[float] = field(default_factory=list)
    """Confidence of what was assigned to each column whose source had been taken away; -1: nothing was."""

    def __add__(self, other: Scores) -> Scores:
        return Scores(self.first + other.first, self.by_set + other.by_set, self.orphans + other.orphans)

    @property
    def accuracy(self) -> float:
        """The mean over the sets of the share of columns whose first suggestion is right."""
        return mean(self.by_set)

    @property
    def accuracy_by_column(self) -> float:
        """The same, each column counting alike."""
        return mean(right for _, right in self.first)

    @property
    def precision(self) -> float:
        """The share of right ones among confident first suggestions; 1 if there are none."""
        return mean((right for score, right in self.first if score >= CONFIDENT), empty=1.0)

    @property
    def share(self) -> float:
        """The share of columns whose first suggestion is confident."""
        return mean(score >= CONFIDENT for score, _ in self.first)

    @property
    def orphans_assigned(self) -> float:
        """The share of columns without a source that got one."""
        return mean(score >= 0 for score in self.orphans)

    @property
    def orphans_confident(self) -> float:
        """The share of columns without a source that got one with confidence."""
        return mean(score >= CONFIDENT for score in self.orphans)

    @property
    def calibration_error(self) -> float:
        """The expected calibration error over bins of equal count; columns of equal confidence share their mean outcome.

        Naeini et al., "Obtaining well calibrated probabilities using Bayesian binning", 2015, with quantiles as bins.
        """
        if not self.first:
            return 0.0
        scores = np.array([score for score, _ in self.first])
        outcomes = np.array([right for _, right in self.first], dtype=np.float64)
        _, group = np.unique(scores, return_inverse=True)
        shared = (np.bincount(group, outcomes) / np.bincount(group))[group]
        order = np.argsort(group, kind="stable")
        gaps = (scores - shared)[order]
        edges = [place * len(gaps) // BINS for place in range(BINS + 1)]
        return float(sum(abs(gaps[start:end].sum()) for start, end in pairwise(edges)) / len(gaps))


def mean(values: Iterable[float], empty: float = 0.0) -> float:
    """The mean of some values."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else empty


def scores_of(problem: Problem, found: Suggestions) -> Scores:
    """What was suggested for the columns that have a truth."""
    scores = Scores()
    for each in found.columns:
        right = problem.truth.get((each.table, each.column))
        if right and each.candidates:
            best = each.candidates[0]
            scores.first.append((best.confidence, (best.table, best.column) in right))
        elif right:
            scores.first.append((0.0, False))
    scores.by_set.append(scores.accuracy_by_column)
    return scores


def orphan_scores(found: Suggestions, orphans: Sequence[ColumnName]) -> Scores:
    """What was assigned to columns that have no source."""
    given = {(each.table, each.column): each.assigned.confidence for each in found.columns if each.assigned is not None}
    return Scores(orphans=[given.get(orphan, -1.0) for orphan in orphans])
