"""Loading the lookups of a mapping, from the file or from tables of the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..databases.base import Source, Value
from ..databases.catalogue import Catalogue, Column, DataType, Table
from .columns import nearest
from .errors import InvalidLookup
from .lookups import LookupTable, lookup_of_values

if TYPE_CHECKING:
    from ..mapping.model import Lookup

LARGEST_LOOKUP = 1_000_000
"""Rows of a lookup's table, which is held in memory."""
LARGEST_JOIN = 5_000_000
"""Values of a joined table, keys among them, that are held in memory."""


def load_lookups(lookups: Sequence[Lookup], source: Source, schema: str | None = None) -> dict[str, LookupTable]:
    """The lookups by name, their tables read from the source under its snapshot.

    Raises InvalidLookup if a table or column is missing, or the table is too large; a key that occurs twice is
    refused where the lookup is first used.
    """
    catalogue = source.catalogue(schema) if any(lookup.values is None for lookup in lookups) else None
    read: dict[tuple[str, ...], list[list[Value]]] = {}
    return {lookup.name: load_lookup(lookup, lookups, source, catalogue, read) for lookup in lookups}


def load_lookup(
    lookup: Lookup,
    lookups: Sequence[Lookup],
    source: Source,
    catalogue: Catalogue | None,
    read: dict[tuple[str, ...], list[list[Value]]],
) -> LookupTable:
    """One lookup. read: what was read of joined tables, whose columns are read together."""
    if lookup.values is not None or catalogue is None:
        return lookup_of_values(lookup.values or {})
    empty = empty_lookup(lookup, catalogue)
    together = [each for each in lookups if each.on and same_join(each, lookup)] or [lookup]
    names = list(dict.fromkeys([*keys_of(lookup), *(str(each.value) for each in together)]))
    asked = (str(lookup.table), *names)
    if asked not in read:
        read[asked] = columns_read(lookup, source, located(lookup, catalogue)[0], names)
    columns = dict(zip(names, read[asked], strict=True))
    more = tuple((columns[name], type) for name, (_, type) in zip(lookup.more_keys, empty.more_keys, strict=True))
    return replace(empty, keys=columns[str(lookup.key)], values=columns[str(lookup.value)], more_keys=more)


def same_join(one: Lookup, other: Lookup) -> bool:
    """Are two lookups columns of one join?"""
    return (one.table, one.key, one.more_keys, one.on) == (other.table, other.key, other.more_keys, other.on)


def keys_of(lookup: Lookup) -> tuple[str, ...]:
    """The columns of a lookup's key."""
    return (str(lookup.key), *lookup.more_keys)


def columns_read(lookup: Lookup, source: Source, table: Table, names: Sequence[str]) -> list[list[Value]]:
    """Columns of a lookup's table. Raises InvalidLookup if it is too large."""
    columns: list[list[Value]] = [[] for _ in names]
    for batch in source.read(table, list(names)):
        for column, values in zip(columns, batch.columns, strict=True):
            column.extend(values)
        check_size(lookup, len(columns[0]), len(names))
    return columns


def check_size(lookup: Lookup, rows: int, columns: int) -> None:
    """Raise InvalidLookup if a lookup's table is too large for the memory it is held in."""
    if rows > LARGEST_LOOKUP:
        raise InvalidLookup(name=lookup.name, reason=f"its table has more than {LARGEST_LOOKUP:,} rows")
    if rows * columns > LARGEST_JOIN:
        raise InvalidLookup(
            name=lookup.name,
            reason=f"{columns} columns of its table are more than {LARGEST_JOIN:,} values: read fewer of them",
        )


def empty_lookup(lookup: Lookup, catalogue: Catalogue) -> LookupTable:
    """The lookup without the rows of its table, which is enough to check expressions. Raises InvalidLookup."""
    if lookup.values is not None:
        return lookup_of_values(lookup.values)
    table, key, value = located(lookup, catalogue)
    more: tuple[tuple[list[Value], DataType], ...] = tuple(([], table.column(name).type) for name in lookup.more_keys)
    return LookupTable([], [], key.type, value.type, more, lookup.on)


def located(lookup: Lookup, catalogue: Catalogue) -> tuple[Table, Column, Column]:
    """A lookup's table and its key's first column and its value. Raises InvalidLookup with the nearest known name."""
    tables = {table.name.name: table for table in catalogue.tables}
    table = tables.get(lookup.table or "")
    if table is None:
        hint = nearest(str(lookup.table), list(tables))
        raise InvalidLookup(name=lookup.name, reason=f"the source has no table {lookup.table!r}{hint}")
    columns = {column.name: column for column in table.columns}
    for name in (*keys_of(lookup), lookup.value):
        if name not in columns:
            hint = nearest(str(name), list(columns))
            raise InvalidLookup(name=lookup.name, reason=f"{lookup.table} has no column {name!r}{hint}")
    return table, columns[str(lookup.key)], columns[str(lookup.value)]
