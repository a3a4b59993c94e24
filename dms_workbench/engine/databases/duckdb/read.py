"""Reading DuckDB: cursors that share one snapshot, columns through Arrow."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from ..base import Batch, Position, Value
from ..catalogue import Catalogue, Column, DataType, Table
from ..errors import DatabaseBusy, DatabaseError
from ..positions import decode, encode, integer_bounds
from .capabilities import CAPABILITIES, qualified, quote
from .connect import Instance, identity, release
from .errors import translated
from .forms import after_reading, duckdb_text, read_expression
from .inspect import read_catalogue
from .types import is_enum

if TYPE_CHECKING:
    import duckdb
    import pyarrow

PIECE_ROWS = 4_096
ALIAS = "dms_read"
"""DuckDB may take the alias for a column of that name, so it is one that no table has."""
SPARE_CURSORS = 8
"""Cursors taken beside the first while nothing can be committed, where this process may also write the file."""


class Snapshot:
    """Cursors in read-only transactions that all see the file as it was at one moment."""

    def __init__(self, instance: Instance) -> None:
        """Take the snapshot; the instance is given back when the last user is gone."""
        self.instance = instance
        self.users = 1
        self.guard = threading.Lock()
        self.all: list[duckdb.DuckDBPyConnection] = []
        with instance.guard, translated(instance.path):
            self.commits = instance.commits
            self.free = [self._begin() for _ in range(1 if instance.read_only else 1 + SPARE_CURSORS)]
            self.name = file_state(instance.path)

    def _begin(self) -> duckdb.DuckDBPyConnection:
        cursor = self.instance.cursor()
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        cursor.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        self.all.append(cursor)
        return cursor

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one query at a time; errors come as ours, and spoil the cursor's transaction, so it goes."""
        with self.guard:
            cursor = self.free.pop() if self.free else self._another()
        usable = False
        try:
            with translated(self.instance.path):
                yield cursor
            usable = True
        except GeneratorExit:
            usable = True
            raise
        finally:
            self._give_back(cursor, usable=usable)

    def _give_back(self, cursor: duckdb.DuckDBPyConnection, *, usable: bool) -> None:
        with self.guard:
            if usable and self.users:
                cursor.abort()
                self.free.append(cursor)
            elif cursor in self.all:
                self.all.remove(cursor)
                cursor.close()

    def _another(self) -> duckdb.DuckDBPyConnection:
        with self.instance.guard:
            if self.instance.commits != self.commits:
                reason = f"more than {1 + SPARE_CURSORS} reads at a time of a file that is written meanwhile"
                raise DatabaseBusy(path=self.instance.path, reason=reason, database="DuckDB")
            return self._begin()

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small query."""
        with self.cursor() as cursor:
            return cursor.execute(sql, parameters or None).fetchall()

    def share(self) -> Snapshot:
        """One user more."""
        with self.guard:
            self.users += 1
        return self

    def release(self) -> None:
        """One user less; the last one ends the transactions."""
        with self.guard:
            self.users -= 1
            if self.users:
                return
            for cursor in self.all:
                cursor.close()
            self.all.clear()
        release(self.instance)


class DuckdbSource:
    """The read side of a file."""

    can = CAPABILITIES

    def __init__(self, snapshot: Snapshot) -> None:
        """Read under a snapshot of which this source becomes a user."""
        self._snapshot: Snapshot | None = snapshot
        self.identity = identity(snapshot.instance.path)
        self.snapshot = snapshot.name

    @property
    def _open(self) -> Snapshot:
        if self._snapshot is None:
            raise DatabaseError(database="DuckDB", reason="the source is closed")
        return self._snapshot

    def cursor(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A cursor of the snapshot for one query; errors come as ours."""
        return self._open.cursor()

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """The catalogue of a schema (``main``); raises SchemaMissing."""
        return read_catalogue(self._open.query, schema)

    def count(self, table: Table) -> int:
        """Rows under the snapshot."""
        return int(self._open.query(f"SELECT count(*) FROM {qualified(table.name)}")[0][0])

    def position_columns(self, table: Table) -> tuple[str, ...]:
        """The row key; () without one, or if its type has no text that always reads back as the same value."""
        key = table.row_key()
        return () if any(table.column(name).type.kind == "other" for name in key) else key

    def read(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        after: Position = "",
        until: Position = "",
        batch_rows: int = 50_000,
        batch_bytes: int = 16_000_000,
    ) -> Iterator[Batch]:
        """Rows in batches; positions of a table without position columns hold under this snapshot only."""  # fmt: skip
        snapshot = self._open
        reading = Reading(table, columns, self.position_columns(table))
        sql, parameters = reading.query(after, until)
        with snapshot.cursor() as cursor:
            reader = cursor.sql(sql, params=parameters or None).to_arrow_reader(min(PIECE_ROWS, batch_rows))
            try:
                for pieces in cut(reader, batch_rows, batch_bytes):
                    yield reading.batch(pieces)
            finally:
                reader.close()

    def lane_bounds(self, table: Table, lanes: int) -> list[Position]:
        """Positions that cut the range of an integer key into parts; [] for other keys."""
        key = self.position_columns(table)
        if len(key) != 1 or table.column(key[0]).type.kind != "integer":
            return []
        return integer_bounds(self.key_range(table, key[0]), lanes)

    def key_range(self, table: Table, column: str) -> tuple[int, int] | None:
        """Smallest and largest value of an integer column."""
        ends = f"SELECT min({quote(column)}), max({quote(column)}) FROM {qualified(table.name)}"
        low, high = self._open.query(ends)[0]
        return None if low is None else (int(low), int(high))

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query, as DuckDB's Python values: cast to text in the query what those do not hold."""
        with self._open.cursor() as cursor:
            result = cursor.execute(sql, parameters or None)
            while rows := result.fetchmany(batch_rows):
                yield rows

    def lane(self) -> DuckdbSource:
        """Another user of the same snapshot; reads of both go on at the same time."""
        return DuckdbSource(self._open.share())

    def close(self) -> None:
        """Give the snapshot back."""
        if self._snapshot is not None:
            self._snapshot.release()
            self._snapshot = None


class Reading:
    """One read of one table: the columns asked for, then those of its order that are not among them."""

    def __init__(self, table: Table, columns: Sequence[str], order: tuple[str, ...]) -> None:
        """Settle what is selected and in which order."""
        self.table = table
        self.width = len(columns)
        self.selected = [table.column(name) for name in columns]
        self.selected += [table.column(name) for name in order if name not in columns]
        names = [column.name for column in self.selected]
        self.places = [names.index(name) for name in order]
        self.order = [table.column(name) for name in order]
        self.by_rowid = not order and "rowid" not in {column.name.lower() for column in table.columns}

    def query(self, after: Position, until: Position) -> tuple[str, list[Any]]:
        """The SELECT and its parameters."""
        selected = [
            f"{read_expression(f'{ALIAS}.{quote(column.name)}', column.type)} AS c{number}"
            for number, column in enumerate(self.selected)
        ]
        selected += [f"{ALIAS}.rowid"] if self.by_rowid else [] if selected else ["NULL"]
        sql = f"SELECT {', '.join(selected)} FROM {qualified(self.table.name)} AS {ALIAS}"
        conditions: list[str] = []
        parameters: list[Any] = []
        for operator, position in ((">", after), ("<=", until)):
            if position and (self.order or self.by_rowid):
                conditions.append(f"{self.terms()} {operator} {self.marks()}")
                parameters += self.parameters(position)
        if conditions:
            sql += f" WHERE {' AND '.join(conditions)}"
        if self.order:
            sql += f" ORDER BY {', '.join(map(term, self.order))}"
        return sql, parameters

    def terms(self) -> str:
        """The left side of a comparison with a position."""
        return f"({', '.join(map(term, self.order))})" if self.order else f"{ALIAS}.rowid"

    def marks(self) -> str:
        """The right side of it."""
        if not self.order:
            return "CAST(? AS BIGINT)"
        return f"({', '.join(mark(column) for column in self.order)})"

    def parameters(self, position: Position) -> list[Value]:
        """What is bound for a position."""
        values = decode(position)
        if not self.order:
            return values
        return [bindable(value, column.type) for value, column in zip(values, self.order, strict=True)]

    def batch(self, pieces: list[pyarrow.RecordBatch]) -> Batch:
        """Arrow into Python's values."""
        columns: list[list[Value]] = []
        for number, column in enumerate(self.selected):
            values = [value for piece in pieces for value in piece.column(number).to_pylist()]
            finish = after_reading(column.type)
            columns.append(values if finish is None else [None if v is None else finish(v) for v in values])
        rows = sum(piece.num_rows for piece in pieces)
        last: list[Value] = [columns[place][-1] for place in self.places]
        if self.by_rowid:
            last = [pieces[-1].column(len(self.selected))[-1].as_py()]
        return Batch(columns[: self.width], rows, encode(last) if last else "", columns[self.width :])


def cut(reader: pyarrow.RecordBatchReader, batch_rows: int, batch_bytes: int) -> Iterator[list[pyarrow.RecordBatch]]:
    """Pieces put together until rows or bytes are enough."""
    pieces: list[pyarrow.RecordBatch] = []
    rows = size = 0
    for piece in reader:
        if pieces and (rows + piece.num_rows > batch_rows or size + piece.nbytes > batch_bytes):
            yield pieces
            pieces, rows, size = [], 0, 0
        if piece.num_rows:
            pieces.append(piece)
            rows += piece.num_rows
            size += piece.nbytes
    if pieces:
        yield pieces


def term(column: Column) -> str:
    """A column to order by: text by its bytes, whatever collation it has."""
    name = f"{ALIAS}.{quote(column.name)}"
    return f"{name} COLLATE C" if column.type.kind == "text" and not is_enum(column.type.native) else name


def mark(column: Column) -> str:
    """A position's value as the column's type."""
    return f"CAST(? AS {column.type.native})"


def bindable(value: Value, type: DataType) -> Value:
    """A position's value as its cast reads it: text for everything but bytes."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return duckdb_text(value, type)
    return repr(value) if isinstance(value, float) else str(int(value))


def file_state(path: str) -> str:
    """Size and time of the file and of its write-ahead log: differs when the file changed since."""
    parts = []
    for suffix in ("", ".wal"):
        if os.path.exists(path + suffix):
            state = os.stat(path + suffix)
            parts.append(f"{state.st_size}@{state.st_mtime_ns}")
    return "+".join(parts)
