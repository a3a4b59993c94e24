"""Loading the lookups of a mapping, from the file or from tables of the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..databases.base import Source, Value
from ..databases.catalogue import Catalogue, Column, Table
from .columns import nearest
from .errors import InvalidLookup
from .lookups import LookupTable, lookup_of_values

if TYPE_CHECKING:
    from ..mapping.model import Lookup

LARGEST_LOOKUP = 1_000_000
"""Rows of a lookup's table, which is held in memory."""


def load_lookups(lookups: Sequence[Lookup], source: Source, schema: str | None = None) -> dict[str, LookupTable]:
    """The lookups by name, their tables read from the source under its snapshot.

    Raises InvalidLookup if a table or column is missing, or the table is too large; a key that occurs twice is
    refused where the lookup is first used.
    """
    catalogue = source.catalogue(schema) if any(lookup.values is None for lookup in lookups) else None
    return {lookup.name: load_lookup(lookup, source, catalogue) for lookup in lookups}


def load_lookup(lookup: Lookup, source: Source, catalogue: Catalogue | None) -> LookupTable:
    """One lookup."""
    if lookup.values is not None or catalogue is None:
        return lookup_of_values(lookup.values or {})
    table, key, value = located(lookup, catalogue)
    keys: list[Value] = []
    values: list[Value] = []
    for batch in source.read(table, [key.name, value.name]):
        keys += batch.columns[0]
        values += batch.columns[1]
        if len(keys) > LARGEST_LOOKUP:
            raise InvalidLookup(name=lookup.name, reason=f"its table has more than {LARGEST_LOOKUP:,} rows")
    return LookupTable(keys, values, key.type, value.type)


def empty_lookup(lookup: Lookup, catalogue: Catalogue) -> LookupTable:
    """The lookup without the rows of its table, which is enough to check expressions. Raises InvalidLookup."""
    if lookup.values is not None:
        return lookup_of_values(lookup.values)
    _, key, value = located(lookup, catalogue)
    return LookupTable([], [], key.type, value.type)


def located(lookup: Lookup, catalogue: Catalogue) -> tuple[Table, Column, Column]:
    """A lookup's table and its two columns. Raises InvalidLookup with the nearest known name."""
    tables = {table.name.name: table for table in catalogue.tables}
    table = tables.get(lookup.table or "")
    if table is None:
        hint = nearest(str(lookup.table), list(tables))
        raise InvalidLookup(name=lookup.name, reason=f"the source has no table {lookup.table!r}{hint}")
    columns = {column.name: column for column in table.columns}
    for name in (lookup.key, lookup.value):
        if name not in columns:
            hint = nearest(str(name), list(columns))
            raise InvalidLookup(name=lookup.name, reason=f"{lookup.table} has no column {name!r}{hint}")
    return table, columns[str(lookup.key)], columns[str(lookup.value)]
