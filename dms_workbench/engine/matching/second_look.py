"""A second look at all pairs once something is decided: tables and links between them, and names like those of sure pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .confirmed import Placed, saturated
from .features import Evidence, Places, Side
from .lexicon import Name
from .model import Confidence
from .names import Matrix
from .pairs import BLOCK, Pairs
from .situation import chance_of, situation
from .words import stem

SURE = 0.95
"""From here on a suggestion counts like a decision for the names and tables of others, never for a confidence."""
KEY_WORD = "id"

Found = Sequence[tuple[int, int]]
"""Pairs by the places of source and target column."""


def second_look(evidence: Evidence, pairs: Pairs, odds: Matrix, placed: Placed, usual: Confidence) -> dict[str, Matrix]:
    """What tables, links and names say of each pair, by name, each of shape (pairs,).

    odds: log-odds of all pairs before. usual: makes the confidence by which suggestions are sure.
    """
    names = NameLikeness.of(evidence)
    sure = sure_pairs(evidence, pairs, odds, placed, usual)
    found = {
        **linked(evidence, pairs, odds, placed),
        "like": names.like(pairs, placed.accepted),
        "like_sure": names.like(pairs, sure),
        "wanted_in_table": wanted_in_table(evidence, pairs, sure),
    }
    return {name: np.asarray(value, dtype=np.float32) for name, value in found.items()}


def linked(evidence: Evidence, pairs: Pairs, odds: Matrix, placed: Placed) -> dict[str, Matrix]:
    """How far the tables of a pair belong together, and the tables that both columns lead to."""
    a, b = evidence.source.table_of[pairs.source], evidence.target.table_of[pairs.target]
    share = table_shares(evidence, pairs, odds, placed)
    most = share.max(axis=0)
    belongs = share / np.maximum(most, 1e-6)[None, :]
    leads_s, leads_t = leads(evidence.source)[pairs.source], leads(evidence.target)[pairs.target]
    both = (leads_s >= 0) & (leads_t >= 0)
    known = np.where(leads_t >= 0, most[leads_t], 0.0)
    together = placed.together
    same = belongs[leads_s, leads_t]
    return {
        "table": saturated(together[a, b]),
        "share": share[a, b],
        "share_best": belongs[a, b],
        "source_elsewhere": np.where(together[a, b] == 0, saturated(together.sum(axis=1)[a]), 0.0),
        "led": np.where(both, same * known, 0.0),
        "led_other": np.where(both, (1 - same) * known, 0.0),
        "led_decided": both & (together[leads_s, leads_t] > 0),
    }


def table_shares(evidence: Evidence, pairs: Pairs, odds: Matrix, placed: Placed) -> Matrix:
    """The share of each target table's columns that a source table gives, each by its chance; 1 where it is decided.

    Shape (source tables, target tables).
    """
    matrix = np.zeros(evidence.base.shape, dtype=np.float32)
    matrix[pairs.source, pairs.target] = chance_of(odds)
    for s, t in placed.accepted:
        matrix[:, t] = 0
        matrix[s, t] = 1
    found = np.maximum.reduceat(matrix, evidence.source.starts, axis=0)
    share = np.add.reduceat(found, evidence.target.starts, axis=1) / evidence.target.sizes[None, :]
    return np.asarray(np.where(placed.together > 0, 1.0, share), dtype=np.float32)


def leads(side: Side) -> Places:
    """The table that each column leads to, or -1: by a foreign key, or as its name is a table's and ``id``, or a table's key's."""
    keys: dict[Name, set[int]] = {}
    tables: dict[Name, set[int]] = {}
    for place, name in enumerate(side.words.columns):
        if side.key[place] == 1 and len(name) > 1:
            keys.setdefault(name, set()).add(int(side.table_of[place]))
    for number, name in enumerate(side.words.tables):
        tables.setdefault(stems(name), set()).add(number)
    found = side.linked.copy()
    for place, name in enumerate(side.words.columns):
        if found[place] >= 0 or side.key[place] == 1 or len(name) == 1:
            continue
        own = {int(side.table_of[place])}
        named = tables.get(stems(name[:-1]), set()) - own if name[-1] == KEY_WORD else set()
        others = named if len(named) == 1 else keys.get(name, set()) - own
        if len(others) == 1:
            found[place] = min(others)
    return found


def stems(name: Name) -> Name:
    """The words of a name without plural endings."""
    return tuple(stem(word) for word in name)


def sure_pairs(evidence: Evidence, pairs: Pairs, odds: Matrix, placed: Placed, usual: Confidence) -> Found:
    """The best pairs of columns that are open, where they are very sure."""
    found = situation(evidence, pairs, odds)
    decided = {target for _, target in placed.accepted}
    best = found.best[usual.of(found.figures) >= SURE]
    every = zip(pairs.source[best].tolist(), pairs.target[best].tolist(), strict=True)
    return [(source, target) for source, target in every if target not in decided]


def wanted_in_table(evidence: Evidence, pairs: Pairs, sure: Found) -> Matrix:
    """1 where another column of the target's table has the source, and that for sure."""
    table_of = evidence.target.table_of
    users: dict[tuple[int, int], set[int]] = {}
    for source, target in sure:
        users.setdefault((source, int(table_of[target])), set()).add(target)
    tables = table_of[pairs.target].tolist()
    every = zip(pairs.source.tolist(), pairs.target.tolist(), tables, strict=True)
    return np.array([bool(users.get((s, b), set()) - {t}) for s, t, b in every], dtype=np.float32)


@dataclass(slots=True)
class NameLikeness:
    """How much alike the names of one side are among themselves; rare words say more."""

    matrices: tuple[Matrix, Matrix]
    """Of the source and of the target, each of shape (different names, different names), 0 to 1."""
    places: tuple[Places, Places]
    """The name of each column."""

    @staticmethod
    def of(evidence: Evidence) -> NameLikeness:
        """The likenesses of names without words of their tables."""
        mine, theirs = among(evidence.source.words.bare), among(evidence.target.words.bare)
        return NameLikeness((mine[0], theirs[0]), (mine[1], theirs[1]))

    def like(self, pairs: Pairs, known: Found) -> Matrix:
        """How much both names are like those of a known pair of another target column, the most of all; shape (pairs,)."""
        found = np.zeros(len(pairs.source), dtype=np.float32)
        if not known:
            return found
        sources, targets = np.array(known, dtype=np.int64).T
        mine, theirs = self.places
        for start in range(0, len(found), BLOCK):
            part = slice(start, start + BLOCK)
            s, t = pairs.source[part], pairs.target[part]
            alike = np.minimum(
                self.matrices[0][np.ix_(mine[s], mine[sources])], self.matrices[1][np.ix_(theirs[t], theirs[targets])]
            )
            found[part] = np.where(t[:, None] == targets[None, :], 0.0, alike).max(axis=1)
        return found


def among(names: Sequence[Name]) -> tuple[Matrix, Places]:
    """The weight of words that two names share by that of all their words (Jaccard), for all different names; and which is whose."""
    different = sorted(set(names))
    number = {name: place for place, name in enumerate(different)}
    counts = Counter(word for name in names for word in set(stems(name)))
    words = {word: place for place, word in enumerate(sorted(counts))}
    holds = np.zeros((len(different), len(words)), dtype=np.float32)
    for row, name in enumerate(different):
        for word in set(stems(name)):
            holds[row, words[word]] = np.sqrt(np.log1p(len(names) / counts[word]))
    shared = holds @ holds.T
    own = np.diag(shared)
    alike = shared / (own[:, None] + own[None, :] - shared)
    return alike.astype(np.float32), np.array([number[name] for name in names], dtype=np.int64)
