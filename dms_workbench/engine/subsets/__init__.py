"""A referentially complete subset: a share of one table's rows, all that hangs on them, and all they refer to.

Rows of the driving table are chosen by a hash of their key (the same rows each time) or by a filter. Downwards, every row
that refers to a chosen one comes along, and what refers to that; upwards, every row that a chosen one refers to. Tables
that no foreign key connects with these are copied whole. The subset is a filter like any other: rows outside of it are
the account ``filtered``.

Only keys are read for this, under the run's snapshot, into a DuckDB that spills to disk; what a table keeps becomes a
lookup on its key, so the copy and the verification apply it as they apply any expression.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..databases.base import Source
from ..databases.catalogue import Table
from ..databases.duckdb.connection import open_duckdb
from .graph import Graph
from .model import InvalidSubset, Kept, Subset
from .sql import KeySpace

__all__ = ["InvalidSubset", "Kept", "Subset", "kept_rows"]


def kept_rows(subset: Subset, tables: Sequence[Table], source: Source) -> dict[str, Kept]:
    """What each table of a run keeps, by its name; tables that keep all are left out.

    tables: the source tables of the run. Raises InvalidSubset, and the errors of the source and of expressions.
    """
    names = [table.name.name for table in tables]
    if subset.table not in names:
        raise InvalidSubset(
            spec=repr(subset.table), reason=f"the run has no such table; it has {', '.join(sorted(names))}."
        )
    graph, driver = Graph.of(tables), names.index(subset.table)
    down = graph.below(driver)
    chosen = graph.above(down)
    connection = open_duckdb()
    try:
        keys = KeySpace(connection, graph, sorted(chosen))
        keys.load(source, driver, subset)
        keys.go_down(driver)
        keys.go_up()
        found = {number: keys.kept(number, down, subset if number == driver else None) for number in sorted(chosen)}
        return {names[number]: kept for number, kept in found.items() if kept is not None}
    finally:
        connection.close()
