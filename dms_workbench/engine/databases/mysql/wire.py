"""A connection that gives a server nothing it may not have: no file it asks for, no password in the clear.

The protocol lets a server answer any statement with the request for any file of this machine, and lets it ask for the
password itself instead of a proof. Here the only data ever sent for a LOAD DATA LOCAL is what `Connection.load` was
given, whatever name the server asks for, and a password leaves this machine inside TLS only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pymysql
from pymysql import _auth, err
from pymysql.connections import MySQLResult
from pymysql.constants import CLIENT, COMMAND
from pymysql.protocol import MysqlPacket

READ_BYTES = 1 << 20
PIECE_BYTES = 1 << 16
LARGEST_PACKET = 0xFFFFFF
END, FAILURE = 0xFE, 0xFF
END_BYTES = 9
"""An end of rows is shorter than this; a row that begins with the same byte is not."""
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
    left_over = False
    """Are there rows of a result left to be read?"""
    _failure: bytes | None = None
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
        return self.left_over

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

    def rows(self, statement: bytes) -> tuple[list[Any], Iterator[list[bytes]]]:
        """Run a query: the descriptions of its columns, and its rows as the raw packets, some at a time.

        All rows must be read before anything else is asked; `is_streaming` says whether there are some left.
        """
        self._execute_command(COMMAND.COM_QUERY, statement)
        result = Result(self)
        result.init_unbuffered_query()
        if not result.unbuffered_active:
            return [], iter(())
        result.unbuffered_active = False
        self.left_over = True
        described: Any = result
        return described.fields, self._packets()

    def _packets(self) -> Iterator[list[bytes]]:
        """The packets of a result, without their headers, as many as have arrived at a time."""
        buffer = b""
        long: list[bytes] = []
        while self.left_over:
            buffer += self._some(buffer)
            found: list[bytes] = []
            buffer = self._cut(buffer, found, long)
            if found:
                yield found
        if self._failure is not None:
            failure, self._failure = self._failure, None
            MysqlPacket(failure, self.encoding).raise_for_error()

    def _cut(self, buffer: bytes, found: list[bytes], long: list[bytes]) -> bytes:
        """Take the whole packets off a buffer; notes the end of the result. Returns what is left."""
        at, size = 0, len(buffer)
        while size - at >= 4:
            length = int.from_bytes(buffer[at : at + 3], "little")
            end = at + 4 + length
            if end > size:
                break
            body = buffer[at + 4 : end]
            at = end
            if length == LARGEST_PACKET or long:
                long.append(body)
                if length < LARGEST_PACKET:
                    found.append(b"".join(long))
                    long.clear()
            elif body[0] < END or (body[0] == END and length >= END_BYTES):
                found.append(body)
            else:
                self._failure = body if body[0] == FAILURE else None
                self.left_over = False
                break
        return buffer[at:]

    def _some(self, begun: bytes) -> bytes:
        """More bytes of the result: the rest of a packet that has begun, or what is there."""
        missing = 4 + int.from_bytes(begun[:3], "little") - len(begun) if len(begun) >= 4 else 0
        if missing > READ_BYTES:
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


def fields(packet: bytes) -> list[bytes | None]:
    """The fields of a row's packet."""
    found: list[bytes | None] = []
    at, size = 0, len(packet)
    while at < size:
        first = packet[at]
        at += 1
        if first == 251:
            found.append(None)
            continue
        if first > 251:
            width = {252: 2, 253: 3, 254: 8}[first]
            first = int.from_bytes(packet[at : at + width], "little")
            at += width
        found.append(packet[at : at + first])
        at += first
    return found


SKIPPED = {252: 3, 253: 4, 254: 9}


def only_field(packet: bytes) -> bytes | None:
    """The field of a row of one column."""
    first = packet[0]
    if first < 251:
        return packet[1:]
    return None if first == 251 else packet[SKIPPED[first] :]
