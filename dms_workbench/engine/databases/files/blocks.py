"""Whole blocks of well-formed CSV as columns, without a look at each record in turn.

A block is well-formed when every quote stands where RFC 4180 has it and every record has as many fields as it should; then
the marks inside quotes are hidden, and one split gives all fields. Any other block is left to `records.Cutting`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .dialect import Dialect

if TYPE_CHECKING:
    import numpy

Field = str | None
SPARE_BYTES = bytes(range(1, 9)) + bytes(range(14, 32))
"""Bytes that text hardly ever holds: two that a block does not hold stand for its hidden marks."""
FIRST_NON_ASCII = 128


@dataclass(slots=True)
class Block:
    """Some records, and the byte offset behind each, in arrays of numbers."""

    columns: Callable[[], list[list[Field]]]
    """Makes the fields of each column."""
    data: bytes
    """The records as they stand."""
    ends: Any
    line_ends: Any
    """How many lines there are up to the end of each record."""


def whole_block(data: bytes, dialect: Dialect, width: int) -> Block | None:
    """The records of a block up to the last one that ends in it; None where it is not well-formed."""
    import numpy

    if not takes(dialect):
        return None
    marks = numpy.frombuffer(data, dtype=numpy.uint8)
    newline, delimiter = ord(dialect.newline), ord(dialect.delimiter)
    lines = numpy.flatnonzero(marks == newline)
    fields = marks == delimiter
    quote = dialect.quote.encode()
    if not quote or quote not in data:
        return cut(
            data,
            data,
            (lines, lines, numpy.flatnonzero(fields)),
            dialect,
            width,
            lambda one: without_nulls(one, dialect.null),
        )
    inside = inside_quotes(marks, ord(quote), delimiter, newline)
    if inside is None:
        return None
    ends = lines[~inside[lines]]
    if not len(ends):
        return None
    spare = [byte for byte in SPARE_BYTES if byte not in data][:2]
    if len(spare) < 2:
        return None
    hidden = marks.copy()
    hidden[inside & fields] = spare[0]
    hidden[lines[inside[lines]]] = spare[1]
    separators = numpy.flatnonzero(fields & ~inside)
    shown = ((chr(spare[0]), dialect.delimiter), (chr(spare[1]), dialect.newline))
    return cut(
        hidden.tobytes(), data, (ends, lines, separators), dialect, width, lambda one: unquoted(one, dialect, shown)
    )


def takes(dialect: Dialect) -> bool:
    """May a file of this dialect be cut by blocks?"""
    return (
        dialect.encoding in ("utf-8", "cp1252", "latin-1")
        and not dialect.text_format
        and dialect.escape == dialect.quote
        and max(map(ord, dialect.delimiter + dialect.quote)) < FIRST_NON_ASCII
    )


def inside_quotes(marks: Any, quote: int, delimiter: int, newline: int) -> numpy.ndarray[Any, Any] | None:
    """Which bytes stand between quotes; None if a quote stands where none should."""
    import numpy

    places = numpy.flatnonzero(marks == quote)
    before = numpy.concatenate(([newline], marks))[places]
    padded = numpy.concatenate((marks, [newline, newline]))
    after, second = padded[places + 1], padded[places + 2]
    opening, closing = slice(0, None, 2), slice(1, None, 2)
    opens = (before[opening] == delimiter) | (before[opening] == newline) | (before[opening] == quote)
    ends = after[closing]
    returns = (ends == ord("\r")) & (second[closing] == newline)
    closes = (ends == delimiter) | (ends == newline) | returns | (ends == quote)
    if not opens.all() or not closes.all():
        return None
    doubled = places[opening][1:][before[opening][1:] == quote]
    if len(doubled) and not numpy.isin(doubled - 1, places[closing]).all():
        return None
    steps = numpy.zeros(len(marks) + 1, dtype=numpy.int8)
    steps[places[opening]] = 1
    steps[places[closing]] = -1
    found: numpy.ndarray[Any, Any] = numpy.cumsum(steps[:-1], dtype=numpy.int8).astype(bool)
    return found


def cut(
    hidden: bytes,
    data: bytes,
    found: tuple[Any, Any, Any],
    dialect: Dialect,
    width: int,
    finish: Callable[[list[Field]], list[Field]],
) -> Block | None:
    """The block, if every record has its fields.

    hidden: the data with the marks inside quotes hidden. found: where records end, lines end, fields are separated. finish:
    makes the fields of a column of its texts.
    """
    import numpy

    ends, lines, separators = found
    if not len(ends):
        return None
    last = int(ends[-1])
    separators = separators[: numpy.searchsorted(separators, last)]
    if len(separators) != len(ends) * (width - 1):
        return None
    if width > 1:
        of_record = separators.reshape(len(ends), width - 1)
        if (of_record[:, -1] > ends).any() or (of_record[1:, 0] < ends[:-1]).any():
            return None
    try:
        text = hidden[:last].decode(dialect.encoding)
    except UnicodeDecodeError:
        return None
    return Block(
        lambda: [finish(column) for column in split(text, dialect, width)],
        data[: last + 1],
        ends + 1,
        numpy.arange(1, len(ends) + 1) if lines is ends else numpy.searchsorted(lines, ends) + 1,
    )


def split(text: str, dialect: Dialect, width: int) -> list[list[Field]]:
    """The texts of each column of records whose marks inside quotes are hidden."""
    newline = dialect.newline
    if "\r" in text and newline == "\n":
        text = text.replace("\r\n", "\n").removesuffix("\r")
    flat = (text.replace(newline, dialect.delimiter) if width > 1 else text).split(
        dialect.delimiter if width > 1 else newline
    )
    return [list(flat[at::width]) for at in range(width)]


def without_nulls(column: list[Field], null: str) -> list[Field]:
    """A column with None for what says NULL."""
    return [None if value == null else value for value in column] if null in column else column


def unquoted(column: list[Field], dialect: Dialect, shown: tuple[tuple[str, str], ...]) -> list[Field]:
    """A column without its quotes, and with the marks that were hidden."""
    quote, null = dialect.quote, dialect.null
    joined = "".join(column)  # type: ignore[arg-type]
    if quote not in joined:
        return without_nulls(column, null)
    double = quote * 2
    made = [
        (value[1:-1].replace(double, quote) if double in value else value[1:-1])
        if value[:1] == quote
        else None
        if value == null
        else value
        for value in column
        if value is not None
    ]
    for hidden, mark in shown:
        if hidden in joined:
            made = [value.replace(hidden, mark) if value else value for value in made]
    return list(made)
