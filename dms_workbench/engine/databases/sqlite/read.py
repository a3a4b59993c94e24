"""Reading SQLite: one read transaction for all reads, values as they are stored."""

from __future__ import annotations

import functools
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from ..base import Batch, LineLimits, LineQuery, Lines, Position, Value
from ..catalogue import Catalogue, Table
from ..errors import DatabaseError
from ..positions import encode, integer_bounds
from .capabilities import CAPABILITIES, quote, rows_of
from .connect import identity
from .errors import translated
from .gather import FUNCTION, Gathered, Gatherer, gathered
from .inspect import read_catalogue
from .position import order_of

PIECE_ROWS = 1_000
LARGE_BYTES = 16_000_000
"""A read is begun anew behind a row with a larger value: SQLite holds the row it stands on."""
SMALL_VALUE_BYTES = 8
LENIENT = functools.partial(str, encoding="utf-8", errors="surrogateescape")
UNBOUNDED_KINDS = frozenset(("text", "bytes", "json", "other"))


FETCHED_AT_MOST = 500
"""Rows of unlimited width fetched at once: their size is only known afterwards, so few while they are large."""


class Snapshot:
    """One connection in one read transaction, shared by all lanes of a source, which take turns.

    Turns are taken here, not inside SQLite: a thread that prepares a statement holds the connection's own lock while it
    waits for the interpreter to ask the authorizer, and a thread that fetches holds the interpreter while it waits for
    that lock.
    """

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        """Begin the transaction and take the snapshot. Raises DatabaseBusy, FileNotADatabase, FileUnreadable."""
        self.connection = connection
        self.path = path
        self.users = 1
        self.guard = threading.Lock()
        self.turn = threading.Lock()
        self.gatherer = Gatherer()
        with translated(path):
            connection.create_function(FUNCTION, -1, self.gatherer.take)
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self.name = file_state(path)

    def share(self) -> Snapshot:
        """One user more."""
        with self.guard:
            self.users += 1
        return self

    def release(self) -> None:
        """One user less; the last one closes the connection, which ends the transaction."""
        with self.guard:
            self.users -= 1
            if not self.users:
                self.connection.close()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Begin a query, in turn."""
        with self.turn:
            return self.connection.execute(sql, parameters)

    def fetch(self, cursor: sqlite3.Cursor, rows: int) -> list[tuple[Any, ...]]:
        """The next rows of a query, in turn."""
        with self.turn:
            return cursor.fetchmany(rows)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small query, text that is not UTF-8 included."""
        with translated(self.path), self.turn:
            try:
                return self.connection.execute(sql, parameters).fetchall()
            except sqlite3.OperationalError as error:
                self.be_lenient(error)
                return self.connection.execute(sql, parameters).fetchall()

    def be_lenient(self, error: sqlite3.OperationalError) -> None:
        """Read text that is not UTF-8 with its bad bytes as lone surrogates from now on; raises any other error again.

        The strict way is several times faster, since it calls nothing for a value.
        """
        if "decode to UTF-8" not in str(error) or self.connection.text_factory is LENIENT:
            raise error
        self.connection.text_factory = LENIENT


class SqliteSource:
    """The read side of a file.

    Values come as they are stored: a boolean column gives 0 and 1, a decimal column int or float, any column any type.
    Text that is not UTF-8 is a str with lone surrogates (``surrogateescape``): it cannot be encoded, so it is seen as
    invalid by whoever tries, and its bytes are not lost.
    """

    can = CAPABILITIES

    def __init__(self, snapshot: Snapshot) -> None:
        """Read under a snapshot of which this source becomes a user."""
        self._snapshot: Snapshot | None = snapshot
        self.identity = identity(snapshot.path)
        self.snapshot = snapshot.name

    @property
    def _open(self) -> Snapshot:
        if self._snapshot is None:
            raise DatabaseError(database="SQLite", reason="the source is closed")
        return self._snapshot

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """The catalogue; raises SchemaMissing for a schema other than ``main``."""
        return read_catalogue(self._open.query, schema)

    def count(self, table: Table) -> int:
        """Rows under the snapshot."""
        return int(self._open.query(f"SELECT count(*) FROM {rows_of(table.name)}")[0][0])

    def position_columns(self, table: Table) -> tuple[str, ...]:
        """The row key; () for a table without one, or with one that may hold NULL: it is read by its rowid."""
        return table.row_key()

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
        reading = Reading(self._open, table, columns)
        return reading.batches(after, until, batch_rows, batch_bytes)

    def gives_lines(self, asked: LineQuery) -> bool:
        """PostgreSQL's text of every column that is copied as it is, from a table that is read in an order."""
        from .lines import gives_lines

        return gives_lines(asked) and bool(order_of(asked.table, self._open.query).terms)

    def read_lines(
        self, asked: LineQuery, *, limits: LineLimits, after: Position = "", until: Position = ""
    ) -> Iterator[Lines]:
        """As `read`, as lines; raises LinesUnfit where a value is not fit for its target column, or no text."""  # fmt: skip
        from .lines import LineReading

        return LineReading(self._open, asked).chunks(limits, after, until)

    def lane_bounds(self, table: Table, lanes: int) -> list[Position]:
        """Positions that cut the range of an integer key into parts; [] for other keys."""
        key = self.position_columns(table)
        if len(key) != 1 or table.column(key[0]).type.kind != "integer":
            return []
        return integer_bounds(self.key_range(table, key[0]), lanes)

    def key_range(self, table: Table, column: str) -> tuple[int, int] | None:
        """Smallest and largest value of an integer column; values of other classes stand outside of every range."""
        ends = f"SELECT min(t.{quote(column)}), max(t.{quote(column)}) FROM {rows_of(table.name)} AS t"
        low, high = self._open.query(ends)[0]
        if low is not None and not (isinstance(low, int) and isinstance(high, int)):
            low, high = self._open.query(f"{ends} WHERE typeof(t.{quote(column)}) = 'integer'")[0]
        return None if low is None else (low, high)

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query, which must give them in the same order each time if text that is not UTF-8 may occur."""
        snapshot = self._open
        given = 0
        while True:
            try:
                cursor = snapshot.execute(sql, parameters)
                skipped = 0
                while skipped < given and (rows := snapshot.fetch(cursor, min(batch_rows, given - skipped))):
                    skipped += len(rows)
                while rows := snapshot.fetch(cursor, batch_rows):
                    yield rows
                    given += len(rows)
                return
            except sqlite3.OperationalError as error:
                with translated(snapshot.path):
                    snapshot.be_lenient(error)
            except sqlite3.Error:
                with translated(snapshot.path):
                    raise

    def lane(self) -> SqliteSource:
        """Another user of the same connection and snapshot."""
        return SqliteSource(self._open.share())

    def close(self) -> None:
        """Give the snapshot back."""
        if self._snapshot is not None:
            self._snapshot.release()
            self._snapshot = None


class Reading:
    """One read of one table."""

    def __init__(self, snapshot: Snapshot, table: Table, columns: Sequence[str]) -> None:
        """Settle order and columns: those asked for, then the order's own that are not among them."""
        self.snapshot = snapshot
        self.table = table
        self.width = len(columns)
        self.order = order_of(table, snapshot.query)
        missing = [name for name in self.order.columns if name not in columns]
        selected = [f"t.{quote(name)}" for name in (*columns, *missing)]
        if self.order.terms and not self.order.columns:
            selected.append(self.order.terms[0])
            self.places: list[int] = [len(selected) - 1]
        else:
            names = [*columns, *missing]
            self.places = [names.index(name) for name in self.order.columns]
        self.missing = len(missing)
        self.selected = selected or ["NULL"]
        self.unbounded = [
            index
            for index, name in enumerate((*columns, *missing))
            if (column := table.column(name)).type.kind in UNBOUNDED_KINDS and column.type.length is None
        ]

    def batches(self, after: Position, until: Position, batch_rows: int, batch_bytes: int) -> Iterator[Batch]:
        """The batches; begins again behind the last one when text turns out not to be UTF-8, and when SQLite would hold a large row."""
        given = 0
        while True:
            try:
                cursor = self.cursor(after, until, 0 if self.order.terms else given)
                for rows in self.pieces(cursor, batch_rows, batch_bytes):
                    ends = bool(self.order.terms) and self.is_large(rows[-1])
                    if ends:
                        cursor.close()
                    batch = self.batch(rows)
                    rows.clear()
                    after = batch.position
                    given += batch.rows
                    yield batch
                    del batch  # a large cell is not held while the next one is read
                    if ends:
                        break
                else:
                    return
            except sqlite3.OperationalError as error:
                with translated(self.snapshot.path):
                    self.snapshot.be_lenient(error)
            except sqlite3.Error:
                with translated(self.snapshot.path):
                    raise

    def cursor(self, after: Position, until: Position, skip: int) -> sqlite3.Cursor:
        """The rows behind one position and up to another."""
        condition, parameters = self.condition(after, until)
        sql = f"SELECT {', '.join(self.selected)} FROM {rows_of(self.table.name)} AS t"
        if condition:
            sql += f" WHERE {condition}"
        if self.order.terms:
            sql += f" ORDER BY {', '.join(self.order.terms)}"
        elif skip:
            sql += f" LIMIT -1 OFFSET {skip}"
        return self.snapshot.execute(sql, parameters)

    def gathered(self, after: Position, until: Position) -> Gathered | None:
        """The same rows, of a table that is read in an order, handed over faster; None where that cannot be done."""
        condition, parameters = self.condition(after, until)
        return gathered(self.snapshot, rows_of(self.table.name), self.selected, condition, parameters, self.order.terms)

    def condition(self, after: Position, until: Position) -> tuple[str, list[Any]]:
        """What is true of the rows behind one position and up to another, and the values to bind."""
        conditions: list[str] = []
        parameters: list[Any] = []
        for operator, position in ((">", after), ("<=", until)):
            if position and self.order.terms:
                condition, values = self.order.condition(operator, position)
                conditions.append(condition)
                parameters += values
        return " AND ".join(conditions), parameters

    def pieces(self, cursor: sqlite3.Cursor, batch_rows: int, batch_bytes: int) -> Iterator[list[tuple[Any, ...]]]:
        """Rows cut by number and bytes; a table whose columns are all of limited size is fetched many rows at once."""
        base = SMALL_VALUE_BYTES * len(self.selected)
        if not self.unbounded:
            rows_at_most = max(1, min(batch_rows, batch_bytes // base))
            while piece := self.snapshot.fetch(cursor, rows_at_most):
                yield piece
            return
        rows: list[tuple[Any, ...]] = []
        size, fetched = 0, 1
        while piece := self.snapshot.fetch(cursor, min(fetched, batch_rows - len(rows))):
            piece_bytes = base * len(piece) + sum(self.bytes_of(index, piece) for index in self.unbounded)
            rows += piece
            size += piece_bytes
            fetched = max(1, min(2 * fetched, FETCHED_AT_MOST, batch_bytes // 16 // (piece_bytes // len(piece))))
            if size >= batch_bytes or len(rows) >= batch_rows:
                piece = []
                yield rows
                rows, size = [], 0
        if rows:
            yield rows

    def is_large(self, row: tuple[Any, ...]) -> bool:
        """Has a row, which ends its batch then, a cell that is not to be in memory twice?"""
        return any(sys.getsizeof(row[index]) > LARGE_BYTES for index in self.unbounded)

    def bytes_of(self, index: int, rows: list[tuple[Any, ...]]) -> int:
        """About how many bytes the values of a column take."""
        return sum(map(sys.getsizeof, map(itemgetter(index), rows)))

    def batch(self, rows: list[tuple[Any, ...]]) -> Batch:
        """Rows turned into columns."""
        columns: list[list[Value]] = [list(column) for column in zip(*rows, strict=True)]
        position = encode([rows[-1][place] for place in self.places]) if self.places else ""
        return Batch(columns[: self.width], len(rows), position, columns[self.width : self.width + self.missing])


def file_state(path: str) -> str:
    """Size and time of the file and of its write-ahead log: differs when the file changed since."""
    parts = []
    for suffix in ("", "-wal"):
        if os.path.exists(path + suffix):
            state = os.stat(path + suffix)
            parts.append(f"{state.st_size}@{state.st_mtime_ns}")
    return "+".join(parts)
