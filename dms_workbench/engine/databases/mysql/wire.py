"""A connection that gives a server nothing it may not have: no file it asks for, no password in the clear.

The protocol lets a server answer any statement with the request for any file of this machine, and lets it ask for the
password itself instead of a proof. Here the only data ever sent for a LOAD DATA LOCAL is what `Connection.load` was
given, whatever name the server asks for, and a password leaves this machine inside TLS only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import pymysql
from pymysql import _auth, err
from pymysql.connections import MySQLResult
from pymysql.constants import CLIENT, COMMAND
from pymysql.protocol import MysqlPacket

from .packets import PacketSplitter

READ_BYTES = 1 << 20
WAITED_FOR_BYTES = 1 << 14
"""The rest of a packet is waited for when it is longer than this; else what has arrived is looked at."""
PIECE_BYTES = 1 << 16
T = TypeVar("T")
FULL_PROOF = 4
"""What ``caching_sha2_password`` answers when it wants the password itself."""


class Withheld(err.OperationalError):
    """The server asked for the password in a form that could be read on the way."""


class FileAsked(err.OperationalError):
    """The server asked for a file of this machine."""


class Result(MySQLResult):
    """A result; a request for a file is answered with the connection's own data, or with nothing."""

    def _read_load_local_packet(self, first_packet: Any) -> None:  # noqa: ARG002  the name it asks for does not matter
        connection: Any = self.connection
        pieces, connection.pieces = connection.pieces, None
        try:
            for piece in pieces or ():
                for at in range(0, len(piece), PIECE_BYTES):
                    connection.write_packet(piece[at : at + PIECE_BYTES])
        finally:
            connection.write_packet(b"")
            answer = connection._read_packet()
        if pieces is None:
            raise FileAsked("the server asked for a file of this machine")
        self._read_ok_packet(answer)  # type: ignore[attr-defined]


class Connection(pymysql.connections.Connection):
    """One session. local: does nothing that is sent leave this machine?"""

    pieces: Iterable[bytes] | None = None
    streaming: RowStream | None = None
    """The rows of the last query that were not read at once."""
    _execute_command: Any
    _read_bytes: Any
    _read_packet: Any
    _secure: bool
    _sock: Any
    _rfile: Any
    _result: Any
    _auth_plugin_name: str
    _read_timeout: float | None
    _write_timeout: float | None

    def __init__(self, *, local: bool, **arguments: Any) -> None:
        self.local = local
        super().__init__(
            charset="utf8mb4",
            client_flag=CLIENT.FOUND_ROWS,
            auth_plugin_map=AUTHENTICATION,
            **arguments,
        )

    @property
    def reveals_nothing(self) -> bool:
        """Can nobody on the way read what is sent?"""
        return self.local or bool(self._secure)

    def _read_query_result(self, unbuffered: bool = False) -> Any:
        self._result = None
        result = Result(self)
        if unbuffered:
            result.init_unbuffered_query()
        else:
            result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows

    def is_streaming(self) -> bool:
        """Are there rows of a result left to be read?"""
        return self.streaming is not None and self.streaming.left

    @property
    def session(self) -> int:
        """The server's number of the session."""
        return int(self.thread_id())  # type: ignore[no-untyped-call]

    def drop(self) -> None:
        """Close the line without a word to the server."""
        self._force_close()  # type: ignore[attr-defined]

    @property
    def warnings(self) -> int:
        """Warnings of the last statement."""
        return int(self._result.warning_count or 0) if self._result is not None else 0

    def load(self, statement: str, pieces: Iterable[bytes]) -> int:
        """Run a LOAD DATA LOCAL with these bytes as its file; returns the rows added."""
        self.pieces = pieces
        try:
            return int(self.query(statement))
        finally:
            self.pieces = None

    def ask(self, statement: bytes, splitter: PacketSplitter) -> tuple[list[Any], RowStream | None]:
        """Run a query: the descriptions of its columns, and its rows as they arrive; None where it has no result.

        All rows must be read before anything else is asked; `is_streaming` says whether there are some left.
        """
        self._execute_command(COMMAND.COM_QUERY, statement)
        result = Result(self)
        result.init_unbuffered_query()
        if not result.unbuffered_active:
            return [], None
        result.unbuffered_active = False
        self.streaming = RowStream(self, splitter)
        described: Any = result
        return described.fields, self.streaming

    def some(self, missing: int) -> bytes:
        """More bytes of the result: the rest of a packet that has begun, or what is there. missing: bytes of that rest."""
        if missing > WAITED_FOR_BYTES:
            return bytes(self._read_bytes(missing))
        try:
            data = self._rfile.read1(READ_BYTES)
        except OSError as error:
            self.drop()
            raise err.OperationalError(2013, f"the connection was lost ({error.strerror})") from error
        if not data:
            self.drop()
            raise err.OperationalError(2013, "the connection was lost")
        return bytes(data)


class RowStream:
    """The rows of one query while they arrive."""

    def __init__(self, connection: Connection, splitter: PacketSplitter) -> None:
        """connection: whose answer to a query has begun."""
        self.connection = connection
        self.splitter = splitter
        self.left = True
        """Are there rows left to be read?"""
        self.abandoned = False
        """Was it ended by somebody who needed the session?"""

    def receive(self, take: Callable[[bytes], T]) -> T:
        """What one look at the line brings, given to the splitter's ``take``. Raises the error that the rows end with."""
        try:
            found = take(self.connection.some(self.splitter.missing))
        except BaseException:
            self.left = self.left and self.connection.open
            raise
        if self.splitter.ended:
            self.left = False
            if self.splitter.failure is not None:
                MysqlPacket(self.splitter.failure, self.connection.encoding).raise_for_error()
        return found

    def packets(self) -> Iterator[list[bytes]]:
        """The rows as packets without their headers, as many as have arrived at a time."""
        while self.left:
            if found := self.receive(self.splitter.feed):
                yield found

    def drain(self) -> None:
        """Read what is left, for nobody."""
        for _ in self.packets():
            pass


class ProofFirst:
    """``caching_sha2_password``: the proof is always given, the password itself where nobody can read it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def authenticate(self, packet: Any) -> Any:
        """Answer one packet of the server."""
        wanted = packet.is_extra_auth_data() and packet.get_all_data()[1:2] == bytes([FULL_PROOF])
        if wanted and not self.connection.reveals_nothing:
            raise Withheld("it wants the password itself, and the connection is not encrypted")
        return _auth.caching_sha2_password_auth(self.connection, packet)


class InsideTls:
    """The password itself, where nobody can read it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def authenticate(self, packet: Any) -> Any:
        """Answer one packet of the server."""
        connection = self.connection
        if not connection.reveals_nothing:
            raise Withheld("it wants the password itself, and the connection is not encrypted")
        if connection._auth_plugin_name == "sha256_password" and not connection._secure:
            return _auth.sha256_password_auth(connection, packet)  # type: ignore[no-untyped-call]
        connection.write_packet(connection.password + b"\0")
        return connection._read_packet()


class Never:
    """Ways to prove a password that can be undone by whoever listens."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def authenticate(self, _packet: Any) -> Any:
        """Refuse."""
        raise Withheld("it asks for the password in an old form that gives it away")


AUTHENTICATION: dict[str, Any] = {
    "caching_sha2_password": ProofFirst,
    "sha256_password": InsideTls,
    "mysql_clear_password": InsideTls,
    "dialog": Never,
    "mysql_old_password": Never,
}
"""Ways to prove a password besides those in which only a proof is sent."""
