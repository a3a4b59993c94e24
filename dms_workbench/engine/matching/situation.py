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
    rival = rival_of(log_odds, pairs, best)
    table = evidence.target.table_of
    mine = evidence.source.table_of[s]
    chance = 1 / (1 + np.exp(-top))
    support = support_of(chance, table, mine)
    alike = float(np.mean(evidence.name.max(axis=0) >= SURE_NAME))
    ones = np.ones(targets, dtype=np.float32)
    figures = {
        "top": np.clip(top, -8, 8),
        "ahead": np.clip(top - second, 0, 8),
        "ahead_back": np.clip(top - rival, -8, 8),
        "support": support,
        "sure_table": support * np.clip(top, -8, 8),
        "alike": alike * ones,
        "alike_top": alike * np.clip(top, -8, 8),
        "found": float(np.mean(chance)) * ones,
        "named": evidence.name[s, np.arange(targets)],
    }
    return Situation(best, {name: np.asarray(value, dtype=np.float32) for name, value in figures.items()})


def rival_of(log_odds: Matrix, pairs: Pairs, best: Places) -> Matrix:
    """The best log-odds that each best source has with any other target column; -8 where it has none."""
    order = np.lexsort((-log_odds, pairs.source))
    source, target, value = pairs.source[order], pairs.target[order], log_odds[order]
    starts = {int(each): place for place, each in reversed(list(enumerate(source)))}
    found = np.full(len(best), -8.0, dtype=np.float32)
    for number, place in enumerate(best):
        at = starts[int(pairs.source[place])]
        while at < len(source) and source[at] == pairs.source[place]:
            if target[at] != pairs.target[place]:
                found[number] = value[at]
                break
            at += 1
    return found


def support_of(chance: Matrix, target_table: Places, source_table: Places) -> Matrix:
    """How far the other columns of the target's table find their best source in the same table, each by its chance."""
    found = np.zeros(len(chance), dtype=np.float32)
    for table in np.unique(target_table):
        columns = np.flatnonzero(target_table == table)
        together = np.zeros(int(source_table.max(initial=0)) + 1)
        np.add.at(together, source_table[columns], chance[columns])
        others = max(1, len(columns) - 1)
        found[columns] = (together[source_table[columns]] - chance[columns]) / others
    return found
