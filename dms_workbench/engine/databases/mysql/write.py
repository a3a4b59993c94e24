"""Writing MySQL and MariaDB: LOAD DATA LOCAL from memory where nothing of it is changed, else INSERT under strict rules.

LOAD DATA LOCAL stores something else instead of a value that does not fit, and only warns. So a load that warns of
anything, or adds fewer rows than were sent, is undone and done again by INSERT, where such a value is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..base import Lines, Reject, RowsRefused, Value
from ..catalogue import Catalogue, Column, SequenceState, Table, TableName
from ..errors import DatabaseError, RunLocked
from .capabilities import for_server, qualified, quote
from .errors import SILENT_CHANGES, described, number_of, reject, text_of, translate, translated
from .forms import STORED, Stored, stored_columns
from .places import Place, lines, tuples
from .read import TRANSACTIONAL, database_identity, database_name

if TYPE_CHECKING:
    from .wire import Connection

STATEMENT_BYTES = 4_000_000
"""About how long an INSERT may be, where the server takes one of that length."""
LOAD_MINIMUM_ROWS = 20
"""Fewer rows are inserted at once: a load costs three statements more."""
LINE_FORM = "mysql-text"
NO_LOADS = "the target has local_infile off: rows were written by INSERT, which is several times slower than LOAD DATA"
LONGEST_LOCK_NAME = 60
READ_ONLY = "show global variables where variable_name in ('read_only', 'super_read_only', 'innodb_read_only')"


class NotTransactional(DatabaseError, code="not-transactional", status=409, next="ALTER TABLE … ENGINE=InnoDB"):
    """{table} is a table of the engine {engine}, which knows no transactions: rows could not be written exactly once."""


class MysqlTarget:
    """The write side: one session in autocommit, transactions opened by hand. DDL ends a transaction."""

    def __init__(self, connection: Connection, url: str, ledger_schema: str) -> None:
        """Take over a connection. ledger_schema: not used, the ledger's tables lie in the database itself."""
        self.connection = connection
        self.url = url
        self.ledger_schema = ledger_schema
        self._places: dict[TableName, dict[str, Stored]] = {}
        self._parts = 0
        self.identity = database_identity(connection)
        self.database = database_name(connection)
        version, packet, local, folds = self.query(
            "select version(), @@max_allowed_packet, @@local_infile, @@lower_case_table_names"
        )[0]
        self.version, self.packet_bytes, self.loads = str(version), int(packet), bool(int(local))
        self.line_forms: tuple[str, ...] = (LINE_FORM,) if self.loads else ()
        self.notes = [] if self.loads else [NO_LOADS]
        """What a reader of the summary must know of this target."""
        self.can = for_server(int(folds))
        self.read_only = why_read_only(self.query(READ_ONLY))

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """Tables, columns, types and keys of a database (default: the connection's own)."""
        from .inspect import read_catalogue

        return read_catalogue(self.query, schema, self.version)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction; whatever DDL is in it commits what came before."""
        self.execute("START TRANSACTION")
        try:
            yield
        except BaseException:
            if self.connection.open:
                self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Part of a transaction that can fail on its own; parts may lie within one another, so each has a name of its own."""
        self._parts += 1
        name = f"dms_part_{self._parts}"
        self.execute(f"SAVEPOINT {name}")
        try:
            yield
        except Exception:
            if self.connection.open:
                self.execute(f"ROLLBACK TO SAVEPOINT {name}")
                self.execute(f"RELEASE SAVEPOINT {name}")
            raise
        self.execute(f"RELEASE SAVEPOINT {name}")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; returns the rows it touched, those that were as they should be already included."""
        with translated(self.connection), self.connection.cursor() as cursor:
            return int(cursor.execute(sql, parameters or None))

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        with translated(self.connection), self.connection.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return list(cursor.fetchall())

    def places(self, table: Table, columns: Sequence[Column]) -> list[Place]:
        """The columns as they are in the database now. Raises NotTransactional, and DatabaseError if one is missing."""
        if table.name not in self._places:
            self._places[table.name] = self.look_at(table.name)
        stored = self._places[table.name]
        missing = [column.name for column in columns if column.name not in stored]
        if missing:
            raise DatabaseError(database="MySQL", reason=f"{table.name} has no column {missing[0]}")
        return [Place(column, stored[column.name]) for column in columns]

    def look_at(self, name: TableName) -> dict[str, Stored]:
        """A table's columns; refuses a table that cannot take rows back."""
        schema = name.schema or self.database
        sql = "select engine from information_schema.tables where table_schema = %s and table_name = %s"
        engine = next((row[0] for row in self.query(sql, (schema, name.name))), None)
        if engine is not None and engine not in TRANSACTIONAL:
            raise NotTransactional(
                table=str(name), engine=engine, database="MySQL", reason=f"{name} has the engine {engine}"
            )
        return stored_columns(self.query(STORED.format(schema="%s"), (schema, name.name)))

    def write(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> int:
        """Add rows; returns the server's own count. After RowsRefused nothing of these rows is in the transaction."""
        places = self.places(table, columns)
        refused = [found for place, column in zip(places, values, strict=True) for found in place.refusals(column)]
        if refused:
            raise RowsRefused(f"{refused[0].column}: {refused[0].reason}")
        if self.loads and places and len(values[0]) >= LOAD_MINIMUM_ROWS:
            written = self.load(table, places, values)
            if written is not None:
                return written
        return self.insert(table, places, values)

    def load(self, table: Table, places: Sequence[Place], values: list[list[Value]]) -> int | None:
        """Add rows by LOAD DATA; None, with nothing added, if the server says that it did not take all as they are."""
        rows = len(values[0])
        data = lines(places, values)
        limit = self.packet_bytes // 2
        if len(data) > limit and max(map(len, data.split(b"\n"))) > limit:
            return None
        from pymysql import err

        self.execute("SAVEPOINT dms_load")
        try:
            added = self.connection.load(load_statement(table, places), [data])
        except err.Error as error:
            failure = translate(error, self.connection)
            if not isinstance(failure, RowsRefused):
                raise failure from error
            added = -1
        if added == rows and not self.connection.warnings:
            self.execute("RELEASE SAVEPOINT dms_load")
            return added
        self.execute("ROLLBACK TO SAVEPOINT dms_load")
        self.execute("RELEASE SAVEPOINT dms_load")
        return None

    def write_lines(self, table: Table, columns: Sequence[Column], lines: Lines) -> int:
        """Add a chunk of rows as they come; whatever the server warns of, or fewer rows than were sent, is a refusal."""
        from pymysql import err

        statement = load_statement(table, self.places(table, columns))
        try:
            added = self.connection.load(statement, short_rows(lines.pieces, self.packet_bytes // 2))
        except err.Error as error:
            raise translate(error, self.connection) from error
        if added != lines.rows or self.connection.warnings:
            raise RowsRefused("the server warns that values would be changed or rows left out")
        return added

    def insert(self, table: Table, places: Sequence[Place], values: list[list[Value]]) -> int:
        """Add rows by INSERT; raises RowsRefused, with nothing added."""
        failure, added = self.attempt(table, places, tuples(places, values))
        if failure is not None:
            raise RowsRefused(described_failure(failure))
        return added

    def attempt(self, table: Table, places: Sequence[Place], rows: list[str]) -> tuple[tuple[int, str] | None, int]:
        """Insert tuples inside a savepoint: why the server refused them (nothing is added then), and the rows added."""
        from pymysql import err

        self.execute("SAVEPOINT dms_attempt")
        failure: tuple[int, str] | None = None
        added = 0
        try:
            for statement in self.statements(table, places, rows):
                added += int(self.connection.query(statement.encode()))
                failure = failure or self.silent_change()
        except err.Error as error:
            translation = translate(error, self.connection)
            if not isinstance(translation, RowsRefused):
                raise translation from error
            failure = (number_of(error), text_of(error))
        if failure is not None:
            self.execute("ROLLBACK TO SAVEPOINT dms_attempt")
        self.execute("RELEASE SAVEPOINT dms_attempt")
        return failure, added

    def silent_change(self) -> tuple[int, str] | None:
        """A warning of the last statement that says that a value was changed."""
        if not self.connection.warnings:
            return None
        found = [(int(number), str(text)) for _, number, text in self.query("SHOW WARNINGS")]
        return next((warning for warning in found if warning[0] in SILENT_CHANGES), None)

    def statements(self, table: Table, places: Sequence[Place], rows: list[str]) -> Iterator[str]:
        """INSERT statements of a size that the server takes."""
        names = ", ".join(quote(place.column.name) for place in places)
        head = f"INSERT INTO {qualified(table.name)} ({names}) VALUES "
        limit = min(STATEMENT_BYTES, self.packet_bytes // 4)
        part: list[str] = []
        size = 0
        for row in rows:
            if part and size + len(row) > limit:
                yield head + ", ".join(part)
                part, size = [], 0
            part.append(row)
            size += len(row) + 2
        if part:
            yield head + ", ".join(part)

    def diagnose(self, table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[Reject]:
        """Try the rows inside a savepoint, by halves where some fail, and undo it all."""
        places = self.places(table, columns)
        found = {
            refused.row: refused
            for place, column in reversed(list(zip(places, values, strict=True)))
            for refused in place.refusals(column)
        }
        good = [row for row in range(len(values[0]) if values else 0) if row not in found]
        written = tuples(places, [[column[row] for row in good] for column in values])
        limit = self.packet_bytes - 1024
        for at, text in enumerate(written):
            if len(text.encode()) > limit:
                reason = "the row is larger than the server's max_allowed_packet"
                found[good[at]] = Reject(good[at], None, "too-long", reason)
        rows = [(row, text) for row, text in zip(good, written, strict=True) if row not in found]
        self.execute("SAVEPOINT dms_diagnose")
        try:
            for refused in self.refused_among(table, places, rows):
                found[refused.row] = refused
        finally:
            if self.connection.open:
                self.execute("ROLLBACK TO SAVEPOINT dms_diagnose")
                self.execute("RELEASE SAVEPOINT dms_diagnose")
        return [found[row] for row in sorted(found)]

    def refused_among(self, table: Table, places: Sequence[Place], rows: list[tuple[int, str]]) -> Iterator[Reject]:
        """The rows refused, in order; the others stay written, since a later row may conflict with an earlier one."""
        waiting = [rows] if rows else []
        while waiting:
            part = waiting.pop()
            failure, _ = self.attempt(table, places, [text for _, text in part])
            if failure is None:
                continue
            if len(part) == 1:
                yield reject(part[0][0], *failure)
                continue
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]

    def count(self, table: Table) -> int:
        """Rows now."""
        return int(self.query(f"select count(*) from {qualified(table.name)}")[0][0])

    def advance_identity(self, table: Table, column: str) -> None:
        """Nothing: the server follows the largest number by itself."""

    def restore_sequence(self, name: TableName, state: SequenceState) -> None:
        """Put a sequence of MariaDB where it stood."""
        said = self.query(f"select setval({qualified(name)}, {int(state.last_value)}, {int(state.is_called)})")
        if said[0][0] is None:
            step = self.query(f"select increment from {qualified(name)}")[0][0] if state.is_called else 0
            self.execute(f"ALTER SEQUENCE {qualified(name)} RESTART {int(state.last_value) + int(step)}")

    def restore_counter(self, table: Table, column: str) -> None:
        """Put an AUTO_INCREMENT where it stood, or behind the largest number if that is further on."""
        following = table.column(column).following
        if following is not None:
            self.set_counter(table, max(following, 1))

    def set_counter(self, table: Table, number: int) -> None:
        """The number that comes next; the server moves it behind the largest one present."""
        self.execute(f"ALTER TABLE {qualified(table.name)} AUTO_INCREMENT = {int(number)}")

    def next_number(self, table: Table, column: str) -> int | None:  # noqa: ARG002  there is one such column in a table
        """Insert a row of defaults, take it back, and give the number back that it has drawn."""
        number = None
        try:
            self.execute("START TRANSACTION")
            self.execute(f"INSERT INTO {qualified(table.name)} () VALUES ()")
            number = int(self.query("select last_insert_id()")[0][0])
        except (RowsRefused, DatabaseError):
            number = None
        finally:
            if self.connection.open:
                self.execute("ROLLBACK")
        if number is not None:
            self.set_counter(table, number)
        return number

    def ledger_table(self, name: str) -> str:
        """``dms_ledger_name`` in the connection's own database, in backquotes."""
        return quote(f"dms_ledger_{name}")

    def lock(self, name: str, *, timeout_seconds: float) -> None:
        """A lock of the server that the session holds, named by a hash: such names are short."""
        hashed = hashlib.sha256(f"{self.identity}:{name}".encode()).hexdigest()
        key = f"dms:{hashed}"[:LONGEST_LOCK_NAME]
        if self.query("select get_lock(%s, %s)", (key, timeout_seconds))[0][0] != 1:
            raise RunLocked(lock=name, seconds=timeout_seconds)

    def lane(self) -> MysqlTarget:
        """Another connection for a thread of its own."""
        from .connect import connect

        return MysqlTarget(connect(self.url, application_name="dms lane"), self.url, self.ledger_schema)

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back by the server."""
        if self.connection.open:
            self.connection.close()


def load_statement(table: Table, places: Sequence[Place]) -> str:
    """The LOAD DATA for some columns; the name of its file is never opened."""
    targets, made = zip(*(place.target(number) for number, place in enumerate(places)), strict=True)
    settings = ", ".join(filter(None, made))
    return (
        f"LOAD DATA LOCAL INFILE 'dms' INTO TABLE {qualified(table.name)} CHARACTER SET utf8mb4 "
        r"FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' "
        f"({', '.join(targets)})" + (f" SET {settings}" if settings else "")
    )


def short_rows(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Pieces of rows, none of them longer than so many bytes: of longer ones the server would store less. Raises RowsRefused."""
    open_bytes = 0
    for piece in pieces:
        if open_bytes + len(piece) > limit:
            first, *middle = piece.split(b"\n")
            if max(map(len, middle), default=0) > limit or open_bytes + len(first) > limit:
                raise RowsRefused("a row is larger than the server's max_allowed_packet allows")
        ended = piece.rfind(b"\n") + 1
        open_bytes = len(piece) - ended if ended else open_bytes + len(piece)
        yield piece


def described_failure(failure: tuple[int, str]) -> str:
    """The server's reason with values removed."""
    number, text = failure
    try:
        return described(number, text)
    except KeyError:
        return f"the server warns that a value would be changed (warning {number})"


def why_read_only(variables: list[tuple[Any, ...]]) -> str:
    """Why nothing may be written; empty if it may."""
    on = [name for name, value in variables if str(value).upper() in ("ON", "1")]
    return f"the server has {on[0]} on" if on else ""
