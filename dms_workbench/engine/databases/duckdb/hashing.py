"""Hashes of whole rows, computed by DuckDB from its own text of every value; see `row_hashes`.

Both halves of the MD5 are summed: here they cost nothing more than one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..row_hashes import Written
from .capabilities import literal, qualified

if TYPE_CHECKING:
    import duckdb
    import pyarrow

    from ..catalogue import Table
    from .read import DuckdbSource

ROWS_IN_PIECE = 100_000


def text_of_row(columns: Sequence[Written], salt: str) -> str:
    """SQL of a row's text."""
    parts = [literal(salt), *(f"coalesce(strlen({each.sql}) || ':' || {each.sql}, 'N')" for each in columns)]
    return f"concat({', '.join(parts)})"


class DuckdbRows:
    """Rows and their hashes; see `row_hashes.HashedRows`."""

    most_places = 250_000
    places_at_a_time = 250_000

    def __init__(self, source: DuckdbSource, table: Table, text: str) -> None:
        """text: SQL of a row's text."""
        self.source = source
        self.table = table
        self.hashed = f"CAST(md5_number_lower({text}) - 9223372036854775808::HUGEINT AS BIGINT)"
        self.form = text
        self.other_half = f"md5_number_upper({text})"
        self.guard = threading.Lock()
        self.running: duckdb.DuckDBPyConnection | None = None
        self.ended = False

    def stream(self, sql: str) -> Iterator[pyarrow.RecordBatch]:
        """The rows of a query, which `interrupt` can end."""
        with self.source.cursor() as cursor:
            with self.guard:
                self.running = cursor
                if self.ended:
                    return
            try:
                yield from cursor.sql(sql).to_arrow_reader(ROWS_IN_PIECE)
            finally:
                with self.guard:
                    self.running = None

    def sums(self, buckets: int) -> Iterator[list[tuple[int, ...]]]:
        """Rows and sums of both halves by bucket, in one query."""
        rows = f"SELECT {self.hashed} AS h, {self.other_half} AS g FROM {qualified(self.table.name)}"
        sql = (
            f"SELECT h & {buckets - 1} AS b, count(*) AS n, CAST(sum(h) AS VARCHAR) AS s, CAST(sum(g) AS VARCHAR) AS t"
            f" FROM ({rows}) GROUP BY b"
        )
        for batch in self.stream(sql):
            columns = [column.to_pylist() for column in batch.columns]
            yield [(int(b), int(n), int(s), int(t)) for b, n, s, t in zip(*columns, strict=True)]

    def places(self, buckets: int, wanted: Sequence[int]) -> Iterator[pyarrow.Table]:
        """Hashes; rows have no place."""
        import pyarrow as pa

        sql = f"SELECT 0::BIGINT AS place, {self.hashed} AS h FROM {qualified(self.table.name)}"
        listed = ", ".join(map(str, wanted))
        for batch in self.stream(f"SELECT * FROM ({sql}) WHERE h & {buckets - 1} IN ({listed})"):
            yield pa.Table.from_batches([batch])

    def at(self, _places: Sequence[int], hashes: Sequence[int], _buckets: int, _wanted: Sequence[int]) -> str:
        """Rows that have one of some hashes."""
        return f"{self.hashed} IN ({', '.join(map(str, sorted(set(hashes))))})"

    def interrupt(self) -> None:
        """End what runs now with an error; from another thread."""
        with self.guard:
            self.ended = True
            if self.running is not None:
                self.running.interrupt()
