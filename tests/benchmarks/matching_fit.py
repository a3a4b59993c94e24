"""Fits the matcher's model: two passes of trees, and a confidence that is learned from what they say of families they never saw."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
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
from dms_workbench.engine.matching.trees import Trees
from tests.benchmarks.matching_cases import ColumnName, Problem

SETTINGS = {
    "max_iter": 80, "learning_rate": 0.1, "max_leaf_nodes": 8, "min_samples_leaf": 40, "l2_regularization": 5.0,
    "max_bins": 64, "early_stopping": False,
}  # fmt: skip
FOLDS = 3
NEAREST = 8
"""Of the sources of a target column so many are trained on, and an eighth of the rest."""


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
    """Pairs that trees are trained on."""
    asked: NDArray[np.bool_]
    """Target columns that the confidence is trained on."""
    matched: NDArray[np.bool_]
    """Target columns that have a source."""
    weight: float
    orphan: bool = False
    second: dict[str, Matrix] = field(default_factory=dict)


def prepare(problem: Problem, family: str, weight: float, orphans: Sequence[ColumnName] = ()) -> Prepared:
    """Compute the figures. orphans: columns without a source; then only these count, and only for the confidence."""
    known = evidence(problem.source, problem.target, shipped_dictionary())
    pairs = Pairs.of(known)
    sources, targets = (
        [(table.name, column.name) for table in side.tables for column in table.columns]
        for side in (problem.source, problem.target)
    )
    right = np.array(
        [sources[s] in problem.truth.get(targets[t], ()) for s, t in zip(pairs.source, pairs.target, strict=True)]
    )
    near = np.arange(len(pairs.target)) % max(1, len(pairs.target) // max(1, len(targets)))
    lost = set(orphans)
    asked = np.array([target in lost if lost else problem.complete or target in problem.truth for target in targets])
    judged = asked[pairs.target] & (right | (near < NEAREST) | (near % 8 == 0)) & (not lost)
    matched = np.array([bool(problem.truth.get(target)) for target in targets])
    return Prepared(
        problem, family, known, pairs, features(known, pairs), right, judged, asked, matched, weight, bool(lost)
    )


@dataclass(slots=True)
class Fitter:
    """Fits trees; those that were fitted to the same figures before are taken from a folder."""

    folder: Path | None = None
    seed: int = 0

    def fit(self, prepared: Iterable[Prepared], which: str) -> dict[str, Any]:
        """One pass of the model, as data."""
        names, rows, right, weights = table_of(prepared, which)
        if self.folder is None:
            return self.fitted(names, rows, right, weights)
        digest = hashlib.sha256(json.dumps([SETTINGS, self.seed, names]).encode())
        for part in (rows, right, weights):
            digest.update(np.ascontiguousarray(part).tobytes())
        kept = self.folder / f"{digest.hexdigest()}.json"
        if not kept.exists():
            kept.write_text(json.dumps(self.fitted(names, rows, right, weights)), encoding="utf-8")
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return found

    def fitted(self, names: Sequence[str], rows: Any, right: Any, weights: Any) -> dict[str, Any]:
        """Trees fitted by scikit-learn."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(**SETTINGS, random_state=self.seed)
        return exported(model.fit(rows, right, sample_weight=weights), names)

    def seen(self, prepared: Sequence[Prepared]) -> tuple[dict[str, Any], list[tuple[Prepared, Matrix]]]:
        """Both passes, and the log-odds that they give each problem when its family was left out."""
        first = self.fit(prepared, "first")
        folds = folds_of(prepared, self.seed)
        for fold in folds:
            model = Trees.from_dict(self.fit([each for each in prepared if each.family not in fold], "first"))
            for each in prepared:
                if each.family in fold:
                    each.second = both(each, model)
        second = self.fit(prepared, "second")
        found: list[tuple[Prepared, Matrix]] = []
        for fold in folds:
            model = Trees.from_dict(self.fit([each for each in prepared if each.family not in fold], "second"))
            found += [
                (each, model.log_odds(each.second).astype(np.float32)) for each in prepared if each.family in fold
            ]
        return {"first": first, "second": second}, found


def table_of(prepared: Iterable[Prepared], which: str) -> tuple[tuple[str, ...], Any, Any, Any]:
    """Names of the figures, the figures of all judged pairs, whether they are right, and their weights."""
    listed = [each for each in prepared if each.judged.any()]
    names = tuple(getattr(listed[0], which))
    rows = np.vstack([np.stack([getattr(each, which)[name] for name in names], axis=1)[each.judged] for each in listed])
    right = np.concatenate([each.right[each.judged] for each in listed])
    weights = np.concatenate(
        [np.full(each.judged.sum(), each.weight / np.sqrt(max(1, len(each.problem.truth)))) for each in listed]
    )
    return names, rows, right, weights / weights.mean()


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


def folds_of(prepared: Sequence[Prepared], seed: int = 0) -> list[list[str]]:
    """The families in groups that are judged together."""
    own = sorted({each.family for each in prepared})
    if seed:
        np.random.default_rng(seed).shuffle(own)
    return [own[start::FOLDS] for start in range(min(FOLDS, len(own)))]


def both(each: Prepared, first: Trees) -> dict[str, Matrix]:
    """The figures of the second pass."""
    return {**each.first, **second_features(each.evidence, each.pairs, first.chance(each.first))}
