"""A referentially complete subset: a share of one table's rows, all that hangs on them, and all they refer to.

Rows of the driving table are chosen by a hash of their key (the same rows each time) or by a filter. Downwards, every row
that refers to a chosen one comes along, and what refers to that; upwards, every row that a chosen one refers to. Of
tables that merely refer to some of these, rows stay whose parents all stay. Tables that no foreign key connects with
them are copied whole. The subset is a filter like any other: rows outside of it are
the account ``filtered``.

Only keys are read for this, under the run's snapshot, into a DuckDB that spills to disk; what a table keeps becomes a
lookup on its key, so the copy and the verification apply it as they apply any expression.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..databases.base import Source
from ..databases.catalogue import Table, TableName
from ..databases.duckdb.connection import open_duckdb
from ..expressions import LookupTable
from .filters import Reach, filters
from .model import InvalidSubset, Kept, Subset
from .sql import KeySpace

__all__ = ["InvalidSubset", "Kept", "Subset", "filters", "kept_rows", "subset_lookups"]


def kept_rows(subset: Subset, tables: Sequence[Table], source: Source) -> dict[TableName, Kept]:
    """What each table of a run keeps, by its name; tables that keep all are left out.

    tables: the source tables of the run. Raises InvalidSubset, and the errors of the source and of expressions.
    """
    reach = Reach.of(subset, tables)
    connection = open_duckdb()
    try:
        keys = KeySpace(connection, reach)
        keys.load(source, subset)
        keys.go_down()
        keys.go_up()
        keys.leave_orphans()
        return {
            reach.graph.tables[number].name: Kept(where, keys.lookups(reach.tests(number)))
            for number in reach.restricted
            if (where := reach.filter(number, subset))
        }
    finally:
        connection.close()


def subset_lookups(spec: str | None, tables: Sequence[Table], source: Source) -> dict[str, LookupTable]:
    """The lookups that a run's filters need: {} without a subset.

    spec: as it was asked for. Raises InvalidSubset, and the errors of the source.
    """
    if spec is None:
        return {}
    distinct = list({table.name: table for table in tables}.values())
    found = kept_rows(Subset.parse(spec), distinct, source)
    return {name: table for kept in found.values() for name, table in kept.lookups.items()}
