r"""Rows as CSV whose fields are written as PostgreSQL's COPY writes them, read into typed Arrow tables: exactly, or not at all.

A field is the text of `engine.databases.base`, with ``t`` and ``f`` for booleans and ``\x`` and hexadecimal digits for bytes;
an empty field without quotes is NULL, one in quotes is an empty text. Arrow's parsers are strict for all types used here: an
infinite date, a year beyond 9999 or before 1, NaN in a decimal and a digit too many are errors, never another value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .arrow_alone import arrow_alone
from .base import Lines, RowsRefused
from .catalogue import Column, DataType
from .large_csv import tables_of

if TYPE_CHECKING:
    import pyarrow

CANONICAL = "canonical-csv"
"""The form's name."""
DECIMAL_DIGITS = 38
MICROSECONDS = 6
WHOLE = frozenset((8, 16, 32, 64))
WRITTEN_AS_TEXT = frozenset(("decimal", "text", "date", "time", "timestamp", "timestamptz", "interval", "uuid", "json"))
"""Kinds whose values are text on their way: a text column takes them as they are."""
UUID_CHARACTERS = 36
HYPHENS = (8, 13, 18, 23)


def passes(source: DataType, target: DataType) -> bool:
    """Is a field of a PostgreSQL column, read into a column of the target's type, what conversion would make of it?"""
    if target.labels is not None or target.fixed or target.several or target.length is not None:
        return False
    if target.kind == "text":
        return source.kind in WRITTEN_AS_TEXT and target.native == "VARCHAR"
    check = CHECKS.get(target.kind)
    return check is not None and source.kind == target.kind and check(source, target)


def decimals_pass(source: DataType, target: DataType) -> bool:
    """Has the target as many digits before and after the point?"""
    if source.precision is None or target.precision is None or not 0 < target.precision <= DECIMAL_DIGITS:
        return False
    scale, wanted = source.scale or 0, target.scale or 0
    return 0 <= scale <= wanted <= target.precision and source.precision - scale <= target.precision - wanted


def moments_pass(source: DataType, target: DataType) -> bool:
    """Do both count microseconds at most, and the target just those?"""
    return (source.scale or 0) <= MICROSECONDS == (MICROSECONDS if target.scale is None else target.scale)


def always(_source: DataType, _target: DataType) -> bool:
    """Nothing more to ask."""
    return True


CHECKS: dict[str, Callable[[DataType, DataType], bool]] = {
    "boolean": always,
    "bytes": always,
    "uuid": always,
    "json": lambda _source, target: target.native == "JSON",
    "date": always,
    "integer": lambda _source, target: (target.bits or 64) in WHOLE,
    "float": lambda source, target: (target.bits or 64) == 64 or source.bits == 32,
    "decimal": decimals_pass,
    "time": moments_pass,
    "timestamp": moments_pass,
    "timestamptz": moments_pass,
}


def field_type(type: DataType) -> Any:
    """The Arrow type that a field of a column is read as; of uuid and bytes it is their text."""
    import pyarrow as pa

    match type.kind:
        case "boolean":
            return pa.bool_()
        case "integer":
            return getattr(pa, f"{'u' if type.unsigned else ''}int{type.bits or 64}")()
        case "float":
            return pa.float32() if type.bits == 32 else pa.float64()
        case "decimal":
            return pa.decimal128(type.precision or DECIMAL_DIGITS, type.scale or 0)
        case "date":
            return pa.date32()
        case "time":
            return pa.time64("us")
        case "timestamp" | "timestamptz":
            return pa.timestamp("us", "UTC" if type.kind == "timestamptz" else None)
    return pa.string()


def read_table(lines: Lines, columns: Sequence[Column]) -> pyarrow.Table:
    """The rows of a chunk as columns c0, c1 …, in several pieces where a row is large; the chunk's pieces are read to their end.

    Raises RowsRefused where a field is no value of its column.
    """
    import pyarrow as pa

    arrow_alone()
    types = {f"c{number}": field_type(column.type) for number, column in enumerate(columns)}

    def parse(data: bytes) -> pyarrow.Table:
        table = parsed(data, types)
        del data
        made = [completed(table.column(name), column.type) for name, column in zip(types, columns, strict=True)]
        return pa.Table.from_arrays(made, names=list(types))

    try:
        parts = list(tables_of(lines.pieces, columns, parse))
    except pa.ArrowInvalid:
        raise RowsRefused("a value does not fit its column") from None
    table = parts[0] if len(parts) == 1 else pa.concat_tables(parts)
    if table.num_rows != lines.rows:
        raise RowsRefused("the rows of a chunk cannot be told apart")
    return table


def parsed(data: bytes, types: dict[str, Any]) -> pyarrow.Table:
    """The fields as Arrow reads them, by one thread and in one block, so that memory is that of the chunk.

    The system's pool gives large pieces back at once; Arrow's own keeps them.
    """
    import pyarrow as pa
    from pyarrow import csv

    source: Any = pa.py_buffer(data)
    return csv.read_csv(
        source,
        read_options=csv.ReadOptions(column_names=list(types), use_threads=False, block_size=len(data) + 1),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=types,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
        ),
        memory_pool=pa.system_memory_pool(),
    )


def completed(column: pyarrow.ChunkedArray[Any], type: DataType) -> Any:
    """Uuid and bytes out of their text."""
    import pyarrow as pa

    if type.kind not in ("uuid", "bytes"):
        return column
    array: Any = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], pa.string())
    return uuids(array) if type.kind == "uuid" else binaries(array)


def texts_of(array: Any) -> tuple[Any, Any, Any]:
    """A text array's bytes as numbers, where each value starts and how long it is, nulls being of no length."""
    import numpy as np

    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    text = np.frombuffer(data, np.uint8)[places[0] : places[-1]] if data is not None else np.empty(0, np.uint8)
    return text, places[:-1] - places[0], np.diff(places)


def uuids(array: Any) -> Any:
    """Uuids of 36 characters as 16 bytes. Raises ArrowInvalid for any other text."""
    import numpy as np
    import pyarrow as pa

    present = array.drop_null()
    text, _, lengths = texts_of(present)
    if bool((lengths != UUID_CHARACTERS).any()):
        raise pa.ArrowInvalid("no uuid")
    letters = text.reshape(len(present), UUID_CHARACTERS)
    if bool((letters[:, HYPHENS] != ord("-")).any()):
        raise pa.ArrowInvalid("no uuid")
    digits = np.delete(letters, HYPHENS, axis=1).tobytes()
    values = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(present), [None, pa.py_buffer(from_hexadecimal(digits))]
    )
    return spread(values, array).cast(pa.uuid())


def binaries(array: Any) -> Any:
    r"""Bytes out of ``\x`` and hexadecimal digits. Raises ArrowInvalid for any other text."""
    import numpy as np
    import pyarrow as pa

    present = array.drop_null()
    text, starts, lengths = texts_of(present)
    if (
        bool((lengths < 2).any())
        or bool((text[starts] != ord("\\")).any())
        or bool((text[starts + 1] != ord("x")).any())
    ):
        raise pa.ArrowInvalid("no bytes")
    kept = np.ones(len(text), bool)
    kept[starts] = kept[starts + 1] = False
    data = from_hexadecimal(text[kept].tobytes())
    offsets: Any = np.zeros(len(present) + 1, np.int32)
    np.cumsum((lengths - 2) // 2, out=offsets[1:])
    if offsets[-1] != len(data):
        raise pa.ArrowInvalid("no bytes")
    values = pa.BinaryArray.from_buffers(pa.binary(), len(present), [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    return spread(values, array)


def from_hexadecimal(digits: bytes) -> bytes:
    """The bytes of hexadecimal digits. Raises ArrowInvalid for anything else."""
    import pyarrow as pa

    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        raise pa.ArrowInvalid("no hexadecimal digits") from None


def spread(values: Any, like: Any) -> Any:
    """The values with NULL where the other array has it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not like.null_count:
        return values
    mask = pc.is_valid(like)
    places = pc.if_else(mask, pc.subtract(pc.cumulative_sum(mask.cast(pa.int64())), 1), None)
    return values.take(places)
