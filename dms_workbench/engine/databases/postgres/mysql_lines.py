r"""What PostgreSQL is asked to select so that its rows are lines of MariaDB's ``LOAD DATA``: exactly, or refused there.

``LOAD DATA LOCAL`` stores something else for a value that does not fit, and warns; the target takes a warning for a refusal.
So a field is written so that the server stores exactly the value, or warns: what it would take for another value without a
word (a negative zero, a day before the year 1) is written as a word that is no value.

COPY's text and LOAD DATA's agree but for two escapes: ``\f`` and ``\v`` mean the letters there, so the bytes themselves
are put in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ..base import LineColumn, LineQuery, Lines
from ..catalogue import DataType
from .capabilities import quote
from .fields import text_position
from .rendering import Rendering, begins_with

FORM = "mysql-text"
REFUSED = "'refused'"
"""No number, date or time."""
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"
FIRST_MOMENT, LAST_MOMENT = "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"
FRACTION = 6
ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
OTHER_ESCAPES = {b"f": b"\x0c", b"v": b"\x0b"}
WHOLE_BITS_OF_A_FLOAT = {64: 32, 32: 16}
"""Integers of how many bits a float of so many holds exactly."""
KEYS_AS_TEXT = frozenset(("integer", "text", "uuid", "decimal", "date", "timestamp", "time"))
"""Kinds whose field in the line is the text that COPY itself gives."""
UNTOLD = re.compile(r"(?:enum|set|year|bit|binary|timestamp)\b")
"""Types of MariaDB that take some values for others without a word."""

Field = Callable[[str, DataType, DataType], "str | None"]


def rendering_of(asked: LineQuery, keys: Sequence[str]) -> Rendering | None:
    """How rows pass; None if they cannot. keys: the position's columns."""
    if not asked.columns or not begins_with(asked.columns, keys):
        return None
    select = [field(column) for column in asked.columns]
    known = all(
        column.source is not None
        and column.source.type.kind in KEYS_AS_TEXT
        and not column.source.type.fixed
        and column.source.type.native != "money"
        for column in asked.columns[: len(keys)]
    )
    if not known or None in select:
        return None
    return Rendering(tuple(filter(None, select)), False, partial(text_position, fields=len(keys)))


def for_mysql(chunks: Iterator[Lines]) -> Iterator[Lines]:
    """Chunks of COPY's text, whose pieces end where rows end, as LOAD DATA reads them."""
    for lines in chunks:
        lines.pieces = map(with_own_escapes, lines.pieces)
        yield lines


def with_own_escapes(piece: bytes) -> bytes:
    r"""Whole rows, with the bytes themselves for ``\f`` and ``\v``."""
    if b"\\f" not in piece and b"\\v" not in piece:
        return piece
    return ESCAPE.sub(lambda match: OTHER_ESCAPES.get(match[1], match[0]), piece)


def field(column: LineColumn) -> str | None:
    """What to select of a column; None where its values are to be converted one by one."""
    if column.source is None or column.sql:
        return None
    target, source = column.target.type, column.source.type
    if UNTOLD.match(target.native) and not is_told(column):
        return None
    make = FIELDS.get((source.kind, target.kind))
    return make(f"dms_row.{quote(column.source.name)}", source, target) if make is not None else None


def is_told(column: LineColumn) -> bool:
    """May values go into a column of a type that takes some for others, since those do not occur?"""
    if column.source is None:
        return False
    source, target = column.source.type, column.target.type
    if target.native.startswith("timestamp"):
        return column.target.nullable or not column.source.nullable
    if target.native.startswith("bit"):
        return target.kind == "boolean" == source.kind
    return target.native.startswith("enum") and source.labels == target.labels is not None and not source.several


def as_it_is(name: str, _source: DataType, _target: DataType) -> str:
    """COPY's own text."""
    return name


def zero_or_one(name: str, _source: DataType, _target: DataType) -> str:
    """A truth value as a number."""
    return f"{name}::int"


def whole_number(name: str, _source: DataType, target: DataType) -> str | None:
    """An integer in a decimal."""
    return name if (target.scale or 0) >= 0 else None


def whole_float(name: str, source: DataType, target: DataType) -> str | None:
    """An integer in a float that holds all of its range."""
    return name if (source.bits or 64) <= WHOLE_BITS_OF_A_FLOAT.get(target.bits or 64, 0) else None


def finite(name: str, source: DataType, target: DataType) -> str | None:
    """A float that is no negative zero, whose sign would be lost: by its exact value, or in a double by its shortest text."""
    if source.bits == 64 and target.bits == 32:
        return None
    text = f"{name}::float8::text" if target.bits == 32 else f"{name}::text"
    return f"CASE WHEN {name} = 0 AND {name}::text = '-0' THEN {REFUSED} ELSE {text} END"


def decimal(name: str, source: DataType, target: DataType) -> str | None:
    """A numeric in a decimal; digits after the point that it does not hold would be rounded."""
    if target.precision is None:
        return None
    if source.native == "money":
        name = f"{name}::numeric"
    scale = target.scale or 0
    if source.scale is not None and 0 <= source.scale <= scale:
        return name
    return f"CASE WHEN pg_catalog.trunc({name}, {scale}) <> {name} THEN {REFUSED} ELSE {name}::text END"


def whole_decimal(name: str, source: DataType, _target: DataType) -> str | None:
    """A numeric without a fraction in an integer."""
    return name if source.scale == 0 and source.native != "money" else None


def text(name: str, source: DataType, target: DataType) -> str | None:
    """Text; CHAR loses blanks at the end, which of a padded text mean nothing; what is longer is cut with a warning."""
    if source.labels is not None or target.labels is not None:
        return name if source.labels == target.labels or target.labels is None else None
    if target.fixed and source.fixed:
        return f"{name}::text" if (source.length or 1) <= (target.length or 1) else None
    if target.fixed:
        return without_blanks(name, target)
    longer = target.length is not None and (source.length is None or source.length > target.length)
    if longer and source.fixed:
        return None
    return longer_by_one(name, target) if longer else name


def longer_by_one(name: str, target: DataType) -> str:
    """A text that is too long with a sign behind it, so that more than blanks are too much."""
    size = target.length
    longer = f"pg_catalog.octet_length({name}) > {size} AND pg_catalog.length({name}) > {size}"
    return f"CASE WHEN {longer} THEN {name} || '.' ELSE {name} END"


def without_blanks(name: str, target: DataType) -> str:
    """A text for a CHAR; one with blanks at the end, which would be lost, gets longer than the column."""
    lost = f"pg_catalog.right({name}, 1) = ' ' THEN pg_catalog.repeat('.', {(target.length or 1) + 1})"
    return f"({name} || CASE WHEN {lost} ELSE '' END)"


def own_text(name: str, source: DataType, target: DataType) -> str | None:
    """The text of a type that the target does not know, in a text; structures become JSON elsewhere."""
    structured = (
        source.element is not None or bool(source.fields) or source.native.endswith(("[]", "hstore", '"hstore"'))
    )
    if structured or target.fixed or target.labels is not None:
        return None
    return name if target.length is None or source.kind in ("interval", "uuid") else None


def hexadecimal(name: str, _source: DataType, _target: DataType) -> str:
    """Bytes, which the target reads from hexadecimal."""
    return f"pg_catalog.encode({name}, 'hex')"


def guarded(name: str, conditions: Sequence[str], made: str) -> str:
    """A value, or what is refused where one of the conditions holds."""
    return f"CASE WHEN {' OR '.join(conditions)} THEN {REFUSED} ELSE {made} END" if conditions else name


def outside(name: str, type: str, first: str, last: str) -> list[str]:
    """When a date or moment is none of the years 1 to 9999."""
    return [f"{name} < '{first}'::{type}", f"{name} > '{last}'::{type}"]


def finer(name: str, type: str, source: DataType, target: DataType) -> list[str]:
    """When the fraction of the second has more digits than the target."""
    digits = FRACTION if target.scale is None else target.scale
    same = (FRACTION if source.scale is None else source.scale) <= digits
    return [] if same else [f"{name}::{type.format(digits)} <> {name}"]


def day(name: str, _source: DataType, _target: DataType) -> str:
    """A day of the calendar that both have."""
    return guarded(name, outside(name, "date", FIRST_DAY, LAST_DAY), f"{name}::text")


def moment(name: str, source: DataType, target: DataType) -> str:
    """A date and time whose fraction the target holds."""
    conditions = outside(name, "timestamp", FIRST_MOMENT, LAST_MOMENT)
    return guarded(name, [*conditions, *finer(name, "timestamp({})", source, target)], f"{name}::text")


def instant(name: str, source: DataType, target: DataType) -> str:
    """A moment in UTC whose fraction the target holds."""
    conditions = outside(name, "timestamptz", f"{FIRST_MOMENT}+00", f"{LAST_MOMENT}+00")
    made = f"({name} AT TIME ZONE 'UTC')::text"
    return guarded(name, [*conditions, *finer(name, "timestamptz({})", source, target)], made)


def clock(name: str, source: DataType, target: DataType) -> str:
    """A time of a day whose fraction the target holds."""
    return guarded(name, finer(name, "time({})", source, target), f"{name}::text")


FIELDS: dict[tuple[str, str], Field] = {
    ("boolean", "integer"): zero_or_one,
    ("boolean", "boolean"): zero_or_one,
    ("integer", "integer"): as_it_is,
    ("integer", "decimal"): whole_number,
    ("integer", "float"): whole_float,
    ("float", "float"): finite,
    ("decimal", "decimal"): decimal,
    ("decimal", "integer"): whole_decimal,
    ("text", "text"): text,
    ("bytes", "bytes"): hexadecimal,
    ("date", "date"): day,
    ("timestamp", "timestamp"): moment,
    ("timestamptz", "timestamp"): instant,
    ("timestamptz", "timestamptz"): instant,
    ("time", "time"): clock,
    ("uuid", "uuid"): as_it_is,
    ("json", "json"): as_it_is,
    ("json", "text"): own_text,
    ("uuid", "text"): own_text,
    ("interval", "text"): own_text,
    ("other", "text"): own_text,
}
"""What makes a field, by the kinds of the source's and of the target's column."""
