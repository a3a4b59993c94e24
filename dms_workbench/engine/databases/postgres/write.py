"""Writing PostgreSQL: ``COPY … FROM STDIN`` in durable transactions, bad rows found by the line the server names."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..base import Lines, Reject, RowsRefused, Value
from ..catalogue import Catalogue, Column, SequenceState, Table, TableName
from ..errors import DatabaseError, RunLocked
from . import numbers
from .capabilities import CAPABILITIES, counts_sql, quote, rows_of
from .copy_in import BINARY, CSV, FRAMES, TEXT, copy_in, copy_statement, options_of, pieces_of
from .errors import failed_line, reject, translate, translated
from .inspect import read_catalogue
from .large import is_large, large_lines
from .line import speaks
from .read import database_identity
from .text import render_column, render_lines
from .wire import copy_frames

if TYPE_CHECKING:
    import psycopg

LINE_FORMS = (BINARY, TEXT, CSV)
"""What passes by libpq, whatever protects the line."""
LOCK_POLL_SECONDS = 0.1
BEGIN = b"BEGIN; SET LOCAL synchronous_commit = on; SET CONSTRAINTS ALL IMMEDIATE"
READ_ONLY = b"""
select case when pg_catalog.pg_is_in_recovery() then 'it is a standby server'
            when s.reset_val = 'on' then 'default_transaction_read_only is on for this database or role' else '' end
from pg_catalog.pg_settings s where s.name = 'default_transaction_read_only'
"""


class PostgresTarget:
    """The write side: one connection in autocommit, transactions opened by hand."""

    can = CAPABILITIES

    def __init__(self, connection: psycopg.Connection[Any], url: str, ledger_schema: str) -> None:
        """Take over a connection."""
        self.connection = connection
        self.url = url
        self.ledger_schema = ledger_schema
        connection.autocommit = True
        with translated(connection):
            self.identity = database_identity(connection)
            row = connection.execute(READ_ONLY).fetchone()
        self.read_only = row[0] if row else ""
        self.version = str(connection.info.server_version)
        self.line_forms: tuple[str, ...] = (FRAMES, *LINE_FORMS) if speaks(connection) else LINE_FORMS

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """All that a schema (default ``public``) holds."""
        return read_catalogue(self.query, schema or "public", self.version)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, durable when it ends; deferred constraints are checked at once, so that they name their row."""
        try:
            with translated(self.connection):
                self.connection.execute(BEGIN, prepare=False)
            yield
        except BaseException:
            if not self.connection.closed and not self.connection.broken:
                self.execute("ROLLBACK")
            raise
        with translated(self.connection):
            if self.connection.execute(b"COMMIT").statusmessage != "COMMIT":
                raise DatabaseError(database="PostgreSQL", reason="the transaction had failed before its end")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Part of a transaction that can fail on its own."""
        self.execute("SAVEPOINT dms")
        try:
            yield
        except Exception:
            if not self.connection.closed and not self.connection.broken:
                self.execute("ROLLBACK TO SAVEPOINT dms")
                self.execute("RELEASE SAVEPOINT dms")
            raise
        self.execute("RELEASE SAVEPOINT dms")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; returns the rows it touched."""
        with translated(self.connection):
            return self.connection.execute(sql.encode(), parameters or None).rowcount

    def execute_all(self, statements: Sequence[str]) -> None:
        """Run statements in one round trip, inside a transaction; where one fails, the server does not say which."""
        with translated(self.connection):
            self.connection.execute(";\n".join(statements).encode(), prepare=False)

    def query(self, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        with translated(self.connection):
            return self.connection.execute(sql.encode(), parameters or None).fetchall()

    def write(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> int:
        """Add rows; returns the count the server gives for its COPY."""
        lines = large_lines(columns, values) if is_large(columns, values) else [lines_of(columns, values)]
        return self.copy_in(copy_statement(table, columns), lines)

    def write_lines(self, table: Table, columns: Sequence[Column], lines: Lines) -> int:
        """Add a chunk of rows in a form of COPY; returns the server's count."""
        if lines.form == FRAMES:
            with translated(self.connection):
                return copy_frames(self.connection, copy_statement(table, columns, options_of(lines)), lines)
        return self.copy_in(copy_statement(table, columns, options_of(lines)), pieces_of(lines))

    def copy_in(self, statement: str, pieces: Iterable[bytes]) -> int:
        """Send a COPY and return the server's count. Raises RowsRefused, or the connection's errors."""
        with translated(self.connection):
            return self.copy_raw(statement, pieces)

    def copy_raw(self, statement: str, pieces: Iterable[bytes]) -> int:
        """As `copy_in`, with psycopg's own errors."""
        return copy_in(self.connection, statement, pieces)

    def diagnose(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """Try the rows inside a savepoint, take out each row the server names, and undo it all."""
        self.execute("SAVEPOINT dms_diagnose")
        try:
            return self.rejects(copy_statement(table, columns), lines_of(columns, values).splitlines(keepends=True))
        finally:
            self.execute("ROLLBACK TO SAVEPOINT dms_diagnose")
            self.execute("RELEASE SAVEPOINT dms_diagnose")

    def rejects(self, statement: str, lines: list[bytes]) -> list[Reject]:
        """The rows refused; the others stay written, since a later row may conflict with an earlier one.

        How many rows are tried at once follows how close together the bad ones lie: neither one bad row in a large
        chunk nor a chunk of bad rows costs more than about a statement or two a bad row.
        """
        found: list[Reject] = []
        start, size = 0, len(lines)
        while start < len(lines):
            piece = lines[start : start + size]
            failure = self.attempt(statement, piece)
            if failure is None:
                start, size = start + len(piece), size * 2
                continue
            bad, error = self.locate(statement, piece, failure)
            found.append(reject(start + bad, error))
            start, size = start + bad + 1, 2 * (bad + 1)
        return found

    def locate(self, statement: str, lines: list[bytes], error: psycopg.Error) -> tuple[int, psycopg.Error]:
        """The first bad row, and its error; the rows before it stay written.

        It is the line that the server names, unless the lines before it fail too: foreign keys are checked at the end of a
        statement, without a line.
        """
        line = failed_line(error)
        if line is None or line > len(lines):
            bad, error = self.shortest_failing(statement, lines, error)
            self.attempt(statement, lines[:bad])
            return bad, error
        earlier = self.attempt(statement, lines[: line - 1]) if line > 1 else None
        return (line - 1, error) if earlier is None else self.locate(statement, lines[: line - 1], earlier)

    def shortest_failing(self, statement: str, lines: list[bytes], error: psycopg.Error) -> tuple[int, psycopg.Error]:
        """The last row of the shortest prefix that fails, by halving."""
        low, high = 1, len(lines)
        while low < high:
            middle = (low + high) // 2
            failure = self.attempt(statement, lines[:middle], keep=False)
            low, high, error = (middle + 1, high, error) if failure is None else (low, middle, failure)
        return low - 1, error

    def attempt(self, statement: str, lines: list[bytes], *, keep: bool = True) -> psycopg.Error | None:
        """Write lines inside a savepoint; returns the error of the rows, if any, and then nothing is written."""
        import psycopg

        self.execute("SAVEPOINT dms_attempt")
        failure: psycopg.Error | None = None
        try:
            self.copy_raw(statement, [b"".join(lines)])
        except psycopg.Error as error:
            if not isinstance(translate(error, self.connection), RowsRefused):
                raise translate(error, self.connection) from error
            failure = error
        undo = "ROLLBACK TO SAVEPOINT dms_attempt; " if failure is not None or not keep else ""
        self.execute(f"{undo}RELEASE SAVEPOINT dms_attempt")
        return failure

    def count(self, table: Table) -> int:
        """Rows now. Raises RowsHidden where row-level security would filter."""
        return int(self.query(f"select count(*) from {rows_of(table.name)}")[0][0])

    def counts(self, tables: Sequence[Table]) -> list[int]:
        """As `count`, of several tables in one statement."""
        return [int(count) for count in self.query(counts_sql(tables))[0]]

    def ledger_table(self, name: str) -> str:
        """``"dms_ledger"."name"``."""
        return f"{quote(self.ledger_schema)}.{quote(name)}"

    def lock(self, name: str, *, timeout_seconds: float) -> None:
        """A session-level advisory lock on the name's hash."""
        deadline = time.monotonic() + timeout_seconds
        while not self.query("select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended(%s, 7346))", (name,))[
            0
        ][0]:
            if time.monotonic() > deadline:
                raise RunLocked(lock=name, seconds=timeout_seconds)
            time.sleep(LOCK_POLL_SECONDS)

    def advance_identity(self, table: Table, column: str) -> None:
        """Let the next number made for a column lie beyond all that are present; a sequence never moves back."""
        counter = numbers.own_counter(self, table, column)
        if counter is not None:
            numbers.advance(counter)

    def restore_sequence(self, name: TableName, state: SequenceState) -> None:
        """Put a sequence where it stood in the source."""
        numbers.restore_sequence(self, name, state)

    def restore_counter(self, table: Table, column: str) -> None:
        """Put a column's counter where its state says, or behind the largest number present if that is further on."""
        numbers.restore_counter(self, table, column)

    def next_number(self, table: Table, column: str) -> int | None:
        """The number that a row without one gets, proved and undone."""
        return numbers.next_number(self, table, column)

    def lane(self) -> PostgresTarget:
        """Another connection for a thread of its own."""
        from .connect import connect

        return PostgresTarget(connect(self.url, application_name="dms lane"), self.url, self.ledger_schema)

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back by the server."""
        self.connection.close()


def lines_of(columns: Sequence[Column], values: list[list[Value]]) -> bytes:
    """Rows as COPY text lines."""
    if not columns:
        raise DatabaseError(database="PostgreSQL", reason="a table without columns cannot be copied")
    return render_lines([render_column(column, of.type.kind) for of, column in zip(columns, values, strict=True)])
