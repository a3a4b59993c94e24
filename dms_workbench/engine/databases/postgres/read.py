"""Reading PostgreSQL: one exported snapshot, ``COPY … TO STDOUT`` in key order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..base import Batch, LineLimits, LineQuery, Lines, LinesUnfit, Position, RowsRefused
from ..canonical_csv import CANONICAL
from ..catalogue import Catalogue, Column, Table
from ..errors import SnapshotLost
from . import csv_lines, mysql_lines
from .bounds import lane_bounds
from .capabilities import CAPABILITIES, counts_sql, literal, quote, rows_of
from .copy_in import BINARY_OPTION, FRAMES, TEXT_FRAMES
from .copy_out import read_rows, row_of_copy
from .errors import translated
from .inspect import read_catalogue
from .large import LARGE_BYTES, compact, split_large
from .line import speaks
from .rendering import Rendering, as_text, rendering_of
from .text import parse_column, split_lines
from .wire import read_bare, read_frames

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn

    from .health import PostgresObserver

PLACE = "dms_place"
"""The savepoint to which a failed read goes back."""
ORDERED_ELSEWHERE = """
with recursive bases (type) as (
  select %s::pg_catalog.regtype::pg_catalog.oid
  union select t.typbasetype from bases b join pg_catalog.pg_type t on t.oid = b.type where t.typtype = 'd'
)
select 1 from bases b join pg_catalog.pg_opclass c on c.opcintype = b.type and c.opcdefault
join pg_catalog.pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
join pg_catalog.pg_amop a on a.amopfamily = c.opcfamily and a.amoplefttype = b.type and a.amoprighttype = b.type
join pg_catalog.pg_operator o on o.oid = a.amopopr
where o.oprnamespace <> 'pg_catalog'::pg_catalog.regnamespace
"""
"""A row for a type, or a domain over one, whose operators of order lie outside of pg_catalog."""


class PostgresSource:
    """The read side. One REPEATABLE READ, READ ONLY transaction from open to close, its snapshot exported for lanes."""

    can = CAPABILITIES

    def __init__(self, connection: psycopg.Connection[Any], url: str, snapshot: str = "") -> None:
        """Take over a connection; snapshot: the exported one to read under, else a new one is taken and exported."""
        self.connection = connection
        self.url = url
        self._ordered_elsewhere: dict[str, bool] = {}
        connection.autocommit = True
        with translated(connection):
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if snapshot:
                self.join(snapshot)
            self.snapshot = snapshot or str(self.one("select pg_catalog.pg_export_snapshot()"))
            self.identity = database_identity(connection)
            self.version = str(connection.info.server_version)

    def join(self, snapshot: str) -> None:
        """Read under an exported snapshot. Raises SnapshotLost if the session that held it is gone."""
        from psycopg import errors

        try:
            self.connection.execute(f"SET TRANSACTION SNAPSHOT {literal(snapshot)}".encode())
        except (errors.InvalidParameterValue, errors.UndefinedObject) as error:
            raise SnapshotLost(database="PostgreSQL", reason="the session that held the snapshot has ended") from error

    def one(self, sql: str) -> Any:
        """The single value of a query."""
        row = self.connection.execute(sql.encode()).fetchone()
        return row[0] if row else None

    def query(self, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        """All rows of a query under the snapshot."""
        with translated(self.connection):
            return self.connection.execute(sql.encode(), parameters or None).fetchall()

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """All that a schema (default ``public``) holds; what the server locked to print it is let go again."""
        self.query_nothing("SAVEPOINT dms_catalogue")
        try:
            return read_catalogue(self.query, schema or "public", self.version)
        finally:
            if not self.connection.closed and not self.connection.broken:
                self.query_nothing("ROLLBACK TO SAVEPOINT dms_catalogue; RELEASE SAVEPOINT dms_catalogue")

    def query_nothing(self, sql: str) -> None:
        """Run a statement of the transaction itself."""
        with translated(self.connection):
            self.connection.execute(sql.encode())

    def keep_place(self) -> None:
        """From here on reads can be left behind; see `going_back`. What the session sets later goes back with them."""
        self.query_nothing(f"SAVEPOINT {PLACE}")

    def go_back(self) -> None:
        """Leave a read behind that has failed, one whose rows were not all fetched too; the snapshot stays."""
        from psycopg import errors, pq

        if self.connection.info.transaction_status == pq.TransactionStatus.ACTIVE:
            self.connection.cancel_safe()
        with translated(self.connection):
            result = self.connection.pgconn.exec_(f"ROLLBACK TO SAVEPOINT {PLACE}".encode())
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise errors.error_from_result(result)

    def count(self, table: Table) -> int:
        """Rows under the snapshot. Raises RowsHidden where row-level security would filter."""
        return int(self.query(f"select count(*) from {rows_of(table.name)}")[0][0])

    def counts(self, tables: Sequence[Table]) -> list[int]:
        """As `count`, of several tables in one statement."""
        return [int(count) for count in self.query(counts_sql(tables))[0]]

    def position_columns(self, table: Table) -> tuple[str, ...]:
        """The primary key, or a unique key that cannot hold NULL; () if ``>`` would not be the order of such a key."""
        key = table.row_key()
        return () if any(self.ordered_elsewhere(table.column(name)) for name in key) else key

    def ordered_elsewhere(self, column: Column) -> bool:
        """Is the order of a type that of an extension's operator (citext), which the pinned search path does not find?"""
        native = column.type.native
        if column.type.kind != "other" or "." not in native:
            return False
        if native not in self._ordered_elsewhere:
            self._ordered_elsewhere[native] = bool(self.query(ORDERED_ELSEWHERE, (native,)))
        return self._ordered_elsewhere[native]

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
        """Rows in key order as columns of values; see the protocol."""
        keys = self.position_columns(table)
        asked = list(columns)
        names = asked + [key for key in keys if key not in asked]
        kinds = [table.column(name).type.kind for name in names]
        places = [names.index(key) for key in keys]
        values_of = [value_of(table.column(name)) for name in names]
        sql = f"COPY ({self.select(table, values_of, after, until)}) TO STDOUT"
        for lines in grouped(self.copy_out(sql), batch_rows, batch_bytes):
            if not names:
                yield Batch([], len(lines), "")
                continue
            rows, large = len(lines), max(map(len, lines)) > LARGE_BYTES
            raw = split_large(lines, kinds) if large else split_lines(lines, len(names))
            lines.clear()
            position = json.dumps([key_text(raw[place][-1]) for place in places]) if places else ""
            values = [
                column if large and kind == "bytes" else parse_column(column, kind)
                for column, kind in zip(raw, kinds, strict=True)
            ]
            del raw
            batch = Batch(values[: len(asked)], rows, position, values[len(asked) :])
            del values
            yield batch
            del batch  # a large cell is not held while the next one is read

    def gives_lines(self, asked: LineQuery) -> bool:
        """In a form of COPY, where every column arrives as it is; in the wire's own messages where they can be had."""
        if asked.form in (FRAMES, TEXT_FRAMES) and not speaks(self.connection):
            return False
        return self.rendering(asked) is not None

    def rendering(self, asked: LineQuery) -> Rendering | None:
        """How rows pass in a form; None if they cannot."""
        find = {CANONICAL: csv_lines.rendering_of, mysql_lines.FORM: mysql_lines.rendering_of}
        return find.get(asked.form, rendering_of)(asked, self.position_columns(asked.table))

    def read_lines(
        self, asked: LineQuery, *, limits: LineLimits, after: Position = "", until: Position = ""
    ) -> Iterator[Lines]:
        """Rows undecoded but for the key of each chunk's last row. Left early, the connection cannot be used any more."""
        found = self.rendering(asked)
        if found is None:
            raise LinesUnfit
        options = csv_lines.CSV_OPTION if asked.form == CANONICAL else BINARY_OPTION if found.binary else ""
        select = self.select(asked.table, found.select, after, until, asked.where)
        try:
            with translated(self.connection):
                yield from self.lines_of(f"COPY ({select}) TO STDOUT{options}", asked.form, limits, found)
        except RowsRefused as error:
            raise LinesUnfit from error

    def lines_of(self, sql: str, form: str, limits: LineLimits, rendering: Rendering) -> Iterator[Lines]:
        """The chunks of a COPY in a form, with psycopg's own errors."""
        if form in (FRAMES, TEXT_FRAMES):
            return read_frames(self.connection, sql, limits, rendering)
        by_hand = speaks(self.connection) and not rendering.binary
        chunks = (read_bare if by_hand else read_rows)(self.connection, sql, limits, rendering, form)
        finish = {mysql_lines.FORM: mysql_lines.for_mysql}.get(form)
        return finish(chunks) if finish is not None else chunks

    def select(
        self, table: Table, expressions: Sequence[str], after: Position, until: Position, where: str = ""
    ) -> str:
        """The ordered query between two positions. where: a filter besides."""
        keys = self.position_columns(table)
        row = ", ".join(f"dms_row.{quote(key)}" for key in keys)
        order = f" ORDER BY {row}" if keys else ""
        filtered = self.between(table, after, until, where)
        return f"SELECT {', '.join(expressions)} FROM {rows_of(table.name)} AS dms_row{filtered}{order}"

    def between(self, table: Table, after: Position, until: Position, where: str = "") -> str:
        """The condition for rows between two positions; empty for all. where: a filter besides."""
        row = ", ".join(f"dms_row.{quote(key)}" for key in self.position_columns(table))
        bounds = [
            f"({row}) {operator} ({self.literals(table, position)})"
            for operator, position in ((">", after), ("<=", until))
            if position
        ]
        if where:
            bounds.insert(0, f"({where})")
        return f" WHERE {' AND '.join(bounds)}" if bounds else ""

    def literals(self, table: Table, position: Position) -> str:
        """A position as typed literals."""
        fields = zip(json.loads(position), self.position_columns(table), strict=True)
        return ", ".join(f"{literal(str(text))}::{table.column(key).type.native}" for text, key in fields)

    def copy_out(self, sql: str) -> Iterator[bytes]:
        """The messages of a COPY, one a row. Left early, the COPY is cancelled and the transaction is spoiled."""
        from psycopg import errors, pq

        pgconn: PGconn = self.connection.pgconn
        with translated(self.connection):
            result = pgconn.exec_(sql.encode())
            if result.status != pq.ExecStatus.COPY_OUT:
                raise errors.error_from_result(result)
            while True:
                size, data = row_of_copy(pgconn)
                if size < 0:
                    break
                row = [bytes(data)]
                del data
                yield row.pop()  # nothing here holds on to a large one
            if size == -2:
                raise errors.OperationalError(pgconn.get_error_message())
            while result := pgconn.get_result():  # type: ignore[assignment]
                if result.status != pq.ExecStatus.COMMAND_OK:
                    raise errors.error_from_result(result)

    def lane_bounds(self, table: Table, lanes: int) -> list[Position]:
        """Positions that cut the table into parts of about the same number of rows, by a sample of it."""
        return lane_bounds(self.query, table, self.position_columns(table), lanes)

    def rest_bounds(self, table: Table, parts: int, after: Position, until: Position) -> list[Position]:
        """As `lane_bounds`, for the rows behind one position and up to another; all bounds lie between the two."""
        where = self.between(table, after, until)
        return lane_bounds(self.query, table, self.position_columns(table), parts, where)

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query through a server-side cursor."""
        with translated(self.connection), self.connection.cursor(name=f"dms_{id(sql):x}") as cursor:
            cursor.itersize = batch_rows
            cursor.execute(sql.encode(), parameters or None)
            while rows := cursor.fetchmany(batch_rows):
                yield rows

    def lane(self) -> PostgresSource:
        """Another connection under the same snapshot."""
        from .connect import connect

        connection = connect(self.url, application_name="dms lane", read_only=True)
        try:
            return PostgresSource(connection, self.url, self.snapshot)
        except BaseException:
            connection.close()
            raise

    def observer(self) -> PostgresObserver:
        """A look at the server from a connection of its own."""
        from .connect import connect
        from .health import PostgresObserver

        return PostgresObserver(connect(self.url, application_name="dms watch", read_only=True))

    def close(self) -> None:
        """Close the connection, and with it the snapshot."""
        self.connection.close()


def database_identity(connection: psycopg.Connection[Any]) -> str:
    """``postgres:<system identifier>/<database>``: the same whatever the host is called."""
    row = connection.execute(
        b"select c.system_identifier, pg_catalog.current_database() from pg_catalog.pg_control_system() c"
    ).fetchone()
    return f"postgres:{row[0]}/{row[1]}" if row else "postgres:"


def value_of(column: Column) -> str:
    """A column for COPY's text form, its large cells in less room."""
    return compact(f"dms_row.{quote(column.name)}") if column.type.kind == "bytes" else as_text(column)


def key_text(value: Any) -> str:
    """A key's field as text, where it was read as bytes already."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value


def grouped(lines: Iterator[bytes], rows_limit: int, bytes_limit: int) -> Iterator[list[bytes]]:
    """Lines in lists of at most so many, or about so many bytes."""
    group: list[bytes] = []
    size = 0
    for line in lines:
        group.append(line)
        size += len(line)
        line = b""  # noqa: PLW2901  a large one must not be held here too
        if len(group) >= rows_limit or size >= bytes_limit:
            yield group
            group, size = [], 0
    if group:
        yield group
