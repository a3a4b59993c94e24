"""The figures of single pairs of columns, by name, as the model wants them; and those that one pass of it adds for the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from .features import Evidence, Places, Side
from .names import Matrix

CANDIDATES = 40
"""Sources looked at for each target column."""
BLOCK = 256
"""Columns that are put in order at once, so that only their order is in memory."""
FURTHEST = 9
"""Places among rivals are told apart up to here."""


@dataclass(slots=True)
class Pairs:
    """Pairs of columns that come into question, ordered by target and then by the first guess."""

    source: Places
    target: Places

    @staticmethod
    def of(evidence: Evidence, guess: Matrix | None = None) -> Pairs:
        """The best sources of each target column by a first guess, the evidence's own if left out."""
        base = evidence.base if guess is None else guess
        most = min(CANDIDATES, base.shape[0])
        order = [
            np.argsort(-base[:, start : start + BLOCK].T, axis=1, kind="stable")[:, :most]
            for start in range(0, base.shape[1], BLOCK)
        ]
        return Pairs(np.concatenate(order).ravel(), np.repeat(np.arange(base.shape[1]), most))


def features(evidence: Evidence, pairs: Pairs) -> dict[str, Matrix]:
    """All figures of the first pass, by name, each of shape (pairs,)."""
    s, t = pairs.source, pairs.target
    source, target = evidence.source, evidence.target
    a, b = source.table_of[s], target.table_of[t]
    found: dict[str, Matrix] = {
        name: getattr(evidence, name)[s, t]
        for name in ("full", "bare", "crossed", "of_target", "of_source", "context", "remark", "kinds", "name", "base")
    }
    found |= spelling(evidence, pairs)
    found |= roles_of_pairs(evidence, pairs)
    found["table_name"] = evidence.tables[a, b]
    found["table_inside"] = evidence.inside[a, b]
    found["table_outside"] = evidence.outside[a, b]
    table = 0.5 * evidence.tables + 0.3 * evidence.inside + 0.2 * evidence.outside
    found |= {f"table_{name}": value for name, value in Tops.of(table).rivals(a, b).items()}
    found["table_sizes"] = ratio(source.sizes[a], target.sizes[b])
    found |= {f"base_{name}": value for name, value in Tops.of(evidence.base).rivals(s, t).items()}
    found |= {f"name_{name}": value for name, value in Tops.of(evidence.name).rivals(s, t).items()}
    found |= {f"near_{name}": value for name, value in neighbours(evidence.base, source, target, pairs).items()}
    found |= within_tables(evidence.base, source, target, pairs, "base")
    return {name: np.asarray(value, dtype=np.float32) for name, value in found.items()}


def ratio(first: Places, second: Places) -> Matrix:
    """The smaller by the larger; 1 where both are 0."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    return np.asarray(np.where(high > 0, low / np.maximum(high, 1), 1.0), dtype=np.float32)


def spelling(evidence: Evidence, pairs: Pairs) -> dict[str, Matrix]:
    """How alike the names are letter by letter."""
    mine = ["".join(name) for name in evidence.source.words.bare]
    theirs = ["".join(name) for name in evidence.target.words.bare]
    first, second = [mine[place] for place in pairs.source], [theirs[place] for place in pairs.target]
    alike = cpdist(first, second, scorer=Levenshtein.normalized_similarity, dtype=np.float32)
    counts = [np.array([len(name) for name in side.words.bare]) for side in (evidence.source, evidence.target)]
    return {
        "letters": alike,
        "equal": np.array([one == other for one, other in zip(first, second, strict=True)], dtype=np.float32),
        "word_counts": ratio(counts[0][pairs.source], counts[1][pairs.target]),
        "order": word_order(evidence, pairs),
    }


def word_order(evidence: Evidence, pairs: Pairs) -> Matrix:
    """How far the first word of one name begins the first of the other, and the last ends the last."""
    firsts = [[name[0] for name in side.words.bare] for side in (evidence.source, evidence.target)]
    lasts = [[name[-1] for name in side.words.bare] for side in (evidence.source, evidence.target)]
    mine, theirs = pairs.source, pairs.target
    same_first = np.array([firsts[0][i][0] == firsts[1][j][0] for i, j in zip(mine, theirs, strict=True)])
    same_last = np.array([lasts[0][i][0] == lasts[1][j][0] for i, j in zip(mine, theirs, strict=True)])
    return np.asarray((same_first.astype(np.float32) + same_last) / 2, dtype=np.float32)


def roles_of_pairs(evidence: Evidence, pairs: Pairs) -> dict[str, Matrix]:
    """Keys, links, types and places."""
    s, t, source, target = pairs.source, pairs.target, evidence.source, evidence.target
    leads_s, leads_t = source.linked[s], target.linked[t]
    both = (leads_s >= 0) & (leads_t >= 0)
    return {
        "same_kind": source.kind[s] == target.kind[t],
        "lengths": ratio(source.length[s].astype(np.int64), target.length[t].astype(np.int64)),
        "key_gap": np.abs(source.key[s] - target.key[t]),
        "key_both": np.minimum(source.key[s], target.key[t]),
        "link_gap": np.abs(source.link[s] - target.link[t]),
        "link_tables": np.where(both, evidence.tables[leads_s, leads_t], -1.0),
        "unique_gap": np.abs(source.unique[s] - target.unique[t]),
        "counted_gap": np.abs(source.counted[s] - target.counted[t]),
        "nullable_gap": source.nullable[s] - target.nullable[t],
        "place_gap": np.abs(source.place[s] - target.place[t]),
        "order_gap": np.minimum(20, np.abs(source.order[s] - target.order[t])),
        "key_of_target": target.key[t],
        "link_of_target": target.link[t],
    }


@dataclass(slots=True)
class Tops:
    """A matrix of figures, none below 0, and the largest of each row and column."""

    matrix: Matrix
    of_rows: Matrix
    """Shape (rows, FURTHEST), largest first; 0 where there are fewer."""
    of_columns: Matrix
    """Shape (columns, FURTHEST)."""

    @staticmethod
    def of(matrix: Matrix) -> Tops:
        """The largest, with as much memory as some rows or columns take."""
        return Tops(matrix, largest(matrix), largest(matrix.T))

    def rivals(self, row: Places, column: Places) -> dict[str, Matrix]:
        """Of some pairs: how far ahead of the best other row, of the best other column, and the places among both."""
        own, rows, columns = self.matrix[row, column], self.of_rows[row], self.of_columns[column]
        return {
            "ahead": own - best_other(own, columns),
            "ahead_back": own - best_other(own, rows),
            "rank": (columns > own[:, None]).sum(axis=1),
            "rank_back": (rows > own[:, None]).sum(axis=1),
        }


def largest(matrix: Matrix) -> Matrix:
    """The largest of each row, largest first: shape (rows, FURTHEST)."""
    found = np.zeros((matrix.shape[0], FURTHEST), dtype=np.float32)
    most = min(FURTHEST, matrix.shape[1])
    for start in range(0, len(matrix), BLOCK):
        part = np.partition(-matrix[start : start + BLOCK], most - 1, axis=1)[:, :most]
        found[start : start + BLOCK, :most] = -np.sort(part, axis=1)
    return found


def best_other(own: Matrix, top: Matrix) -> Matrix:
    """The largest of a row or column but the own, by its largest ones; 0 where there is no other."""
    return np.where(own >= top[:, 0], top[:, 1], top[:, 0])


def neighbours(matrix: Matrix, source: Side, target: Side, pairs: Pairs) -> dict[str, Matrix]:
    """How alike the columns before and behind both columns are: 0 at a table's edge."""
    s, t = pairs.source, pairs.target
    before = (source.order[s] > 0) & (target.order[t] > 0)
    last_s = source.order[s] + 1 < source.sizes[source.table_of[s]]
    last_t = target.order[t] + 1 < target.sizes[target.table_of[t]]
    behind = last_s & last_t
    return {
        "before": np.where(before, matrix[np.maximum(s - 1, 0), np.maximum(t - 1, 0)], 0.0),
        "behind": np.where(
            behind, matrix[np.minimum(s + 1, matrix.shape[0] - 1), np.minimum(t + 1, matrix.shape[1] - 1)], 0.0
        ),
    }


def within_tables(matrix: Matrix, source: Side, target: Side, pairs: Pairs, name: str) -> dict[str, Matrix]:
    """How far a pair is ahead of the other columns of both tables."""
    s, t = pairs.source, pairs.target
    by_source = np.maximum.reduceat(matrix, source.starts, axis=0)
    by_target = np.maximum.reduceat(matrix, target.starts, axis=1)
    own = matrix[s, t]
    return {
        f"{name}_in_source_table": own - by_source[source.table_of[s], t],
        f"{name}_in_target_table": own - by_target[s, target.table_of[t]],
    }


def second_features(evidence: Evidence, pairs: Pairs, chance: Matrix) -> dict[str, Matrix]:
    """What the first pass's chances add, each of shape (pairs,): rivals, neighbours and what both tables share."""
    source, target, s, t = evidence.source, evidence.target, pairs.source, pairs.target
    matrix = np.zeros(evidence.base.shape, dtype=np.float32)
    matrix[s, t] = chance
    a, b = source.table_of[s], target.table_of[t]
    found = np.maximum.reduceat(matrix, source.starts, axis=0)
    support = np.add.reduceat(found, target.starts, axis=1)
    share = np.asarray(support / target.sizes[None, :], dtype=np.float32)
    found_back = np.maximum.reduceat(matrix, target.starts, axis=1)
    back = np.asarray(np.add.reduceat(found_back, source.starts, axis=0) / source.sizes[:, None], dtype=np.float32)
    own = np.asarray(chance, dtype=np.float32)
    added: dict[str, Matrix] = {
        "chance": own,
        "support": (support[a, b] - own),
        "support_share": share[a, b],
        "support_back": back[a, b],
    }
    added |= {f"support_{name}": value for name, value in Tops.of(share).rivals(a, b).items()}
    added |= {f"chance_{name}": value for name, value in Tops.of(matrix).rivals(s, t).items()}
    added |= {f"chance_{name}": value for name, value in neighbours(matrix, source, target, pairs).items()}
    added |= within_tables(matrix, source, target, pairs, "chance")
    added["chance_elsewhere"] = elsewhere(matrix, source, s, t)
    return {name: np.asarray(value, dtype=np.float32) for name, value in added.items()}


def elsewhere(matrix: Matrix, source: Side, s: Places, t: Places) -> Matrix:
    """The best chance of a source of another table for the same target column."""
    by_table = np.maximum.reduceat(matrix, source.starts, axis=0)
    tops = largest(by_table.T)[t]
    return best_other(by_table[source.table_of[s], t], tops)
