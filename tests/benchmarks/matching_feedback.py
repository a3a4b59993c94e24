"""What confirming some columns does to the others, measured; and the weights of it, learned.

    python -m tests.benchmarks.matching_feedback --also DIR --models FOLDER           # measure, families left out
    python -m tests.benchmarks.matching_feedback --also DIR --models FOLDER --train   # and write the shipped weights

Of each set a share of the true columns is drawn and confirmed; the others are judged before and after. FOLDER keeps one model
for each family, trained without it. The weights that a set is judged with are learned from the other families.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when scikit-learn is imported: sums in one order

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from dms_workbench.engine.matching.confirmed import Confirmed, decided
from dms_workbench.engine.matching.dictionary import shipped_dictionary
from dms_workbench.engine.matching.features import evidence
from dms_workbench.engine.matching.feedback import FORMAT, Feedback, Weights, all_figures, column_figures
from dms_workbench.engine.matching.model import Confidence, Model
from dms_workbench.engine.matching.names import Matrix
from dms_workbench.engine.matching.pairs import Pairs
from dms_workbench.engine.matching.suggest import CONFIDENT, Suggestions, suggest
from tests.benchmarks.matching_cases import ColumnName, Problem, own_problems
from tests.benchmarks.matching_fit import Fitter
from tests.benchmarks.matching_folders import BenchmarkSet, benchmark_sets
from tests.benchmarks.train_matching import outside_prepared, own_prepared, train

WEIGHTS = Path(__file__).parents[2] / "dms_workbench" / "engine" / "matching" / "feedback.json"
SHARES = (0.1, 0.2, 0.4)
LEARNED_FROM = (0.03, 0.1, 0.2, 0.4)
SEEDS = 5
HEARSAY = 0.5
"""What other projects say weighs so much less than what this one says."""
PRECISE = 0.985
"""How often what is filled in once something is decided must be right in the draws that the weights come from."""
STEP = 0.05
SUFFIX = ".json"
AGAINST = ("other_source", "other_table", "source_elsewhere", "taken_in_table", "taken", "wanted_in_table", "led_other")
"""Figures that never speak for a pair; all others but these and those never speak against one."""
EITHER = ("taken_for_name",)
Bound = tuple[float | None, float | None]
Vector = NDArray[np.float64]
CONFIDENCE_BOUNDS: dict[str, Bound] = {
    "before": (1.0, 1.0), "changed": (None, 0.0), "usual_changed": (0.0, 1.0), "gain": (0.0, 1.0),
}  # fmt: skip
"""A confidence is what it was, and more or less by what is decided; of a pair that is new at the top less is believed."""


@dataclass(slots=True)
class Case:
    """A set with a model that has not seen its family."""

    problem: Problem
    tier: str
    family: str
    model: Model
    before: Suggestions | None = None


@dataclass(slots=True)
class Learning:
    """One draw of a set, as figures."""

    family: str
    figures: dict[str, Matrix]
    """Of pairs, each of shape (targets, candidates)."""
    right: NDArray[np.bool_]
    rest: list[int]
    """Target columns that have a source and were not drawn."""
    evidence: Any
    pairs: Pairs
    odds: Matrix
    confirmed: Confirmed
    usual: Confidence
    weight: float = field(init=False)

    def __post_init__(self) -> None:
        self.weight = 1 / np.sqrt(max(1, len(self.rest)))


def drawn(problem: Problem, share: float, seed: int) -> tuple[Confirmed, list[ColumnName]]:
    """What is confirmed of a set, and the columns that are judged: the same for the same seed."""
    known = sorted(target for target, sources in problem.truth.items() if sources)
    dice = random.Random(f"{problem.name} {seed}")
    shown = set(dice.sample(known, max(1, round(share * len(known)))))
    pairs = frozenset((min(problem.truth[target]), target) for target in shown)
    return Confirmed(accepted=pairs), [target for target in known if target not in shown]


def learning(case: Case, share: float, seed: int) -> Learning:
    """The figures of one draw."""
    problem = case.problem
    confirmed, rest = drawn(problem, share, seed)
    words = confirmed.learned(problem.source, problem.target, shipped_dictionary())
    known = evidence(problem.source, problem.target, words)
    pairs = Pairs.of(known, confirmed.favoured(known))
    odds = case.model.log_odds(known, pairs)
    sources, targets = columns_of(problem.source), columns_of(problem.target)
    right = [sources[s] in problem.truth.get(targets[t], ()) for s, t in zip(pairs.source, pairs.target, strict=True)]
    judged = set(rest)
    places = [place for place, target in enumerate(targets) if target in judged]
    usual = case.model.confidence
    figures = all_figures(known, pairs, odds, confirmed, usual)
    return Learning(case.family, figures, np.array(right), places, known, pairs, odds, confirmed, usual)


def columns_of(schema: Any) -> list[ColumnName]:
    """Table and name of every column."""
    return [(table.name, column.name) for table in schema.tables for column in table.columns]


def learned(draws: Sequence[Learning]) -> dict[str, Any]:
    """The weights of pairs, then those of the confidence, from these draws.

    The confidence is lowered by a constant until what would be filled in is right as often as `PRECISE` says.
    """
    pairs = ranking(draws)
    pairs["remembered"] = rounded(HEARSAY * (pairs["name"] + pairs["like"]))
    rows = [of_columns(each, Feedback(Weights(pairs), Weights({}))) for each in draws]
    confidence = logistic(rows)
    while precision(Weights(confidence), rows) < PRECISE:
        confidence["one"] = rounded(confidence["one"] - STEP)
    return {"pairs": pairs, "confidence": confidence}


def rounded(number: float) -> float:
    """A weight as it is written: six digits."""
    return float(f"{number:.6g}")


def precision(rule: Weights, rows: Sequence[Rows]) -> float:
    """How often what is filled in is right; 1 where nothing is."""
    found = [right[rule.chance(figures) >= CONFIDENT] for figures, right, _ in rows]
    every = np.concatenate(found)
    return float(every.mean()) if len(every) else 1.0


Rows = tuple[dict[str, Matrix], NDArray[np.bool_], float]


def ranking(draws: Sequence[Learning]) -> dict[str, float]:
    """Weights by which the right source of each open column comes first: a conditional logit (McFadden 1974) with bounds."""
    names = [name for name in draws[0].figures if name != "remembered"]
    rows = [of_pairs(each, names) for each in draws]
    mean = sum(each.weight * len(right) for each, (_, right) in zip(draws, rows, strict=True)) / sum(
        len(right) for _, right in rows
    )

    def loss(found: Vector) -> tuple[float, Vector]:
        total, slope = float(0.5 * found @ found), found.copy()
        for each, (figures, right) in zip(draws, rows, strict=True):
            score = figures @ found
            chance = np.exp(score - score.max(axis=1, keepdims=True))
            good = chance * right
            every, best = chance.sum(axis=1, keepdims=True), np.maximum(1e-300, good.sum(axis=1, keepdims=True))
            total -= float(each.weight / mean * np.log(best / every).sum())
            slope += each.weight / mean * np.tensordot(chance / every - good / best, figures, axes=2)
        return total, slope

    bounds = [(None, None) if name in EITHER else (None, 0.0) if name in AGAINST else (0.0, None) for name in names]
    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", bounds=bounds).x
    return {name: rounded(weight) for name, weight in zip(names, found, strict=True)}


def of_pairs(each: Learning, names: Sequence[str]) -> tuple[Vector, NDArray[np.bool_]]:
    """The candidates of each open column whose source is among them: figures (columns, candidates, names), and which are right."""
    most = len(each.right) // each.evidence.base.shape[1]
    figures = np.stack([each.figures[name] for name in names], axis=1).astype(np.float64).reshape(-1, most, len(names))
    right = each.right.reshape(-1, most)
    found = [target for target in each.rest if right[target].any()]
    return figures[found], right[found]


def of_columns(each: Learning, rule: Feedback) -> Rows:
    """The open columns with what their best pair looks like."""
    known, pairs, confirmed = each.evidence, each.pairs, each.confirmed
    moved = decided(known, pairs, rule.pairs.log_odds(each.figures), confirmed)
    gain = rule.gain(each.figures)
    before = decided(known, pairs, each.odds, confirmed)
    best, figures = column_figures(known, pairs, before, moved, gain, each.usual)
    return {name: value[each.rest] for name, value in figures.items()}, each.right[best][each.rest], each.weight


def logistic(rows: Sequence[Rows]) -> dict[str, float]:
    """Weights of a logistic regression within `CONFIDENCE_BOUNDS`."""
    names = list(CONFIDENCE_BOUNDS)
    table = np.vstack([np.stack([np.ones(len(y)), *(found[name] for name in names)], axis=1) for found, y, _ in rows])
    sign = np.where(np.concatenate([right for _, right, _ in rows]), 1.0, -1.0)
    weights = np.concatenate([np.full(len(right), weight) for _, right, weight in rows])
    weights /= weights.mean()

    def loss(found: Vector) -> tuple[float, Vector]:
        margin = sign * (table @ found)
        penalty = np.concatenate([[0.0], found[1:]])
        slope = table.T @ (-sign * weights / (1 + np.exp(np.clip(margin, -500, 500))))
        return float(weights @ np.logaddexp(0, -margin) + 0.5 * penalty @ penalty), slope + penalty

    bounds: list[Bound] = [(None, None), *CONFIDENCE_BOUNDS.values()]
    start = np.array([max(0.0, low or 0.0) for low, _ in bounds])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return {name: rounded(weight) for name, weight in zip(["one", *names], found, strict=True)}


@dataclass(slots=True)
class Tally:
    """Answers about the columns that were not drawn."""

    by_set: dict[str, list[float]] = field(default_factory=dict)
    sure: list[bool] = field(default_factory=list)
    asked: int = 0

    def take(self, problem: Problem, found: Suggestions, rest: Sequence[ColumnName]) -> None:
        """Count the answers of one draw."""
        said = {(each.table, each.column): each.candidates[:1] for each in found.columns}
        first = [(best, (best.table, best.column) in problem.truth[target]) for target in rest for best in said[target]]
        self.by_set.setdefault(problem.name, []).append(sum(right for _, right in first) / max(1, len(rest)))
        self.sure += [right for best, right in first if best.confidence >= CONFIDENT]
        self.asked += len(rest)

    def __str__(self) -> str:
        accuracy = np.mean([np.mean(each) for each in self.by_set.values()])
        precision = np.mean(self.sure) if self.sure else 1.0
        return f"top-1 {accuracy:.4f}  precision {precision:.4f}  share {len(self.sure) / max(1, self.asked):.4f}"


def measure(cases: Sequence[Case], rules: dict[str, Feedback], seeds: int, shares: Iterable[float] = SHARES) -> None:
    """Print each tier before and after, for each share that is confirmed."""
    for share in shares:
        tallies: dict[tuple[str, str], Tally] = {}
        for case in cases:
            problem = case.problem
            case.before = case.before or suggest(problem.source, problem.target, model=case.model)
            for seed in range(seeds):
                confirmed, rest = drawn(problem, share, seed)
                if not rest:
                    continue
                rule = rules[case.family]
                after = suggest(problem.source, problem.target, model=case.model, confirmed=confirmed, feedback=rule)
                for when, found in (("before", case.before), ("after", after)):
                    tallies.setdefault((case.tier, when), Tally()).take(problem, found, rest)
        for (tier, when), tally in sorted(tallies.items(), key=lambda each: (each[0][0], each[0][1] == "after")):
            print(f"{share:.0%} confirmed, tier {tier} {when:6} {tally}", flush=True)
        print_sets(tallies)


def print_sets(tallies: dict[tuple[str, str], Tally]) -> None:
    """The sets of tier B one by one."""
    if ("B", "after") in tallies:
        for name, after in tallies["B", "after"].by_set.items():
            print(
                f"    {name:40} {np.mean(tallies['B', 'before'].by_set[name]):.3f} -> {np.mean(after):.3f}", flush=True
            )


def cases_of(sets: Sequence[BenchmarkSet], models: Path, tier: str | None, kept: Path | None) -> list[Case]:
    """The sets of a tier, each with the model of its family in the folder.

    A model that is missing is trained on the other families, which takes minutes; kept: where fitted trees are found again.
    """
    models.mkdir(parents=True, exist_ok=True)
    wanted = [each for each in sets if tier in (None, each.tier)]
    missing = sorted({each.family for each in wanted if not model_file(models, each.family).exists()})
    if missing:
        own, outside = own_prepared(own_problems()), outside_prepared(sets)
        for family in missing:
            model = train([*own, *(each for each in outside if each.family != family)], Fitter(kept))
            model_file(models, family).write_text(json.dumps(model), encoding="utf-8")
            print(f"trained without {family}", file=sys.stderr, flush=True)
    known = {each.family: json.loads(model_file(models, each.family).read_text(encoding="utf-8")) for each in wanted}
    return [Case(each.problem, each.tier, each.family, Model.from_dict(known[each.family])) for each in wanted]


def model_file(models: Path, family: str) -> Path:
    """Where the model without a family is kept."""
    return models / f"{family.removeprefix('+')}{SUFFIX}"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--also", metavar="DIR", required=True, help="benchmark sets")
    parser.add_argument("--models", metavar="FOLDER", required=True, help="where models without one family are kept")
    parser.add_argument("--tier", help="judge and learn from the sets of this tier only")
    parser.add_argument("--kept", metavar="FOLDER", type=Path, help="where fitted trees are kept and found again")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="draws of each set")
    parser.add_argument("--train", action="store_true", help="write the shipped weights, learned from all families")
    options = parser.parse_args()
    cases = cases_of(benchmark_sets(Path(options.also)), Path(options.models), options.tier, options.kept)
    draws = [
        learning(case, share, 100 + seed) for case in cases for share in LEARNED_FROM for seed in range(options.seeds)
    ]
    print(f"{len(draws)} draws of {len(cases)} sets", flush=True)
    families = sorted({each.family for each in cases})
    rules = {
        family: Feedback.from_dict({"format": FORMAT, **learned([each for each in draws if each.family != family])})
        for family in families
    }
    if options.train:
        data = {"format": FORMAT, "trained_on": [case.problem.name for case in cases], **learned(draws)}
        WEIGHTS.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    measure(cases, rules, options.seeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
