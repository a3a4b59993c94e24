"""The types of the expression language: which DuckDB type a source column has in it, and what a result means."""

from __future__ import annotations

import re

from ..databases.catalogue import DataType

DECIMAL_DIGITS = 38
"""The most digits DuckDB's DECIMAL holds."""

INPUT_TYPES = {
    "boolean": "BOOLEAN",
    "float": "DOUBLE",
    "text": "VARCHAR",
    "bytes": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "interval": "INTERVAL",
    "uuid": "UUID",
    "json": "VARCHAR",
    "other": "VARCHAR",
}

WHOLE = {
    "TINYINT": (8, False),
    "SMALLINT": (16, False),
    "INTEGER": (32, False),
    "BIGINT": (64, False),
    "HUGEINT": (128, False),
    "UTINYINT": (8, True),
    "USMALLINT": (16, True),
    "UINTEGER": (32, True),
    "UBIGINT": (64, True),
    "UHUGEINT": (128, True),
}

RESULTS = {
    "BOOLEAN": DataType("boolean", "BOOLEAN"),
    "FLOAT": DataType("float", "FLOAT", bits=32),
    "DOUBLE": DataType("float", "DOUBLE", bits=64),
    "VARCHAR": DataType("text", "VARCHAR"),
    "JSON": DataType("text", "VARCHAR"),
    "NULL": DataType("text", "VARCHAR"),
    "BLOB": DataType("bytes", "BLOB"),
    "DATE": DataType("date", "DATE"),
    "TIME": DataType("time", "TIME", scale=6),
    "TIMESTAMP": DataType("timestamp", "TIMESTAMP", scale=6),
    "TIMESTAMP WITH TIME ZONE": DataType("timestamptz", "TIMESTAMPTZ", scale=6),
    "INTERVAL": DataType("interval", "INTERVAL", scale=6),
    "UUID": DataType("uuid", "UUID"),
} | {name: DataType("integer", name, bits=bits, unsigned=unsigned) for name, (bits, unsigned) in WHOLE.items()}


def input_type(type: DataType) -> str:
    """The DuckDB type a source column of this type has in an expression.

    Whole numbers are BIGINT (HUGEINT from 64 unsigned bits up); a decimal whose digits DuckDB holds is that DECIMAL,
    any other is VARCHAR and to be cast by the expression; json and types without a common meaning are VARCHAR.
    """
    if type.kind == "integer":
        return "HUGEINT" if (type.bits or 64) > 64 or (type.unsigned and (type.bits or 64) == 64) else "BIGINT"
    if type.kind == "decimal":
        return decimal_input(type)
    return INPUT_TYPES[type.kind]


def decimal_input(type: DataType) -> str:
    """DECIMAL(p,s) where DuckDB has it, else VARCHAR."""
    scale = type.scale or 0
    if type.precision is None or type.precision > DECIMAL_DIGITS or not 0 <= scale <= type.precision:
        return "VARCHAR"
    return f"DECIMAL({type.precision},{scale})"


def result_type(duckdb_type: str) -> DataType | None:
    """The common meaning of a result's DuckDB type; None if no column holds such values (a list, a struct)."""
    name = duckdb_type.strip('"')
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", name)
    if decimal:
        return DataType("decimal", name, precision=int(decimal[1]), scale=int(decimal[2]))
    return RESULTS.get(name)


IN_WORDS = {
    "BIGINT": "a whole number",
    "HUGEINT": "a whole number",
    "INTEGER": "a whole number",
    "VARCHAR": "text",
    "DOUBLE": "a number",
    "FLOAT": "a number",
    "BOOLEAN": "true or false",
    "DATE": "a date",
    "TIME": "a time",
    "TIMESTAMP": "a timestamp",
    "TIMESTAMPTZ": "a timestamp with time zone",
    "TIMESTAMP WITH TIME ZONE": "a timestamp with time zone",
    "BLOB": "bytes",
    "UUID": "a UUID",
    "INTERVAL": "an interval",
}


def in_words(duckdb_type: str) -> str:
    """A DuckDB type as a person says it: ``a whole number``."""
    name = duckdb_type.strip('"')
    if name.startswith("DECIMAL"):
        return "a decimal number"
    if name in WHOLE or name == "INTEGER_LITERAL":
        return "a whole number"
    return IN_WORDS.get(name, name)
