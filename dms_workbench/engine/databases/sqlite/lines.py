"""Rows of SQLite as lines of PostgreSQL's COPY text: numbers are written by SQLite itself, all else is converted by columns.

Columns of numbers that stand beside one another become one text in the database, which is several times cheaper than a Python
object for each; beside it stands a condition under which that text says exactly the number stored. A row that does not meet it
gives NULL there, and its chunk is read as values. All other columns go through the engine's conversion, a piece at a time, and
are written as the target writes values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..base import LineColumn, LineLimits, LineQuery, Lines, LinesUnfit, Position
from ..catalogue import DataType
from ..positions import encode
from ..postgres.text import render_column
from .capabilities import quote
from .errors import translated
from .read import Reading, Snapshot
from .storage import NUMERIC_AFFINITIES
from .types import EXACT_REAL_DIGITS, affinity

FORM = "postgres-text"
PIECE_BYTES = 262_144
ROWS_AT_MOST = 1_000
"""Rows fetched at once: what is rendered stays in the processor's cache."""
GROWTH = 4
TO_WHOLE = 2.0**52 + 2.0**51
"""A double this large has no fraction: added and taken away again, it leaves the nearest whole number."""
INTEGER_BITS = frozenset((16, 32, 64))


@dataclass(slots=True)
class Written:
    """Columns of numbers beside one another, which SQLite writes as one text."""

    names: list[str] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)

    def sql(self) -> str:
        """The text, or NULL where it would not be exact."""
        texts = ", ".join(f"ifnull(t.{quote(name)}, '\\N')" for name in self.names)
        return f"CASE WHEN {' OR '.join(self.guards)} THEN NULL ELSE printf('{PLACES.join(['%s'] * len(self.names))}', {texts}) END"


PLACES = "\t"


def written_by_sqlite(column: LineColumn) -> str | None:
    """The SQL condition under which SQLite's text of a column's value is not exact; None where it is never to be trusted."""
    source, target = column.source, column.target.type
    if (
        source is None
        or source.type.kind not in ("integer", "decimal")
        or affinity(source.type.native) not in NUMERIC_AFFINITIES
    ):
        return None
    name = f"t.{quote(source.name)}"
    if target.kind == "integer" and target.bits in INTEGER_BITS and not target.unsigned:
        return f"{name} >= ''"
    return unsafe_decimal(name, target) if target.kind == "decimal" else None


def unsafe_decimal(name: str, target: DataType) -> str | None:
    """Is it neither a whole number nor the double next to a number of that many decimals?

    A double that scaling, rounding and dividing gives again is the one next to a number of so many decimals; with at most 15
    digits in all, its text is that number. Text and bytes are greater than any number in SQLite.
    """
    scale = target.scale or 0
    if (
        target.precision is None
        or not 0 <= scale <= EXACT_REAL_DIGITS
        or not target.native.startswith(("numeric", "decimal"))
    ):
        return None
    factor = 10.0**scale
    largest = 10.0**EXACT_REAL_DIGITS / factor
    return (
        f"CASE WHEN {name} BETWEEN {-largest!r} AND {largest!r} "
        f"THEN (({name} * {factor!r} + {TO_WHOLE!r}) - {TO_WHOLE!r}) / {factor!r} <> {name} "
        f"ELSE typeof({name}) IN ('real', 'text', 'blob') END"
    )


def gives_lines(asked: LineQuery) -> bool:
    """Has every column a source column and a conversion, and is there nothing else to be computed?"""
    return (
        asked.form == FORM
        and not asked.where
        and bool(asked.columns)
        and all(column.source is not None and column.convert is not None and not column.sql for column in asked.columns)
    )


class LineReading:
    """One read of one table as lines."""

    def __init__(self, snapshot: Snapshot, asked: LineQuery) -> None:
        """Settle what SQLite writes and what is rendered here."""
        self.reading = Reading(snapshot, asked.table, [])
        self.snapshot = snapshot
        self.selected: list[str] = []
        self.rendered: list[LineColumn | None] = []
        """By what is selected: the column, or None for numbers that SQLite writes."""
        self.places: dict[str, tuple[int, int | None]] = {}
        """Where a column is found: what is selected, and the number of the field in it."""
        group = Written()
        for column in asked.columns:
            name = column.source.name if column.source is not None else ""
            guard = written_by_sqlite(column)
            if guard is None:
                self.close(group)
                group = Written()
                self.places[name] = (len(self.selected), None)
                self.selected.append(f"t.{quote(name)}")
                self.rendered.append(column)
            else:
                whole = column.target.type.kind == "integer"
                if whole:
                    self.places[name] = (len(self.selected), len(group.names))
                group.names.append(name)
                group.guards.append(guard)
        self.close(group)
        self.keys = self.key_places()
        self.wide = any(column is not None for column in self.rendered)

    def close(self, group: Written) -> None:
        """Select a group's text."""
        if group.names:
            self.selected.append(group.sql())
            self.rendered.append(None)

    def key_places(self) -> list[tuple[int, int | None]]:
        """Where the values of the position are found; those that are not among the columns are selected behind them."""
        order = self.reading.order
        if order.terms and not order.columns:
            self.selected.append(order.terms[0])
            return [(len(self.selected) - 1, None)]
        found = []
        for name in order.columns:
            if name not in self.places:
                self.places[name] = (len(self.selected), None)
                self.selected.append(f"t.{quote(name)}")
            found.append(self.places[name])
        return found

    def chunks(self, limits: LineLimits, after: Position, until: Position) -> Iterator[Lines]:
        """The chunks; each is to be read to its end before the next is asked for."""
        self.reading.selected = self.selected
        with self.reading_errors():
            cursor = self.reading.cursor(after, until, 0)
            fetching = Fetching(self.snapshot, cursor, wide=self.wide)
            while rows := fetching.some(limits.rows):
                lines = Lines(FORM)
                lines.pieces = self.pieces(lines, rows, fetching, limits)
                del rows
                yield lines

    def reading_errors(self) -> Any:
        """Text that is not UTF-8 makes rows unfit; other errors are the database's."""
        return Undecodable(self.snapshot)

    def pieces(
        self, lines: Lines, rows: list[tuple[Any, ...]], fetching: Fetching, limits: LineLimits
    ) -> Iterator[bytes]:
        """The pieces of one chunk; its figures grow with them. rows: the first, which are let go of."""
        with self.reading_errors():
            while rows:
                position, count, size = self.position(rows[-1]), len(rows), 0
                for piece in self.render(rows) if count > 1 else self.render_one(rows):
                    size += len(piece)
                    yield piece
                    del piece
                lines.rows += count
                lines.size_bytes += size
                lines.position = position
                fetching.learn(size, count)
                left = min(limits.rows - lines.rows, fetching.rows_for(limits.size_bytes - lines.size_bytes))
                rows = fetching.some(left) if left > 0 else []

    def render(self, rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
        """Rows as lines."""
        texts: list[Sequence[str]] = []
        for column, values in zip(self.rendered, zip(*rows, strict=True), strict=False):
            texts.append(self.numbers(values) if column is None else rendered(column, list(values)))
        joined = "\n".join(texts[0] if len(texts) == 1 else map("\t".join, zip(*texts, strict=True)))
        yield f"{joined}\n".encode()

    def render_one(self, rows: list[tuple[Any, ...]]) -> Iterator[bytes]:
        """One row, which may be large: a field at a time, each let go of before the next is made."""
        values = list(rows.pop())
        for at, column in enumerate(self.rendered):
            value, values[at] = values[at], None
            if at:
                yield b"\t"
            if column is None:
                yield self.numbers((value,))[0].encode()
            elif isinstance(value, bytes) and column.target.type.kind == "bytes":
                yield b"\\\\x"
                yield from (
                    value[start : start + PIECE_BYTES].hex().encode() for start in range(0, len(value), PIECE_BYTES)
                )
            else:
                texts = rendered(column, [value])
                del value
                yield texts.pop().encode()
        yield b"\n"

    def numbers(self, values: tuple[Any, ...]) -> tuple[str, ...]:
        """What SQLite has written. Raises LinesUnfit."""
        if None in values:
            raise LinesUnfit
        return values

    def position(self, row: tuple[Any, ...]) -> Position:
        """The place of a row. Raises LinesUnfit."""
        values: list[Any] = []
        for at, part in self.keys:
            value = row[at]
            if part is not None:
                try:
                    value = int(value.split(PLACES)[part])
                except (AttributeError, ValueError):
                    raise LinesUnfit from None
            values.append(value)
        return encode(values) if values else ""


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
    """Fetches as many rows at once as make a piece, by the size of those before; few while the size is not known."""

    def __init__(self, snapshot: Snapshot, cursor: sqlite3.Cursor, *, wide: bool) -> None:
        """wide: may rows be of any size?"""
        self.snapshot, self.cursor = snapshot, cursor
        self.size = 1 if wide else ROWS_AT_MOST
        self.row_bytes = 1

    def some(self, most: int) -> list[tuple[Any, ...]]:
        """The next rows."""
        return self.snapshot.fetch(self.cursor, min(self.size, most))

    def learn(self, size_bytes: int, rows: int) -> None:
        """What some rows took."""
        self.row_bytes = max(1, size_bytes // rows)
        self.size = max(1, min(GROWTH * self.size, ROWS_AT_MOST, PIECE_BYTES // self.row_bytes))

    def rows_for(self, size_bytes: int) -> int:
        """How many rows fill that many bytes."""
        return -(-size_bytes // self.row_bytes)


def rendered(column: LineColumn, values: list[Any]) -> list[str]:
    """Values of one column as COPY fields. Raises LinesUnfit where conversion rejects one."""
    converted = column.convert(values) if column.convert is not None else None
    if converted is None:
        raise LinesUnfit
    return render_column(converted, column.target.type.kind)
