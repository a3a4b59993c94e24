"""What each target column's situation looks like once all pairs are weighed: the figures that its confidence is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .features import Evidence, Places
from .names import Matrix
from .pairs import Pairs

SURE_NAME = 0.95


@dataclass(slots=True)
class Situation:
    """For every target column its best source and what speaks for it."""

    best: Places
    """Place of the best pair of each target column among the pairs."""
    figures: dict[str, Matrix]
    """By name, each of shape (target columns,)."""


def situation(evidence: Evidence, pairs: Pairs, log_odds: Matrix) -> Situation:
    """Look at each target column's pairs, which follow one another, all as many."""
    targets = evidence.base.shape[1]
    most = len(pairs.target) // targets
    by_target = log_odds.reshape(targets, most)
    order = np.argsort(-by_target, axis=1, kind="stable")
    best = np.arange(targets) * most + order[:, 0]
    top = log_odds[best]
    second = by_target[np.arange(targets), order[:, 1]] if most > 1 else np.full(targets, -8.0)
    s = pairs.source[best]
    back = np.clip(top - rival_of(log_odds, pairs, best), -8, 8)
    alike = float(np.mean(evidence.name.max(axis=0) >= SURE_NAME))
    ones = np.ones(targets, dtype=np.float32)
    strong = np.clip(top, -8, 8)
    support = support_of(evidence, s, chance_of(top))
    figures = {
        "top": strong,
        "ahead": np.clip(top - second, 0, 8),
        "ahead_back": back,
        "support": support,
        "sure_table": support * strong,
        "alike": alike * ones,
        "alike_top": alike * strong,
        "found": float(np.mean(chance_of(top))) * ones,
        "named": evidence.name[s, np.arange(targets)],
    }
    return Situation(best, {name: np.asarray(value, dtype=np.float32) for name, value in figures.items()})


def chance_of(log_odds: Matrix) -> Matrix:
    """Log-odds as chances."""
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def rival_of(log_odds: Matrix, pairs: Pairs, best: Places) -> Matrix:
    """The best log-odds that each best source has with any other target column; -8 where it has none."""
    order = np.lexsort((-log_odds, pairs.source))
    source, target, value = pairs.source[order], pairs.target[order], log_odds[order]
    first = np.searchsorted(source, pairs.source[best])
    second = np.minimum(first + 1, len(source) - 1)
    place = np.where(target[first] != pairs.target[best], first, second)
    there = (source[place] == pairs.source[best]) & (target[place] != pairs.target[best])
    return np.where(there, value[place], np.float32(-8.0)).astype(np.float32)


def support_of(evidence: Evidence, best: Places, chance: Matrix) -> Matrix:
    """How far the other columns of the target's table find their best source in the same table, each by its chance."""
    a, b = evidence.source.table_of[best], evidence.target.table_of
    sizes = evidence.target.sizes
    total = np.zeros((len(evidence.source.sizes), len(sizes)))
    np.add.at(total, (a, b), chance)
    return np.asarray((total[a, b] - chance) / np.maximum(1, sizes[b] - 1), dtype=np.float32)
