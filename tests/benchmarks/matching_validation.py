"""Judges the matcher by sets of families that its model has not seen, tier by tier, and says what falls short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dms_workbench.engine.matching.model import Model
from dms_workbench.engine.matching.suggest import suggest
from tests.benchmarks.matching_folders import BenchmarkSet, ablated
from tests.benchmarks.matching_scores import Scores, orphan_scores, scores_of

ABLATED_TIERS = ("A", "B", "D")
BOTH = "A+B"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a figure of a tier must be."""

    tier: str
    figure: str
    bound: float
    at_most: bool = False

    def met_by(self, scores: Scores) -> bool:
        """Is the figure as demanded?"""
        found: float = getattr(scores, self.figure)
        return found <= self.bound if self.at_most else found >= self.bound

    def shortfall(self, scores: Scores) -> str:
        """What is wrong, in words."""
        way = "at most" if self.at_most else "at least"
        return f"tier {self.tier}: {self.figure} is {getattr(scores, self.figure):.3f}, {way} {self.bound} is demanded"


DEMANDS = (
    Demand("A", "accuracy", 0.99),
    Demand("B", "accuracy", 0.75),
    Demand(BOTH, "accuracy_by_column", 0.90),
    Demand("D", "accuracy", 0.93),
    Demand("A", "precision", 0.995),
    Demand("A", "share", 0.90),
    Demand("B", "precision", 0.97),
    Demand("B", "share", 0.45),
    Demand("A", "calibration_error", 0.03, at_most=True),
    Demand("B", "calibration_error", 0.08, at_most=True),
    *(
        Demand(tier, figure, bound, at_most=True)
        for tier in ("A", "B", "all")
        for figure, bound in (("orphans_assigned", 0.05), ("orphans_confident", 0.01))
    ),
)


def judge(model: Model, sets: Iterable[BenchmarkSet]) -> Iterator[tuple[BenchmarkSet, Scores]]:
    """What the product says of each set with this model, and of the set without the sources of some of its tables."""
    for each in sets:
        problem = each.problem
        scores = scores_of(problem, suggest(problem.source, problem.target, model=model))
        if each.tier in ABLATED_TIERS:
            for left, orphans in ablated(problem):
                scores += orphan_scores(suggest(left.source, left.target, model=model), orphans)
        yield each, scores


def pooled(judged: Iterable[tuple[str, Scores]]) -> dict[str, Scores]:
    """The scores by tier, of A and B together, and of all."""
    found: dict[str, Scores] = {}
    for tier, scores in sorted(judged, key=lambda each: each[0]):
        names = [tier, BOTH, "all"] if tier in BOTH.split("+") else [tier, "all"]
        for name in names:
            found[name] = found.get(name, Scores()) + scores
    return found


def line(scores: Scores) -> str:
    """The figures of a set or tier."""
    text = (
        f"top-1 {scores.accuracy:.3f} (by column {scores.accuracy_by_column:.3f} of {len(scores.first)})"
        f"  confident {scores.share:.3f}, of these right {scores.precision:.3f}  ECE {scores.calibration_error:.3f}"
    )
    if not scores.orphans:
        return text
    counts = [sum(score >= bound for score in scores.orphans) for bound in (0.0, 0.9)]
    return f"{text}  orphans {len(scores.orphans)}: {counts[0]} assigned, {counts[1]} confident"


def shortfalls(tiers: dict[str, Scores]) -> list[str]:
    """What is not as demanded, of the tiers that there are."""
    return [
        demand.shortfall(tiers[demand.tier])
        for demand in DEMANDS
        if demand.tier in tiers
        and (tiers[demand.tier].orphans or not demand.figure.startswith("orphans"))
        and not demand.met_by(tiers[demand.tier])
    ]
