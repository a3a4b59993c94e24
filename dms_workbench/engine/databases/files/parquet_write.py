"""Columns of values as a Parquet file; what no column of its type can hold is found value by value."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..arrow_alone import arrow_alone
from ..base import Reject, Value
from ..catalogue import Column, DataType

if TYPE_CHECKING:
    import pyarrow

DECIMAL_DIGITS = 38
"""More than these only few readers know: such a decimal is written as text."""
WHOLE = frozenset((8, 16, 32, 64))


def arrow_type(type: DataType) -> Any:  # noqa: C901, PLR0911, PLR0912  one line a kind
    """The Arrow type of a column."""
    import pyarrow as pa

    match type.kind:
        case "boolean":
            return pa.bool_()
        case "integer" if (type.bits or 64) in WHOLE:
            return getattr(pa, f"{'u' if type.unsigned else ''}int{type.bits or 64}")()
        case "float":
            return pa.float32() if type.bits == 32 else pa.float64()
        case "decimal" if type.precision is not None and 0 < type.precision <= DECIMAL_DIGITS:
            return pa.decimal128(type.precision, type.scale or 0)
        case "bytes":
            return pa.binary()
        case "date":
            return pa.date32()
        case "time":
            return pa.time64("ns" if (type.scale or 0) > 6 else "us")
        case "timestamp" | "timestamptz":
            return pa.timestamp("ns" if (type.scale or 0) > 6 else "us", "UTC" if type.kind == "timestamptz" else None)
        case "uuid":
            return pa.uuid()
    return pa.string()


def schema_of(columns: Sequence[Column]) -> pyarrow.Schema:
    """The schema of a table's files."""
    import pyarrow as pa

    arrow_alone()
    return pa.schema([pa.field(column.name, arrow_type(column.type), nullable=column.nullable) for column in columns])


def arrow_table(columns: Sequence[Column], values: list[list[Value]]) -> tuple[pyarrow.Table, list[Reject]]:
    """The rows, and the values that do not fit, which are NULL in them."""
    import pyarrow as pa

    arrow_alone()
    arrays, rejects = [], []
    for column, given in zip(columns, values, strict=True):
        array, unfit = arrow_array(column, given)
        arrays.append(array)
        rejects += unfit
    schema = schema_of(columns)
    if rejects:
        schema = pa.schema([field.with_nullable(True) for field in schema])
    return pa.Table.from_arrays(arrays, schema=schema), rejects


def arrow_array(column: Column, values: list[Value]) -> tuple[Any, list[Reject]]:
    """One column: at once if all values fit, else value by value."""
    build = builder(column.type)
    try:
        return build(values), []
    except (ValueError, TypeError, OverflowError, UnicodeEncodeError):
        pass
    fitting: list[Value] = []
    rejects = []
    for row, value in enumerate(values):
        try:
            build([value])
            fitting.append(value)
        except UnicodeEncodeError:
            fitting.append(None)
            rejects.append(Reject(row, column.name, "invalid-text", "the text is not valid Unicode"))
        except (ValueError, TypeError, OverflowError):
            fitting.append(None)
            rejects.append(
                Reject(row, column.name, "out-of-range", f"Parquet's {column.type.kind} cannot hold the value")
            )
    return build(fitting), rejects


def builder(type: DataType) -> Callable[[list[Value]], Any]:
    """What makes the array of a type; it raises ValueError, TypeError or OverflowError where a value does not fit."""
    import pyarrow as pa

    wanted = arrow_type(type)
    if pa.types.is_string(wanted) and type.kind == "integer":
        return lambda values: pa.array([None if value is None else str(value) for value in values], wanted)
    if type.kind == "uuid":
        return lambda values: pa.array(
            [None if value is None else bytes.fromhex(value.replace("-", "")) for value in values], pa.binary(16)
        ).cast(wanted)
    if pa.types.is_decimal(wanted):
        return decimals(wanted)
    if type.kind == "timestamptz":
        naive = pa.timestamp(wanted.unit)
        return lambda values: pa.array([zoneless(value) for value in values], pa.string()).cast(naive).cast(wanted)
    if type.kind == "time":
        return lambda values: pa.array([None if value is None else clock(value) for value in values], wanted)
    if type.kind in ("date", "timestamp"):
        return lambda values: pa.array(values, pa.string()).cast(wanted)
    return lambda values: pa.array(values, wanted)


def decimals(wanted: Any) -> Callable[[list[Value]], Any]:
    """Decimals from their text, exactly."""
    from decimal import Decimal, InvalidOperation

    import pyarrow as pa

    def build(values: list[Value]) -> Any:
        try:
            return pa.array([None if value is None else Decimal(value) for value in values], wanted)
        except InvalidOperation:
            raise ValueError from None

    return build


def clock(text: str) -> datetime.time:
    """A time of day out of ``HH:MM:SS[.ffffff]``; raises ValueError for 24:00 and for digits that it cannot hold."""
    if len(text) > len("00:00:00.000000"):
        raise ValueError
    return datetime.time.fromisoformat(text)


def zoneless(value: Value) -> Value:
    """A moment in UTC without its zone."""
    if value is None:
        return None
    if not value.endswith("+00"):
        raise ValueError
    return value.removesuffix("+00")


def write_part(path: Path, table: pyarrow.Table) -> None:
    """Write one part file, all of it on the disk when this returns."""
    import os

    from pyarrow import parquet

    with path.open("wb") as file:
        parquet.write_table(table, file, compression="zstd", write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())
