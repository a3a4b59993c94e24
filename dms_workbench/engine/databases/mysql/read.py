"""Reading MySQL and MariaDB: one consistent snapshot, rows streamed in key order, each rendered by the server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..base import Batch, Position, Value
from ..catalogue import Catalogue, Table, TableName
from ..errors import DatabaseError
from ..positions import encode
from .capabilities import CAPABILITIES, qualified, quote
from .errors import translated
from .forms import NULL, SEPARATOR, STORED, Stored, as_text, beside, in_line, parsed, parser, rendered, stands_beside
from .forms import stored_columns as from_rows
from .position import OrderedBy, can_order, condition

if TYPE_CHECKING:
    from .wire import Connection

SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT"
LANE_LOCK_SECONDS = 10
"""How long the lock under which lanes open may be waited for: meanwhile other sessions' writes wait behind it."""
TRANSACTIONAL = frozenset(("InnoDB", "ROCKSDB", "TokuDB", "ndbcluster"))
SMALL_PACKET_BYTES = 4 << 20
"""Below this ``max_allowed_packet`` every value is sent as a column of its own."""
BINARY_CHARSET = 63
DECIMAL_TYPES = frozenset((0, 246))
INTEGER_TYPES = frozenset((1, 2, 3, 8, 9, 13))
FLOAT_TYPES = frozenset((4, 5))
STRING_TYPES = frozenset((15, 249, 250, 251, 252, 253, 254))


class Lanes:
    """The sessions of one snapshot, for lanes that take one each; without a lock to open them under there is only one."""

    def __init__(self, connections: list[Connection]) -> None:
        """connections: idle ones."""
        self.free = connections
        self.all = list(connections)
        self.change = threading.Condition()

    def take(self) -> Connection:
        """A session nobody uses; waits for one."""
        with self.change:
            while not self.free:
                self.change.wait()
            return self.free.pop()

    def give(self, connection: Connection) -> None:
        """Put it back."""
        with self.change:
            self.free.append(connection)
            self.change.notify()


class MysqlSource:
    """The read side: one transaction from open to close, for the main session and for those of its lanes."""

    can = CAPABILITIES

    def __init__(self, connection: Connection, url: str, lanes: Lanes, *, of: MysqlSource | None = None) -> None:
        """Take over a session whose snapshot is open. of: the source that this is a lane of."""
        self.connection = connection
        self.url = url
        self.lanes = lanes
        self.of = of
        self.notes: list[str] = [] if of is None else of.notes
        """What a reader of the summary must know of this snapshot."""
        self._stored: dict[TableName, dict[str, Stored]] = {}
        self.database: str = database_name(connection) if of is None else of.database
        self.identity: str = database_identity(connection) if of is None else of.identity
        self.snapshot: str = snapshot_name(connection) if of is None else of.snapshot
        self.version: str
        self.packet_bytes: int
        self.version, self.packet_bytes = (of.version, of.packet_bytes) if of is not None else self.look_at_server()

    def look_at_server(self) -> tuple[str, int]:
        """The server's version, and the largest result of a function in bytes."""
        ((version, packet),) = self.query("select version(), @@max_allowed_packet")
        return str(version), int(packet)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query under the snapshot."""
        return [row for rows in self.stream(sql, parameters) for row in rows]

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """Tables, columns, types and keys of a database (default: the connection's own)."""
        from .inspect import read_catalogue

        return read_catalogue(self.query, schema, self.version)

    def count(self, table: Table) -> int:
        """Rows under the snapshot."""
        return int(self.query(f"select count(*) from {qualified(table.name)}")[0][0])

    def stored_columns(self, table: Table) -> dict[str, Stored]:
        """The columns as the server stores them."""
        if table.name not in self._stored:
            schema = table.name.schema or self.database
            sql = STORED.format(schema="%s")
            self._stored[table.name] = from_rows(self.query(sql, (schema, table.name.name)))
            self.note_engine(schema, table.name.name)
        return self._stored[table.name]

    def note_engine(self, schema: str, name: str) -> None:
        """Say of a table without transactions that no snapshot holds it."""
        sql = "select engine from information_schema.tables where table_schema = %s and table_name = %s"
        engine = next((row[0] for row in self.query(sql, (schema, name))), None)
        if engine is not None and engine not in TRANSACTIONAL:
            note = f"{name} is a table of the engine {engine}, which knows no transactions: it was read as it was at that moment"
            if note not in self.notes:
                self.notes.append(note)

    def position_columns(self, table: Table) -> tuple[str, ...]:
        """The primary key, or a unique key that cannot hold NULL; () where such values have no order."""
        key = table.row_key()
        stored = self.stored_columns(table) if key else {}
        fit = all(name in stored and can_order(table.column(name), stored[name]) for name in key)
        return key if fit else ()

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
        return Reading(self, table, columns).batches(after, until, batch_rows, batch_bytes)

    def packets(self, sql: str) -> Iterator[list[bytes]]:
        """The rows of a query as packets; left early, the query is ended at the server."""
        connection = self.connection
        if connection.is_streaming():
            raise DatabaseError(database="MySQL", reason="the session is still reading another result")
        _, found = connection.rows(sql.encode("utf-8", "surrogateescape"))
        try:
            for some in found:  # noqa: UP028  "yield from" would close it before it can be read to its end
                yield some
        finally:
            if connection.is_streaming():
                self.abandon(found)

    def abandon(self, left: Iterator[list[bytes]]) -> None:
        """End a query whose rows nobody wants any more; the snapshot stays."""
        from pymysql import err

        if not self.connection.open:
            return
        with suppress(Exception):
            from .connect import connect

            helper = connect(self.url, application_name="dms helper", read_only=True)
            helper.query(f"KILL QUERY {self.connection.session}")
            helper.close()
        with suppress(err.Error):
            for _ in left:
                pass

    def key_range(self, table: Table, column: str) -> tuple[int, int] | None:
        """Smallest and largest value of an integer column."""
        low, high = self.query(f"select min({quote(column)}), max({quote(column)}) from {qualified(table.name)}")[0]
        return None if low is None else (int(low), int(high))

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query as they arrive; dates and times as text, text that is not UTF-8 with lone surrogates."""
        from .wire import fields

        connection = self.connection
        with translated(connection):
            if connection.is_streaming():
                raise DatabaseError(database="MySQL", reason="the session is still reading another result")
            statement = connection.cursor().mogrify(sql, parameters) if parameters else sql
            described, packets = connection.rows(statement.encode("utf-8", "surrogateescape"))
            readers = [reader_of(field) for field in described]
            try:
                rows: list[tuple[Any, ...]] = []
                for some in packets:
                    for packet in some:
                        values = zip(fields(packet), readers, strict=True)
                        rows.append(tuple([None if value is None else read(value) for value, read in values]))
                        if len(rows) >= batch_rows:
                            yield rows
                            rows = []
                if rows:
                    yield rows
            finally:
                if connection.is_streaming():
                    self.abandon(packets)

    def lane(self) -> MysqlSource:
        """Another session under the same snapshot; waits while all are in use."""
        return MysqlSource(self.lanes.take(), self.url, self.lanes, of=self.of or self)

    def close(self) -> None:
        """End the snapshot; a lane gives its session back."""
        if self.of is not None:
            if self.connection not in self.lanes.free:
                self.lanes.give(self.connection)
            return
        for connection in {id(each): each for each in (self.connection, *self.lanes.all)}.values():
            if connection.is_streaming():
                connection.drop()
            elif connection.open:
                connection.close()


class Reading:
    """One read of one table."""

    def __init__(self, source: MysqlSource, table: Table, columns: Sequence[str]) -> None:
        """Settle order, columns and how each is sent."""
        self.source = source
        self.table = table
        self.width = len(columns)
        stored = source.stored_columns(table)
        keys = source.position_columns(table)
        self.names = [*columns, *(key for key in keys if key not in columns)]
        self.order = [OrderedBy(quote(key), table.column(key), stored[key]) for key in keys]
        missing = [name for name in self.names if name not in stored]
        if missing:
            raise DatabaseError(database="MySQL", reason=f"{table.name} has no column {missing[0]} any more")
        small = source.packet_bytes < SMALL_PACKET_BYTES
        self.large = [small or stands_beside(stored[name]) for name in self.names]
        self.parsers = [
            parser(table.column(name), stored[name], large=large)
            for name, large in zip(self.names, self.large, strict=True)
        ]
        self.line = [
            in_line(rendered(table.column(name), stored[name], quote(name)), table.column(name))
            for name, large in zip(self.names, self.large, strict=True)
            if not large
        ]
        self.extras = [by.extra for by in self.order if by.extra]
        self.line += self.extras
        self.beside = [
            beside(table.column(name), stored[name], quote(name))
            for name, large in zip(self.names, self.large, strict=True)
            if large
        ]

    def sql(self, after: Position, until: Position) -> str:
        """The ordered query between two positions."""
        line = [f"CONCAT_WS(0xFF, {', '.join(self.line)})"] if self.line else []
        bounds = [
            condition(self.order, operator, position)
            for operator, position in ((">", after), ("<=", until))
            if position
        ]
        where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
        order = f" ORDER BY {', '.join(by.term for by in self.order)}" if self.order else ""
        selected = ", ".join([*line, *self.beside]) or "1"
        return f"SELECT {selected} FROM {qualified(self.table.name)}{where}{order}"

    def batches(self, after: Position, until: Position, batch_rows: int, batch_bytes: int) -> Iterator[Batch]:
        """The batches."""
        with translated(self.source.connection):
            for packets in grouped(self.source.packets(self.sql(after, until)), batch_rows, batch_bytes):
                yield self.batch(packets)

    def batch(self, packets: list[bytes]) -> Batch:
        """Rows turned into columns."""
        if not self.names:
            return Batch([], len(packets), "")
        lines, apart = self.columns_of(packets)
        inside, outside = iter(lines), iter(apart)
        raw = [next(outside) if large else next(inside) for large in self.large]
        extras = [column[-1] for column in inside]
        values = [parsed(column, parse) for column, parse in zip(raw, self.parsers, strict=True)]
        return Batch(values[: self.width], len(packets), self.position(values, extras), values[self.width :])

    def columns_of(self, packets: list[bytes]) -> tuple[list[list[bytes | None]], list[list[bytes | None]]]:
        """The columns in the lines, and those beside them."""
        from .wire import fields, only_field

        if not self.beside:
            return self.split(list(map(only_field, packets))), []
        columns = [list(column) for column in zip(*map(fields, packets), strict=True)]
        if not self.line:
            return [], columns
        return self.split(columns[0]), columns[1:]

    def split(self, lines: list[bytes | None]) -> list[list[bytes | None]]:
        """Lines into columns. Raises DatabaseError for a line that the server could not hold."""
        if None in lines:
            raise DatabaseError(
                database="MySQL", reason=f"a row of {self.table.name} is larger than the server's max_allowed_packet"
            )
        columns: list[list[bytes | None]] = [[] for _ in self.line]
        rows = [line.split(SEPARATOR) for line in lines if line is not None]
        try:
            columns = [list(column) for column in zip(*rows, strict=True)]
        except ValueError:
            columns = []
        if len(columns) != len(self.line):
            raise DatabaseError(
                database="MySQL",
                reason=f"{self.table.name} holds text of a form that the server should not have let in",
            )
        return [
            [None if field == NULL else field for field in column] if NULL in column else column for column in columns
        ]

    def position(self, values: list[list[Value]], extras: list[bytes | None]) -> Position:
        """The place of the last row."""
        if not self.order:
            return ""
        places: list[Value] = []
        given = iter(extras)
        for by in self.order:
            if by.extra:
                text = (next(given) or b"").decode("ascii")
                places.append(int(text) if by.extra.startswith("(") else text)
            else:
                places.append(by.place(values[self.names.index(by.column.name)][-1]))
        return encode(places)


def grouped(packets: Iterator[list[bytes]], rows_limit: int, bytes_limit: int) -> Iterator[list[bytes]]:
    """Packets in lists of at most so many, or about so many bytes."""
    group: list[bytes] = []
    size = 0
    for some in packets:
        group += some
        size += sum(map(len, some))
        while len(group) > rows_limit:
            yield group[:rows_limit]
            group = group[rows_limit:]
            size = sum(map(len, group))
        if group and (size >= bytes_limit or len(group) == rows_limit):
            yield group
            group, size = [], 0
    if group:
        yield group


def reader_of(field: Any) -> Callable[[bytes], Any]:
    """What makes a value of a field of any query."""
    if field.type_code in INTEGER_TYPES:
        return int
    if field.type_code in FLOAT_TYPES:
        return float
    if field.type_code in DECIMAL_TYPES:
        return lambda data: Decimal(data.decode("ascii"))
    binary = field.charsetnr == BINARY_CHARSET and field.type_code in STRING_TYPES
    return bytes if binary or field.type_code in (16, 255) else as_text


def open_source(url: str, *, lanes: int = 1) -> MysqlSource:
    """Connect and take the snapshot, for so many lanes if the server lets all of them open at one moment."""
    from .connect import connect

    opened: list[Connection] = []
    try:
        for _ in range(lanes + 1 if lanes > 1 else 1):
            opened.append(connect(url, application_name="dms source", read_only=True))  # noqa: PERF401  closed on failure
        main, spare = opened[0], opened[1:]
        note = take_snapshots(opened, url)
        if note:
            for connection in spare:
                connection.close()
            spare = []
        source = MysqlSource(main, url, Lanes(spare or [main]))
        source.notes += [note] if note else []
        return source
    except BaseException:
        for connection in opened:
            connection.drop()
        raise


def take_snapshots(connections: list[Connection], url: str) -> str:
    """Open the snapshot of every session at one moment; returns why only the first has one."""
    main = connections[0]
    if len(connections) == 1:
        with translated(main):
            main.query(SNAPSHOT)
        return ""
    from pymysql import err

    from .connect import connect

    locker = connect(url, application_name="dms lock", read_only=True)
    try:
        locker.query(f"SET SESSION lock_wait_timeout = {LANE_LOCK_SECONDS}")
        locker.query("FLUSH TABLES WITH READ LOCK")
        for connection in connections:
            connection.query(SNAPSHOT)
        return ""
    except err.Error as error:
        with translated(main):
            main.query("ROLLBACK")
            main.query(SNAPSHOT)
        reason = (
            "the user lacks the right RELOAD" if error.args and error.args[0] == 1227 else "a lock was not to be had"
        )
        return f"the source was read in one lane: {reason}, so several sessions could not open at one moment"
    finally:
        locker.close()


def one(connection: Connection, sql: str) -> tuple[Any, ...]:
    """The first row of a query."""
    with translated(connection), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() or ()


def database_name(connection: Connection) -> str:
    """The connection's own database."""
    return str(one(connection, "select database()")[0])


def database_identity(connection: Connection) -> str:
    """``mysql:<the server's own name>/<database>``: the same whatever the host is called."""
    with translated(connection), connection.cursor() as cursor:
        cursor.execute(
            "show global variables where variable_name in ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir')"
        )
        known = dict(cursor.fetchall())
    own = known.get("server_uuid") or known.get("server_uid")
    if not own:
        place = ":".join(known.get(name, "") for name in ("hostname", "port", "datadir"))
        own = hashlib.sha256(place.encode()).hexdigest()[:16]
    return f"mysql:{own}/{database_name(connection)}"


def snapshot_name(connection: Connection) -> str:
    """Where the binary log stands in the snapshot, if there is one; else the moment."""
    with translated(connection), connection.cursor() as cursor:
        cursor.execute("show status like 'binlog_snapshot_%'")
        found = dict(cursor.fetchall())
    if found.get("Binlog_snapshot_file"):
        return f"{found['Binlog_snapshot_file']}:{found['Binlog_snapshot_position']}"
    return str(one(connection, "select cast(utc_timestamp(6) as char)")[0])
