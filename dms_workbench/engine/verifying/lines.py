"""Rows as PostgreSQL prints them, taken in as CSV in large pieces instead of one value after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..databases.postgres.read import PostgresSource

if TYPE_CHECKING:
    import pyarrow

BYTES_IN_PIECE = 4_000_000


def pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Whole rows in pieces of a few megabytes, or of one row where that is larger."""
    gathered: list[bytes] = []
    size = 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        line = b""  # noqa: PLW2901  a large one is not held here too
        if size >= BYTES_IN_PIECE:
            piece = b"".join(gathered)
            gathered, size = [], 0
            whole = [piece]
            del piece
            yield whole.pop()
    if gathered:
        yield b"".join(gathered)


def read_csv(piece: bytes, types: dict[str, Any]) -> pyarrow.Table:
    """Rows of COPY's CSV form: what stands in quotes is a text, nothing at all is NULL. types: of the columns, by name."""
    import pyarrow as pa
    from pyarrow import csv

    source: Any = pa.py_buffer(piece)
    return csv.read_csv(
        source,
        read_options=csv.ReadOptions(column_names=list(types), use_threads=False, block_size=len(piece) + 1),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
        memory_pool=pa.system_memory_pool(),
    )


def printed_rows(database: object, query: str, width: int) -> Iterator[pyarrow.Table] | None:
    """The rows of a query that gives texts, as tables of columns a0, a1 …; None for what is no PostgreSQL."""
    if not isinstance(database, PostgresSource):
        return None
    return tables(database.copy_out(f"COPY ({query}) TO STDOUT (FORMAT csv)"), max(width, 1))


def tables(lines: Iterable[bytes], width: int) -> Iterator[pyarrow.Table]:
    """Rows of so many texts as tables."""
    import pyarrow as pa

    types = {f"a{index}": pa.string() for index in range(width)}
    for piece in pieces(lines):
        table = read_csv(piece, types)
        del piece  # a large cell is not held twice
        yield table
        del table
