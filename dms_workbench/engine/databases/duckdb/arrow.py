"""Python values into Arrow columns; what does not go into a column exactly is found here, value by value."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..arrow_alone import arrow_alone
from ..base import Reject, Value
from ..catalogue import Column, DataType
from .forms import duckdb_interval, passes_native

if TYPE_CHECKING:
    import pyarrow

PLAIN_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?", re.ASCII)
ARROW_DECIMAL_CHARACTERS = 38
"""Arrow reads a longer text into 128 bits without seeing the overflow."""
ROW = '"dms row number"'
"""The column that numbers the rows of a batch, quoted; no table has one of that name."""
LARGE_BYTES = 1_000_000
"""A cell of so many bytes or characters is handled alone, so that it is not copied more often than it must be."""
SIZED = frozenset(("text", "bytes", "json", "other"))
CLASSES: dict[str, type] = {"boolean": bool, "integer": int, "float": float, "bytes": bytes}


class Unfit(Exception):
    """This value does not go into this column."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


def arrow_table(columns: Sequence[Column], values: list[list[Value]]) -> tuple[pyarrow.Table, list[Reject]]:
    """A table with columns c0, c1 … and `ROW`; rejected values are NULL in it. Rows with a large cell are pieces of their own."""
    import pyarrow

    arrow_alone()
    rows, large = len(values[0]) if values else 0, large_rows(columns, values)
    if not large:
        return piece_of(columns, values, 0, rows)
    ends = sorted({0, rows, *large, *(row + 1 for row in large)})
    pieces, rejects = [], []
    for begins, end in pairwise(ends):
        piece, found = piece_of(columns, [column[begins:end] for column in values], begins, end)
        pieces.append(piece)
        rejects += [Reject(reject.row + begins, reject.column, reject.code, reject.reason) for reject in found]
    return pyarrow.concat_tables(pieces), rejects


def piece_of(
    columns: Sequence[Column], values: list[list[Value]], begins: int, end: int
) -> tuple[pyarrow.Table, list[Reject]]:
    """Some rows as a table, numbered from one to another."""
    import pyarrow

    arrays: dict[str, Any] = {}
    rejects: list[Reject] = []
    for number, (column, column_values) in enumerate(zip(columns, values, strict=True)):
        arrays[f"c{number}"], found = arrow_column(column, column_values)
        rejects += found
    arrays[ROW.strip('"')] = pyarrow.array(range(begins, end), pyarrow.int64())
    return pyarrow.table(arrays), rejects


def large_rows(columns: Sequence[Column], values: list[list[Value]]) -> set[int]:
    """The rows that have a text or bytes of so many."""
    return {
        row
        for column, column_values in zip(columns, values, strict=True)
        if column.type.kind in SIZED
        for row, value in enumerate(column_values)
        if isinstance(value, str | bytes) and len(value) >= LARGE_BYTES
    }


def arrow_column(column: Column, values: list[Value]) -> tuple[pyarrow.Array[Any], list[Reject]]:
    """One column: at once if all values fit, else value by value."""
    build = builder(column.type)
    expected = CLASSES.get(column.type.kind, str)
    if set(map(type, values)) <= {expected, type(None)}:
        try:
            return build(values), []
        except (ValueError, OverflowError, Unfit):
            pass
    rejects: list[Reject] = []
    fitting: list[Value] = []
    for row, value in enumerate(values):
        try:
            fitting.append(None if value is None else fitted(value, expected, build, column.type))
        except Unfit as unfit:
            fitting.append(None)
            rejects.append(Reject(row, column.name, unfit.code, unfit.reason))
    return build(fitting), rejects


def fitted(value: Value, expected: type, build: Callable[[list[Value]], Any], type: DataType) -> Value:
    """The value in a form that `build` takes; raises Unfit."""
    if not isinstance(value, expected) or (expected is not bool and isinstance(value, bool)):
        raise Unfit("invalid-value", f"a value of another kind stands in a column of kind {type.kind}")
    if type.kind == "decimal" and type.precision is not None:
        value = fitted_decimal(str(value), type.precision, type.scale or 0)
    try:
        build([value])
    except UnicodeEncodeError:
        raise Unfit("invalid-text", "the text is not valid Unicode") from None
    except (ValueError, OverflowError):
        raise Unfit("out-of-range", f"the value is outside the range of {type.native}") from None
    return value


def fitted_decimal(text: str, precision: int, scale: int) -> str:
    """A decimal without the zeros at its end; raises Unfit."""
    match = PLAIN_NUMBER.fullmatch(text)
    if match is None:
        raise Unfit("invalid-value", "it is no number, and DuckDB's decimals hold no NaN and no infinity")
    whole, fraction = match[1].lstrip("0"), (match[2] or "").rstrip("0")
    if len(fraction) > scale:
        raise Unfit("loses-precision", f"it has more than {scale} decimals")
    if len(whole) > precision - scale:
        raise Unfit("out-of-range", f"it has more than {precision - scale} digits before the point")
    return f"{'-' if text.startswith('-') else ''}{whole or '0'}.{fraction or '0'}" if scale else text


def builder(type: DataType) -> Callable[[list[Value]], Any]:
    """What makes the Arrow array of a type; it raises ValueError, OverflowError or Unfit if a value does not fit."""
    import pyarrow

    if type.kind == "decimal" and type.precision is not None:
        return decimals(pyarrow.decimal128(type.precision, type.scale or 0))
    if type.kind == "integer" and not passes_native(type):
        return large_integers(type)
    if type.kind == "float" and type.bits == 32:
        return single_floats
    if type.kind == "interval":
        return intervals
    simple: Any = pyarrow.large_string()
    if type.kind == "integer":
        simple = getattr(pyarrow, f"{'u' if type.unsigned else ''}int{type.bits or 64}")()
    elif type.kind in CLASSES:
        simple = {"boolean": pyarrow.bool_(), "float": pyarrow.float64(), "bytes": pyarrow.large_binary()}[type.kind]
    return lambda values: alone(values, simple) or pyarrow.array(values, simple)


def alone(values: list[Value], type: Any) -> Any:
    """A large value that is the only one: bytes are not copied, a text once. None for any others. Raises UnicodeEncodeError."""
    import pyarrow

    value = values[0] if len(values) == 1 else None
    if not isinstance(value, str | bytes) or len(value) < LARGE_BYTES:
        return None
    content = value.encode() if isinstance(value, str) else value
    ends = pyarrow.py_buffer(struct.pack("=qq", 0, len(content)))
    return pyarrow.Array.from_buffers(type, 1, [None, ends, pyarrow.py_buffer(content)])


def decimals(target: Any) -> Callable[[list[Value]], Any]:
    """Decimals from text, exactly."""
    import pyarrow

    def build(values: list[Value]) -> Any:
        if max((len(value) for value in values if value is not None), default=0) > ARROW_DECIMAL_CHARACTERS:
            numbers = [None if value is None else Decimal(value) for value in values]
            return pyarrow.array(numbers, target)
        return pyarrow.array(values, pyarrow.string()).cast(target)

    return build


def large_integers(type: DataType) -> Callable[[list[Value]], Any]:
    """Integers of 128 bits as text."""
    import pyarrow

    bits = type.bits or 128
    low, high = (0, 2**bits - 1) if type.unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    def build(values: list[Value]) -> Any:
        present = [value for value in values if value is not None]
        if present and not (min(present) >= low and max(present) <= high):
            raise OverflowError
        return pyarrow.array([None if value is None else str(value) for value in values], pyarrow.large_string())

    return build


def single_floats(values: list[Value]) -> Any:
    """Floats of 32 bits, if each is one."""
    import pyarrow
    from pyarrow import compute

    doubles = pyarrow.array(values, pyarrow.float64())
    singles = doubles.cast(pyarrow.float32(), safe=False)
    back = singles.cast(pyarrow.float64())
    same = compute.or_(compute.equal(doubles, back), compute.is_nan(doubles))
    if compute.all(same, min_count=0).as_py() is False:
        raise Unfit("loses-precision", "a FLOAT column cannot hold all digits of this number")
    return singles


def intervals(values: list[Value]) -> Any:
    """Intervals as months, days and microseconds."""
    import pyarrow

    parsed = [None if value is None else duckdb_interval(value) for value in values]
    if any(made is None and value is not None for made, value in zip(parsed, values, strict=True)):
        raise Unfit("invalid-value", "it is not written as an interval")
    return pyarrow.array(parsed, pyarrow.large_string())
