"""Train the matcher's model.

    python -m tests.benchmarks.train_matching                              # on the schemas of tests/cases/matching alone
    python -m tests.benchmarks.train_matching --also DIR                   # and on benchmark sets of a folder
    python -m tests.benchmarks.train_matching --also DIR --cross-validate  # each family judged by a model that never saw it

The same folders give the same file, bit by bit: dice are seeded, sets come in order of name, one thread adds up.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when scikit-learn is imported: sums in one order

import numpy as np
from numpy.typing import NDArray

from dms_workbench.engine.matching.dictionary import shipped_dictionary
from dms_workbench.engine.matching.features import Evidence, evidence
from dms_workbench.engine.matching.names import Matrix
from dms_workbench.engine.matching.pairs import Pairs, features, second_features
from dms_workbench.engine.matching.situation import situation
from dms_workbench.engine.matching.trees import Trees
from tests.benchmarks.matching_cases import Problem, own_problems
from tests.benchmarks.matching_sets import schema
from tests.benchmarks.matching_variants import variants

MODEL = Path(__file__).parents[2] / "dms_workbench" / "engine" / "matching" / "model.json"
SETTINGS = {
    "max_iter": 120, "learning_rate": 0.07, "max_leaf_nodes": 8, "min_samples_leaf": 40, "l2_regularization": 5.0,
    "max_bins": 64, "random_state": 0, "early_stopping": False,
}  # fmt: skip
FOLDS = 3
NEAREST = 12
"""Of the sources of a target column so many are trained on, and a quarter of the rest."""
ENGINES = re.compile(r"_(sqlite|mysql|mariadb|pg|postgres|mssql)$")


@dataclass(slots=True)
class Prepared:
    """A problem with its figures."""

    problem: Problem
    family: str
    evidence: Evidence
    pairs: Pairs
    first: dict[str, Matrix]
    right: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    """Pairs that are trained on."""
    asked: NDArray[np.bool_]
    """Target columns of which it is known what is right."""
    weight: float
    second: dict[str, Matrix] = field(default_factory=dict)


def prepare(problem: Problem, family: str, weight: float) -> Prepared:
    """Compute the figures."""
    known = evidence(problem.source, problem.target, shipped_dictionary())
    pairs = Pairs.of(known)
    sources, targets = (
        [(table.name, column.name) for table in side.tables for column in table.columns]
        for side in (problem.source, problem.target)
    )
    right = np.array(
        [sources[s] in problem.truth.get(targets[t], ()) for s, t in zip(pairs.source, pairs.target, strict=True)]
    )
    judged = np.array([problem.complete or targets[t] in problem.truth for t in pairs.target])
    near = np.arange(len(pairs.target)) % max(1, len(pairs.target) // max(1, len(targets)))
    asked = np.array([problem.complete or target in problem.truth for target in targets])
    judged &= right | (near < NEAREST) | (near % 4 == 0)
    return Prepared(problem, family, known, pairs, features(known, pairs), right, judged, asked, weight)


def benchmark_problems(folder: Path) -> list[tuple[Problem, dict[str, Any]]]:
    """The sets of a folder, in order of name, with their data."""
    found = []
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        truth: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for pair in data["truth"]:
            truth.setdefault(tuple(pair["target"]), set()).add(tuple(pair["source"]))
        for pair in data.get("also_accept", ()):
            if tuple(pair["target"]) in truth:
                truth[tuple(pair["target"])].add(tuple(pair["source"]))
        frozen = {target: frozenset(sources) for target, sources in truth.items()}
        problem = Problem(
            path.stem, schema(data["source"]), schema(data["target"]), frozen, bool(data.get("truth_complete"))
        )
        found.append((problem, data))
    return found


def families(names: Sequence[str]) -> dict[str, str]:
    """The family of each set: sets that share a product are one."""
    groups: list[tuple[set[str], list[str]]] = []
    for name in names:
        own, members = products(name), [name]
        for group in [group for group in groups if group[0] & own]:
            groups.remove(group)
            own |= group[0]
            members += group[1]
        groups.append((own, members))
    return {name: min(own) for own, members in groups for name in members}


def products(name: str) -> set[str]:
    """The products that a set's name speaks of."""
    if name.startswith("snails_"):
        return {"snails"}
    found = set()
    for side in name.split("__"):
        while ENGINES.search(side):
            side = ENGINES.sub("", side)  # noqa: PLW2901
        found.add(side)
    return found


def table_of(prepared: Iterable[Prepared], which: str) -> tuple[tuple[str, ...], Any, Any, Any]:
    """Names of the figures, the figures of all judged pairs, whether they are right, and their weights."""
    listed = list(prepared)
    names = tuple(getattr(listed[0], which))
    rows = np.vstack([np.stack([getattr(each, which)[name] for name in names], axis=1)[each.judged] for each in listed])
    right = np.concatenate([each.right[each.judged] for each in listed])
    weights = np.concatenate(
        [np.full(each.judged.sum(), each.weight / np.sqrt(max(1, len(each.problem.truth)))) for each in listed]
    )
    return names, rows, right, weights / weights.mean()


def fit(prepared: Sequence[Prepared], which: str) -> dict[str, Any]:
    """One pass of the model, as data."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    names, rows, right, weights = table_of(prepared, which)
    model = HistGradientBoostingClassifier(**SETTINGS).fit(rows, right, sample_weight=weights)
    return exported(model, names)


def exported(model: Any, names: Sequence[str]) -> dict[str, Any]:
    """The trees of a fitted model in the package's own form; numbers are rounded to what float32 holds."""
    trees = []
    for (predictor,) in model._predictors:
        nodes = [
            [short(node["value"])]
            if node["is_leaf"]
            else [int(node["feature_idx"]), short(node["num_threshold"]), int(node["left"]), int(node["right"])]
            for node in predictor.nodes
        ]
        trees.append(nodes)
    return {"figures": list(names), "start": short(float(model._baseline_prediction.ravel()[0])), "trees": trees}


def short(number: float) -> float:
    """A number with as many digits as tell every 32 bit float from the next."""
    return float(f"{float(number):.9g}")


def train(prepared: Sequence[Prepared]) -> dict[str, Any]:
    """Both passes and the confidence: each learns from what the one before it said of families it had not seen."""
    first = fit(prepared, "first")
    folds = folds_of(prepared)
    for fold in folds:
        model = Trees.from_dict(fit([each for each in prepared if each.family not in fold], "first"))
        for each in prepared:
            if each.family in fold:
                each.second = both(each, model)
    second = fit(prepared, "second")
    seen: list[tuple[dict[str, Matrix], NDArray[np.bool_], float]] = []
    for fold in folds:
        model = Trees.from_dict(fit([each for each in prepared if each.family not in fold], "second"))
        seen += [of_columns(each, model.log_odds(each.second)) for each in prepared if each.family in fold]
    return {"first": first, "second": second, "confidence": confidence(seen)}


def folds_of(prepared: Sequence[Prepared]) -> list[list[str]]:
    """The families in groups that are judged together."""
    own = sorted({each.family for each in prepared})
    return [own[start::FOLDS] for start in range(min(FOLDS, len(own)))]


def of_columns(each: Prepared, odds: Any) -> tuple[dict[str, Matrix], NDArray[np.bool_], float]:
    """The situation of each target column that is judged, whether its best source is right, and the weight of one."""
    found = situation(each.evidence, each.pairs, odds.astype(np.float32))
    known = each.asked
    right = each.right[found.best]
    return (
        {name: value[known] for name, value in found.figures.items()},
        right[known],
        each.weight / np.sqrt(max(1, known.sum())),
    )


def confidence(seen: Sequence[tuple[dict[str, Matrix], NDArray[np.bool_], float]]) -> dict[str, float]:
    """Weights of a logistic regression over the figures of a column's situation."""
    from sklearn.linear_model import LogisticRegression

    names = list(seen[0][0])
    rows = np.vstack([np.stack([figures[name] for name in names], axis=1) for figures, _, _ in seen])
    right = np.concatenate([each for _, each, _ in seen])
    weights = np.concatenate([np.full(len(each), weight) for _, each, weight in seen])
    model = LogisticRegression(C=1.0, max_iter=2000).fit(rows, right, sample_weight=weights / weights.mean())
    return {
        "one": short(model.intercept_[0]),
        **{name: short(weight) for name, weight in zip(names, model.coef_[0], strict=True)},
    }


def both(each: Prepared, first: Trees) -> dict[str, Matrix]:
    """The figures of the second pass."""
    return {**each.first, **second_features(each.evidence, each.pairs, first.chance(each.first))}


def best(each: Prepared, chance: Matrix) -> list[tuple[int, int, float, bool]]:
    """For each judged target column with a truth: target, best source, chance, is it right?"""
    found = []
    targets = [(table.name, column.name) for table in each.problem.target.tables for column in table.columns]
    for target in sorted(set(each.pairs.target.tolist())):
        if targets[target] not in each.problem.truth:
            continue
        places = np.flatnonzero(each.pairs.target == target)
        top = places[np.argmax(chance[places])]
        found.append((target, int(each.pairs.source[top]), float(chance[top]), bool(each.right[top])))
    return found


def cross_validate(own: Sequence[Prepared], outside: Sequence[tuple[Prepared, str]]) -> None:
    """Print what models say of families they have not seen."""
    tiers: dict[str, list[float]] = {}
    for family in sorted({each.family for each, _ in outside}):
        model = train([*own, *(each for each, _ in outside if each.family != family)])
        first, second = Trees.from_dict(model["first"]), Trees.from_dict(model["second"])
        for each, tier in outside:
            if each.family == family:
                one = best(each, first.chance(each.first))
                two = best(each, second.chance(both(each, first)))
                shares = [sum(right for *_, right in found) / max(1, len(each.problem.truth)) for found in (one, two)]
                tiers.setdefault(tier, []).append(shares[1])
                print(f"{each.problem.name:45} {tier} first {shares[0]:.3f} second {shares[1]:.3f}", flush=True)
    for tier, found in sorted(tiers.items()):
        print(f"{tier}: {np.mean(found):.3f}")


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--also", metavar="DIR", help="benchmark sets to train on as well")
    parser.add_argument("--cross-validate", action="store_true", help="judge each family of DIR by a model without it")
    parser.add_argument("--write", metavar="FILE", default=str(MODEL), help="where the model goes")
    options = parser.parse_args()
    listed = own_problems()
    own = [prepare(problem, problem.name, 1.0) for problem in listed]
    own += [prepare(problem, problem.name.split()[0], 0.4) for problem in variants(listed)]
    outside = benchmark_problems(Path(options.also)) if options.also else []
    family = families([problem.name for problem, _ in outside])
    judged = [(prepare(problem, "+" + family[problem.name], 2.0), data["tier"]) for problem, data in outside]
    if options.cross_validate:
        cross_validate(own, judged)
        return 0
    model = train([*own, *(each for each, _ in judged)])
    head: Mapping[str, Any] = {
        "format": "dms-matching/1",
        "trained_on": [each.problem.name for each in own] + [p.name for p, _ in outside],
    }
    Path(options.write).write_text(json.dumps({**head, **model}, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
