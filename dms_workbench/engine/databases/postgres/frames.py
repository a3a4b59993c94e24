"""The messages of a COPY, cut into chunks while they pass undecoded: one message a row, framed alike in both directions.

Source of the format: PostgreSQL documentation, "Message Formats" (CopyData) and COPY, "Binary Format".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

from ..base import LineLimits, Lines, Position

COPY_DATA = ord("d")
ASIDES = b"NSA"
"""Notices, changed settings and notifications: they may come between any two messages."""
BINARY_HEADER_BYTES = 19
TRAILER_SIZE = 6
"""What the size of a trailer's message says; no row of a column or more is so short."""
HEAD_BYTES = 65_536
"""So much of a row that is not in one piece is kept: its key lies in it."""
ZEROS = bytes(65_536)

GATHERED_BYTES = 65_536
"""Rows without their messages are handed on when they are so many bytes together."""

start_of = struct.Struct(">BI").unpack_from
"""Type and size of a message; the size counts itself but not the type."""
size_at = struct.Struct(">I").unpack_from


def frame(payload: bytes) -> bytes:
    """A CopyData message."""
    return b"d" + (len(payload) + 4).to_bytes(4, "big") + payload


class FrameCutter:
    """Cuts the stream of one COPY into chunks; does no reading of its own."""

    def __init__(
        self,
        lines: Callable[[], Lines],
        read: Callable[[], bytes],
        limits: LineLimits,
        position: Callable[[bytes], Position],
        *,
        binary: bool = True,
    ) -> None:
        """lines: makes those of a chunk; read: the next bytes, never none; position: of a row, from its beginning at least.

        binary: else COPY's text form.
        """
        self.lines, self.binary = lines, binary
        self.read, self.limits, self.position = read, limits, position
        self.data, self.at = b"", 0

    @property
    def left(self) -> bytes:
        """What was read beyond the last row: the end of the COPY, or the message that tells why there is none."""
        return self.data[self.at :]

    def chunks(self) -> Iterator[Lines]:
        """The chunks, none of them empty; afterwards `left` begins with the first message that is no row."""
        if self.binary:
            self.take_header()
        while self.at_row():
            lines = self.lines()
            lines.pieces = self.pieces(lines)
            yield lines

    def need(self, size: int) -> None:
        """Have so many bytes at hand."""
        while len(self.data) - self.at < size:
            self.data, self.at = self.data[self.at :] + self.read(), 0

    def next_kind(self) -> tuple[int, int]:
        """Type and size of the next message that is said to us; those aside are left out."""
        while True:
            self.need(5)
            kind, size = start_of(self.data, self.at)
            if kind not in ASIDES:
                return kind, size
            self.need(size + 1)
            self.at += size + 1

    def take_header(self) -> None:
        """Cut the header of the binary form out of the first message; a row may follow in the same."""
        kind, size = self.next_kind()
        if kind != COPY_DATA:
            return
        self.need(5 + BINARY_HEADER_BYTES)
        rest = self.data[self.at + 5 + BINARY_HEADER_BYTES :]
        size -= BINARY_HEADER_BYTES
        self.data, self.at = (rest if size == 4 else b"d" + size.to_bytes(4, "big") + rest), 0

    def at_row(self) -> bool:
        """Does another row follow? A trailer is left out."""
        kind, size = self.next_kind()
        if kind == COPY_DATA and self.binary and size == TRAILER_SIZE:
            self.need(size + 1)
            self.at += size + 1
            return False
        return kind == COPY_DATA

    def pieces(self, lines: Lines) -> Iterator[bytes]:
        """Whole messages, in pieces as they were read; the figures of the chunk are set with the last piece.

        Where reading fails in the middle of a message, that message is filled up, so that the COPY it went into can be
        ended as failed.
        """
        rows_limit, bytes_limit = self.limits.rows, self.limits.size_bytes
        rows, total, start, head = 0, 0, self.at, b""
        while True:
            last, end, walked = self.walk(rows_limit - rows, bytes_limit - total - (self.at - start))
            rows += walked
            if walked:
                head = self.data[last + 5 : last + 5 + HEAD_BYTES]
            while end > len(self.data):
                yield self.data[start:] if start else self.data
                total, end, start = total + len(self.data) - start, end - len(self.data), 0
                yield from self.read_inside(end)
                head += self.data[: min(end, HEAD_BYTES - len(head))]
            self.at = end
            if rows >= rows_limit or total + end - start >= bytes_limit:
                break
            if end > start:
                yield self.data[start:end]
                total += end - start
            if not self.at_row():
                start = self.at
                break
            start = self.at
        lines.rows, lines.size_bytes, lines.position = rows, total + self.at - start, self.position(head)
        if self.at > start:
            yield self.data[start : self.at]

    def read_inside(self, missing: int) -> Iterator[bytes]:
        """Read on in the middle of a message; gives nothing, unless reading fails: then what the message lacks, of zeros."""
        try:
            self.data, self.at = self.read(), 0
        except BaseException:
            for _ in range(0, missing, len(ZEROS)):
                yield ZEROS[: min(missing, len(ZEROS))]
                missing -= len(ZEROS)
            raise

    def walk(self, rows: int, size: int) -> tuple[int, int, int]:
        """Over the rows at hand: at most so many, until about so many bytes are passed, at least one if its beginning is there.

        Gives where the last begins and ends, perhaps beyond what is at hand, and how many they are.
        """
        data, at, length = self.data, self.at, 0
        size = max(size, 5)
        view = data if len(data) - at <= size else data[: at + size]
        left = repeat(None, rows)
        walked = rows
        try:
            for _ in left:
                kind, length = start_of(view, at)
                if kind != COPY_DATA:
                    return self.walk(rows - left.__length_hint__() - 1, size)
                at += length + 1
        except struct.error:
            walked = rows - left.__length_hint__() - 1
        if not walked:
            return self.at, self.at, 0
        if self.binary and length == TRAILER_SIZE:
            return self.walk(walked - 1, size)
        return at - length - 1, at, walked


def bare_rows(pieces: Iterable[bytes], most_held: int | None = None) -> Iterator[bytes]:
    """What the messages of rows hold, without the messages; a piece that is given ends where a row ends.

    pieces: of whole messages together, wherever they are cut. A row is held until it is whole, in the pieces it came in;
    most_held: of a row that lacks more bytes than this, what is there is given at once.
    """
    rows: list[bytes] = []
    begun: list[bytes] = []
    held, missing, head = 0, 0, b""
    for piece in pieces:
        data = head + piece if head else piece
        held, at = held + len(data), min(missing, len(data))
        if missing:
            begun.append(data[:at])
            missing -= at
            if missing and (most_held is None or missing <= most_held):
                continue
            rows += begun
            begun.clear()
        if not missing:
            at, missing = whole_rows(data, at, rows)
            head = b"" if missing else data[at:]
            if missing:
                begun.append(data[at + 5 :])
        del data
        if rows and held >= GATHERED_BYTES:
            yield b"".join(rows)
            rows.clear()
            held = 0
    if rows:
        yield b"".join(rows)


def whole_rows(data: bytes, at: int, rows: list[bytes]) -> tuple[int, int]:
    """Add the rows of the messages that are whole; where the next message begins, and how many bytes it lacks.

    These are 0 where nothing of it is there, or not even its size.
    """
    size, add = len(data), rows.append
    try:
        while True:
            end = at + 1 + size_at(data, at + 1)[0]
            if end > size:
                return at, end - size
            add(data[at + 5 : end])
            at = end
    except struct.error:
        return at, 0
