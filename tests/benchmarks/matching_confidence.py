"""Learns what turns the figures of a target column's situation into the chance that its best source is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dms_workbench.engine.matching.model import UNNAMED
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
    """Names of the figures; of the columns that are asked the figures, whether the best source is right, and the weight.

    Columns whose best source has another name altogether are left out: the model limits their confidence, and those of our
    own schemas, which stand in the order of their sources, would say that place is enough.
    """
    names: list[str] = []
    rows, right, weights = [], [], []
    for each, odds in seen:
        found = situation(each.evidence, each.pairs, odds)
        names = list(found.figures)
        named = each.asked & (found.figures["named"] >= UNNAMED)
        rows.append(np.stack([found.figures[name] for name in names], axis=1)[named])
        right.append(each.right[found.best][named])
        share = ORPHANS if each.orphan else np.where(each.matched[named], 1.0, UNMATCHED)
        weights.append(np.full(named.sum(), each.weight / np.sqrt(max(1, each.asked.sum()))) * share)
    return names, np.vstack(rows), np.concatenate(right), np.concatenate(weights)
