"""Small steps on the Arrow tables that the evaluator works with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a batch's rows.

    table: ``row`` and the outputs ``o0``, ``o1`` … of the good rows.
    faults: the number of the fault of each bad row.
    unnamed: bad rows whose cause could not be named, with the target column.
    """

    table: pa.Table
    faults: dict[int, int]
    unnamed: dict[int, str | None]


def rows_of(table: pa.Table) -> list[int]:
    """The numbers of a table's rows in the batch."""
    rows: Any = table.column("row").to_pylist()
    return list(rows)


def in_order(table: pa.Table) -> pa.Table:
    """The table by row number, as a join may have changed the order."""
    rows = table.column("row").to_numpy()
    return table if bool((rows[1:] > rows[:-1]).all()) else table.sort_by("row")


def without_rows(table: pa.Table, bad: Iterable[int]) -> pa.Table:
    """The table without some rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = list(bad)
    if not numbers:
        return table
    return table.filter(pc.invert(pc.is_in(table.column("row"), pa.array(numbers, pa.int64()))))


def only_rows(table: pa.Table, wanted: Iterable[int]) -> pa.Table:
    """Some rows of the table."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table.column("row"), pa.array(list(wanted), pa.int64())))


def unpacked(table: pa.Table, outputs: int) -> pa.Table:
    """The outputs out of the lists of one that TRY gave."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns: dict[str, Any] = {"row": table.column("row")}
    for name in (f"o{number}" for number in range(outputs)):
        columns[name] = pc.list_flatten(table.column(name))
    return pa.table(columns)


def good_rows(table: pa.Table, outputs: int) -> Any:
    """Which rows have every value and no fault: a mask."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not table.num_rows:
        return pa.array([], pa.bool_())
    good = pc.is_null(pc.list_element(table.column("f"), 0))
    for name in ("w", "f", *(f"o{number}" for number in range(outputs))):
        good = pc.and_(good, pc.is_valid(table.column(name)))
    return good


def first_failing(table: pa.Table, outputs: int) -> list[int | None]:
    """For each row the first of filter (0) and outputs (1 …) that failed; None if none did (an error() was met)."""
    import pyarrow.compute as pc

    found: list[int | None] = [None] * table.num_rows
    for number in range(outputs, -1, -1):
        name = f"o{number - 1}" if number else "w"
        for row in pc.indices_nonzero(pc.is_null(table.column(name))).to_numpy():
            found[int(row)] = number
    return found
