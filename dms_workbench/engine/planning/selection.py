"""Which tables the options ask for, and which rows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from ...kernel.errors import UsageError
from ..databases.catalogue import Table, TableName
from ..expressions import LookupTable
from ..subsets import Subset, filters
from .catalogues import Chosen
from .errors import TableNotFound
from .options import PlanOptions


class InvalidFilter(UsageError, code="invalid-filter", next='Write --where "orders: total > 0".'):
    """The filter {filter} is none: it is a source table, a colon, and an expression."""


def wanted(name: str, options: PlanOptions) -> bool:
    """Do the options ask for a table?"""
    asked = not options.tables or any(matches(name, pattern) for pattern in options.tables)
    return asked and not any(matches(name, pattern) for pattern in options.exclude)


def matches(name: str, pattern: str) -> bool:
    """A name, or a glob that fits it; a schema before the name is passed over."""
    return (
        name == pattern
        or fnmatchcase(name, pattern)
        or ("." in pattern and fnmatchcase(name, pattern.partition(".")[2]))
    )


def filtered(chosen: Sequence[Chosen], options: PlanOptions) -> list[Chosen]:
    """The table maps with the filters of ``--where`` and ``--subset`` beside their own.

    Raises InvalidFilter, TableNotFound, InvalidSubset.
    """
    found = list(chosen)
    for text in options.where:
        name, colon, expression = text.partition(":")
        if not colon or not name.strip() or not expression.strip():
            raise InvalidFilter(filter=repr(text))
        called = name.strip()
        of = {table.source.name for table in found if is_called(table.source.name, called)}
        if not of:
            raise TableNotFound(table=called, nearest=nearest(called, [table.source.name.name for table in found]))
        found = [with_filter(table, expression.strip()) if table.source.name in of else table for table in found]
    if options.subset is None:
        return found
    kept = filters(Subset.parse(options.subset), sources(found))
    return [
        with_filter(table, kept[table.source.name].where) if table.source.name in kept else table for table in found
    ]


def is_called(table: TableName, pattern: str) -> bool:
    """Does a name or glob mean this table, with or without its schema?"""
    return matches(table.name, pattern) or matches(str(table), pattern)


def with_filter(chosen: Chosen, expression: str) -> Chosen:
    """A table map whose rows must pass one more filter."""
    where = expression if chosen.map.where is None else f"({chosen.map.where}) AND ({expression})"
    return replace(chosen, map=replace(chosen.map, where=where))


def empty_lookups(chosen: Sequence[Chosen], options: PlanOptions) -> dict[str, LookupTable]:
    """The lookups of a subset, without their rows: enough to check the filters."""
    if options.subset is None:
        return {}
    kept = filters(Subset.parse(options.subset), sources(chosen))
    return {name: table for each in kept.values() for name, table in each.lookups.items()}


def sources(chosen: Sequence[Chosen]) -> list[Table]:
    """The source tables, each once."""
    by_name: dict[TableName, Table] = {table.source.name: table.source for table in chosen}
    return list(by_name.values())


def nearest(name: str, known: list[str]) -> str:
    """The known name most like one."""
    from rapidfuzz import process

    found = process.extractOne(name, known)
    return found[0] if found else "none"
