r"""Rows as lines of PostgreSQL's ``COPY`` text, rendered by the server: what arrives is what conversion would make of a value.

A field is written so that PostgreSQL takes it for exactly the value, or refuses the row: what conversion would reject and
PostgreSQL would take is written as a NUL, which no field of PostgreSQL can hold. A value that the server cannot render (the
result of a function is larger than ``max_allowed_packet``) makes its line NULL, and a NULL column is ``\N``, never the other
way round: so each field asks whether the column is NULL, not whether what was made of it is.

Pairs of kinds that are not listed here are converted value by value.
"""

from __future__ import annotations

from collections.abc import Callable

from ..catalogue import Column, DataType
from .capabilities import quote
from .forms import UTF8, Stored, rendered, stands_beside, text_bytes

FORM = "postgres-text"
NULL, REFUSED = "0x5C4E", "0x00"
TAB, NEWLINE = "0x09", "0x0A"
ESCAPES = (("0x5C", "0x5C5C"), ("0x09", "0x5C74"), ("0x0A", "0x5C6E"), ("0x0D", "0x5C72"))
"""The bytes that mean something in COPY's text, the backslash first."""
LARGE_BYTES = 4 << 20
"""Values larger than this are not put into lines: there they would be in memory several times over, and as hexadecimal."""
WHOLE_BITS_OF_A_FLOAT = {64: 32, 32: 16}
"""Integers of how many bits a float of so many holds exactly."""

Field = Callable[[Column, Stored, DataType], "str | None"]


def line(columns: list[str]) -> str:
    """The SQL of a line. columns: the SQL of its fields."""
    return f"CONCAT({f', {TAB}, '.join(columns)}, {NEWLINE})"


def field(source: Column, stored: Stored, target: DataType) -> str | None:
    """The SQL of a field of the line; None where the values of this pair of types are to be converted one by one."""
    make = FIELDS.get((source.type.kind, target.kind))
    made = make(source, stored, target) if make is not None else None
    if made is None:
        return None
    name = quote(source.name)
    if stands_beside(stored):
        made = f"IF(LENGTH({name}) > {LARGE_BYTES}, NULL, {made})"
    return f"IF({name} IS NULL, {NULL}, {made})" if source.nullable else made


def as_it_is(source: Column, _stored: Stored, _target: DataType) -> str:
    """The server's own text."""
    return quote(source.name)


def own_text(source: Column, stored: Stored, _target: DataType) -> str:
    """The text of a type of the server's own, which would otherwise make a type of its own of NULL's sign too."""
    return rendered(source, stored, quote(source.name))


def without_zeros(source: Column, stored: Stored, _target: DataType) -> str:
    """A number without the zeros of ZEROFILL."""
    name = quote(source.name)
    return f"({name} + 0)" if "zerofill" in stored.native or stored.data_type == "year" else name


def whole_number(source: Column, stored: Stored, target: DataType) -> str | None:
    """An integer in a decimal; a scale below zero would round it."""
    return without_zeros(source, stored, target) if (target.scale or 0) >= 0 else None


def truth(source: Column, stored: Stored, target: DataType) -> str:
    """0 or 1; PostgreSQL takes no other number for a truth value."""
    return f"({quote(source.name)} + 0)" if stored.data_type == "bit" else without_zeros(source, stored, target)


def whole_float(source: Column, stored: Stored, target: DataType) -> str | None:
    """An integer in a float that holds all of its range."""
    bits = WHOLE_BITS_OF_A_FLOAT.get(target.bits or 64, 0)
    return without_zeros(source, stored, target) if (source.type.bits or 64) <= bits else None


def same_float(source: Column, stored: Stored, target: DataType) -> str | None:
    """A float of the same width, by the exact value of the number."""
    return rendered(source, stored, quote(source.name)) if source.type.bits == target.bits else None


def same_decimal(source: Column, stored: Stored, target: DataType) -> str | None:
    """A decimal; digits after the point that the target does not hold would be rounded, too many before it are refused."""
    made, scale = without_zeros(source, stored, target), target.scale or 0
    if target.precision is None or (source.type.scale or 0) <= scale:
        return made
    return f"IF(TRUNCATE({made}, {scale}) = {made}, {made}, {REFUSED})" if scale >= 0 else None


def whole_decimal(source: Column, stored: Stored, target: DataType) -> str | None:
    """A decimal without a fraction in an integer."""
    return without_zeros(source, stored, target) if not source.type.scale else None


def clock(source: Column, stored: Stored, target: DataType) -> str:
    """A date and time; a fraction that the target does not hold would be rounded, zero dates are refused."""
    name, limit = quote(source.name), 6 if target.scale is None else target.scale
    made = f"CONCAT({name}, '+00')" if target.kind == "timestamptz" else name
    if stored.fraction <= limit:
        return made
    return f"IF(MICROSECOND({name}) % {10 ** (6 - limit)} = 0, {made}, {REFUSED})"


def time_of_day(source: Column, stored: Stored, target: DataType) -> str:
    """A time of a day: PostgreSQL would take 24 hours, and might take a sign for a zone."""
    name = quote(source.name)
    inside = f"{name} BETWEEN TIME'00:00:00' AND TIME'23:59:59.999999'"
    return f"IF({inside}, {clock(source, stored, target)}, {REFUSED})"


def plain_text(source: Column, stored: Stored, target: DataType) -> str | None:
    """Anything as the text that conversion would make of it, in a text or a type of the target's own."""
    if target.several:
        return None
    name = quote(source.name)
    if source.type.kind in ("integer", "decimal"):
        return without_zeros(source, stored, target)
    return escaped(rendered(source, stored, name))


def text(source: Column, stored: Stored, target: DataType) -> str | None:
    """Text; PostgreSQL would cut blanks beyond the length without a word, and an ENUM's error value is none of its labels."""
    if target.several:
        return None
    name = quote(source.name)
    made = escaped(text_bytes(name, stored.charset))
    if stored.data_type == "enum":
        made = f"IF({name} + 0 = 0, {REFUSED}, {made})"
    if target.length is not None and (source.type.length is None or source.type.length > target.length):
        made = f"IF(CHAR_LENGTH({name}) > {target.length}, {REFUSED}, {made})"
    return made


def json_text(source: Column, stored: Stored, target: DataType) -> str | None:
    """JSON as it is written."""
    return text(source, stored, target) if (stored.charset or "utf8mb4") in UTF8 and target.length is None else None


def escaped(expression: str) -> str:
    """Bytes with the signs that COPY's text has a meaning for written as escapes."""
    for sign, escape in ESCAPES:
        expression = f"REPLACE({expression}, {sign}, {escape})"
    return expression


def hexadecimal(source: Column, _stored: Stored, _target: DataType) -> str:
    """Bytes in hexadecimal, the backslash before it escaped."""
    return f"CONCAT(0x5C5C78, HEX({quote(source.name)}))"


FIELDS: dict[tuple[str, str], Field] = {
    ("integer", "integer"): without_zeros,
    ("integer", "decimal"): whole_number,
    ("integer", "boolean"): truth,
    ("integer", "float"): whole_float,
    ("boolean", "boolean"): truth,
    ("boolean", "integer"): truth,
    ("float", "float"): same_float,
    ("decimal", "decimal"): same_decimal,
    ("decimal", "integer"): whole_decimal,
    ("text", "text"): text,
    ("text", "other"): text,
    ("json", "json"): json_text,
    ("json", "text"): json_text,
    ("bytes", "bytes"): hexadecimal,
    ("date", "date"): as_it_is,
    ("date", "timestamp"): as_it_is,
    ("timestamp", "timestamp"): clock,
    ("timestamptz", "timestamptz"): clock,
    ("time", "time"): time_of_day,
    ("time", "interval"): plain_text,
    ("uuid", "uuid"): own_text,
    **{
        (kind, target): plain_text
        for kind in ("integer", "decimal", "date", "time", "timestamp", "timestamptz", "uuid", "other")
        for target in ("text", "other")
    },
}
"""What makes a field, by the kinds of the source's and of the target's column."""
