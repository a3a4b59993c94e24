"""One source for each target column and one target for each source, so that the sum of chances is largest; others stay open."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from .names import Matrix
from .pairs import Pairs

LARGEST = 4_000_000
"""Above so many cells the columns are taken in order of confidence instead: the exact way would need minutes."""


def assigned(pairs: Pairs, odds: Matrix, confidence: Matrix, least: float) -> dict[int, int]:
    """The source of each target column that gets one: by target column.

    A column gets its best source if that is at least so sure; of several columns that want the same source, each keeps
    it only while it is as sure as that, since one source may well feed several columns.
    """
    targets = len(confidence)
    most = len(pairs.target) // targets
    top = odds.reshape(targets, most).argmax(axis=1)
    best = {number: int(pairs.source[number * most + place]) for number, place in enumerate(top)}
    sure = {number for number in best if confidence[number] >= least}
    rivals = contested(best, sure)
    if not rivals:
        return {number: best[number] for number in sorted(sure)}
    kept = settled(pairs, odds, sorted(rivals), most) if len(rivals) ** 2 <= LARGEST else {}
    return {
        number: best[number]
        for number in sorted(sure)
        if number not in rivals or kept.get(number) == best[number] or confidence[number] >= (1 + least) / 2
    }


def contested(best: dict[int, int], sure: set[int]) -> set[int]:
    """The target columns whose source another one wants as well."""
    wanted: dict[int, list[int]] = {}
    for number in sure:
        wanted.setdefault(best[number], []).append(number)
    return {number for several in wanted.values() if len(several) > 1 for number in several}


def settled(pairs: Pairs, odds: Matrix, targets: list[int], most: int) -> dict[int, int]:
    """The assignment of these columns with the largest sum of chances (Kuhn 1955, Munkres 1957; scipy's)."""
    sources = sorted({int(pairs.source[number * most + place]) for number in targets for place in range(most)})
    column = {source: place for place, source in enumerate(sources)}
    chances = np.zeros((len(targets), len(sources)))
    for row, number in enumerate(targets):
        for place in range(number * most, (number + 1) * most):
            chances[row, column[int(pairs.source[place])]] = 1 / (1 + np.exp(-float(odds[place])))
    rows, columns = linear_sum_assignment(chances, maximize=True)
    return {targets[row]: sources[place] for row, place in zip(rows, columns, strict=True)}
