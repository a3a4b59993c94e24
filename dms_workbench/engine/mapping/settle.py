"""What a run carries out of a mapping: without what is open or rejected, joins as lookups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..databases.catalogue import Catalogue, Table
from ..expressions import joined_columns
from ..expressions.errors import InvalidExpression
from .model import Join, Lookup, Mapping, TableMap


def settled(mapping: Mapping, source: Catalogue) -> Mapping:
    """The mapping as it is carried out; its text stays the file's.

    Rejected table maps and columns that are made of nothing are gone, an inner join is part of the filter, and each column
    of a join that an expression reads is a lookup. The mapping was checked before.
    """
    kept = [table for table in mapping.tables if not table.rejected]
    lookups = {lookup.name: lookup for lookup in mapping.lookups}
    for table in kept:
        lookups |= {lookup.name: lookup for lookup in lookups_read(table, source)}
    return replace(mapping, tables=tuple(map(settled_table, kept)), lookups=tuple(lookups.values()))


def settled_table(table: TableMap) -> TableMap:
    """One table map as it is carried out."""
    columns = None if table.columns is None else tuple(column for column in table.columns if column.made)
    return replace(table, columns=columns, where=where_of(table))


def where_of(table: TableMap) -> str | None:
    """The filter with what inner joins ask: a row of the joined table is there if its key is."""
    inner = [
        f"{in_quotes(join.name)}.{in_quotes(next(iter(join.on)))} IS NOT NULL"
        for join in table.joins
        if join.kind == "inner"
    ]
    if not inner:
        return table.where
    return " AND ".join([*([f"({table.where}\n)"] if table.where is not None else []), *inner])


def in_quotes(name: str) -> str:
    """A name as expressions spell any name."""
    return '"' + name.replace('"', '""') + '"'


def lookups_of(join: Join, table: Table) -> dict[str, Lookup]:
    """Every column of a joined table as a lookup, by the name that expressions know it by."""
    first, *more = join.on
    return {
        f"{join.name}.{column.name}": Lookup(
            f"{join.name}.{column.name}",
            table=join.table,
            key=first,
            value=column.name,
            more_keys=tuple(more),
            on=tuple(join.on.values()),
        )
        for column in table.columns
    }


def lookups_read(table: TableMap, source: Catalogue) -> Iterator[Lookup]:
    """The columns of joins that a table map reads, one after the other."""
    known: dict[str, Lookup] = {}
    for join in table.joins:
        joined = next((each for each in source.tables if each.name.name == join.table), None)
        known |= lookups_of(join, joined) if joined is not None else {}
    waiting = list(texts_of(table))
    seen: set[str] = set()
    while known and waiting:
        for name in names_in(waiting.pop(), list(known)):
            if name not in seen:
                seen.add(name)
                waiting += known[name].on
                yield known[name]


def names_in(text: str, known: Sequence[str]) -> list[str]:
    """The columns of joins in an expression; none if it is no expression, which is a problem of its own."""
    try:
        return joined_columns(text, known)
    except InvalidExpression:
        return []


def texts_of(table: TableMap) -> Iterator[str]:
    """The expressions and the filter."""
    where = where_of(table)
    if where is not None:
        yield where
    yield from (column.expression for column in table.columns or () if column.expression is not None)
