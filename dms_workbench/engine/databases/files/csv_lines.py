"""The bytes of a CSV file as they stand, for targets that read CSV themselves: of files whose every record and value is known.

The look at the whole file has found each record well-formed and each value of its column's form. Where the target reads that
form as the same value, nothing is left to be done but to cut the file between two records.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..base import LineColumn, LineLimits, Lines
from ..catalogue import DataType
from .dialect import Dialect
from .errors import FileChanged
from .kinds import Form
from .opening import open_bytes, state_of
from .records import Piece, Place, Splitter, sliced

if TYPE_CHECKING:
    from .csv_table import Known

CSV = "csv"
PIECE_BYTES = 262_144
TEXTS = frozenset(("text", "character varying"))
SAME = {
    "boolean": "boolean",
    "date": "date",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "uuid": "uuid",
}
"""Kinds whose forms PostgreSQL reads as the values they are, with the type that holds all of them."""
INTEGERS = frozenset(("smallint", "integer", "bigint"))
LINE_ENDS = frozenset(("\n", "\r\n"))


@dataclass(slots=True)
class Blocks:
    """Where a file may be cut: the offset and line behind each of its blocks, and the rows in it."""

    offsets: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    rows: array[int] = field(default_factory=lambda: array("q"))
    line_end: str | None = None
    """How every record ends; empty where one is not well-formed, or they differ."""

    def add(self, piece: Piece) -> None:
        """Note one block behind the others."""
        if self.line_end is None:
            self.line_end = piece.line_end
        elif self.line_end != piece.line_end:
            self.line_end = ""
        self.offsets.append(piece.end.offset)
        self.lines.append(piece.end.line)
        self.rows.append(len(piece.lines))

    def behind(self, first: Blocks) -> Blocks:
        """The same, behind others."""
        alike = self.line_end is None or first.line_end == self.line_end
        return Blocks(
            first.offsets + self.offsets,
            first.lines + self.lines,
            first.rows + self.rows,
            first.line_end if alike else "",
        )

    @property
    def regular(self) -> bool:
        """Is every record well-formed, and do all end alike?"""
        return self.line_end is None or self.line_end in LINE_ENDS


def said(dialect: Dialect) -> str:
    """The dialect as `Lines` says it."""
    return json.dumps(
        {"delimiter": dialect.delimiter, "quote": dialect.quote, "escape": dialect.escape, "null": dialect.null}
    )


def regular(known: Known) -> bool:
    """May the bytes of a file pass as they are?"""
    dialect = known.dialect
    return (
        known.faults == 0
        and known.blocks.regular
        and dialect.encoding == "utf-8"
        and dialect.newline == "\n"
        and not dialect.text_format
        and bool(dialect.quote)
        and dialect.escape == dialect.quote
        and not any(mark in dialect.null for mark in (dialect.delimiter, dialect.quote, "\n", "\r"))
    )


def passes(known: Known, columns: Sequence[LineColumn]) -> bool:
    """Are these all columns of a file, in its order, and does the target read each as conversion would make it?"""
    names = [column.source.name if column.source is not None and not column.sql else None for column in columns]
    return (
        regular(known)
        and names == [column.name for column in known.columns]
        and all(
            same(form, column.type, asked.target.type)
            for form, column, asked in zip(known.forms, known.columns, columns, strict=True)
        )
    )


def same(form: Form | None, source: DataType, target: DataType) -> bool:
    """Does PostgreSQL read texts of a form, in a column of a type, as the values that conversion makes of them?"""
    native = target.native.partition("(")[0]
    if target.labels is not None or target.fixed or target.length is not None:
        return False
    if native in TEXTS:
        return source.kind == "text" if form is None else written_as_it_is(form)
    if form is None or form.kind != source.kind:
        return False
    if form.kind in ("integer", "decimal"):
        return form.decimal == "." and not form.thousands and holds_number(form, source, target, native)
    return target.native == SAME.get(form.kind)


def holds_number(form: Form, source: DataType, target: DataType, native: str) -> bool:
    """Does a type of numbers refuse what it cannot hold, rather than round it?"""
    if native in INTEGERS:
        return form.kind == "integer"
    if target.kind != "decimal" or native != "numeric":
        return False
    needed = (source.scale or 0) if form.kind == "decimal" else 0
    return target.precision is None or (target.scale or 0) >= needed


def written_as_it_is(form: Form) -> bool:
    """Is the text of a value the very text that stands in the file?"""
    if form.kind in ("time", "timestamp", "timestamptz"):
        return form.as_written
    if form.kind == "boolean":
        return form.truth == "true"
    return form.decimal == "." and not form.thousands


def chunks(path: Path, known: Known, start: Place | None, limits: LineLimits) -> Iterator[tuple[Lines, Place]]:
    """The records behind a place, each chunk with the place behind it. Raises FileChanged."""
    begin = start or known.start
    check(path, known)
    with open_bytes(path) as file:
        file.seek(begin.offset)
        for end, rows in joined(atoms(path, known, begin, limits), begin.offset, limits):
            lines = Lines(CSV, said(known.dialect))
            lines.rows, lines.size_bytes = rows, end.offset - begin.offset
            lines.pieces = pieces(file, lines.size_bytes, path, known)
            yield lines, end
            begin = end


def joined(atoms: Iterator[tuple[Place, int]], offset: int, limits: LineLimits) -> Iterator[tuple[Place, int]]:
    """Places as far from one another as chunks may be, with the rows up to each. offset: where the first begins."""
    place, rows = None, 0
    for end, count in atoms:
        if place is not None and (rows + count > limits.rows or end.offset - offset > limits.size_bytes):
            yield place, rows
            offset, rows = place.offset, 0
        place, rows = end, rows + count
    if place is not None:
        yield place, rows


def pieces(file: BinaryIO, size: int, path: Path, known: Known) -> Iterator[bytes]:
    """The next bytes; the file is looked at behind the last of them, so that those of a changed one are not committed."""
    while size:
        piece = file.read(min(PIECE_BYTES, size))
        if not piece:
            raise FileChanged(path=str(path))
        yield piece
        size -= len(piece)
    check(path, known)


def check(path: Path, known: Known) -> None:
    """Raise FileChanged unless the file is the one that was looked at."""
    if state_of(path) != known.state:
        raise FileChanged(path=str(path))


def atoms(path: Path, known: Known, begin: Place, limits: LineLimits) -> Iterator[tuple[Place, int]]:
    """Places where the file may be cut, with the rows up to each: its blocks, or parts of one that is too large for a chunk."""
    blocks = known.blocks
    first = bisect_right(blocks.offsets, begin.offset)
    for at in range(first, len(blocks.offsets)):
        whole = begin.offset == (blocks.offsets[at - 1] if at else known.start.offset)
        end = Place(blocks.offsets[at], blocks.lines[at])
        if whole and blocks.rows[at] <= limits.rows and end.offset - begin.offset <= limits.size_bytes:
            yield end, blocks.rows[at]
        else:
            yield from parts(path, known, begin, end, limits)
        begin = end


def parts(path: Path, known: Known, begin: Place, end: Place, limits: LineLimits) -> Iterator[tuple[Place, int]]:
    """Places within a block, not more rows and bytes apart than a chunk may hold, if its records allow."""
    with open_bytes(path) as file:
        splitter = Splitter(file, known.dialect, len(known.columns), begin, end.offset)
        for piece in splitter.pieces(max(1, limits.size_bytes // 2)):
            for part in sliced(piece, limits.rows):
                yield part.end, len(part.lines)
