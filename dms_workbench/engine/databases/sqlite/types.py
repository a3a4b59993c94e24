"""SQLite's declared types in the common terms, and the SQLite type that holds every value of a common type.

A declared type binds no value in SQLite. It is read by the conventions of the products whose schemas end up in SQLite
files; a name that none of them uses is read as SQLite itself does, by the affinity its letters give.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from ..catalogue import DataType, Kind

Affinity = Literal["INTEGER", "TEXT", "BLOB", "REAL", "NUMERIC"]

NAMES: dict[str, Kind] = {
    **dict.fromkeys(("BOOLEAN", "BOOL"), "boolean"),
    **dict.fromkeys(
        ("INTEGER", "INT", "TINYINT", "SMALLINT", "MEDIUMINT", "BIGINT", "INT2", "INT4", "INT8", "LONG", "BIT", "YEAR",
         "SERIAL", "BIGSERIAL"), "integer"),
    **dict.fromkeys(("DECIMAL", "NUMERIC", "DEC", "NUMBER", "MONEY", "SMALLMONEY", "CURRENCY"), "decimal"),
    **dict.fromkeys(("REAL", "FLOAT", "DOUBLE", "FLOAT4", "FLOAT8", "FLOATING POINT", "SINGLE"), "float"),
    **dict.fromkeys(
        ("CHAR", "VARCHAR", "NVARCHAR", "NCHAR", "CHARACTER", "VARCHAR2", "NVARCHAR2", "TEXT", "CLOB", "STRING",
         "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "NTEXT", "LONG VARCHAR", "INTERVAL", "POINT", "ANY", ""), "text"),
    **dict.fromkeys(
        ("BLOB", "BINARY", "VARBINARY", "BYTEA", "IMAGE", "RAW", "LONG RAW", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB"),
        "bytes"),
    "DATE": "date",
    "TIME": "time",
    **dict.fromkeys(("DATETIME", "TIMESTAMP", "DATETIME2", "SMALLDATETIME"), "timestamp"),
    **dict.fromkeys(("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE", "DATETIMEOFFSET"), "timestamptz"),
    **dict.fromkeys(("UUID", "GUID", "UNIQUEIDENTIFIER"), "uuid"),
    **dict.fromkeys(("JSON", "JSONB"), "json"),
    **dict.fromkeys(("TIMETZ", "TIME WITH TIME ZONE"), "text"),
}  # fmt: skip

MORE_WORDS = frozenset(
    ("UNSIGNED", "SIGNED", "BIG", "NATIVE", "PRECISION", "VARYING", "LONG", "DOUBLE", "WITHOUT", "WITH", "TIME", "ZONE")
)
"""Words that follow or precede a type's name and mean nothing else in a column's definition."""
FIXED = frozenset(("CHAR", "NCHAR", "CHARACTER"))
PLAIN = re.compile(r"([A-Za-z0-9_ ]*)(\(\s*\d+\s*(,\s*\d+\s*)?\))?")
UNSIGNED_BIG = re.compile(r"(?i)\bunsigned\s+big\s*int\b|\bbig\s*int(?:\s*\(\s*\d+\s*\))?\s+unsigned\b")
"""Whole numbers beyond the 64 bits of SQLite's own: those it stores as floats."""
PARAMETERS = re.compile(r"\(([^)]*)\)")
EXACT_REAL_DIGITS = 15
"""A decimal number of at most so many digits survives a double unchanged."""
BY_AFFINITY: dict[Affinity, Kind] = {
    "INTEGER": "integer",
    "TEXT": "text",
    "BLOB": "bytes",
    "REAL": "float",
    "NUMERIC": "text",
}


def affinity(declared: str) -> Affinity:
    """The affinity SQLite gives a declared type, by the rules of its documentation (a STRICT table's ANY apart)."""
    upper = declared.upper()
    if "INT" in upper:
        return "INTEGER"
    if any(part in upper for part in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in upper or not upper:
        return "BLOB"
    return "REAL" if any(part in upper for part in ("REAL", "FLOA", "DOUB")) else "NUMERIC"


def declarable(declared: str) -> str:
    """A declared type as it can stand in a CREATE TABLE statement again, meaning the same: quoted unless it is plain."""
    match = PLAIN.fullmatch(declared)
    if match and all(word in NAMES or word in MORE_WORDS for word in match[1].upper().split()):
        return declared
    return '"' + declared.replace('"', '""') + '"'


def parse_type(native: str, *, collation: str | None = None) -> DataType:
    """The common meaning of a declared type, as `declarable` writes it. collation: the one declared for the column."""
    type = plain_type(native)
    return type if collation is None else replace(type, collation=collation)


def plain_type(native: str) -> DataType:
    """The common meaning of a declared type alone."""
    name, kind = named_kind(native)
    parameters = [int(number) for number in re.findall(r"\d+", "".join(PARAMETERS.findall(native)[:1]))]
    if kind == "integer" and UNSIGNED_BIG.search(native):
        return DataType("decimal", native, precision=20, scale=0)
    if kind == "integer":
        return DataType("integer", native, bits=64)
    if kind == "float":
        return DataType("float", native, bits=64)
    if kind == "decimal":
        return decimal_type(native, parameters)
    if kind == "text":
        length = parameters[0] if parameters else None
        return DataType("text", native, length=length, fixed=name in FIXED and length is not None)
    if kind in ("time", "timestamp", "timestamptz"):
        return DataType(kind, native, scale=min(parameters[0], 6) if parameters else 6)
    return DataType(kind, native)


def named_kind(native: str) -> tuple[str, Kind]:
    """The name a declared type is known by, and its kind: the whole name, else its first word, else the affinity."""
    bare = native[1:-1].replace('""', '"') if native.startswith('"') and native.endswith('"') else native
    name = " ".join(PARAMETERS.sub(" ", bare).upper().split())
    first = name.partition(" ")[0]
    for candidate in (name, first):
        if candidate in NAMES:
            return candidate, NAMES[candidate]
    return name, BY_AFFINITY[affinity(bare)]


def decimal_type(native: str, parameters: list[int]) -> DataType:
    """A decimal with the limits declared, if they make sense."""
    precision = parameters[0] if parameters else None
    scale = parameters[1] if len(parameters) > 1 else 0
    if precision is None or precision < 1 or scale > precision:
        return DataType("decimal", native)
    return DataType("decimal", native, precision=precision, scale=scale)


def render_type(type: DataType) -> str:
    """The SQLite type for a common type of another product: one whose affinity changes no value of it."""
    if type.kind == "boolean":
        return "INTEGER"
    if type.kind == "integer":
        return "INTEGER" if (type.bits or 64) + (1 if type.unsigned else 0) <= 64 else "TEXT"
    if type.kind == "decimal":
        return render_decimal(type)
    if type.kind == "text":
        return "TEXT" if type.length is None or type.fixed else f"VARCHAR({type.length})"
    return {"float": "REAL", "bytes": "BLOB"}.get(type.kind, "TEXT")


def render_decimal(type: DataType) -> str:
    """DECIMAL where a double holds all digits; else TEXT, since SQLite would round."""
    scale = type.scale or 0
    if type.precision is None or type.precision > EXACT_REAL_DIGITS or not 0 <= scale <= type.precision:
        return "TEXT"
    return f"DECIMAL({type.precision},{scale})"
