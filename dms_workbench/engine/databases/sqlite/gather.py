"""Rows of a query handed over by SQLite itself, to a function that the statement calls for each of them.

SQLite locks the connection anew for every value that is asked of a row, and the interpreter is let go of for each row; arguments
of a function cost neither. The statement's condition calls the function in the order in which rows are read, and only every so
many rows it is true, so that the statement pauses. Such a statement must not sort: it would sort what the condition has let pass.

Source: SQLite documentation, "Application-Defined SQL Functions" and "EXPLAIN QUERY PLAN".
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .read import Snapshot

FUNCTION = "dms_gather"
SORTS = "TEMP B-TREE"
"""What the plan of a statement says where it sorts."""
MOST_ARGUMENTS = 100
"""Of a function, as SQLite is compiled unless told otherwise."""

Row = tuple[Any, ...]


class Gatherer:
    """Takes the rows of one connection, of one statement at a time."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.most = 1

    def take(self, *row: Any) -> bool:
        """Take a row; True where the statement is to pause."""
        self.rows.append(row)
        return len(self.rows) >= self.most

    def give(self) -> list[Row]:
        """The rows taken since it was last asked."""
        rows, self.rows = self.rows, []
        return rows


class Gathered:
    """The rows of one query. Not for use by two threads at a time."""

    def __init__(self, snapshot: Snapshot, sql: str, parameters: Sequence[Any]) -> None:
        """sql: a statement that does not sort, whose condition calls `FUNCTION`."""
        self.snapshot = snapshot
        self.sql, self.parameters = sql, parameters
        self.cursor: sqlite3.Cursor | None = None

    def some(self, most: int) -> list[Row]:
        """The next rows; none at the end. Raises sqlite3's errors; then the rows since the last call are lost."""
        gatherer = self.snapshot.gatherer
        with self.snapshot.turn:
            gatherer.most = most
            try:
                if self.cursor is None:
                    self.cursor = self.snapshot.connection.execute(self.sql, self.parameters)
                while not gatherer.rows and self.cursor.fetchone() is not None:
                    pass
            finally:
                rows = gatherer.give()
            return rows


def gathered(
    snapshot: Snapshot,
    rows_of_table: str,
    selected: Sequence[str],
    condition: str,
    parameters: Sequence[Any],
    terms: Sequence[str],
) -> Gathered | None:
    """The rows that meet a condition (all, if it is empty), in the order of the terms; None if SQLite would sort them.

    The condition stands twice: once to find the rows, and once so that no other row reaches the function.
    """
    if len(selected) > MOST_ARGUMENTS:
        return None
    call = f"{FUNCTION}({', '.join(selected)})"
    where = f"{condition} AND CASE WHEN {condition} THEN {call} END" if condition else call
    sql = f"SELECT 1 FROM {rows_of_table} AS t WHERE {where} ORDER BY {', '.join(terms)}"
    given = (*parameters, *parameters) if condition else parameters
    steps = snapshot.query(f"EXPLAIN QUERY PLAN {sql}", given)
    return None if any(SORTS in step[-1] for step in steps) else Gathered(snapshot, sql, given)
