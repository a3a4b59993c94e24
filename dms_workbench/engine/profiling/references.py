"""Which columns seem to refer to which tables: by names that go together and values that are there, counted exactly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .figures import Held
from .kinds.base import words_of
from .model import ReferenceCandidate, TableProfile
from .workspace import Gathered, Workspace

INCLUDED = 0.9
"""Share of distinct values that must be there."""
NEARLY_KEY = 0.05
"""Share of duplicates that a key may have and still be referred to."""
MOST_PAIRS = 2_000
MOST_KEYS = 50
"""Columns of one table that others may refer to."""
SAMPLE_VALUES = 1_000
words = lru_cache(maxsize=4096)(words_of)
IDENTIFIERS = frozenset(
    ["id", "no", "nr", "num", "number", "code", "key", "pk", "fk", "uid", "uuid", "ref", "sku", "iso", "isbn"]
)


@dataclass(frozen=True, slots=True)
class Profiled:
    """A gathered table with its columns and profile."""

    gathered: Gathered
    columns: tuple[Held, ...]
    profile: TableProfile

    @property
    def name(self) -> str:
        """The table's name without its schema."""
        return self.gathered.table.name.name


def reference_candidates(space: Workspace, tables: Sequence[Profiled]) -> tuple[ReferenceCandidate, ...]:
    """Single columns whose values are (nearly all) in a key of another table, or of the same one."""
    made: list[ReferenceCandidate] = []
    for (table, column), (to_table, key), named in sorted(pairs(tables), key=lambda pair: -pair[2])[:MOST_PAIRS]:
        candidate = counted(space, table, column, to_table, key, named)
        if candidate is not None:
            made.append(candidate)
    return tuple(best(made))


Side = tuple[Profiled, Held]


def pairs(tables: Sequence[Profiled]) -> Iterator[tuple[Side, Side, float]]:
    """Columns and keys that may go together, with how well their names do, 0 to 1."""
    keys = [(table, held) for table in tables for held in itertools.islice(key_columns(table), MOST_KEYS)]
    for table in tables:
        for column in table.columns:
            if column.kind in ("float", "boolean", "decimal") or measures(table, column.name):
                continue
            for to_table, key in keys:
                if column is key or column.form != key.form:
                    continue
                named = names_agree(table, column.name, to_table, key.name)
                if named > 0 and overlap(table, column, to_table, key):
                    yield (table, column), (to_table, key), named


def key_columns(table: Profiled) -> Iterator[Held]:
    """Columns that alone tell (nearly all) rows apart and are no measures."""
    rows = table.gathered.sampling.rows_read
    held = {column.name: column for column in table.columns}
    declared = table.gathered.table.primary_key
    singles = {
        key.columns[0] for key in table.profile.keys if len(key.columns) == 1 and key.duplicates <= NEARLY_KEY * rows
    }
    if declared is not None and len(declared.columns) == 1:
        singles.add(declared.columns[0])
    yield from (
        held[name] for name in held if name in singles and held[name].form != "time" and not measures(table, name)
    )


def measures(table: Profiled, name: str) -> bool:
    """Does a column hold fractions or moments as text?"""
    meaning = table.profile.column(name).meaning
    return meaning is not None and (meaning.kind == "date" or (meaning.kind == "number" and meaning.detail != "whole"))


def names_agree(table: Profiled, column: str, to_table: Profiled, key: str) -> float:
    """How well a column's name goes with a key's: the same, or the table's name with or without the key's."""
    mine, theirs = words(column), words(key)
    target = {form for word in words(to_table.name) for form in (word, word.removesuffix("s"), word.removesuffix("es"))}
    if to_table.name == table.name and mine & target and mine != theirs:
        return 0.4
    if mine == theirs:
        if theirs & target or len(theirs - IDENTIFIERS) > 0:
            return 1.0
        return (
            0.8
            if table.name != to_table.name and not theirs <= {"id", "no", "nr", "num", "number", "code", "key", "pk"}
            else 0.0
        )
    if mine & target and (mine & theirs or mine & IDENTIFIERS or len(mine) == 1):
        return 0.9
    if theirs <= mine and theirs - {"id"}:
        return 0.7
    return 0.3 if (mine & theirs) - IDENTIFIERS else 0.0


def overlap(table: Profiled, column: Held, to_table: Profiled, key: Held) -> bool:
    """Could values of the one be among those of the other?"""
    one, other = table.profile.column(column.name), to_table.profile.column(key.name)
    if not one.distinct or not other.distinct or table is to_table:
        return bool(one.distinct and other.distinct)
    return one.distinct <= 1.2 * other.distinct + 10


def counted(
    space: Workspace, table: Profiled, column: Held, to_table: Profiled, key: Held, named: float
) -> ReferenceCandidate | None:
    """The candidate with its counts; None where too many values are missing."""
    mine, theirs = (table.gathered.relation, column.place), (to_table.gathered.relation, key.place)
    values = f"SELECT {mine[1]} AS v, count(*) AS n FROM {mine[0]} WHERE {mine[1]} IS NOT NULL"
    if column.form == "text":
        values += f" AND {mine[1]} <> ''"
    distinct, missing, rows = space.query(
        f"SELECT count(*), count_if(NOT found), coalesce(sum(n) FILTER (NOT found), 0) FROM (SELECT n, v IN (SELECT {theirs[1]} "
        f"FROM {theirs[0]} WHERE {theirs[1]} IS NOT NULL) AS found FROM ({values} GROUP BY 1))"
    )[0]
    total = max(1, table.gathered.sampling.rows_read)
    included = max(1 - missing / distinct, (1 - rows / total) * (missing <= 0.3 * distinct)) if distinct else 0.0
    if not distinct or included < INCLUDED or (table is to_table and distinct < 2):
        return None
    declared = any(
        each.columns == (column.name,) and each.references.name == to_table.name
        for each in table.gathered.table.foreign_keys
    )
    enough = min(1.0, distinct / 5)
    confidence = 1.0 if declared else round(included * (0.4 + 0.6 * named) * (0.5 + 0.5 * enough), 3)
    return ReferenceCandidate(
        table.gathered.name,
        (column.name,),
        to_table.gathered.name,
        (key.name,),
        int(distinct),
        int(missing),
        int(rows),
        confidence,
    )


def best(found: Sequence[ReferenceCandidate]) -> Iterator[ReferenceCandidate]:
    """For each column the likeliest table, above one half."""
    chosen: dict[tuple[str, tuple[str, ...]], ReferenceCandidate] = {}
    for each in found:
        known = chosen.get((each.table, each.columns))
        if each.confidence > (known.confidence if known is not None else 0.5):
            chosen[each.table, each.columns] = each
    yield from sorted(chosen.values(), key=lambda each: (each.table, each.columns))
