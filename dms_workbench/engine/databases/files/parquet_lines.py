"""Rows that pass as CSV as a table of a Parquet file's own types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..base import Lines, RowsRefused
from ..canonical_csv import read_table
from ..catalogue import Column
from .parquet_write import schema_of

if TYPE_CHECKING:
    import pyarrow


def table_of_lines(in_order: Sequence[Column], columns: Sequence[Column], lines: Lines) -> pyarrow.Table:
    """The rows with all columns of the table in its order; NULL where nothing is given.

    columns: those of the lines, in their order. Raises RowsRefused where a row has no place in the file.
    """
    import pyarrow as pa

    rows = read_table(lines, columns)
    given: dict[str, Any] = {column.name: rows.column(number) for number, column in enumerate(columns)}
    schema = schema_of(in_order)
    arrays: list[Any] = []
    for field in schema:
        array: Any = given.get(field.name)
        if array is None:
            array = pa.nulls(rows.num_rows, pa.string()).cast(field.type)
        if not field.nullable and array.null_count:
            raise RowsRefused(f"{field.name}: the target column must not be NULL")
        arrays.append(array if array.type == field.type else array.cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)
