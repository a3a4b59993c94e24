"""Rows of SQLite as rows of PostgreSQL's COPY, binary or text, made column by column with the engine's conversion.

What a column holds again and again is converted and written once; columns of whole numbers and decimals are looked at as
arrays. Everything else goes through the conversion of the values path, so that both paths write the same values.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from ..base import LineColumn, LineLimits, LineQuery, Lines, LinesUnfit, Position
from ..positions import encode
from .binary import BinaryColumn, takes, whole_rows
from .capabilities import quote
from .errors import translated
from .read import UNBOUNDED_KINDS, Reading, Snapshot
from .render import Column, remembered

BINARY, TEXT = "postgres-binary", "postgres-text"
PIECE_BYTES = 262_144
ROWS_AT_MOST = 1_000
"""Rows fetched at once: what is rendered stays in the processor's cache."""
WIDE_ROWS_AT_MOST = 500
"""As `ROWS_AT_MOST`, of rows of any size: how large they are is only known afterwards."""
GROWTH = 4


def gives_lines(asked: LineQuery) -> bool:
    """Has every column a source column and a conversion, and is there nothing else to be computed?"""
    return (
        asked.form in (BINARY, TEXT)
        and not asked.where
        and bool(asked.columns)
        and all(column.source is not None and column.convert is not None and not column.sql for column in asked.columns)
        and (asked.form == TEXT or all(takes(column.target.type) for column in asked.columns))
    )


class LineReading:
    """One read of one table as lines."""

    def __init__(self, snapshot: Snapshot, asked: LineQuery) -> None:
        """Settle what is selected: the columns asked for, then those of the order that are not among them."""
        self.snapshot = snapshot
        self.reading = Reading(snapshot, asked.table, [])
        names = [column.source.name for column in asked.columns if column.source is not None]
        order = self.reading.order
        self.form = asked.form
        room = remembered(len(names))
        self.rendering = BinaryRows(asked, room) if asked.form == BINARY else TextRows(asked, room)
        self.wide = any(unbounded(column) for column in asked.columns)
        selected = [f"t.{quote(name)}" for name in names]
        if order.terms and not order.columns:
            selected.append(order.terms[0])
            self.places = [len(selected) - 1]
        else:
            names += [name for name in order.columns if name not in names]
            selected = [f"t.{quote(name)}" for name in names]
            self.places = [names.index(name) for name in order.columns]
        self.reading.selected = selected

    def chunks(self, limits: LineLimits, after: Position, until: Position) -> Iterator[Lines]:
        """The chunks; each is to be read to its end before the next is asked for."""
        with Undecodable(self.snapshot):
            fetching = Fetching(self.reading, after, until, wide=self.wide)
            while rows := fetching.some(limits.rows):
                lines = Lines(self.form)
                lines.pieces = self.pieces(lines, rows, fetching, limits)
                del rows
                yield lines

    def pieces(
        self, lines: Lines, rows: list[tuple[Any, ...]], fetching: Fetching, limits: LineLimits
    ) -> Iterator[bytes]:
        """The pieces of one chunk; its figures grow with them. rows: the first, which are let go of."""
        with Undecodable(self.snapshot):
            while rows:
                position, count, size = encode([rows[-1][place] for place in self.places]), len(rows), 0
                for piece in self.rendering.many(rows) if count > 1 else self.rendering.one(rows):
                    size += len(piece)
                    yield piece
                    del piece
                lines.rows += count
                lines.size_bytes += size
                lines.position = position
                fetching.learn(position, size, count)
                left = min(limits.rows - lines.rows, fetching.rows_for(limits.size_bytes - lines.size_bytes))
                rows = fetching.some(left) if left > 0 else []


class TextRows:
    """Rows as lines of COPY text."""

    def __init__(self, asked: LineQuery, room: int) -> None:
        """room: how many values a column may remember."""
        self.columns = [Column(column, room) for column in asked.columns]

    def many(self, rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
        """Some rows."""
        texts: list[Sequence[str]] = [
            column.render(values) for column, values in zip(self.columns, zip(*rows, strict=True), strict=False)
        ]
        joined = "\n".join(texts[0] if len(texts) == 1 else map("\t".join, zip(*texts, strict=True)))
        yield f"{joined}\n".encode()

    def one(self, rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
        """One row, which may be large: a field at a time, each let go of before the next is made."""
        values = list(rows.pop())
        for at, column in enumerate(self.columns):
            value, values[at] = values[at], None
            if at:
                yield b"\t"
            if isinstance(value, bytes) and column.kind == "bytes":
                yield b"\\\\x"
                yield from (value[at : at + PIECE_BYTES].hex().encode() for at in range(0, len(value), PIECE_BYTES))
            else:
                texts = column.converted([value])
                del value
                yield texts.pop().encode()
        yield b"\n"


class BinaryRows:
    """Rows of binary COPY."""

    def __init__(self, asked: LineQuery, room: int) -> None:
        """room: how many values a column may remember."""
        self.columns = [BinaryColumn(column, room) for column in asked.columns]
        self.begin = struct.pack(">h", len(self.columns))

    def many(self, rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
        """Some rows: columns of fixed width beside one another are put together as one matrix."""
        import numpy

        parts: list[Sequence[bytes]] = []
        matrices: list[Any] = [numpy.broadcast_to(numpy.frombuffer(self.begin, dtype=numpy.uint8), (len(rows), 2))]
        for column, values in zip(self.columns, zip(*rows, strict=True), strict=False):
            made = column.fields(values)
            if not isinstance(made, list):
                matrices.append(made)
                continue
            if matrices:
                parts.append(whole_rows(numpy.concatenate(matrices, axis=1)))
                matrices = []
            parts += made
        if matrices:
            parts.append(whole_rows(numpy.concatenate(matrices, axis=1)))
        yield interleaved(parts, len(rows))

    def one(self, rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
        """One row, which may be large: a field at a time, each let go of before the next is made."""
        values = list(rows.pop())
        yield self.begin
        for at, column in enumerate(self.columns):
            value, values[at] = values[at], None
            yield from column.field(value)
            del value


def interleaved(parts: list[Sequence[bytes]], rows: int) -> bytes:
    """The parts of each row beside one another; put in their places in one list, nothing is copied twice."""
    fields = [b""] * (len(parts) * rows)
    for at, part in enumerate(parts):
        fields[at :: len(parts)] = part
    return b"".join(fields)


def unbounded(column: LineColumn) -> bool:
    """May its values be of any size?"""
    return column.source is None or (column.source.type.kind in UNBOUNDED_KINDS and column.source.type.length is None)


class Undecodable:
    """Turns text that is not UTF-8 into rows that are unfit, and SQLite's other errors into the engine's."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def __enter__(self) -> None:
        """Nothing is to be prepared."""

    def __exit__(self, _type: Any, error: BaseException | None, _traceback: Any) -> None:
        """Raise LinesUnfit, or the engine's own error."""
        if isinstance(error, sqlite3.Error):
            with translated(self.snapshot.path):
                if not isinstance(error, sqlite3.OperationalError):
                    raise error
                self.snapshot.be_lenient(error)
            raise LinesUnfit from error


class Fetching:
    """Fetches as many rows at once as make a piece, by the size of those before; few while the size is not known.

    Rows are gathered. Where that fails, the rest is fetched in the plain way, whose errors say what is wrong.
    """

    def __init__(self, reading: Reading, after: Position, until: Position, *, wide: bool) -> None:
        """wide: may rows be of any size?"""
        self.reading, self.after, self.until = reading, after, until
        self.gathered = reading.gathered(after, until)
        self.cursor: sqlite3.Cursor | None = None
        self.most = WIDE_ROWS_AT_MOST if wide else ROWS_AT_MOST
        self.size = 1 if wide else ROWS_AT_MOST
        self.row_bytes = 1

    def some(self, most: int) -> list[tuple[Any, ...]]:
        """The next rows, after `learn` of those before."""
        size = min(self.size, most)
        if self.gathered is not None:
            try:
                return self.gathered.some(size)
            except sqlite3.Error:
                self.gathered = None
        if self.cursor is None:
            self.cursor = self.reading.cursor(self.after, self.until, 0)
        return self.reading.snapshot.fetch(self.cursor, size)

    def learn(self, position: Position, size_bytes: int, rows: int) -> None:
        """What some rows took, and the position of the last one."""
        self.after = position
        self.row_bytes = max(1, size_bytes // rows)
        self.size = max(1, min(GROWTH * self.size, self.most, PIECE_BYTES // self.row_bytes))

    def rows_for(self, size_bytes: int) -> int:
        """How many rows fill that many bytes."""
        return -(-size_bytes // self.row_bytes)
