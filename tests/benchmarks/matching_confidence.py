"""Learns what turns the figures of a target column's situation into the chance that its best source is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dms_workbench.engine.matching.names import Matrix
from dms_workbench.engine.matching.situation import situation
from tests.benchmarks.matching_fit import Prepared, short

ORPHANS, UNMATCHED = 0.5, 0.3
"""How much columns count whose source was taken away, and columns of whole problems that have no source.

A confidence depends on how many columns have none: these weights say that they are there, and not most.
"""


def confidence(seen: Sequence[tuple[Prepared, Matrix]]) -> dict[str, float]:
    """Weights of a logistic regression. seen: problems, and the log-odds of models that were not trained on their families."""
    from sklearn.linear_model import LogisticRegression

    names, rows, right, weights = columns_of(seen)
    model = LogisticRegression(C=1.0, max_iter=3000).fit(rows, right, sample_weight=weights / weights.mean())
    return {
        "one": short(model.intercept_[0]),
        **{name: short(weight) for name, weight in zip(names, model.coef_[0], strict=True)},
    }


def columns_of(seen: Sequence[tuple[Prepared, Matrix]]) -> tuple[list[str], Any, Any, Any]:
    """Names of the figures; of all columns that are asked the figures, whether the best source is right, and the weight."""
    names: list[str] = []
    rows, right, weights = [], [], []
    for each, odds in seen:
        found = situation(each.evidence, each.pairs, odds)
        names = list(found.figures)
        rows.append(np.stack([found.figures[name] for name in names], axis=1)[each.asked])
        right.append(each.right[found.best][each.asked])
        count = int(each.asked.sum())
        share = ORPHANS if each.orphan else np.where(each.matched[each.asked], 1.0, UNMATCHED)
        weights.append(np.full(count, each.weight / np.sqrt(max(1, count))) * share)
    return names, np.vstack(rows), np.concatenate(right), np.concatenate(weights)
