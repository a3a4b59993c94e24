"""PostgreSQL's types in the common terms, and the PostgreSQL type that holds every value of a common type."""

from __future__ import annotations

import re

from ..catalogue import DataType

INTEGER_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
FLOAT_BITS = {"real": 32, "double precision": 64}
PLAIN_KINDS = {
    "boolean": "boolean", "text": "text", "bytea": "bytes", "date": "date", "uuid": "uuid", "json": "json",
    "jsonb": "json", "interval": "interval",
}  # fmt: skip
WITH_LENGTH = re.compile(r"(character varying|character|bpchar)(?:\((\d+)\))?")
NUMERIC = re.compile(r"numeric(?:\((\d+),(-?\d+)\))?")
CLOCK = re.compile(r"(time|timestamp)(?:\((\d)\))? (with|without) time zone")
VARCHAR_LIMIT = 10_485_760
SYNONYMS = {
    "bool": "boolean", "int": "integer", "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real",
    "float": "double precision", "float8": "double precision", "varchar": "character varying", "char": "character",
    "decimal": "numeric", "dec": "numeric", "timestamptz": "timestamp",
}  # fmt: skip
AS_WRITTEN = re.compile(
    r"(?P<name>[a-z][a-z0-9 ]*?) ?(?P<sizes>\( ?\d+ ?(?:, ?-?\d+ ?)?\))?(?P<zone> with time zone| without time zone)?"
)


def parse_type(native: str) -> DataType:
    """The common meaning of what ``format_type`` prints, or of the same type as people write it (``VARCHAR(80)``).

    Unknown types (inet, arrays, enums) are ``other``.
    """
    return parse_printed(native) or parse_printed(as_printed(native)) or DataType("other", native)


def as_printed(written: str) -> str:
    """A type as ``format_type`` prints it, from any spelling PostgreSQL takes for it; other texts come back lowered."""
    words = " ".join(written.lower().split())
    match = AS_WRITTEN.fullmatch(words)
    if match is None:
        return words
    name, sizes, zone = (
        SYNONYMS.get(match["name"], match["name"]),
        (match["sizes"] or "").replace(" ", ""),
        match["zone"],
    )
    if name in ("time", "timestamp"):
        return name + sizes + (zone or (" with time zone" if match["name"] == "timestamptz" else " without time zone"))
    if name == "character" and not sizes:
        return "character(1)"
    if name == "numeric" and sizes and "," not in sizes:
        return f"{name}{sizes[:-1]},0)"
    return name + sizes


def parse_printed(native: str) -> DataType | None:
    """The common meaning of what ``format_type`` prints; None for types without one."""
    if native in INTEGER_BITS:
        return DataType("integer", native, bits=INTEGER_BITS[native])
    if native in FLOAT_BITS:
        return DataType("float", native, bits=FLOAT_BITS[native])
    if native == "money":
        return DataType("decimal", native, precision=19, scale=2)
    if native in PLAIN_KINDS:
        return DataType(PLAIN_KINDS[native], native)  # type: ignore[arg-type]
    return parse_with_parameters(native)


def parse_with_parameters(native: str) -> DataType | None:
    """Types with a length, a precision or a zone."""
    if match := WITH_LENGTH.fullmatch(native):
        length = int(match[2]) if match[2] else None
        return DataType("text", native, length=length, fixed=match[1] != "character varying" and length is not None)
    if match := NUMERIC.fullmatch(native):
        precision = int(match[1]) if match[1] else None
        return DataType("decimal", native, precision=precision, scale=int(match[2]) if match[2] else None)
    if match := CLOCK.fullmatch(native):
        fraction = int(match[2]) if match[2] else 6
        if match[1] == "timestamp":
            return DataType("timestamptz" if match[3] == "with" else "timestamp", native, scale=fraction)
        if match[3] == "without":
            return DataType("time", native, scale=fraction)
    return None


def render_type(type: DataType) -> str:
    """The PostgreSQL type for a common type of another product; ``text`` where there is no common meaning."""
    if type.kind == "integer":
        return render_integer(type)
    if type.kind == "decimal":
        return "numeric" if type.precision is None else f"numeric({type.precision},{type.scale or 0})"
    if type.kind == "text":
        return (
            "text"
            if type.length is None or type.length > VARCHAR_LIMIT or type.length < 1
            else f"character varying({type.length})"
        )
    return {
        "boolean": "boolean",
        "float": "real" if type.bits == 32 else "double precision",
        "bytes": "bytea",
        "date": "date",
        "time": "time without time zone",
        "timestamp": "timestamp without time zone",
        "timestamptz": "timestamp with time zone",
        "interval": "interval",
        "uuid": "uuid",
        "json": "json",
    }.get(type.kind, "text")


def render_integer(type: DataType) -> str:
    """The smallest integer type that holds the range; numeric where none does."""
    needed = (type.bits or 64) + (1 if type.unsigned else 0)
    for name, bits in INTEGER_BITS.items():
        if needed <= bits:
            return name
    return "numeric(20,0)" if needed <= 65 else "numeric(39,0)"
