"""Writing SQLite: durable transactions, no value changed by affinity, rows counted by SQLite itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Never

from ..base import Reject, RowsRefused, Value
from ..catalogue import Catalogue, Column, SequenceState, Table, TableName
from ..errors import DatabaseBusy, DatabaseError, RunLocked
from .capabilities import CAPABILITIES, qualified, quote, rows_of
from .connect import identity
from .counters import next_number, restore_counter
from .ddl import rowid_column
from .definition import read_definition
from .errors import ROW_ERRORS, reject, translated
from .inspect import read_catalogue
from .read import LENIENT
from .storage import Place, Prepared, prepare
from .types import affinity

LOCK_POLL_SECONDS = 0.1


class SqliteTarget:
    """The write side of a file: one connection; ``BEGIN IMMEDIATE`` makes it the file's only writer.

    Foreign keys are not enforced while rows are written. Triggers of the file do run.
    """

    can = CAPABILITIES
    read_only = ""

    def __init__(self, connection: sqlite3.Connection, path: str, *, busy_timeout_seconds: float) -> None:
        """Take over a connection in autocommit."""
        self.connection = connection
        self.path = path
        self.busy_timeout_seconds = busy_timeout_seconds
        self.identity = identity(path)
        self._places: dict[tuple[int, str], dict[str, Place]] = {}
        connection.text_factory = LENIENT
        self._utf8 = self.query("PRAGMA encoding")[0][0] == "UTF-8"

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """The catalogue as it is now; raises SchemaMissing for a schema other than ``main``."""
        return read_catalogue(self.query, schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The write transaction. Raises DatabaseBusy if another one writes, or reads at the commit, for too long."""
        with translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with translated(self.path):
                self.connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Part of a transaction that can fail on its own, unless a trigger ends the whole transaction."""
        self.execute("SAVEPOINT dms_part")
        try:
            yield
        except BaseException:
            self._undo("dms_part")
            raise
        self.execute("RELEASE dms_part")

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; returns the rows it touched, -1 for one that touches none by nature."""
        with translated(self.path):
            return self.connection.execute(sql, parameters).rowcount

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        with translated(self.path):
            return self.connection.execute(sql, parameters).fetchall()

    def write(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> int:
        """Add rows; returns SQLite's own count of them, without those that triggers add or swallow.

        A conflict always stops the statement, whatever the table's ``ON CONFLICT`` says. After RowsRefused nothing of
        these rows is in the transaction.
        """
        prepared = self._prepare(table, columns, values)
        refused = [found for column in prepared for found in column.rejects]
        if refused:
            raise RowsRefused(f"{refused[0].column}: {refused[0].reason}")
        with translated(self.path):
            self.connection.execute("SAVEPOINT dms_write")
        try:
            return self._insert(table, columns, prepared)
        except ROW_ERRORS as error:
            raise RowsRefused(reject(0, error, table.name.name).reason) from error
        except sqlite3.Error:
            with translated(self.path):
                raise

    def _insert(self, table: Table, columns: Sequence[Column], prepared: list[Prepared]) -> int:
        try:
            rows = zip(*(column.values for column in prepared), strict=True)
            count = self.connection.executemany(insert_statement(table, columns, prepared), rows).rowcount
        except BaseException:
            self._undo("dms_write")
            raise
        self.connection.execute("RELEASE dms_write")
        return max(count, 0)

    def diagnose(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """Try the rows inside a savepoint in one pass, and undo it all."""
        prepared = self._prepare(table, columns, values)
        found = {refused.row: refused for column in prepared for refused in reversed(column.rejects)}
        statement = insert_statement(table, columns, prepared)
        rows = list(zip(*(column.values for column in prepared), strict=True))
        with translated(self.path):
            while not self._try_rows(statement, rows, found, table.name.name):
                self.connection.execute("BEGIN IMMEDIATE")
        return [found[row] for row in sorted(found)]

    def _try_rows(self, statement: str, rows: list[tuple[Any, ...]], found: dict[int, Reject], table: str) -> bool:
        """Insert all rows not found bad yet. False if a trigger ended the transaction: all are to be tried again."""
        self.connection.execute("SAVEPOINT dms_diagnose")
        pending = iter([row for row in range(len(rows)) if row not in found])
        current = 0

        def remaining() -> Iterator[tuple[Any, ...]]:
            nonlocal current
            for current in pending:
                yield rows[current]

        while True:
            try:
                self.connection.executemany(statement, remaining())
                break
            except ROW_ERRORS as error:
                found[current] = reject(current, error, table)
                if not self.connection.in_transaction:
                    return False
        self._undo("dms_diagnose")
        return True

    def _undo(self, savepoint: str) -> None:
        if self.connection.in_transaction:
            self.connection.execute(f"ROLLBACK TO {savepoint}")
            self.connection.execute(f"RELEASE {savepoint}")

    def _prepare(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[Prepared]:
        places = self._table_places(table)
        return [
            prepare(column_values, places[column.name], number, utf8=self._utf8)
            for number, (column, column_values) in enumerate(zip(columns, values, strict=True), 1)
        ]

    def _table_places(self, table: Table) -> dict[str, Place]:
        """The columns as declared in the file now, under the kinds the plan gives them."""
        key = (int(self.query("PRAGMA schema_version")[0][0]), table.name.name)
        if key not in self._places:
            self._places = {key: self._read_places(table)}
        return self._places[key]

    def _read_places(self, table: Table) -> dict[str, Place]:
        found = self.query("SELECT sql FROM main.sqlite_master WHERE type = 'table' AND name = ?", (table.name.name,))
        if not found:
            raise DatabaseError(database="SQLite", reason=f"there is no table {table.name}")
        strict = read_definition(found[0][0] or "").strict
        declared = dict(self.query("SELECT name, type FROM pragma_table_xinfo(?, 'main')", (table.name.name,)))
        return {
            column.name: Place(
                column.name,
                column.type.kind,
                "BLOB" if strict and declared[column.name].upper() == "ANY" else affinity(declared[column.name] or ""),
            )
            for column in table.columns
            if column.name in declared
        }

    def count(self, table: Table) -> int:
        """Rows now."""
        return int(self.query(f"SELECT count(*) FROM {rows_of(table.name)}")[0][0])

    def advance_identity(self, table: Table, column: str) -> None:
        """Nothing: SQLite follows the largest number by itself."""

    def restore_sequence(self, name: TableName, state: SequenceState) -> None:  # noqa: ARG002  of the form
        """Refused: SQLite has no sequences."""
        raise DatabaseError(database="SQLite", reason=f"it has no sequences, so none is called {name}")

    def restore_counter(self, table: Table, column: str) -> None:
        """Put AUTOINCREMENT where the column's ``counter_state`` says, or behind the largest number present."""
        restore_counter(self.query, table, column)

    def next_number(self, table: Table, column: str) -> int | None:
        """The number that the next row gets, proved by a row that is taken back; None where no such row is taken."""
        row_number = rowid_column(self.catalogue().table(table.name.name))
        if row_number is None or row_number.lower() != column.lower():
            return None
        with translated(self.path):
            return next_number(self.connection, table, column)

    def ledger_table(self, name: str) -> str:
        """``"dms_ledger_name"``."""
        return quote(f"dms_ledger_{name}")

    def lock(self, name: str, *, timeout_seconds: float) -> None:
        """Wait until the file can be written: the write transaction itself is what keeps other writers out."""
        if self.connection.in_transaction:
            return
        deadline = time.monotonic() + timeout_seconds
        self.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._writable():
                if time.monotonic() > deadline:
                    raise RunLocked(lock=name, seconds=timeout_seconds)
                time.sleep(LOCK_POLL_SECONDS)
        finally:
            self.execute(f"PRAGMA busy_timeout = {round(self.busy_timeout_seconds * 1000)}")

    def _writable(self) -> bool:
        try:
            with self.transaction():
                return True
        except DatabaseBusy:
            return False

    def lane(self) -> Never:
        """Refused: a SQLite file has one writer at a time."""
        raise DatabaseError(database="SQLite", reason="a file has one writer at a time")

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back."""
        self.connection.close()


def insert_statement(table: Table, columns: Sequence[Column], prepared: list[Prepared]) -> str:
    """The INSERT that stops at every conflict."""
    names = ", ".join(quote(column.name) for column in columns)
    places = ", ".join(column.placeholder for column in prepared)
    return f"INSERT OR ABORT INTO main.{qualified(table.name)} ({names}) VALUES ({places})"
