"""What PostgreSQL is asked to select so that rows pass undecoded into another PostgreSQL: exactly, or not at all.

A column passes in COPY's binary form if its type means the same on both sides, or is widened by the server without a
change of its value. Types whose binary form holds numbers of the catalogue pass in COPY's text form, if they are the very same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..base import LineColumn, LineQuery, Position
from ..catalogue import Column, DataType
from .capabilities import quote
from .copy_in import BINARY, FRAMES, TEXT, TEXT_FRAMES
from .fields import Decoder, binary_position, decoder_of, text_position
from .types import NUMERIC, render_integer

NO_BINARY_FORM = ("aclitem", "gtsvector", "pg_node_tree")
SAME_IN_EVERY_FORM = ("boolean", "bytes", "date", "uuid")
CLOCKS = ("time", "timestamp", "timestamptz")
DIGITS = {16: 5, 32: 10, 64: 19}
"""Decimal digits of the largest integer, by bits."""
FRACTION = 6


@dataclass(frozen=True, slots=True)
class Rendering:
    """How rows pass."""

    select: tuple[str, ...]
    """Expressions, one a column."""
    binary: bool
    position: Callable[[bytes], Position]
    """Of a row, from its first bytes."""


def rendering_of(asked: LineQuery, keys: Sequence[str]) -> Rendering | None:
    """How rows pass in a form; None if they cannot. keys: the position's columns."""
    if (
        asked.form not in (FRAMES, BINARY, TEXT, TEXT_FRAMES)
        or not asked.columns
        or not begins_with(asked.columns, keys)
    ):
        return None
    found = None if asked.form in (TEXT, TEXT_FRAMES) else binary_rendering(asked.columns, len(keys))
    return found or (None if asked.form == BINARY else text_rendering(asked.columns, len(keys)))


def begins_with(columns: Sequence[LineColumn], keys: Sequence[str]) -> bool:
    """Are the first columns those of the position, as they are?"""
    return [column.source.name if column.source and not column.sql else None for column in columns[: len(keys)]] == [
        *keys
    ]


def binary_rendering(columns: Sequence[LineColumn], keys: int) -> Rendering | None:
    """All columns in binary form, and the position from it."""
    found = [binary_column(column) for column in columns]
    select = tuple(expression for expression in found if expression is not None)
    decoders = [sent_decoder(column) for column in columns[:keys]]
    known: list[Decoder] = [decoder for decoder in decoders if decoder is not None]
    if len(select) < len(columns) or len(known) < keys:
        return None
    return Rendering(select, True, partial(binary_position, decoders=known))


def text_rendering(columns: Sequence[LineColumn], keys: int) -> Rendering | None:
    """All columns in text form."""
    found = [text_column(column) for column in columns]
    select = tuple(expression for expression in found if expression is not None)
    return Rendering(select, False, partial(text_position, fields=keys)) if len(select) == len(columns) else None


def sent_decoder(column: LineColumn) -> Decoder | None:
    """How to read what is sent of a key's column: its own type, or the wider one of the target."""
    if column.source is None:
        return None
    type = column.source.type
    return decoder_of(column.target.type if type.kind == "integer" != column.target.type.kind else type)


def binary_column(column: LineColumn) -> str | None:
    """What to select of a column for the binary form; None if that is not exact."""
    if column.sql:
        return made(column.sql, column.type, column.target.type) if column.type else None
    if column.source is None:
        return None
    name, type = quote(column.source.name), column.source.type
    if type == column.target.type:
        return None if holds_catalogue_numbers(type) else name
    return widened(f"dms_row.{name}", type, column.target.type)


def text_column(column: LineColumn) -> str | None:
    """As `binary_column`, for the text form."""
    if column.source is not None and not column.sql and column.source.type == column.target.type:
        return as_text(column.source)
    return binary_column(column)


def widened(expression: str, type: DataType, wanted: DataType) -> str | None:
    """A value of one type for a column of a wider one; None where some value would not arrive as it is."""
    if type.kind == "integer" and wanted.kind == "integer":
        return to_integer(expression, type.bits or 64, wanted)
    if type.kind == "integer" and wanted.kind == "decimal" and holds_integers(wanted, DIGITS[type.bits or 64]):
        return f"{expression}::{wanted.native}"
    return expression if type.kind == wanted.kind and is_wider(type, wanted) else None


def is_wider(type: DataType, wanted: DataType) -> bool:
    """Is every value of a type, in the same bytes, one of another of its kind?"""
    if type.kind in SAME_IN_EVERY_FORM:
        return True
    if type.kind == "text":
        return is_longer_text(type, wanted)
    if type.kind == "decimal":
        return holds_decimals(wanted, type.precision, type.scale, type.native)
    if type.kind in CLOCKS:
        return fraction(type) <= fraction(wanted)
    return type.kind == "float" and type.bits == wanted.bits


def is_longer_text(type: DataType, wanted: DataType) -> bool:
    """Does a text type hold all values of another? Padded ones only hold their own."""
    if type.labels is not None or wanted.labels is not None:
        return type.labels == wanted.labels
    if type.fixed or wanted.fixed:
        return type.fixed == wanted.fixed and type.length == wanted.length
    return wanted.length is None or (type.length is not None and type.length <= wanted.length)


def holds_decimals(wanted: DataType, precision: int | None, scale: int | None, native: str) -> bool:
    """Does a numeric type hold all decimals of so many digits, so many of them after the point?"""
    if not (NUMERIC.fullmatch(wanted.native) and NUMERIC.fullmatch(native)):
        return False
    if wanted.precision is None:
        return True
    if precision is None:
        return False
    before = (wanted.precision - (wanted.scale or 0)) - (precision - (scale or 0))
    return (scale or 0) <= (wanted.scale or 0) and before >= 0


def holds_integers(wanted: DataType, digits: int) -> bool:
    """Does a numeric type hold all integers of so many digits?"""
    return holds_decimals(wanted, digits, 0, "numeric")


def to_integer(expression: str, bits: int, wanted: DataType) -> str | None:
    """An integer as a wider one."""
    if bits > (wanted.bits or 64):
        return None
    return expression if bits == wanted.bits else f"{expression}::{render_integer(wanted)}"


def fraction(type: DataType) -> int:
    """Digits of the second's fraction."""
    return FRACTION if type.scale is None else type.scale


def made(sql: str, type: DataType, wanted: DataType) -> str | None:
    """An expression as a value of the target column's type; None where what does not fit would be rounded or cut.

    What does not fit ends the query with an error, or is given so that the target refuses it.
    """
    if type.kind == "integer" and wanted.kind == "integer":
        return f"({sql})::{render_integer(wanted)}"
    if wanted.kind == "decimal" and NUMERIC.fullmatch(wanted.native) and type.kind in ("integer", "decimal"):
        return made_decimal(sql, type, wanted)
    if type.kind != wanted.kind:
        return None
    if type.kind == "text":
        return made_text(sql, type, wanted)
    if type.kind == "float":
        return f"({sql})::double precision" if wanted.bits == 64 else None
    if type.kind in CLOCKS and fraction(wanted) < FRACTION:
        return None
    names = {"bytes": "bytea", "boolean": "boolean", "date": "date", "uuid": "uuid", "timestamp": "timestamp",
             "timestamptz": "timestamptz", "time": "time"}  # fmt: skip
    return f"({sql})::{names[type.kind]}" if type.kind in names else None


def made_decimal(sql: str, type: DataType, wanted: DataType) -> str:
    """A number as numeric of the target's size; one with more digits after the point ends the query."""
    exact = f"({sql})::{wanted.native}"
    digits = type.scale if type.kind == "decimal" else 0
    if wanted.precision is None or (digits is not None and digits <= (wanted.scale or 0)):
        return exact
    return (
        f"CASE WHEN {exact} = ({sql})::numeric OR ({sql})::numeric IS NULL THEN {exact} "
        f"ELSE ('rounded' || ({sql})::text)::numeric END"
    )


def made_text(sql: str, type: DataType, wanted: DataType) -> str | None:
    """A text; one that is too long gets longer, so that the target refuses it even if only blanks are too much."""
    if wanted.fixed or wanted.labels is not None:
        return None
    if wanted.length is None or (type.length is not None and type.length <= wanted.length):
        return f"({sql})::text"
    longer = f"CASE WHEN pg_catalog.length(({sql})::text) > {wanted.length} THEN '.' ELSE '' END"
    return f"(({sql})::text || {longer})"


def holds_catalogue_numbers(type: DataType) -> bool:
    """Does the binary form of a type hold an oid, which is another one in another database?

    So it is for names of objects (``regclass``), for composites, and for arrays of a type of some schema.
    """
    if type.kind != "other":
        return False
    base = type.native.removesuffix("[]")
    return base.startswith("reg") or base in NO_BINARY_FORM or "." in base


def as_text(column: Column) -> str:
    """A column for COPY's text form: money, whose own text depends on the locale, as a number."""
    name = quote(column.name)
    return f"{name}::numeric AS {name}" if column.type.native == "money" else name
