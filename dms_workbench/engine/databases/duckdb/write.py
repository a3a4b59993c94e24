"""Writing DuckDB: Arrow tables inserted in one statement, exact or refused, counted by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Never

from ....kernel.errors import WorkbenchError
from ..base import Lines, Reject, RowsRefused, Value
from ..canonical_csv import CANONICAL, read_table
from ..catalogue import Catalogue, Column, SequenceState, Table, TableName
from ..errors import DatabaseError
from .arrow import arrow_table
from .capabilities import CAPABILITIES, literal, qualified, quote
from .connect import Instance, drop_locks, identity, release, take_lock
from .connection import shed
from .counters import drawn_by, put, restore_counter, state_of, trial_insert
from .diagnose import INCOMING, Diagnosis
from .errors import WOULD_CHANGE, refused, translated
from .forms import needs_check, read_expression, write_expression
from .inspect import read_catalogue
from .rounds import rounds_of

if TYPE_CHECKING:
    import pyarrow
LARGE_BYTES = 16_000_000
"""Rows of a chunk beyond this are not held until the transaction ends."""
IN_CIRCLE = -1
"""The round of rows that refer to each other in a circle: the last one, which DuckDB refuses."""


class TakenBack(Exception):
    """Ends a transaction whose rows were only a trial."""


class DuckdbTarget:
    """The write side of a file: one cursor of this process's instance."""

    can = CAPABILITIES
    read_only = ""
    line_forms: tuple[str, ...] = (CANONICAL,)

    def __init__(self, instance: Instance, ledger_schema: str) -> None:
        """Take over one use of the instance."""
        self.instance: Instance | None = instance
        self.path = instance.path
        self.ledger_schema = ledger_schema
        self.identity = identity(instance.path)
        self.cursor = instance.cursor()
        self._in_transaction = False
        self._spoiled = False
        self._large = False
        """Were rows beyond `LARGE_BYTES` written since the last COMMIT?"""

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """The catalogue of a schema (``main``) as it is now; raises SchemaMissing."""
        return read_catalogue(self.query, schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, on disk when it ends. DuckDB spoils one at its first error: then it is never committed."""
        self.execute("BEGIN TRANSACTION")
        self._in_transaction, self._spoiled = True, False
        try:
            yield
            if self._spoiled:
                raise DatabaseError(database="DuckDB", reason="the transaction had failed before its end")
            self._commit()
        except BaseException:
            self._in_transaction = False
            self._roll_back()
            raise
        self._in_transaction = False

    def savepoint(self) -> AbstractContextManager[None]:
        """Refused: DuckDB has none."""
        raise DatabaseError(database="DuckDB", reason="it has no savepoints")

    def _commit(self) -> None:
        instance = self._open
        with instance.guard:
            self.execute("COMMIT")
            instance.commits += 1
        if self._large:
            self._large = False
            shed(self.cursor)

    def _roll_back(self) -> None:
        import duckdb

        if self.instance is None:
            return
        try:
            self.cursor.abort()
            self.cursor.execute("ROLLBACK")
        except duckdb.TransactionException:
            return  # a failed COMMIT has ended it already

    @property
    def _open(self) -> Instance:
        if self.instance is None:
            raise DatabaseError(database="DuckDB", reason="the target is closed")
        return self.instance

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; returns the rows it touched, -1 for one that touches none by nature."""
        with self._errors():
            result = self.cursor.execute(sql, parameters or None)
            names = [column[0] for column in result.description or ()]
            rows = result.fetchall()
        if not self._in_transaction:
            self._open.commits += 1
        return int(rows[0][0]) if names == ["Count"] and len(rows) == 1 else -1

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows, as DuckDB's Python values."""
        with self._errors():
            return self.cursor.execute(sql, parameters or None).fetchall()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """DuckDB's errors as ours; each ends the transaction."""
        self._open  # noqa: B018  (raises if closed)
        try:
            with translated(self.path):
                yield
        except BaseException:
            self._spoiled = True
            raise

    def write(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> int:
        """Add rows; returns DuckDB's own count.

        Rows that refer to rows of the same table are written after those. RowsRefused spoils the transaction.
        """
        rows, rejects = arrow_table(columns, values)
        if rejects:
            self._spoiled = True
            raise RowsRefused(f"{rejects[0].column}: {rejects[0].reason}")
        statement = insert_statement(table, columns)
        rounds = rounds_of(table, columns, values)
        if not any(rounds):
            given = self._given(rows)
            del rows
            with self._incoming(given):
                return self._insert(statement, [])
        numbers = sorted({number for number in rounds if number is not None}) + ([IN_CIRCLE] if None in rounds else [])
        with self._incoming(with_rounds(rows, rounds)):
            return sum(self._insert(f"{statement} WHERE k = ?", [number]) for number in numbers)

    def write_lines(self, table: Table, columns: Sequence[Column], lines: Lines) -> int:
        """Add the rows of a chunk, read as typed columns; returns DuckDB's own count. RowsRefused spoils the transaction."""
        try:
            rows = read_table(lines, columns)
        except RowsRefused:
            self._spoiled = True
            raise
        names = ", ".join(quote(column.name) for column in columns)
        made = ", ".join(
            write_expression(name, column.type) if column.type.kind == "json" else name
            for name, column in zip(rows.column_names, columns, strict=True)
        )
        given = self._given(rows)
        del rows
        with self._incoming(given):
            return self._insert(f"INSERT INTO {qualified(table.name)} ({names}) SELECT {made} FROM {INCOMING}", [])

    def _given(self, rows: pyarrow.Table) -> pyarrow.Table | pyarrow.RecordBatchReader:
        """Rows as DuckDB is to read them; large ones cannot be read twice."""
        if rows.nbytes < LARGE_BYTES:
            return rows
        self._large = True
        return once(rows)

    def _insert(self, statement: str, parameters: list[int]) -> int:
        import duckdb

        try:
            found = self.cursor.execute(statement, parameters or None).fetchall()
        except duckdb.Error as error:
            self._spoiled = True
            if fault := refused(error):
                raise fault from None
            with translated(self.path):
                raise
        return int(found[0][0])

    def diagnose(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """Ask DuckDB with queries alone, since an error would end the transaction."""
        rows, rejects = arrow_table(columns, values)
        with self._errors(), self._incoming(rows):
            return Diagnosis(self.query, table, columns, values).rejects(rejects)

    @contextmanager
    def _incoming(self, rows: pyarrow.Table | pyarrow.RecordBatchReader) -> Iterator[None]:
        """The rows as a view of this cursor, which DuckDB keeps until the transaction ends."""
        import duckdb

        with self._errors():
            self.cursor.register(INCOMING.strip('"'), rows)
        try:
            yield
        finally:
            try:
                self.cursor.unregister(INCOMING.strip('"'))
            except duckdb.TransactionException:
                self._spoiled = True  # the view goes with the transaction

    def count(self, table: Table) -> int:
        """Rows now."""
        return int(self.query(f"SELECT count(*) FROM {qualified(table.name)}")[0][0])

    def advance_identity(self, table: Table, column: str) -> None:
        """Let the sequence of a column's default go on behind the largest number present."""
        restore_counter(self.query, table, column, None)

    def restore_sequence(self, name: TableName, state: SequenceState) -> None:
        """Put a sequence where it stood in the source."""
        put(self.query, name, state)

    def restore_counter(self, table: Table, column: str) -> None:
        """Put the sequence of a column where its ``counter_state`` says, or behind the numbers present."""
        restore_counter(self.query, table, column, table.column(column).counter_state)

    def next_number(self, table: Table, column: str) -> int | None:
        """The number that the next row gets, proved by a row that is taken back; the number is given back too."""
        sequence = drawn_by(self.query, table, column)
        if sequence is None:
            return None
        before = state_of(self.query, sequence)
        found: int | None = None
        try:
            with self.transaction():
                sql, values = trial_insert(table, column)
                found = int(self.query(sql, values)[0][0])
                raise TakenBack
        except (TakenBack, WorkbenchError):
            put(self.query, sequence, before)
        return found

    def ledger_table(self, name: str) -> str:
        """``"dms_ledger"."name"``."""
        return f"{quote(self.ledger_schema)}.{quote(name)}"

    def lock(self, name: str, *, timeout_seconds: float) -> None:
        """Hold a lock within this process, the only one that can have the file open for writing."""
        take_lock(self.path, name, self, timeout_seconds=timeout_seconds)

    def lane(self) -> Never:
        """Refused: one connection writes a file at a time."""
        raise DatabaseError(database="DuckDB", reason="a file has one writer at a time")

    def close(self) -> None:
        """Close the cursor; an open transaction is rolled back; the file is closed with its last user."""
        if self.instance is not None:
            instance, self.instance = self.instance, None
            self.cursor.close()
            drop_locks(self)
            release(instance)


def insert_statement(table: Table, columns: Sequence[Column]) -> str:
    """The INSERT, to be followed by a condition; it raises an error where a cast would change a value."""
    names = ", ".join(quote(column.name) for column in columns)
    made = ", ".join(exact(f"c{number}", column) for number, column in enumerate(columns))
    return f"INSERT INTO {qualified(table.name)} ({names}) SELECT {made} FROM {INCOMING}"


def exact(sql: str, column: Column) -> str:
    """A value cast to the column's type and proved to be the same."""
    cast = write_expression(sql, column.type)
    if not needs_check(column.type):
        return cast
    back = read_expression(cast, column.type)
    return f"CASE WHEN {sql} IS NULL OR {back} = {sql} THEN {cast} ELSE error({literal(WOULD_CHANGE)}) END"


def once(rows: pyarrow.Table) -> pyarrow.RecordBatchReader:
    """The rows to be read once, each batch gone when it was read: a large cell is not kept beside DuckDB's own copy."""
    import pyarrow

    batches = rows.to_batches()[::-1]

    def given() -> Iterator[pyarrow.RecordBatch]:
        while batches:
            yield batches.pop()

    return pyarrow.RecordBatchReader.from_batches(rows.schema, given())


def with_rounds(rows: pyarrow.Table, rounds: list[int | None]) -> pyarrow.Table:
    """The rows with their round as column ``k``."""
    import pyarrow

    numbers = pyarrow.array([IN_CIRCLE if number is None else number for number in rounds], pyarrow.int64())
    return rows.append_column("k", numbers)
