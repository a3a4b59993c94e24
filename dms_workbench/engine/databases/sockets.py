"""The line under a session, seen from outside: do bytes move, does the other side answer, and how to end it.

A thread that waits inside a driver cannot look after itself. Another one looks at the line of its session through the
operating system, and shuts it where nothing comes any more: the driver's call then ends as after any lost connection.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ... import platform
from .errors import ThreadsUsedUp

UNACKNOWLEDGED_AT, LAST_ANSWER_AT, BYTES_AT = 24, 56, 120
"""Where Linux's ``struct tcp_info`` holds them: tcpi_unacked, tcpi_last_ack_recv, tcpi_bytes_acked and tcpi_bytes_received."""
INFO_BYTES = 136
ACTIVE = 1
"""libpq's PQTRANS_ACTIVE."""


@dataclass(frozen=True, slots=True)
class LineState:
    """How a TCP line stands."""

    moved: int
    """Bytes taken by the other side and received from it, since the line was opened."""
    unanswered_milliseconds: int
    """How long the other side has not answered what was sent to it; 0 if nothing waits for an answer."""
    unread: int
    """Bytes that have arrived and that nobody has read yet."""
    unsent: int
    """Bytes that the other side has not taken yet."""


_known: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()
_by_hand: weakref.WeakSet[Any] = weakref.WeakSet()
_guard = threading.Lock()


def remember(connection: Any) -> None:
    """Keep in mind a session that was opened, so that who looks around finds it."""
    with _guard:
        _known[connection] = time.monotonic()


def known() -> list[tuple[Any, float]]:
    """The sessions of this process that are in use, and when each was opened (`time.monotonic`)."""
    with _guard:
        return list(_known.items())


@contextmanager
def by_hand(connection: Any) -> Iterator[None]:
    """Meanwhile the line is used without the driver, which therefore cannot tell that the session is at work."""
    with _guard:
        _by_hand.add(connection)
    try:
        yield
    finally:
        with _guard:
            _by_hand.discard(connection)


@contextmanager
def limited(connection: Any, seconds: float) -> Iterator[None]:
    """What takes longer than this ends with a lost connection. Raises ThreadsUsedUp."""
    timer = threading.Timer(seconds, shut, (connection,))
    timer.daemon = True
    with threads_wanted():
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def threads_wanted() -> Iterator[None]:
    """Where threads are started: raises ThreadsUsedUp if the system gives none, in place of Python's RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        if "can't start new thread" not in str(error):
            raise
        found = platform.process_limit()
        raise ThreadsUsedUp(limit=f" (this account may have {found})" if found is not None else "") from error


def session_of(side: Any) -> Any:
    """The driver's connection of a source or target; None where there is no line (files)."""
    connection = getattr(side, "connection", None)
    return connection if descriptor(connection) is not None else None


def descriptor(connection: Any) -> int | None:
    """The file descriptor of an open connection's line."""
    line = getattr(connection, "_sock", None) or connection
    try:
        found = int(line.fileno())
    except Exception:  # noqa: BLE001  a closed connection, whatever its driver calls that
        return None
    return found if found >= 0 else None


def state_of(connection: Any) -> LineState | None:
    """How the line of a connection stands; None where the system does not tell (closed, no TCP, not Linux)."""
    number = descriptor(connection)
    if number is None or not platform.LINUX:
        return None
    try:
        with contextlib.closing(socket.socket(fileno=os.dup(number))) as line:
            info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, INFO_BYTES)
            unread, unsent = platform.queued_bytes(line.fileno())
    except OSError:
        return None
    if len(info) < INFO_BYTES:
        return None
    (unacknowledged,) = struct.unpack_from("I", info, UNACKNOWLEDGED_AT)
    (silence,) = struct.unpack_from("I", info, LAST_ANSWER_AT)
    taken, received = struct.unpack_from("QQ", info, BYTES_AT)
    return LineState(taken + received, silence if unacknowledged else 0, unread, unsent)


def shut(connection: Any) -> bool:
    """End the line of a connection at once; whoever waits on it sees a lost connection. False if it is gone already."""
    number = descriptor(connection)
    if number is None:
        return False
    try:
        with contextlib.closing(socket.socket(fileno=os.dup(number))) as line:
            line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return False
    return True


def is_busy(connection: Any) -> bool:
    """Does somebody wait for the answer of a session now? As its driver tells, without asking the server."""
    with _guard:
        if connection in _by_hand:
            return True
    wire = getattr(connection, "pgconn", None)
    if wire is not None:
        return bool(wire.transaction_status == ACTIVE)
    return getattr(connection, "_result", True) is None or bool(getattr(connection, "left_over", False))
