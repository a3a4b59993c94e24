"""Names of types for files: DuckDB's, which Parquet's map to, and everyday ones for columns of CSV files (``text``, ``int``)."""

from __future__ import annotations

from ..catalogue import DataType
from ..duckdb.types import parse_type as parse_duckdb
from ..duckdb.types import render_type as render_duckdb

EVERYDAY = {
    "str": "VARCHAR", "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "uint8": "UTINYINT",
    "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT", "float": "DOUBLE", "float32": "FLOAT",
    "float64": "DOUBLE", "bytes": "BLOB", "binary": "BLOB",
}  # fmt: skip
TEXT = DataType("text", "VARCHAR")
INTEGER_NAMES = {8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}


def parse_type(native: str) -> DataType:
    """The common meaning of a type's name; what has no values of a simple kind is text in a file."""
    name = " ".join(native.split())
    found = parse_duckdb(EVERYDAY.get(name, name))
    return TEXT if found.kind in ("other", "text") else found


def render_type(type: DataType) -> str:
    """The name for a common type."""
    return render_duckdb(type)


def integer_name(bits: int, *, unsigned: bool) -> str:
    """The name of an integer type."""
    return f"{'U' if unsigned else ''}{INTEGER_NAMES[bits]}"
