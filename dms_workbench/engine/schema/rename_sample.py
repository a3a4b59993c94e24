"""Values of live tables as hashes: a bounded number of rows read, the smallest hashes of their distinct values kept."""

from __future__ import annotations

import hashlib
import heapq
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from ...kernel.errors import WorkbenchError
from ..databases.base import Source
from ..databases.catalogue import Table
from .rename import Sketch

ROWS_READ = 20_000
VALUES_KEPT = 1_000
PLAIN_NUMBER = re.compile(r"-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?")


@dataclass
class LiveSampler:
    """Reads each table once, all its columns, when a column of it is first asked for."""

    first: Source
    second: Source
    rows: int = ROWS_READ
    known: dict[tuple[str, Any], dict[str, Sketch]] = field(default_factory=dict)

    def column(self, side: Literal["first", "second"], table: Table, column: str) -> Sketch | None:
        """Values of a column; None where the table cannot be read."""
        key = (side, table.name)
        if key not in self.known:
            try:
                self.known[key] = self.read(self.first if side == "first" else self.second, table)
            except WorkbenchError:
                self.known[key] = {}
        return self.known[key].get(column)

    def read(self, source: Source, table: Table) -> dict[str, Sketch]:
        """The sketches of all columns of a table."""
        names = [column.name for column in table.copied_columns]
        if table.problem is not None or not names:
            return {}
        distinct: list[set[int]] = [set() for _ in names]
        rows, whole = 0, True
        for batch in source.read(table, names, batch_rows=self.rows):
            for place, values in enumerate(batch.columns):
                distinct[place].update(
                    hashed(value) for value in set(map(canonical, values[: self.rows - rows])) if value
                )
            rows += batch.rows
            if rows >= self.rows:
                whole = False
                break
        return {
            name: kept(found, min(rows, self.rows), whole=whole) for name, found in zip(names, distinct, strict=True)
        }


def kept(found: set[int], rows: int, *, whole: bool) -> Sketch:
    """The smallest hashes."""
    if len(found) <= VALUES_KEPT:
        return Sketch(frozenset(found), rows, whole)
    return Sketch(frozenset(heapq.nsmallest(VALUES_KEPT, found)), rows, whole=False)


def canonical(value: Any) -> str:
    """A value as text that is the same on every product; empty for NULL and for the empty text."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return number(repr(value))
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    text = str(value)
    return number(text) if PLAIN_NUMBER.fullmatch(text) else text


def number(text: str) -> str:
    """A number without zeros that say nothing; what is no finite number as it is."""
    found = Decimal(text)
    return format(found.normalize(), "f") if found.is_finite() else text


def hashed(text: str) -> int:
    """A hash that every machine gives."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
