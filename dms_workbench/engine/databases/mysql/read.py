"""Reading MySQL and MariaDB: one consistent snapshot, rows streamed in key order, each rendered by the server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..base import Batch, LineLimits, LineQuery, Lines, Position
from ..catalogue import Catalogue, Table, TableName
from ..errors import DatabaseError, SnapshotLost
from ..positions import integer_bounds
from .capabilities import CAPABILITIES, qualified, quote
from .errors import translated
from .forms import STORED, Stored, reader_of
from .forms import stored_columns as from_rows
from .lines import LineReading, fields_of
from .packets import PacketSplitter, fields
from .position import can_order
from .reading import Reading

if TYPE_CHECKING:
    from .health import MysqlObserver
    from .wire import Connection, RowStream

SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT"
LANE_LOCK_SECONDS = 10
"""How long the lock under which lanes open may be waited for: meanwhile other sessions' writes wait behind it."""
TRANSACTIONAL = frozenset(("InnoDB", "ROCKSDB", "TokuDB", "ndbcluster"))
CLOSE_TOGETHER = 4
"""The numbers of a key whose range is at most so many times its rows are cut by range: nobody counts through them."""


class Lanes:
    """The sessions of one snapshot, for lanes that take one each; without a lock to open them under there is only one."""

    def __init__(self, connections: list[Connection]) -> None:
        """connections: idle ones."""
        self.free = connections
        self.all = list(connections)
        self.change = threading.Condition()

    def take(self) -> Connection:
        """A session nobody uses; waits for one. Raises SnapshotLost when none is left: no other can join the snapshot."""
        with self.change:
            while True:
                if (connection := self.spare()) is not None:
                    return connection
                if not self.all:
                    raise SnapshotLost(database="MySQL", reason="the sessions that held it have ended")
                self.change.wait()

    def spare(self) -> Connection | None:
        """A session nobody uses, if there is one at this moment."""
        with self.change:
            while self.free:
                connection = self.free.pop()
                if connection.open:
                    return connection
                self.all.remove(connection)
            return None

    def give(self, connection: Connection) -> None:
        """Put it back; one that has ended is put away, and who waits may have to wait no longer."""
        with self.change:
            if connection.open:
                self.free.append(connection)
            elif connection in self.all:
                self.all.remove(connection)
            self.change.notify_all()


class MysqlSource:
    """The read side: one transaction from open to close, for the main session and for those of its lanes."""

    can = CAPABILITIES
    pooled = True
    """A lane that is done is to be closed: the sessions are few, and another lane may wait for its own."""

    def __init__(
        self, connection: Connection, url: str, lanes: Lanes, *, of: MysqlSource | None = None, borrowed: bool = False
    ) -> None:
        """Take over a session whose snapshot is open. of: the source that this is a lane of; borrowed: from another lane."""
        self.connection = connection
        self.borrowed = borrowed
        self.closed = False
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

    def gives_lines(self, asked: LineQuery) -> bool:
        """As PostgreSQL's COPY text, where every pair of types is one whose values the server can write exactly."""
        return fields_of(self, asked) is not None

    def read_lines(
        self, asked: LineQuery, *, limits: LineLimits, after: Position = "", until: Position = ""
    ) -> Iterator[Lines]:
        """Rows as lines, in the order and with the positions of `read`."""
        return LineReading(self, asked).chunks(limits, after, until)

    def open_stream(self, sql: str, splitter: PacketSplitter) -> RowStream:
        """Ask for the rows of a query. Raises DatabaseError while the session reads others."""
        if self.connection.is_streaming():
            raise DatabaseError(database="MySQL", reason="the session is still reading another result")
        _, stream = self.connection.ask(sql.encode("utf-8", "surrogateescape"), splitter)
        if stream is None:
            raise DatabaseError(database="MySQL", reason="the query has no result")
        return stream

    def packets(self, sql: str) -> Iterator[list[bytes]]:
        """The rows of a query as packets; left early, the query is ended at the server."""
        stream = self.open_stream(sql, PacketSplitter())
        try:
            yield from stream.packets()
        finally:
            self.abandon(stream)

    def abandon(self, stream: RowStream | None) -> None:
        """End a query whose rows nobody wants any more, if there are any; the snapshot stays."""
        from pymysql import err

        if stream is None or not stream.left or not self.connection.open:
            return
        with suppress(Exception):
            from .connect import connect

            helper = connect(self.url, application_name="dms helper", read_only=True)
            helper.query(f"KILL QUERY {self.connection.session}")
            helper.close()
        stream.abandoned = True
        with suppress(err.Error):
            stream.drain()

    def lane_bounds(self, table: Table, lanes: int) -> list[Position]:
        """Positions that cut a table into parts; [] without a key.

        Where the numbers of an integer key lie close together, its range is cut; other keys are counted through, which reads
        the index once.
        """
        key = self.position_columns(table)
        if not key or lanes < 2:
            return []
        rows = self.count(table)
        numbers = len(key) == 1 and table.column(key[0]).type.kind == "integer"
        span = self.key_range(table, key[0]) if numbers else None
        if span is not None and span[1] - span[0] < CLOSE_TOGETHER * rows:
            return integer_bounds(span, lanes)
        return self.counted_bounds(table, key, rows // lanes, lanes)

    def counted_bounds(self, table: Table, key: Sequence[str], step: int, lanes: int) -> list[Position]:
        """The place of every so manieth row."""
        reading = Reading(self, table, key)
        found: list[Position] = []
        while step > 0 and len(found) < lanes - 1:
            sql = reading.sql(found[-1] if found else "", "") + f" LIMIT 1 OFFSET {step - 1}"
            with translated(self.connection):
                packets = [packet for some in self.packets(sql) for packet in some]
            if not packets:
                break
            found.append(reading.batch(packets).position)
        return found

    def key_range(self, table: Table, column: str) -> tuple[int, int] | None:
        """Smallest and largest value of an integer column."""
        low, high = self.query(f"select min({quote(column)}), max({quote(column)}) from {qualified(table.name)}")[0]
        return None if low is None else (int(low), int(high))

    def stream(
        self, sql: str, parameters: Sequence[Any] = (), *, batch_rows: int = 10_000
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query as they arrive; dates and times as text, text that is not UTF-8 with lone surrogates."""
        connection = self.connection
        with translated(connection):
            if connection.is_streaming():
                raise DatabaseError(database="MySQL", reason="the session is still reading another result")
            statement = connection.cursor().mogrify(sql, parameters) if parameters else sql
            described, stream = connection.ask(statement.encode("utf-8", "surrogateescape"), PacketSplitter())
            readers = [reader_of(field) for field in described]
            try:
                rows: list[tuple[Any, ...]] = []
                for some in stream.packets() if stream is not None else ():
                    for packet in some:
                        values = zip(fields(packet), readers, strict=True)
                        rows.append(tuple([None if value is None else read(value) for value, read in values]))
                        if len(rows) >= batch_rows:
                            yield rows
                            rows = []
                if rows:
                    yield rows
            finally:
                self.abandon(stream)

    def lane(self) -> MysqlSource:
        """Another session under the same snapshot; waits while all are in use.

        A lane that needs one besides its own, when none is free, gets its own again: what it was reading is ended there, and
        asked for anew when it is read on.
        """
        if self.of is None:
            return MysqlSource(self.lanes.take(), self.url, self.lanes, of=self)
        spare = self.lanes.spare()
        if spare is not None:
            return MysqlSource(spare, self.url, self.lanes, of=self.of)
        self.abandon(self.connection.streaming)
        return MysqlSource(self.connection, self.url, self.lanes, of=self.of, borrowed=True)

    def observer(self) -> MysqlObserver:
        """A look at the server from a connection of its own."""
        from .connect import connect
        from .health import MysqlObserver

        def ours() -> list[int]:
            sessions: list[Any] = [self.connection, *self.lanes.all]
            return [int(session.thread_id()) for session in sessions]

        return MysqlObserver(connect(self.url, application_name="dms watch", read_only=True), ours)

    def close(self) -> None:
        """End the snapshot; a lane gives its session back."""
        if self.of is not None:
            if not self.closed:
                self.closed = True
                self.abandon(self.connection.streaming)
                if not self.borrowed:
                    self.lanes.give(self.connection)
            return
        for connection in {id(each): each for each in (self.connection, *self.lanes.all)}.values():
            if connection.is_streaming():
                connection.drop()
            elif connection.open:
                connection.close()


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
