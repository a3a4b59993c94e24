"""Rows of CSV whose cells are too large to be held as text: each such cell is put together as it arrives, once, in its own type.

The form is that of `canonical_csv`. A cell of bytes is taken out of its hexadecimal digits piece by piece, so that 64 MB of bytes
are never there as 128 MB of digits. Rows that are not large are left to Arrow's reader.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from .base import RowsRefused
from .catalogue import Column

if TYPE_CHECKING:
    import pyarrow

LARGE_BYTES = 16_000_000
"""So much of a chunk is gathered before its last row is looked at field by field."""
SMALL_FIELD_BYTES = 1_000_000
"""A field of fewer bytes is Arrow's to read."""
ROW = re.compile(rb'(?:[^"\n]++|"[^"]*+")*+\n')
"""A whole row; a doubled quote is the end of one quoted part and the beginning of the next."""
PLAIN_END = re.compile(rb"[,\n]")
HEAD = rb"\x"

Parse = Callable[[bytes], "pyarrow.Table"]
"""Reads small rows."""


class Feed:
    """The pieces of a chunk, looked at from a place on."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.data, self.at = b"", 0

    def more(self) -> bool:
        """Go on to the next piece; what was not taken of the last one stays before it. False at the end."""
        for piece in self.pieces:
            if piece:
                self.data, self.at = self.data[self.at :] + piece, 0
                return True
        return False

    def gather(self, size: int) -> None:
        """Have so many bytes at hand, where there are so many."""
        parts, held = [self.data[self.at :]], len(self.data) - self.at
        while held < size and (piece := next(self.pieces, None)) is not None:
            parts.append(piece)
            held += len(piece)
        self.data, self.at = b"".join(parts), 0

    def take_rows(self) -> bytes:
        """The rows at hand that are whole."""
        begins = self.at
        while found := ROW.match(self.data, self.at):
            self.at = found.end()
        return self.data[begins : self.at]

    def run(self, end: Callable[[bytes, int], int]) -> Iterator[bytes]:
        """What lies before an end, in the pieces it comes in. end: its place at or behind another, -1 if it is not there."""
        while (found := end(self.data, self.at)) < 0:
            yield from self.parts(len(self.data))
            if not self.more():
                raise RowsRefused("the last row of a chunk is not whole")
        yield from self.parts(found)

    def parts(self, end: int) -> Iterator[bytes]:
        """What lies before a place at hand, in pieces that are small."""
        while self.at < end:
            begins, self.at = self.at, min(self.at + SMALL_FIELD_BYTES, end)
            yield self.data[begins : self.at]

    def next(self) -> int:
        """The byte at hand, which is not taken."""
        while self.at >= len(self.data):
            if not self.more():
                raise RowsRefused("the last row of a chunk is not whole")
        return self.data[self.at]

    def field(self) -> Iterator[bytes]:
        """The next field in pieces, its quotes resolved; the comma or line end behind it is at hand afterwards."""
        if self.next() != ord('"'):
            yield from self.run(plain_end)
            return
        while True:
            self.at += 1
            yield from self.run(quote)
            self.at += 1
            if self.next() != ord('"'):
                return
            yield b'"'


def plain_end(data: bytes, at: int) -> int:
    """Where a field without quotes ends."""
    found = PLAIN_END.search(data, at)
    return -1 if found is None else found.start()


def quote(data: bytes, at: int) -> int:
    """Where the next quote stands."""
    return data.find(b'"', at)


def tables_of(pieces: Iterator[bytes], columns: Sequence[Column], parse: Parse) -> Iterator[pyarrow.Table]:
    """The rows in order: small ones together, each large one alone. parse: for the former, given at least one row or nothing at all.

    Raises RowsRefused where a field is no value of its column, and what `parse` raises.
    """
    feed = Feed(pieces)
    feed.gather(LARGE_BYTES)
    if len(feed.data) < LARGE_BYTES:
        data, feed.data = feed.data, b""
        yield parse(data)
        return
    while feed.at < len(feed.data):
        if small := feed.take_rows():
            yield parse(small)
            del small
        if feed.at < len(feed.data):
            if len(feed.data) - feed.at < SMALL_FIELD_BYTES:
                feed.gather(SMALL_FIELD_BYTES)
                if ROW.match(feed.data):
                    continue
            yield large_row(feed, columns, parse)
        feed.gather(LARGE_BYTES)


def large_row(feed: Feed, columns: Sequence[Column], parse: Parse) -> pyarrow.Table:
    """One row, its small fields read by `parse`, its large ones as they are."""
    fields: list[bytes] = []
    large: dict[int, Any] = {}
    for number, column in enumerate(columns):
        quoted = feed.next() == ord('"')
        made = gathered(feed.field(), is_bytes=column.type.kind == "bytes")
        if feed.next() != (ord("\n") if number == len(columns) - 1 else ord(",")):
            raise RowsRefused("the rows of a chunk cannot be told apart")
        feed.at += 1
        if isinstance(made, bytes):
            fields.append(b'"' + made.replace(b'"', b'""') + b'"' if quoted else made)
        else:
            fields.append(b"")
            large[number] = made
    table = parse(b",".join(fields) + b"\n")
    for number, content in large.items():
        table = table.set_column(number, table.column_names[number], array_of(content, table.column(number).type))
    return table


def gathered(pieces: Iterator[bytes], *, is_bytes: bool) -> bytes | pyarrow.Buffer:
    """A field as it stands if it is small, else its content: of bytes their value, else its text."""
    begun = b""
    for piece in pieces:
        begun += piece
        if len(begun) >= SMALL_FIELD_BYTES:
            return content_of(begun, pieces, is_bytes=is_bytes)
    return begun


def content_of(begun: bytes, pieces: Iterator[bytes], *, is_bytes: bool) -> pyarrow.Buffer:
    """A field to its end. Raises RowsRefused for bytes that are not written so.

    What the system's pool doubles was copied when it was half as large, so that never more than the content is in memory.
    """
    import pyarrow as pa

    content = pa.BufferOutputStream(pa.system_memory_pool())
    for piece in unhexed(begun, pieces) if is_bytes else chain((begun,), pieces):
        content.write(piece)
    return content.getvalue()


def unhexed(begun: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Bytes out of their digits; raises RowsRefused for anything else."""
    if not begun.startswith(HEAD):
        raise RowsRefused("a value does not fit its column")
    odd = begun[len(HEAD) :]
    try:
        for piece in pieces:
            digits = odd + piece
            whole = len(digits) // 2 * 2
            yield bytes.fromhex(digits[:whole].decode("ascii"))
            odd = digits[whole:]
        yield bytes.fromhex(odd.decode("ascii"))
    except ValueError:
        raise RowsRefused("a value does not fit its column") from None


def array_of(content: pyarrow.Buffer, type: Any) -> pyarrow.Array[Any]:
    """An array of one value that is not copied. Raises RowsRefused for a column of numbers, and for text that is not UTF-8."""
    import pyarrow as pa

    if type not in (pa.string(), pa.binary()):
        raise RowsRefused("a value does not fit its column")
    ends = pa.py_buffer(struct.pack("=ii", 0, content.size))
    made = pa.Array.from_buffers(type, 1, [None, ends, content])
    try:
        made.validate(full=True)
    except pa.ArrowInvalid:
        raise RowsRefused("a value does not fit its column") from None
    return made
