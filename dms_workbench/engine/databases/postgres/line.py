"""The bytes under a libpq connection that is at rest, taken and given without libpq: those of its socket, or of its TLS session.

libpq makes the TLS session, proves the server by it, and gives it away by ``PQsslStruct``. Its functions are looked for in the
very library that libpq was linked to, through the module that libpq was loaded for: another copy of OpenSSL, such as Python's
own, would not know the session. Where they are not found there, rows pass through libpq.

Sources: PostgreSQL documentation, "libpq: Connection Status Functions"; OpenSSL's manual, SSL_read, SSL_write and SSL_get_error.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import psycopg

READ_BYTES = 262_144
RECORD_BYTES = 16_384
"""The content of a record of TLS at most: with so much room, nothing that was decrypted stays behind in the session."""
WANTS_READ, WANTS_WRITE, SYSTEM_ERROR, CLOSED = 2, 3, 5, 6
"""What SSL_get_error says; 1 is an error of TLS itself."""
REASON_MASK, UNEXPECTED_END = 0x7FFFFF, 294
"""Of an error's number the part that tells the reason, and the reason when a line ends without a farewell."""


class Line(Protocol):
    """What is under a connection. The methods never wait."""

    wanted: int
    """What to wait for (``select.POLLIN`` or ``POLLOUT``) after there was nothing to take, or nothing was given."""

    def fileno(self) -> int:
        """The descriptor to wait for."""
        ...

    def receive(self) -> bytes | None:
        """The next bytes; None if there are none yet, nothing at the end. Raises OSError."""
        ...

    def send(self, data: bytes, at: int) -> int:
        """Give what lies behind a place; how many bytes were taken. After 0 the same is to be given again. Raises OSError."""
        ...

    def take_little(self, size: int) -> None:
        """Receive so many bytes at a time, at most, and let hardly more wait, so that the server works evenly, not in bursts."""
        ...

    def close(self) -> None:
        """Let go of it; the connection stays."""
        ...


class PlainLine:
    """The socket, where the protocol itself passes it."""

    def __init__(self, number: int) -> None:
        """number: the socket's, which stays libpq's."""
        self.socket = socket.socket(fileno=os.dup(number))
        self.socket.setblocking(False)
        self.wanted = select.POLLIN
        self.read_bytes = READ_BYTES

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self.socket.fileno()

    def receive(self) -> bytes | None:
        """See `Line`."""
        try:
            return self.socket.recv(self.read_bytes)
        except BlockingIOError:
            self.wanted = select.POLLIN
            return None

    def send(self, data: bytes, at: int) -> int:
        """See `Line`."""
        try:
            return self.socket.send(memoryview(data)[at:])
        except BlockingIOError:
            self.wanted = select.POLLOUT
            return 0

    def take_little(self, size: int) -> None:
        """See `Line`."""
        self.read_bytes = size
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def close(self) -> None:
        """See `Line`."""
        self.socket.close()


@dataclass(frozen=True, slots=True)
class OpenSsl:
    """Functions of libpq and of the OpenSSL it was linked to."""

    session: Callable[[int, bytes], int | None]
    read: Callable[[int, int, int], int]
    write: Callable[[int, int, int], int]
    outcome: Callable[[int, int], int]
    forget: Callable[[], None]
    """Empties the thread's queue of errors, which must be empty before a read or write."""
    error: Callable[[], int]


@cache
def openssl() -> OpenSsl | None:
    """None where the functions are not to be had."""
    from psycopg import pq

    module = sys.modules[pq.PGconn.__module__].__file__ or ""
    if module.endswith(".py"):
        from psycopg.pq.misc import find_libpq_full_path

        module = find_libpq_full_path() or ""
    pointer, number = ctypes.c_void_p, ctypes.c_int
    try:
        library = ctypes.CDLL(module, use_errno=True) if module else None
        return OpenSsl(
            function(library, "PQsslStruct", pointer, pointer, ctypes.c_char_p),
            function(library, "SSL_read", number, pointer, pointer, number),
            function(library, "SSL_write", number, pointer, pointer, number),
            function(library, "SSL_get_error", number, pointer, number),
            function(library, "ERR_clear_error", None),
            function(library, "ERR_get_error", ctypes.c_ulong),
        )
    except (OSError, AttributeError):
        return None


def function(library: ctypes.CDLL | None, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of C with its types. Raises AttributeError if there is none."""
    found = getattr(library, name)
    found.restype, found.argtypes = result, arguments
    made: Callable[..., Any] = found
    return made


class TlsLine:
    """The TLS session of a connection."""

    def __init__(self, connection: psycopg.Connection[Any], functions: OpenSsl, session: int) -> None:
        """session: the pointer that libpq gave away; it is good as long as the connection is open."""
        self.pgconn: Any = connection.pgconn
        self.functions, self.session = functions, session
        self.number = os.dup(self.pgconn.socket)
        self.wanted = select.POLLIN
        self.ended = False
        self.failure: OSError | None = None
        self.room: ctypes.Array[ctypes.c_char] | None = None
        self.read_bytes = READ_BYTES

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self.number

    def receive(self) -> bytes | None:
        """See `Line`: as many records as have come, decrypted."""
        if self.room is None:
            self.room = ctypes.create_string_buffer(self.read_bytes)
        address, got, blocked = ctypes.addressof(self.room), 0, False
        while self.read_bytes - got >= RECORD_BYTES and not (blocked or self.ended or self.failure):
            self.make_ready()
            size = self.functions.read(self.session, address + got, self.read_bytes - got)
            if size > 0:
                got += size
            else:
                blocked = self.is_blocked(size)
        if got:
            return ctypes.string_at(address, got)
        if self.failure is not None:
            raise self.failure
        return None if blocked else b""

    def send(self, data: bytes, at: int) -> int:
        """See `Line`: all of it is taken, or nothing yet."""
        self.make_ready()
        address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        size = self.functions.write(self.session, address + at, min(len(data) - at, READ_BYTES))
        if size > 0:
            return size
        if self.is_blocked(size):
            return 0
        raise self.failure or ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))

    def make_ready(self) -> None:
        """Forget errors of before. Raises OSError where the connection has been closed, and its session with it."""
        if not self.pgconn.pgconn_ptr:
            raise OSError(errno.EBADF, "the connection is closed")
        self.functions.forget()
        ctypes.set_errno(0)

    def is_blocked(self, size: int) -> bool:
        """Why did a call give nothing: is there only to be waited? Else it is noted whether the line ended or failed."""
        system = ctypes.get_errno()
        outcome = self.functions.outcome(self.session, size)
        if outcome in (WANTS_READ, WANTS_WRITE):
            self.wanted = select.POLLIN if outcome == WANTS_READ else select.POLLOUT
            return True
        reason = self.functions.error() & REASON_MASK
        if outcome == CLOSED or (outcome == SYSTEM_ERROR and not system) or reason == UNEXPECTED_END:
            self.ended = True
        elif outcome == SYSTEM_ERROR:
            self.failure = OSError(system, os.strerror(system))
        else:
            self.failure = OSError(errno.EPROTO, f"TLS failed (reason {reason})")
        return False

    def take_little(self, size: int) -> None:
        """See `Line`; before anything is received."""
        self.read_bytes = max(size, RECORD_BYTES)
        with socket.socket(fileno=os.dup(self.number)) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def close(self) -> None:
        """See `Line`."""
        if self.number >= 0:
            os.close(self.number)
        self.number = -1


def line_of(connection: psycopg.Connection[Any]) -> Line:
    """What is under a connection that `speaks`."""
    if not connection.pgconn.ssl_in_use:
        return PlainLine(connection.pgconn.socket)
    functions, session = openssl(), session_of(connection)
    if functions is None or session is None:
        raise OSError(errno.EPROTO, "the TLS session cannot be had")
    return TlsLine(connection, functions, session)


def session_of(connection: psycopg.Connection[Any]) -> int | None:
    """The TLS session of a connection; None where it cannot be had."""
    functions, pgconn = openssl(), cast(Any, connection.pgconn)
    return functions.session(pgconn.pgconn_ptr, b"OpenSSL") if functions is not None and pgconn.pgconn_ptr else None


def speaks(connection: psycopg.Connection[Any]) -> bool:
    """Can the protocol be spoken by hand on this connection? Kerberos' encryption is never asked for."""
    if os.name != "posix":
        return False
    return not connection.pgconn.ssl_in_use or session_of(connection) is not None
