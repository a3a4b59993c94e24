"""Learns what turns the figures of a target column's situation into the chance that its best source is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from dms_workbench.engine.matching.model import UNNAMED
from dms_workbench.engine.matching.names import Matrix
from dms_workbench.engine.matching.situation import situation
from tests.benchmarks.matching_fit import Prepared, short

ORPHANS, UNMATCHED = 0.8, 0.4
"""How much columns count whose source was taken away, and columns of whole problems that have no source.

A confidence depends on how many columns have none: these weights say that they are there, and not most.
"""
FREE = ("alike", "found")
"""Figures of the whole schema, which may speak for or against; all others speak for a pair the more the larger they are."""


def confidence(seen: Sequence[tuple[Prepared, Matrix]]) -> dict[str, float]:
    """Weights of a logistic regression. seen: problems, and the log-odds of models that were not trained on their families."""
    names, rows, right, weights = columns_of(seen)
    found = regression(rows, right, weights / weights.mean(), [name in FREE for name in names])
    return {name: short(weight) for name, weight in zip(["one", *names], found, strict=True)}


def regression(rows: Any, right: Any, weights: Any, free: Sequence[bool]) -> Any:
    """Intercept and weights of a logistic regression with a squared penalty, found by L-BFGS-B (Byrd et al. 1995).

    free: which weights may be negative; of the others a larger figure never lowers the chance.
    """
    data = np.column_stack([np.ones(len(rows)), rows]).astype(np.float64)
    sign = np.where(right, 1.0, -1.0)
    penalty = np.array([0.0] + [1.0] * rows.shape[1])

    def loss(found: Any) -> tuple[float, Any]:
        margin = sign * (data @ found)
        slope = -sign * weights / (1 + np.exp(np.clip(margin, -500, 500)))
        total = float(weights @ np.logaddexp(0, -margin) + 0.5 * penalty @ found**2)
        return total, data.T @ slope + penalty * found

    bounds = [(None, None), *((None if each else 0.0, None) for each in free)]
    start = np.zeros(data.shape[1])
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 5000}).x


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
