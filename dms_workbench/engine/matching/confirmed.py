"""What people have decided of a mapping, and how it spreads to the columns that are still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .dictionary import Dictionary
from .features import Evidence
from .lexicon import Lexicon, Name
from .names import Matrix, word_likeness
from .outline import SchemaOutline
from .pairs import Pairs
from .words import stem

ColumnName = tuple[str, str]
"""Table and column."""
Flags = NDArray[np.bool_]

TOLD = 0.6
"""Words that are so much alike need not be learned."""
FAVOUR = 0.3
"""How much further up the first guess of a pair of confirmed tables stands when candidates are chosen."""
CERTAIN = 30.0
"""Log-odds of a pair that is confirmed, and with a minus sign of one that was turned down."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A pair of columns that people of other projects decided on; names only."""

    source: ColumnName
    target: ColumnName
    accepted: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Decisions about a mapping. Pairs are (source column, target column); names as both schemas spell them.

    Names that are not in the schemas are passed over.
    """

    accepted: frozenset[tuple[ColumnName, ColumnName]] = frozenset()
    rejected: frozenset[tuple[ColumnName, ColumnName]] = frozenset()
    tables: frozenset[tuple[str, str]] = frozenset()
    """Pairs of tables (source, target) that are confirmed besides those of the accepted columns."""
    remembered: tuple[Remembered, ...] = ()
    """What people of other projects decided: it counts as hearsay, never as a decision."""

    def __bool__(self) -> bool:
        return self.begun or bool(self.remembered)

    @property
    def begun(self) -> bool:
        """Has anything been decided in this project?"""
        return bool(self.accepted or self.rejected or self.tables)

    def learned(self, source: SchemaOutline, target: SchemaOutline, dictionary: Dictionary) -> Dictionary:
        """The dictionary with what the names of accepted columns and confirmed tables say of their words."""
        lexicon = Lexicon.of(dictionary, (source, target))
        mine, theirs = names_by_column(source, lexicon), names_by_column(target, lexicon)
        pairs = [(mine[s], theirs[t]) for s, t in sorted(self.accepted) if s in mine and t in theirs]
        pairs += [
            (mine[table, ""], theirs[other, ""])
            for table, other in sorted(self.table_pairs())
            if (table, "") in mine and (other, "") in theirs
        ]
        copy = dictionary.copy()
        for name, other in pairs:
            if differ := differing(name, other, copy):
                learn(copy, *differ)
        for heard in self.heard(source, target):
            if differ := differing(lexicon.words(heard[0]), lexicon.words(heard[1]), copy):
                copy.relate(copy.synonyms, list(differ))
        return copy

    def heard(self, source: SchemaOutline, target: SchemaOutline) -> list[tuple[str, str]]:
        """Names of columns of both schemas that people of other projects said mean the same."""
        mine, theirs = (
            {column.name.lower() for table in side.tables for column in table.columns} for side in (source, target)
        )
        said = {(each.source[1].lower(), each.target[1].lower()) for each in self.remembered if trusted(each) > 0}
        return sorted((name, other) for name, other in said if name in mine and other in theirs)

    def table_pairs(self) -> set[tuple[str, str]]:
        """The pairs of tables of this project."""
        return set(self.tables) | {(source[0], target[0]) for source, target in self.accepted}

    def favoured(self, evidence: Evidence) -> Matrix | None:
        """The first guess with confirmed pairs first and all columns of confirmed tables further up; None: nothing to say."""
        placed = Placed.of(evidence, self)
        if not placed.accepted and not placed.together.any():
            return None
        source, target = evidence.source.table_of, evidence.target.table_of
        raised = evidence.base + FAVOUR * (placed.together[np.ix_(source, target)] > 0)
        for s, t in placed.accepted:
            raised[s, t] = CERTAIN
        return np.asarray(raised, dtype=np.float32)


def trusted(each: Remembered) -> int:
    """By how many decisions a pair was accepted more often than twice as often as rejected."""
    return each.accepted - 2 * each.rejected


def names_by_column(schema: SchemaOutline, lexicon: Lexicon) -> dict[ColumnName, Name]:
    """The words of each column's name without its table's, and of each table's name under ``(table, "")``."""
    words = lexicon.side(schema)
    columns = [(table.name, column.name) for table in schema.tables for column in table.columns]
    tables = [(table.name, "") for table in schema.tables]
    return dict(zip(columns + tables, words.bare + words.tables, strict=True))


def differing(name: Name, other: Name, dictionary: Dictionary) -> tuple[str, str] | None:
    """The one word of each of two names that the other does not have; None if there is none, or more."""
    likeness = word_likeness(name, other, dictionary)
    mine = [word for place, word in enumerate(name) if likeness[place].max() < TOLD]
    theirs = [word for place, word in enumerate(other) if likeness[:, place].max() < TOLD]
    if len(mine) == len(theirs) == 1 and not mine[0].isdigit() and not theirs[0].isdigit():
        return mine[0], theirs[0]
    return None


def learn(dictionary: Dictionary, word: str, other: str) -> None:
    """Let a word mean another; one that stands for several words keeps its meaning."""
    known = dictionary.meanings.get(word, set())
    if all(len(meaning) == 1 for meaning in known):
        dictionary.meanings[word] = known | {(stem(other),)}


@dataclass(slots=True)
class Placed:
    """Decisions by the places of columns and tables."""

    accepted: list[tuple[int, int]]
    rejected: list[tuple[int, int]]
    together: Matrix
    """Shape (source tables, target tables): how many accepted columns they share, one more if confirmed as tables."""
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Names of columns that were accepted, in small letters, (source, target): how often."""
    bare: Counter[tuple[Name, Name]] = field(default_factory=Counter)
    """The same by words."""

    @staticmethod
    def of(evidence: Evidence, confirmed: Confirmed) -> Placed:
        """The decisions that concern columns of both schemas."""
        source, target = evidence.source, evidence.target
        mine, theirs = places_of(source.schema), places_of(target.schema)
        accepted, rejected = (
            sorted((mine[s], theirs[t]) for s, t in pairs if s in mine and t in theirs)
            for pairs in (confirmed.accepted, confirmed.rejected)
        )
        together = np.zeros((len(source.sizes), len(target.sizes)), dtype=np.float32)
        for s, t in accepted:
            together[source.table_of[s], target.table_of[t]] += 1
        numbers = [{table.name: place for place, table in enumerate(side.schema.tables)} for side in (source, target)]
        for a, b in confirmed.tables:
            if a in numbers[0] and b in numbers[1]:
                together[numbers[0][a], numbers[1][b]] += 1
        placed = Placed(accepted, rejected, together)
        for s, t in accepted:
            placed.names[source.columns[s].name.lower(), target.columns[t].name.lower()] += 1
            placed.bare[source.words.bare[s], target.words.bare[t]] += 1
        return placed


def places_of(schema: SchemaOutline) -> dict[ColumnName, int]:
    """The place of each column."""
    names = [(table.name, column.name) for table in schema.tables for column in table.columns]
    return {name: place for place, name in enumerate(names)}


def feedback_figures(
    evidence: Evidence, pairs: Pairs, odds: Matrix, confirmed: Confirmed, placed: Placed
) -> dict[str, Matrix]:
    """What the decisions say of each pair, by name, each of shape (pairs,). placed: the same decisions."""
    source, target, s, t = evidence.source, evidence.target, pairs.source, pairs.target
    a, b = source.table_of[s], target.table_of[t]
    mine = [source.columns[place].name.lower() for place in s]
    theirs = [target.columns[place].name.lower() for place in t]
    same = counted(placed, evidence, pairs)
    other_source = known_elsewhere(theirs, [pair[1] for pair in placed.names]) & (same == 0)
    together, settled = placed.together[a, b], placed.together.sum(axis=0)[b]
    uses = Counter(place for place, _ in placed.accepted)
    taken = np.array([uses[place] == 1 for place in s.tolist()], dtype=bool)
    inside = {(place, int(target.table_of[other])) for place, other in placed.accepted}
    here = np.array([(one, other) in inside for one, other in zip(s.tolist(), b.tolist(), strict=True)], dtype=bool)
    figures: dict[str, Matrix] = {
        "odds": np.clip(odds, -8, 8),
        "name": saturated(same),
        "other_source": other_source,
        "other_table": np.where(together == 0, saturated(settled), 0.0),
        "taken_in_table": taken & here,
        "taken": taken & ~here & (same == 0),
        "taken_for_name": taken & ~here & (same > 0),
        "beside": beside(evidence, pairs, placed.accepted),
        "remembered": hearsay(mine, theirs, confirmed.remembered),
    }
    return {name: np.asarray(value, dtype=np.float32) for name, value in figures.items()}


def counted(placed: Placed, evidence: Evidence, pairs: Pairs) -> Matrix:
    """How often a pair of these names, or of these words, was accepted."""
    if not placed.accepted:
        return np.zeros(len(pairs.source), dtype=np.float32)
    mine, theirs = evidence.source, evidence.target
    return np.array(
        [
            max(
                placed.names[mine.columns[s].name.lower(), theirs.columns[t].name.lower()],
                placed.bare[mine.words.bare[s], theirs.words.bare[t]],
            )
            for s, t in zip(pairs.source, pairs.target, strict=True)
        ],
        dtype=np.float32,
    )


def known_elsewhere(names: Sequence[str], known: Iterable[str]) -> Flags:
    """Is a name one of those?"""
    found = set(known)
    return np.array([name in found for name in names], dtype=bool)


def saturated(count: Matrix) -> Matrix:
    """0, 1/2, 2/3, 3/4 …: each further time says less."""
    return np.asarray(count / (count + 1), dtype=np.float32)


def beside(evidence: Evidence, pairs: Pairs, accepted: Iterable[tuple[int, int]]) -> Matrix:
    """How many of the two neighbours of a pair are accepted: the columns before both, and those behind both."""
    found = set(accepted)
    source, target = evidence.source.table_of, evidence.target.table_of
    sides = []
    for step in (-1, 1):
        inside = {
            (s - step, t - step)
            for s, t in found
            if 0 <= s - step < len(source)
            and 0 <= t - step < len(target)
            and source[s] == source[s - step]
            and target[t] == target[t - step]
        }
        sides.append([(s, t) in inside for s, t in zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)])
    return np.asarray(np.array(sides, dtype=np.float32).sum(axis=0), dtype=np.float32)


def hearsay(mine: Iterable[str], theirs: Iterable[str], remembered: Sequence[Remembered]) -> Matrix:
    """What other projects say of a pair of names, -1 to 1."""
    counts: dict[tuple[str, str], int] = {}
    for each in remembered:
        key = each.source[1].lower(), each.target[1].lower()
        counts[key] = counts.get(key, 0) + trusted(each)
    said = {key: count / (abs(count) + 1) for key, count in counts.items()}
    return np.array([said.get(pair, 0.0) for pair in zip(mine, theirs, strict=True)], dtype=np.float32)


def decided(evidence: Evidence, pairs: Pairs, odds: Matrix, confirmed: Confirmed) -> Matrix:
    """The log-odds with accepted pairs certain and rejected ones out of the question."""
    placed = Placed.of(evidence, confirmed)
    said: Mapping[tuple[int, int], float] = {
        **dict.fromkeys(placed.rejected, -CERTAIN),
        **dict.fromkeys(placed.accepted, CERTAIN),
    }
    fixed = odds.astype(np.float32)
    for place, pair in enumerate(zip(pairs.source.tolist(), pairs.target.tolist(), strict=True)):
        if pair in said:
            fixed[place] = said[pair]
    return fixed
