"""Results of expressions in the canonical forms of `engine.databases.base`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..databases.base import Value
from ..databases.catalogue import DataType

if TYPE_CHECKING:
    import pyarrow as pa

AS_TEXT = frozenset({"decimal", "time", "uuid", "text"})
WITH_ERA = frozenset({"timestamp", "timestamptz"})
"""Kinds that DuckDB writes with `` (BC)`` after the day, and we at the end."""


def canonical_sql(sql: str, type: DataType) -> str:
    """SQL that gives a result in a form whose Arrow values `values_of` reads."""
    if type.kind == "date":
        return f"replace(CAST({sql} AS VARCHAR), ' (BC)', ' BC')"
    if type.kind in WITH_ERA:
        return rf"regexp_replace(CAST({sql} AS VARCHAR), '^(\S+) \(BC\) (.*)$', '\1 \2 BC')"
    if type.kind in AS_TEXT or (type.kind == "integer" and (type.bits or 64) >= 64 and type.native != "BIGINT"):
        return f"CAST({sql} AS VARCHAR)"
    if type.kind == "float":
        return f"CAST({sql} AS DOUBLE)"
    return sql


def values_of(array: pa.Array[Any] | pa.ChunkedArray[Any], type: DataType) -> list[Value]:
    """The values of a result's column."""
    values: list[Value] = array.to_pylist()
    convert: Callable[[Any], Value] | None = None
    if type.kind == "integer" and (type.bits or 64) >= 64 and type.native != "BIGINT":
        convert = int
    elif type.kind == "interval":
        convert = interval_text
    return values if convert is None else [None if value is None else convert(value) for value in values]


def interval_text(value: Any) -> str:
    """Months, days and nanoseconds as PostgreSQL writes an interval."""
    months, days, nanoseconds = value
    years, months = int(months / 12), months - int(months / 12) * 12
    written, negative = "", False
    for number, unit in ((years, "year"), (months, "mon"), (days, "day")):
        if number:
            plus = "+" if negative and number > 0 else ""
            written += f"{plus}{number} {unit}{'' if number == 1 else 's'} "
            negative = number < 0
    microseconds = abs(nanoseconds) // 1000
    if microseconds or not written:
        sign = "-" if nanoseconds < 0 else "+" if negative else ""
        written += sign + clock(microseconds)
    return written.rstrip()


def clock(microseconds: int) -> str:
    """Microseconds as HH:MM:SS with a fraction without trailing zeros."""
    seconds, fraction = divmod(microseconds, 1_000_000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return text + (f".{fraction:06d}".rstrip("0") if fraction else "")
