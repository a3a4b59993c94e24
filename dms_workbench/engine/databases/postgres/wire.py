"""COPY spoken by hand over the line of a libpq connection that is at rest, so that rows pass in the messages they came in.

libpq makes one call and one copy of every row, which is more work than the copy itself. It connects, proves who it is and runs every
other statement; only between a COPY's Query and its ReadyForQuery is the line ours, inside TLS as well as without.

Source: PostgreSQL documentation, "Message Flow" and "Message Formats".
"""

from __future__ import annotations

import select
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from ..base import LineLimits, Lines
from ..canonical_csv import CANONICAL
from ..errors import ConnectionLost
from ..large_csv import SMALL_FIELD_BYTES
from ..sockets import by_hand
from .copy_in import BINARY_HEADER, BINARY_TRAILER, FRAMES, ROWS_OF_TEXT, is_binary
from .errors import safe_message
from .frames import ASIDES, FrameCutter, bare_rows, frame
from .line import line_of
from .rendering import Rendering

if TYPE_CHECKING:
    import psycopg

STALLED_SECONDS = 300.0
"""A server that takes nothing for so long in the middle of a COPY is given up."""
COPY_DONE = b"c\x00\x00\x00\x04"
COPY_OUT_BEGINS, COPY_IN_BEGINS, COPY_ENDS = b"H", b"G", b"c"
ENDED, FAILED, AT_REST = b"C", b"E", b"Z"


@contextmanager
def taken_over(connection: psycopg.Connection[Any]) -> Iterator[Wire]:
    """The line of a connection for one COPY.

    Left before the server is at rest again, by an error of the line or of the caller, the connection is closed.
    """
    connection.pgconn.consume_input()
    wire = Wire(connection)
    try:
        with by_hand(connection):
            yield wire
    finally:
        wire.line.close()
        if not wire.at_rest:
            connection.close()


class Wire:
    """One COPY. All methods raise psycopg's errors for what the server says, and ConnectionLost."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """connection: at rest."""
        self.connection = connection
        self.line = line_of(connection)
        self.poll = select.poll()
        self.inbox = b""
        """What has come and was not looked at yet."""
        self.at_rest = True
        self.error: psycopg.Error | None = None

    def begin(self, statement: str, answer: bytes) -> None:
        """Send a COPY and hear that it begins."""
        text = statement.encode() + b"\0"
        self.at_rest = False
        self.send(b"Q" + struct.pack(">I", len(text) + 4) + text)
        kind, _ = self.message()
        if kind != answer:
            self.unexpected(kind)

    def finish(self) -> int:
        """Hear how the COPY ended: the server's count of its rows."""
        count = 0
        while not self.at_rest:
            kind, body = self.message()
            if kind == ENDED:
                words = body.rstrip(b"\0").split()
                count = int(words[-1]) if words[-1].isdigit() else 0
            elif kind not in (AT_REST, COPY_ENDS):
                self.unexpected(kind)
        return count

    def fail(self) -> None:
        """End a COPY into a table as failed; the error that this makes is expected."""
        import psycopg

        reason = b"the rows could not be read\0"
        try:
            self.send(b"f" + struct.pack(">I", len(reason) + 4) + reason)
            self.finish()
        except psycopg.Error:
            return

    def message(self) -> tuple[bytes, bytes]:
        """The next message that is said to us: its type and content. Errors are raised when the server is at rest again."""
        while True:
            self.take(5)
            kind, size = self.inbox[:1], int.from_bytes(self.inbox[1:5], "big")
            self.take(size + 1)
            body, self.inbox = self.inbox[5 : size + 1], self.inbox[size + 1 :]
            if kind == FAILED:
                self.error = error_of(body)
            elif kind == AT_REST:
                self.at_rest = True
                if self.error is not None:
                    raise self.error
                return kind, body
            elif kind[0] not in ASIDES and self.error is None:
                return kind, body

    def take(self, size: int) -> None:
        """Have so many bytes in the inbox."""
        while len(self.inbox) < size:
            self.inbox += self.receive()

    def read(self) -> bytes:
        """The next bytes from the server, as soon as there are any."""
        if self.inbox:
            data, self.inbox = self.inbox, b""
            return data
        return self.receive()

    def receive(self) -> bytes:
        """The next bytes from the line."""
        while (data := self.hear()) is None:
            self.wait(self.line.wanted)
        return data

    def hear(self) -> bytes | None:
        """What has come by now; None if there is nothing yet."""
        try:
            data = self.line.receive()
        except OSError as error:
            self.lost(error)
        if data == b"":
            self.lost(None)
        return data

    def send(self, data: bytes) -> None:
        """Send all of it; what the server says meanwhile is kept, so that neither side waits for the other."""
        at, size = 0, len(data)
        while at < size:
            try:
                taken = self.line.send(data, at)
            except OSError as error:
                self.lost(error)
            at += taken
            if not taken:
                self.wait_to_send()

    def wait_to_send(self) -> None:
        """Until the server takes more; listens meanwhile, and leaves out what is said aside."""
        until, wanted = time.monotonic() + STALLED_SECONDS, self.line.wanted
        while not (event := self.wait(select.POLLIN | wanted, 5.0)) & wanted:
            if event & select.POLLIN:
                self.inbox += self.hear() or b""
                self.leave_out_asides()
            elif event or time.monotonic() > until:
                self.lost(None if event else TimeoutError(f"the server has taken nothing for {STALLED_SECONDS:.0f} s"))

    def leave_out_asides(self) -> None:
        """A trigger may make a notice of every row."""
        at = 0
        while len(self.inbox) - at > 5 and self.inbox[at] in ASIDES:
            size = int.from_bytes(self.inbox[at + 1 : at + 5], "big") + 1
            if len(self.inbox) - at < size:
                break
            at += size
        self.inbox = self.inbox[at:]

    def wait(self, events: int, seconds: float | None = None) -> int:
        """What the line is ready for; 0 if nothing in that time."""
        self.poll.register(self.line.fileno(), events)
        found = self.poll.poll(None if seconds is None else seconds * 1000)
        return found[0][1] if found else 0

    def lost(self, error: OSError | None) -> NoReturn:
        """Raise ConnectionLost, with the last words of the server where there are any."""
        while error is not None and self.error is None and self.heard_more():
            self.leave_out_asides()
        if self.error is None and self.inbox[:1] == FAILED:
            self.error = error_of(self.inbox[5:])
        self.connection.close()
        told = "the server closed the connection" if error is None else (error.strerror or str(error)).lower()
        raise ConnectionLost(
            database="PostgreSQL", reason=told if self.error is None else safe_message(self.error)
        ) from error

    def heard_more(self) -> bool:
        """Is there more of what the server said before it was gone?"""
        try:
            data = self.line.receive()
        except OSError:
            return False
        self.inbox += data or b""
        return bool(data)

    def unexpected(self, kind: bytes) -> NoReturn:
        """The two sides have lost each other."""
        self.connection.close()
        raise ConnectionLost(database="PostgreSQL", reason=f"a message of type {kind!r} came where none can be")


def read_frames(
    connection: psycopg.Connection[Any], statement: str, limits: LineLimits, rendering: Rendering
) -> Iterator[Lines]:
    """The chunks of a COPY in the messages they come in. Left early, the connection is closed."""
    dialect = "" if rendering.binary else ROWS_OF_TEXT
    with taken_over(connection) as wire:
        if limits.read_bytes is not None:
            wire.line.take_little(limits.read_bytes)
        wire.begin(statement, COPY_OUT_BEGINS)
        cutter = FrameCutter(
            partial(Lines, FRAMES, dialect), wire.read, limits, rendering.position, binary=rendering.binary
        )
        rows = 0
        for lines in cutter.chunks():
            yield lines
            rows += lines.rows
        wire.inbox = cutter.left
        counted = wire.finish()
    if counted != rows:
        raise ConnectionLost(database="PostgreSQL", reason=f"{rows} rows came where the server counted {counted}")


def read_bare(
    connection: psycopg.Connection[Any], statement: str, limits: LineLimits, rendering: Rendering, form: str
) -> Iterator[Lines]:
    """As `read_frames`, the rows of the text form without their messages; pieces end where a row ends, but within large rows of CSV."""
    most_held = SMALL_FIELD_BYTES if form == CANONICAL else None
    for lines in read_frames(connection, statement, limits, rendering):
        lines.form, lines.dialect = form, ""
        lines.pieces = bare_rows(lines.pieces, most_held)
        yield lines


def copy_frames(connection: psycopg.Connection[Any], statement: str, lines: Lines) -> int:
    """Pass a chunk on in the messages it came in; the server's count. Raises as the methods of `Wire`, and what reading raises."""
    with taken_over(connection) as wire:
        wire.begin(statement, COPY_IN_BEGINS)
        binary = is_binary(lines)
        if binary:
            wire.send(frame(BINARY_HEADER))
        pieces = iter(lines.pieces)
        while (piece := next_piece(wire, pieces)) is not None:
            wire.send(piece)
        wire.send(frame(BINARY_TRAILER) + COPY_DONE if binary else COPY_DONE)
        return wire.finish()


def next_piece(wire: Wire, pieces: Iterator[bytes]) -> bytes | None:
    """The next piece, None after the last. Where it cannot be read, the COPY is ended as failed: pieces then ended where a message ends."""
    try:
        return next(pieces, None)
    except BaseException:
        wire.fail()
        raise


def error_of(body: bytes) -> psycopg.Error:
    """An ErrorResponse as the error that psycopg makes of it."""
    from psycopg import errors
    from psycopg.pq import DiagnosticField

    known = {field.value: field for field in DiagnosticField}
    fields = {known[part[0]]: part[1:] for part in body.split(b"\0") if part and part[0] in known}
    state = fields.get(DiagnosticField.SQLSTATE, b"").decode(errors="replace")
    try:
        kind = errors.lookup(state)
    except KeyError:
        kind = errors.get_base_exception(state)
    message = fields.get(DiagnosticField.MESSAGE_PRIMARY, b"").decode(errors="replace")
    return kind(message, info=fields)  # type: ignore[arg-type]
