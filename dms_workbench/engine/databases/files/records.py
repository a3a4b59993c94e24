"""The bytes of a CSV file cut into records, exactly and in blocks; what is no record is set apart with its place.

Lines without a quote are cut by the interpreter's own split, the others by one pattern for a quoted field. Only a field that
begins with a quote is quoted; a quote inside another field is a character like any other.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, repeat
from typing import Protocol

from .blocks import Block, whole_block
from .dialect import Dialect
from .undecoded import encodes, shown

BLOCK_BYTES = 2_000_000
LONGEST_RECORD_BYTES = 256_000_000
"""A quoted field that is still open after so many bytes is taken for one that is never closed."""
Field = str | None
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)


@dataclass(slots=True)
class Place:
    """A point between two records: the byte offset, the number of the line that begins there."""

    offset: int
    line: int = 1
    opened: int = 0
    """The line of a quote that is never closed: every line from it on is refused."""


@dataclass(slots=True)
class Fault:
    """Why something is no record, and its text."""

    reason: str
    raw: str


@dataclass(slots=True)
class Piece:
    """Some records: their fields by row or by column, the line and byte offset of each; a fault's row is all None."""

    rows: list[list[Field]]
    lines: list[int]
    offsets: list[int]
    end: Place
    faults: dict[int, Fault] = field(default_factory=dict)
    columns: list[list[Field]] | None = None
    """Instead of rows, where the records were cut all at once."""
    block: Block | None = None
    """What the columns are made of, where they are not made yet."""
    line_end: str = ""
    """How every record ends, where they were cut all at once and end alike."""
    looked_at: bytes | None = None
    """The records as they stand, where somebody has looked at them instead of having them cut: then only the first has an offset."""

    def by_column(self) -> list[list[Field]]:
        """The fields of each column."""
        if self.columns is None and self.block is not None:
            self.columns = self.block.columns()
        return self.columns if self.columns is not None else [list(column) for column in zip(*self.rows, strict=True)]

    def by_row(self) -> list[list[Field]]:
        """The fields of each record."""
        return [list(row) for row in zip(*self.by_column(), strict=True)] if self.at_once else self.rows

    @property
    def at_once(self) -> bool:
        """Were the records cut all at once?"""
        return self.columns is not None or self.block is not None

    def part(self, start: int, stop: int) -> Piece:
        """Some of the records; its end is that of all."""
        faults = {row - start: fault for row, fault in self.faults.items() if start <= row < stop}
        columns = [column[start:stop] for column in self.by_column()] if self.at_once else None
        rows = self.rows[start:stop]
        return Piece(rows, self.lines[start:stop], self.offsets[start:stop], self.end, faults, columns)


class Readable(Protocol):
    """What a file must be able to do to be cut."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; none at the end."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to a place."""
        ...


class Splitter:
    """Cuts one file, from one place on."""

    def __init__(
        self, file: Readable, dialect: Dialect, width: int | None, start: Place, stop: int | None = None
    ) -> None:
        """width: fields of a record; None takes any number. start: where to begin; the file is moved there.

        stop: the offset behind a record, where the file is taken to end.
        """
        self.file = file
        self.dialect = dialect
        self.width = width
        self.place = start
        self.left = None if stop is None else stop - start.offset
        file.seek(start.offset)
        self.looks: Callable[[bytes], int | None] | None = None
        """Looks at the whole records of a block in place of who would cut them: how many there are, if all are well-formed."""
        self.wide = dialect.encoding.startswith("utf-16")
        self.newline = dialect.newline.encode(dialect.encoding)

    def pieces(self, block_bytes: int = BLOCK_BYTES, *, first_bytes: int | None = None) -> Iterator[Piece]:
        """All records that are left. first_bytes: of the first block, if it is to be of another size."""
        rest, sizes = b"", chain((first_bytes or block_bytes,), repeat(block_bytes))
        while True:
            wanted = max(next(sizes), len(rest))
            block = self.block(wanted + wanted % 2)
            data = rest + block
            last = not block
            end = len(data) if last else self.last_newline(data)
            used = 0
            while used < end:
                piece, took = self.cut(data[used:end], last=last, too_long=len(data) > LONGEST_RECORD_BYTES)
                used += took
                if piece.lines:
                    yield piece
                if not last or not took:
                    break
            rest = data[used:]
            if last:
                return

    def block(self, size: int) -> bytes:
        """The next bytes, none behind the place to stop at."""
        data = self.file.read(size if self.left is None else min(size, self.left))
        if self.left is not None:
            self.left -= len(data)
        return data

    def last_newline(self, data: bytes) -> int:
        """The end of the last whole line; 0 if there is none."""
        at = data.rfind(self.newline)
        while self.wide and at > 0 and at % 2:
            at = data.rfind(self.newline, 0, at + 1)
        return at + len(self.newline) if at >= 0 else 0

    def decode(self, data: bytes) -> tuple[str, bool]:
        """The text, and whether all of it is valid; bytes that are not become lone surrogates."""
        try:
            return codecs.decode(data, self.dialect.encoding), True
        except UnicodeDecodeError:
            errors = "surrogatepass" if self.wide else "surrogateescape"
        try:
            return codecs.decode(data, self.dialect.encoding, errors), False
        except UnicodeDecodeError:  # half a character at the end of a UTF-16 file
            return codecs.decode(data[: len(data) // 2 * 2], self.dialect.encoding, "replace") + "\ud800", False

    def cut(self, data: bytes, *, last: bool, too_long: bool) -> tuple[Piece, int]:
        """The records of whole lines, and the bytes they take: a record that is still open is left for the next block."""
        if (piece := self.at_once(data, last=last)) is not None:
            return piece, piece.end.offset - piece.offsets[0]
        text, valid = self.decode(data)
        newline = self.dialect.newline
        lines = text.split(newline)
        if not lines[-1]:
            lines.pop()
        sizes = self.sizes(data, lines)
        offsets = list(accumulate(sizes, initial=self.place.offset))
        start = self.place
        if self.place.opened:
            piece = self.lost(lines, offsets, start.line, self.place.opened)
        else:
            cutting = Cutting(self.dialect, self.width, lines, start.line, valid=valid)
            piece = cutting.records(offsets)
            if cutting.open_at is not None:
                piece = self.left_open(piece, cutting.open_at, lines, offsets, lost=last or too_long)
        self.place = piece.end
        return piece, piece.end.offset - start.offset

    def at_once(self, data: bytes, *, last: bool) -> Piece | None:
        """All records of a well-formed block. last: the one at the end of the file needs no newline."""
        if self.width is None or self.place.opened or self.wide:
            return None
        unended = last and not data.endswith(self.newline)
        if not unended and (piece := self.looked_at(data)) is not None:
            return piece
        if unended:
            data += self.newline
        if (block := whole_block(data, self.dialect, self.width)) is None:
            return None
        if unended:
            block.ends[-1] -= len(self.newline)
        first, line = self.place.offset, self.place.line
        offsets = [first, *(block.ends + first).tolist()]
        lines = [line, *(block.line_ends + line).tolist()]
        self.place = Place(offsets.pop(), lines.pop())
        return Piece([], lines, offsets, self.place, block=block, line_end=line_end_of(data))

    def looked_at(self, data: bytes) -> Piece | None:
        """The records of a block that is looked at as a whole: a line each, none of them cut."""
        if self.looks is None or not (end := line_end_of(data)) or not (count := self.looks(data)):
            return None
        first, line = self.place.offset, self.place.line
        self.place = Place(first + len(data), line + count)
        return Piece([], list(range(line, line + count)), [first], self.place, line_end=end, looked_at=data)

    def sizes(self, data: bytes, lines: list[str]) -> list[int]:
        """Bytes of each line with its end."""
        if self.wide:
            found = [len(line.encode(self.dialect.encoding, "surrogatepass")) + len(self.newline) for line in lines]
        else:
            step = len(self.newline)
            found = [len(line) + step for line in data.split(self.newline)[: len(lines)]]
        if found and (over := sum(found) - len(data)):
            found[-1] -= over
        return found

    def left_open(self, piece: Piece, at: int, lines: list[str], offsets: list[int], *, lost: bool) -> Piece:
        """A record whose quote is not closed yet: it waits for the next block, or is given up."""
        first = self.place.line
        if not lost:
            piece.end = Place(offsets[at], first + at)
            return piece
        more = self.lost(lines[at:], offsets[at:], first + at, first + at)
        piece.faults |= {len(piece.rows) + row: fault for row, fault in more.faults.items()}
        piece.rows += more.rows
        piece.lines += more.lines
        piece.offsets += more.offsets
        piece.end = more.end
        return piece

    def lost(self, lines: list[str], offsets: list[int], first: int, opened: int) -> Piece:
        """Lines behind a quote that is never closed."""
        reason = f"a quote that opens in line {opened} is never closed"
        rows: list[list[Field]] = [[None] * (self.width or 1) for _ in lines]
        faults = {row: Fault(reason, shown(line)) for row, line in enumerate(lines)}
        end = Place(offsets[-1], first + len(lines), opened)
        return Piece(rows, list(range(first, first + len(lines))), offsets[:-1], end, faults)


def line_end_of(data: bytes) -> str:
    """How all lines end: with a line feed, or with a carriage return before it; empty where there are others."""
    if b"\r" not in data:
        return "\n"
    return "\r\n" if data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n") else ""


class Cutting:
    """The records of one block of whole lines."""

    def __init__(self, dialect: Dialect, width: int | None, lines: list[str], first_line: int, *, valid: bool) -> None:
        """valid: does the block hold no lone surrogates, which stand for bytes that could not be decoded?"""
        self.dialect = dialect
        self.width = width
        self.lines = lines
        self.first = first_line
        self.valid = valid
        self.open_at: int | None = None
        """The line where a record begins that does not end here."""

    def records(self, offsets: list[int]) -> Piece:
        """Record by record."""
        piece = Piece([], [], [], Place(offsets[-1], self.first + len(self.lines)))
        at = 0
        while at < len(self.lines):
            if self.width != 1 and not self.ended(self.lines[at]):
                at += 1
                continue
            fields, used = self.record(at)
            if used == 0:
                self.open_at = at
                break
            self.add(piece, fields, at, used, offsets)
            at += used
        return piece

    def add(self, piece: Piece, fields: list[Field] | str, at: int, used: int, offsets: list[int]) -> None:
        """Add a record, or the reason why it is none."""
        lines = self.lines[at : at + used]
        reason = fields if isinstance(fields, str) else ""
        if not self.valid and not reason and not all(map(encodes, lines)):
            reason = f"it holds bytes that are no {self.dialect.encoding}"
        if not reason and self.width is not None and len(fields) != self.width:
            reason = f"the row has {len(fields)} fields instead of {self.width}"
        if reason:
            piece.faults[len(piece.rows)] = Fault(reason, shown(self.dialect.newline.join(lines)))
            fields = [None] * (self.width or 1)
        piece.rows.append(fields)  # type: ignore[arg-type]
        piece.lines.append(self.first + at)
        piece.offsets.append(offsets[at])

    def record(self, at: int) -> tuple[list[Field] | str, int]:
        """The fields of the record that begins in a line, or what is wrong; and its lines, 0 if it does not end here."""
        dialect = self.dialect
        line = self.ended(self.lines[at])
        if dialect.text_format:
            return text_fields(line, dialect), 1
        if not dialect.quote or dialect.quote not in line:
            return [None if value == dialect.null else value for value in line.split(dialect.delimiter)], 1
        text = self.lines[at]
        used = 1
        while (fields := quoted_fields(self.ended(text), dialect)) is None:
            more = self.lines_to_close(at + used)
            if not more:
                return "", 0
            text = dialect.newline.join((text, *self.lines[at + used : at + used + more]))
            used += more
        return fields, used

    def ended(self, line: str) -> str:
        """A line without the carriage return of its end."""
        return line[:-1] if line[-1:] == "\r" and self.dialect.newline == "\n" else line

    def lines_to_close(self, at: int) -> int:
        """How many lines on from one there is a quote that closes the field; 0 if there is none."""
        for number in range(at, len(self.lines)):
            line = self.lines[number]
            if self.dialect.quote in line and (match := self.dialect.quoted_rest.match(line)) and match[2]:
                return number - at + 1
        return 0


def sliced(piece: Piece, rows: int) -> Iterator[Piece]:
    """Parts of at most so many rows."""
    total = len(piece.lines)
    if total <= rows:
        yield piece
        return
    for at in range(0, total, rows):
        to = min(at + rows, total)
        end = piece.end if to == total else Place(piece.offsets[to], piece.lines[to], lost_from(piece, to))
        yield replace(piece.part(at, to), end=end)


def lost_from(piece: Piece, row: int) -> int:
    """The line of a quote that is never closed, if a row stands behind it."""
    opened = piece.end.opened
    return opened if opened and piece.lines[row] >= opened else 0


def quoted_fields(text: str, dialect: Dialect) -> list[Field] | str | None:  # noqa: PLR0912  one loop over all fields
    """The fields of a record that holds quotes; a str says what is wrong, None that a quote is still open."""
    quote, delimiter = dialect.quote, dialect.delimiter
    escaped, single = (quote * 2, quote) if dialect.escape == quote else ("", "")
    fields: list[Field] = []
    at = 0
    while True:
        if text[at : at + 1] == quote:
            match = dialect.quoted_field.match(text, at)
            if match is None or not match[2]:
                return None
            body, at = match[1], match.end()
            if escaped:
                value = body.replace(escaped, single) if quote in body else body
            else:
                value = re.sub(re.escape(dialect.escape) + "(.)", r"\1", body, flags=re.DOTALL)
            fields.append(value)
            if at == len(text):
                return fields
            if text[at] != delimiter:
                return f"text follows the closing quote of field {len(fields)}"
            at += 1
        else:
            end = text.find(delimiter, at)
            value = text[at:] if end < 0 else text[at:end]
            fields.append(None if value == dialect.null else value)
            if end < 0:
                return fields
            at = end + 1


def text_fields(line: str, dialect: Dialect) -> list[Field]:
    """The fields of a line of PostgreSQL's COPY text format."""
    parts = line.split(dialect.delimiter)
    if "\\" not in line:
        return list(parts)
    return [None if part == "\\N" else ESCAPE.sub(unescaped, part) if "\\" in part else part for part in parts]


def unescaped(match: re.Match[str]) -> str:
    """The character that an escape stands for."""
    code = match[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8) & 0xFF) if code[0] in "01234567" else ESCAPES.get(code, code)
