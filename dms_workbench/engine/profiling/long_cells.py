"""Very long texts and bytes, which the workspace holds by their beginning and a hash, so that no cell fills the memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow

    from ..databases.base import Value

LONG = 100_000
"""Characters, or bytes, from which a value is cut."""
KEPT = 2_000


@dataclass(slots=True)
class LongCells:
    """What was cut in a column; lengths in characters, or bytes."""

    count: int = 0
    shortest: int = 0
    longest: int = 0
    cut_away: int = 0
    """In all."""

    def cut(self, value: Value) -> Value:
        """The beginning of a long text or bytes, then a hash of all: equal values stay equal, others stay different."""
        size = len(value)
        whole = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        mark = f"… SHA-256 {hashlib.sha256(whole).hexdigest()}"
        short = value[:KEPT] + (mark.encode() if isinstance(value, bytes) else mark)
        self.shortest = min(self.shortest, size) if self.count else size
        self.count += 1
        self.longest = max(self.longest, size)
        self.cut_away += size - len(short)
        return short


def is_long(value: Value) -> bool:
    """Is it a text or bytes too long to be kept whole?"""
    return isinstance(value, str | bytes) and len(value) > LONG


def cut_values(name: str, values: list[Value], into: dict[str, LongCells]) -> list[Value]:
    """A column's values, long ones cut."""
    if not any(map(is_long, values)):
        return values
    cells = into.setdefault(name, LongCells())
    return [cells.cut(value) if is_long(value) else value for value in values]


def cut_rows(rows: pyarrow.Table, names: list[str], into: dict[str, LongCells]) -> pyarrow.Table:
    """The same of an Arrow table, whose columns are called so at the source."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, name in enumerate(names):
        column = rows.column(place)
        if not (pa.types.is_string(column.type) or pa.types.is_binary(column.type)):
            continue
        longest: Any = pc.max(pc.binary_length(column)).as_py()
        if longest is not None and longest > LONG:
            values = cut_values(name, column.to_pylist(), into)
            rows = rows.set_column(place, rows.field(place), pa.array(values, column.type))
    return rows
