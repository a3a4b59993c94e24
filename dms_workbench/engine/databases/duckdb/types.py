"""DuckDB's types in the common terms, and the DuckDB type that holds every value of a common type."""

from __future__ import annotations

import re

from ..catalogue import DataType

INTEGER_BITS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "HUGEINT": 128}
PLAIN = {
    "BOOLEAN": DataType("boolean", "BOOLEAN"),
    "FLOAT": DataType("float", "FLOAT", bits=32),
    "DOUBLE": DataType("float", "DOUBLE", bits=64),
    "BIGNUM": DataType("decimal", "BIGNUM", scale=0),
    "VARCHAR": DataType("text", "VARCHAR"),
    "BLOB": DataType("bytes", "BLOB"),
    "DATE": DataType("date", "DATE"),
    "TIME": DataType("time", "TIME", scale=6),
    "TIME_NS": DataType("time", "TIME_NS", scale=9),
    "TIMESTAMP": DataType("timestamp", "TIMESTAMP", scale=6),
    "TIMESTAMP_S": DataType("timestamp", "TIMESTAMP_S", scale=0),
    "TIMESTAMP_MS": DataType("timestamp", "TIMESTAMP_MS", scale=3),
    "TIMESTAMP_NS": DataType("timestamp", "TIMESTAMP_NS", scale=9),
    "TIMESTAMP WITH TIME ZONE": DataType("timestamptz", "TIMESTAMP WITH TIME ZONE", scale=6),
    "INTERVAL": DataType("interval", "INTERVAL"),
    "UUID": DataType("uuid", "UUID"),
    "JSON": DataType("json", "JSON"),
}
SYNONYMS = {
    "BOOL": "BOOLEAN",
    "INT": "INTEGER",
    "LONG": "BIGINT",
    "REAL": "FLOAT",
    "TEXT": "VARCHAR",
    "STRING": "VARCHAR",
    "BYTEA": "BLOB",
    "DATETIME": "TIMESTAMP",
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
    "DECIMAL": "DECIMAL(18,3)",
    "NUMERIC": "DECIMAL(18,3)",
    "INT1": "TINYINT",
    "INT2": "SMALLINT",
    "SHORT": "SMALLINT",
    "INT4": "INTEGER",
    "INT8": "BIGINT",
    "FLOAT4": "FLOAT",
    "FLOAT8": "DOUBLE",
    "DOUBLE PRECISION": "DOUBLE",
    "CHAR": "VARCHAR",
    "CHARACTER VARYING": "VARCHAR",
}
DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC|DEC) ?\( ?(\d+)(?: ?, ?(\d+))? ?\)")
VARCHAR = re.compile(r"(?:VARCHAR|CHAR|CHARACTER|CHARACTER VARYING|TEXT|BPCHAR) ?\( ?\d+ ?\)")
LABEL = re.compile(r"'(?:[^']|'')*'")
LIST = re.compile(r"(.+)\[\d*\]", re.DOTALL)
DECIMAL_DIGITS = 38


def parse_type(native: str) -> DataType:
    """The common meaning of a type; an ENUM is text, nested types, BIT and TIME WITH TIME ZONE are ``other``."""
    written = " ".join(native.upper().split())
    name = SYNONYMS.get(written, written)
    if name in PLAIN:
        return PLAIN[name]
    if (signed := name.removeprefix("U")) in INTEGER_BITS:
        return DataType("integer", name, bits=INTEGER_BITS[signed], unsigned=signed != name)
    if match := DECIMAL.fullmatch(name):
        precision, scale = int(match[1]), int(match[2] or 0)
        return DataType("decimal", f"DECIMAL({precision},{scale})", precision=precision, scale=scale)
    if VARCHAR.fullmatch(name):
        return PLAIN["VARCHAR"]
    if is_enum(native):
        return DataType("text", native, labels=enum_labels(native))
    return DataType("other", native, element=element_of(native))


def enum_labels(native: str) -> tuple[str, ...]:
    """The values of an ENUM, in their order."""
    return tuple(text[1:-1].replace("''", "'") for text in LABEL.findall(native))


def element_of(native: str) -> DataType | None:
    """What a list or an array of a fixed length is of."""
    match = LIST.fullmatch(native)
    return parse_type(match[1]) if match else None


def is_enum(native: str) -> bool:
    """Is it an ENUM itself, not a list of one?"""
    return native.startswith("ENUM(") and native.endswith(")")


def render_type(type: DataType) -> str:
    """The DuckDB type for a common type of another product; VARCHAR where none holds every value exactly."""
    if type.kind == "integer":
        return render_integer(type)
    if type.kind == "decimal":
        fits = (
            type.precision is not None and type.precision <= DECIMAL_DIGITS and 0 <= (type.scale or 0) <= type.precision
        )
        return f"DECIMAL({type.precision},{type.scale or 0})" if fits else "VARCHAR"
    if type.kind == "timestamp":
        return "TIMESTAMP" if (type.scale or 0) <= 6 else "TIMESTAMP_NS"
    return {
        "boolean": "BOOLEAN",
        "float": "FLOAT" if type.bits == 32 else "DOUBLE",
        "bytes": "BLOB",
        "date": "DATE",
        "time": "TIME",
        "timestamptz": "TIMESTAMP WITH TIME ZONE",
        "uuid": "UUID",
    }.get(type.kind, "VARCHAR")


def render_integer(type: DataType) -> str:
    """The type of the same width and sign."""
    prefix = "U" if type.unsigned else ""
    return next((prefix + name for name, bits in INTEGER_BITS.items() if (type.bits or 64) <= bits), "VARCHAR")
