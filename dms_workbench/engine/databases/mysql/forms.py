"""Values as the server writes them for reading: one line of bytes a row, exact for every type of the product.

The fields of a line are parted by the byte FF, and a NULL is the byte FE: neither occurs in UTF-8, in numbers or in
hexadecimal. Large values stand beside the line as columns of their own, since the server turns the result of a function
that grows larger than ``max_allowed_packet`` into NULL.

Text of a character set that has characters without a code in Unicode (Shift JIS) is tried both ways by the server; what
does not come back the same arrives as invalid text, never with a question mark in its place.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..base import Value
from ..catalogue import Column

SEPARATOR = b"\xff"
NULL = b"\xfe"
LOST = b"\xf8"
"""Begins text that cannot be told; invalid in UTF-8."""
UTF8 = frozenset(("utf8mb4", "utf8mb3", "utf8", "ascii"))
ONE_TO_ONE = UTF8 | frozenset(("latin1", "binary"))
"""Character sets of which every byte sequence has a text of its own."""
LARGE = frozenset(("mediumtext", "longtext", "mediumblob", "longblob", "json", "geometry"))
GEOMETRY = frozenset(
    ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
     "geometrycollection", "geomcollection")
)  # fmt: skip
BINARY = frozenset(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"))
TEXT = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json"))
INTEGERS = frozenset(("tinyint", "smallint", "mediumint", "int", "bigint"))
CLOCKS = frozenset(("time", "datetime", "timestamp"))

BINARY_CHARSET = 63
DECIMAL_TYPES = frozenset((0, 246))
INTEGER_TYPES = frozenset((1, 2, 3, 8, 9, 13))
FLOAT_TYPES = frozenset((4, 5))
STRING_TYPES = frozenset((15, 249, 250, 251, 252, 253, 254))


@dataclass(frozen=True, slots=True)
class Stored:
    """What the server itself says of a column."""

    name: str
    data_type: str
    native: str
    charset: str | None
    collation: str | None
    fraction: int
    """Digits of the second's fraction."""


STORED = """
select column_name, data_type, column_type, character_set_name, collation_name, coalesce(datetime_precision, 0)
from information_schema.columns where table_schema = {schema} and table_name = %s order by ordinal_position
"""


def stored_columns(rows: list[tuple[Any, ...]]) -> dict[str, Stored]:
    """The columns of a table from the rows of `STORED`."""
    return {
        str(row[0]): Stored(str(row[0]), str(row[1]).lower(), str(row[2]).lower(), row[3], row[4], int(row[5]))
        for row in rows
    }


def stands_beside(stored: Stored) -> bool:
    """May a value be too large for a line?"""
    return stored.data_type in LARGE or stored.data_type in GEOMETRY


def rendered(column: Column, stored: Stored, name: str) -> str:
    """SQL for a column's bytes in a line; name: the column, quoted."""
    type_ = stored.data_type
    if type_ in BINARY:
        return f"HEX({name})"
    if type_ in TEXT:
        return text_bytes(name, stored.charset)
    if type_ in GEOMETRY:
        return f"COALESCE({well_known(name)}, IF({name} IS NULL, NULL, 0xF8))"
    if type_ == "bit":
        return bits(column, stored, name)
    if type_ in CLOCKS:
        return clock(name, stored)
    form = FORMS.get(type_, "CAST(CAST({name} AS CHAR CHARACTER SET utf8mb4) AS BINARY)")
    return form.replace("{name}", name)


FORMS = {
    "float": "({name} + 0e0)",
    "decimal": "({name} + 0)",
    "year": "({name} + 0)",
    **dict.fromkeys((*INTEGERS, "double", "date"), "CAST({name} AS BINARY)"),
}
"""A sum has neither the zeros of ZEROFILL nor the seven digits of a FLOAT."""


def bits(column: Column, stored: Stored, name: str) -> str:
    """A bit field: a number where the column's kind is one, else zeros and ones."""
    if column.type.kind == "bytes":
        return f"HEX({name})"
    if column.type.kind in ("boolean", "integer", "decimal"):
        return f"({name} + 0)"
    width = column.type.length or int(stored.native.partition("(")[2].rstrip(")") or 1)
    return f"LPAD(BIN({name} + 0), {width}, '0')"


def clock(name: str, stored: Stored) -> str:
    """A time without needless zeros at the end of its fraction."""
    text = f"CAST({name} AS BINARY)"
    if stored.fraction:
        text = f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text}))"
    return f"CONCAT({text}, '+00')" if stored.data_type == "timestamp" else text


def text_bytes(name: str, charset: str | None) -> str:
    """The UTF-8 bytes of a text column."""
    if charset is None or charset in UTF8:
        return f"CAST({name} AS BINARY)"
    text = f"CAST(CONVERT({name} USING utf8mb4) AS BINARY)"
    if charset in ONE_TO_ONE:
        return text
    back = f"CAST(CONVERT(CONVERT({name} USING utf8mb4) USING {charset}) AS BINARY)"
    told = f"IF({back} = CAST({name} AS BINARY), {text}, CONCAT(0xF8, HEX({name})))"
    return f"COALESCE({told}, IF({name} IS NULL, NULL, 0xF8))"


def beside(column: Column, stored: Stored, name: str) -> str:
    """SQL for a large value, sent as a column of its own."""
    if stored.data_type in BINARY or (stored.data_type in TEXT and (stored.charset or "utf8mb4") in UTF8):
        return name
    if stored.charset in ONE_TO_ONE:
        return name
    return rendered(column, stored, name)


def well_known(name: str) -> str:
    """A geometry's text; its reference system stands before it unless it is 0."""
    return f"IF(ST_SRID({name}) = 0, ST_AsText({name}), CONCAT('SRID=', ST_SRID({name}), ';', ST_AsText({name})))"


def in_line(expression: str, column: Column) -> str:
    """An expression as part of a line."""
    return f"IFNULL({expression}, 0xFE)" if column.nullable else expression


def as_text(data: bytes) -> str:
    """UTF-8; bytes that are none become lone surrogates, so that they are seen by whoever encodes them, and not lost."""
    return data.decode("utf-8", "surrogateescape")


def texts(values: list[bytes]) -> list[str]:
    """Texts of a column."""
    try:
        return list(map(bytes.decode, values))
    except UnicodeDecodeError:
        return list(map(as_text, values))


def booleans(values: list[bytes]) -> list[bool | int]:
    """0 and 1; any other number as it is, for the conversion to refuse."""
    known: dict[bytes, bool | int] = {b"0": False, b"1": True}
    return [known[value] if value in known else int(value) for value in values]


def singles(values: list[bytes]) -> list[float]:
    """32 bit floats, written as doubles: the double of their shortest text."""
    import pyarrow as pa

    exact = pa.array(list(map(float, values)), pa.float64()).cast(pa.float32())
    return [float(text) for text in exact.cast(pa.string()).to_pylist() if text is not None]


def widened(value: float) -> float:
    """The exact value of the 32 bit float that a double is the shortest text of."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def from_hex(values: list[bytes]) -> list[bytes]:
    """Bytes from hexadecimal."""
    return [bytes.fromhex(value.decode("ascii")) for value in values]


def parser(column: Column, stored: Stored, *, large: bool) -> Callable[[list[bytes]], list[Any]]:
    """What makes the values of a column from the bytes of its fields."""
    kind = column.type.kind
    if kind == "bytes":
        return list if large else from_hex
    if stored.data_type == "float" and kind == "float":
        return singles
    numbers: dict[str, Callable[[list[bytes]], list[Any]]] = {
        "integer": lambda values: list(map(int, values)),
        "float": lambda values: list(map(float, values)),
        "boolean": booleans,
    }
    return numbers.get(kind, texts)


def parsed(values: list[bytes | None], parse: Callable[[list[bytes]], list[Any]]) -> list[Value]:
    """A column's fields as values."""
    if None in values:
        found = iter(parse([value for value in values if value is not None]))
        return [None if value is None else next(found) for value in values]
    return parse(values)  # type: ignore[arg-type]


def reader_of(field: Any) -> Callable[[bytes], Any]:
    """What makes a value of a field of any query."""
    if field.type_code in INTEGER_TYPES:
        return int
    if field.type_code in FLOAT_TYPES:
        return float
    if field.type_code in DECIMAL_TYPES:
        return lambda data: Decimal(data.decode("ascii"))
    binary = field.charsetnr == BINARY_CHARSET and field.type_code in STRING_TYPES
    return bytes if binary or field.type_code in (16, 255) else as_text
