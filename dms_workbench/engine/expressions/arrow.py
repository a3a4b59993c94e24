"""Values of a batch as Arrow columns of the right types; values that are not of their column's type are found."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..databases.base import Value
from ..databases.catalogue import DataType
from .types import input_type

if TYPE_CHECKING:
    import pyarrow as pa

NO_VALUE = type(None)

ACCEPTED: dict[str, frozenset[type]] = {
    "boolean": frozenset({bool, int, NO_VALUE}),
    "integer": frozenset({int, NO_VALUE}),
    "float": frozenset({float, int, NO_VALUE}),
    "decimal": frozenset({str, int, float, NO_VALUE}),
    "bytes": frozenset({bytes, NO_VALUE}),
}
"""The Python types of a column's values; text for every other kind."""

TEXT = frozenset({str, NO_VALUE})

FORMS = {
    "date": r"^(-?infinity|\d{4,}-\d{2}-\d{2}( BC)?)$",
    "time": r"^\d{2}:\d{2}:\d{2}(\.\d{1,6})?$",
    "timestamp": r"^(-?infinity|\d{4,}-\d{2}-\d{2} ([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?( BC)?)$",
    "timestamptz": r"^(-?infinity|\d{4,}-\d{2}-\d{2} ([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,6})?\+00( BC)?)$",
    "uuid": r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}
"""The canonical form of the kinds that travel as text: DuckDB would take others too, and read more into them."""

CAST_KINDS = frozenset({"date", "time", "timestamp", "timestamptz", "interval", "uuid"})


@dataclass(frozen=True, slots=True)
class ArrowColumn:
    """One column.

    values: with None where they do not fit; cast: the SQL type to cast them to, or ""; bad: the rows that do not fit.
    """

    values: pa.Array[Any]
    cast: str
    bad: list[int]


def arrow_column(values: Sequence[Value], type: DataType) -> ArrowColumn:
    """A batch's column for DuckDB; the cast is done there."""
    fitting, bad = of_accepted_types(values, type)
    make = MAKERS.get(type.kind, text_column)
    return make(fitting, bad, type)


def of_accepted_types(values: Sequence[Value], type: DataType) -> tuple[list[Value], list[int]]:
    """The values with None for those of another Python type, and where they are."""
    accepted = ACCEPTED.get(type.kind, TEXT)
    if {value.__class__ for value in values} <= accepted:
        return list(values), []
    bad = [row for row, value in enumerate(values) if value.__class__ not in accepted]
    return without(values, bad), bad


def without(values: Sequence[Value], bad: Sequence[int]) -> list[Value]:
    """The values with None in some rows."""
    kept = list(values)
    for row in bad:
        kept[row] = None
    return kept


def convert_each(values: list[Value], convert: Callable[[Value], Value]) -> tuple[list[Value], list[int]]:
    """Convert value by value; where that raises, None and the row's number."""
    bad = []
    for row, value in enumerate(values):
        try:
            values[row] = None if value is None else convert(value)
        except (ValueError, ArithmeticError, UnicodeError):
            values[row] = None
            bad.append(row)
    return values, bad


def boolean_column(values: list[Value], bad: list[int], _: DataType) -> ArrowColumn:
    """Booleans, also as 0 and 1."""
    import pyarrow as pa

    values, more = convert_each(values, as_boolean)
    return ArrowColumn(pa.array(values, pa.bool_()), "", bad + more)


def as_boolean(value: Value) -> bool:
    """True or false; raises ValueError for another number."""
    if value not in (0, 1):
        raise ValueError
    return bool(value)


def integer_column(values: list[Value], bad: list[int], type: DataType) -> ArrowColumn:
    """Whole numbers; those past 64 bits as text to be cast."""
    import pyarrow as pa

    name = input_type(type)
    if name == "HUGEINT":
        values, more = convert_each(values, lambda value: str(in_range(value, 127)))
        return ArrowColumn(pa.array(values, pa.string()), name, bad + more)
    try:
        return ArrowColumn(pa.array(values, pa.int64()), "", bad)
    except (OverflowError, pa.ArrowInvalid):
        values, more = convert_each(values, lambda value: in_range(value, 63))
        return ArrowColumn(pa.array(values, pa.int64()), "", bad + more)


def in_range(value: int, bits: int) -> int:
    """The number, if it fits into so many bits beside the sign; raises ValueError."""
    if not -(2**bits) <= value < 2**bits:
        raise ValueError
    return value


def float_column(values: list[Value], bad: list[int], _: DataType) -> ArrowColumn:
    """Floating-point numbers."""
    import pyarrow as pa

    values, more = convert_each(values, float)
    return ArrowColumn(pa.array(values, pa.float64()), "", bad + more)


def decimal_column(values: list[Value], bad: list[int], type: DataType) -> ArrowColumn:
    """Decimals, exactly: a digit too many does not fit. Where DuckDB has no such DECIMAL, text."""
    import pyarrow as pa

    texts, more = convert_each(values, plain_decimal)
    array = pa.array(texts, pa.string())
    if input_type(type) == "VARCHAR":
        return ArrowColumn(array, "", bad + more)
    target = pa.decimal128(type.precision or 38, type.scale or 0)
    try:
        return ArrowColumn(array.cast(target), "", bad + more)
    except pa.ArrowInvalid:
        texts, misfits = convert_each(texts, lambda text: pa.scalar(text, pa.string()).cast(target).as_py())
        return ArrowColumn(pa.array(texts, target), "", bad + more + misfits)


def plain_decimal(value: Value) -> str:
    """A decimal's text; raises ValueError if it is no number."""
    if isinstance(value, str):
        return value
    return format(decimal.Decimal(repr(value)), "f")


def bytes_column(values: list[Value], bad: list[int], _: DataType) -> ArrowColumn:
    """Bytes."""
    import pyarrow as pa

    return ArrowColumn(pa.array(values, pa.binary()), "", bad)


def text_column(values: list[Value], bad: list[int], type: DataType) -> ArrowColumn:
    """Text, and what travels as text; kinds of one canonical form are held to it."""
    import pyarrow as pa

    array: Any
    try:
        array = pa.array(values, pa.string())
    except UnicodeEncodeError:
        values, more = convert_each(values, lambda value: value if value.encode() is not None else "")
        array, bad = pa.array(values, pa.string()), bad + more
    if type.kind not in CAST_KINDS:
        return ArrowColumn(array, "", bad)
    if type.kind in FORMS:
        array, more = held_to(array, FORMS[type.kind])
        bad = bad + more
    return ArrowColumn(spelled_for_duckdb(array, type.kind), input_type(type), bad)


def held_to(array: pa.Array[Any], form: str) -> tuple[pa.Array[Any], list[int]]:
    """The texts that have the form, NULL for the others, and which those are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    fits: Any = pc.match_substring_regex(array, form)
    if pc.all(fits, min_count=0).as_py() is not False:
        return array, []
    bad = pc.indices_nonzero(pc.fill_null(pc.invert(fits), False)).to_pylist()
    return pc.if_else(fits, array, pa.scalar(None, pa.string())), bad


def spelled_for_duckdb(array: pa.Array[Any], kind: str) -> pa.Array[Any]:
    """The canonical form as DuckDB reads it: `` (BC)``, and no plus sign in intervals."""
    import pyarrow.compute as pc

    if kind == "interval":
        return pc.replace_substring(array, "+", "")
    if kind == "date":
        return pc.replace_substring(array, " BC", " (BC)")
    if kind in {"timestamp", "timestamptz"}:
        return pc.replace_substring_regex(array, r"^(\S+) (.*) BC$", r"\1 (BC) \2")
    return array


MAKERS: dict[str, Callable[[list[Value], list[int], DataType], ArrowColumn]] = {
    "boolean": boolean_column,
    "integer": integer_column,
    "float": float_column,
    "decimal": decimal_column,
    "bytes": bytes_column,
}
