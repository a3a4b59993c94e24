"""Hashes of whole rows of a SQLite file, computed in this process, where SQLite runs too, from the values as they are stored.

``marshal`` writes a tuple of stored values so that its storage classes, every bit of its floats and the length of its texts
are told (version 2 of its form does not depend on which objects are the same). BLAKE2b (RFC 7693) with a key drawn anew for
each verification makes 128 bits of that; both halves are summed. A large value goes in by its class, length and SHA-256, as a tuple,
which no stored value is: so it is not copied, and at most one row of large values is held.
"""

from __future__ import annotations

import marshal
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any

from ..errors import DatabaseError
from ..row_hashes import places_table
from .capabilities import quote, rows_of

if TYPE_CHECKING:
    import pyarrow

    from ..catalogue import Table
    from .read import SqliteSource

FORM = 2
HALVES = struct.Struct("<qQ")
ROWS_AT_A_TIME = 1_000
BYTES_AT_A_TIME = 32_000_000
LARGE_BYTES = 1_000_000
"""Bytes, or characters of a text: beyond that a value is large."""
UNBOUNDED_KINDS = frozenset(("text", "bytes", "json", "other"))
SIZE = "octet_length({})" if sqlite3.sqlite_version_info >= (3, 43) else "length(CAST({} AS BLOB))"
"""Bytes of a value; the newer function does not read it."""
ROW_NAMES = ("rowid", "_rowid_", "oid")


class SqliteRows:
    """Rows and their hashes; see `row_hashes.HashedRows`."""

    places_at_a_time = 5_000

    def __init__(self, source: SqliteSource, table: Table, names: Sequence[str], salt: str) -> None:
        """names: the hashed columns in order; salt: at most 64 bytes as text."""
        self.source = source
        self.table = table
        self.key = salt.encode()
        self.columns = ", ".join(map(quote, names)) or "1"
        self.form = f"marshal {FORM}, SHA-256 of large values {self.columns}"
        self.wide = [name for name in names if table.column(name).type.kind in UNBOUNDED_KINDS]
        self.row = row_name(source, table)
        self.most_places = 250_000 if self.row else 0
        self.ended = False

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """Each row's place and both halves of its hash."""
        key, halves, dumps = self.key, HALVES.unpack, marshal.dumps
        sql = f"SELECT {self.row or 0}, {self.columns} FROM {rows_of(self.table.name)}"
        widest = self.widest_bytes()
        some = max(1, min(ROWS_AT_A_TIME, BYTES_AT_A_TIME // max(widest, 1)))
        for rows in self.source.stream(sql, batch_rows=some):
            if self.ended:
                raise DatabaseError(database="SQLite", reason="the read was ended")
            if widest > LARGE_BYTES:
                rows[:] = [tuple(map(small_or_digest, row)) for row in rows]
            for row in rows:
                first, second = halves(blake2b(dumps(row[1:], FORM), digest_size=16, key=key).digest())
                yield row[0], first, second

    def widest_bytes(self) -> int:
        """At least what the widest row takes, of columns whose values may be of any size."""
        if not self.wide:
            return 0
        sizes = " + ".join(f"coalesce(max({SIZE.format(quote(name))}), 0)" for name in self.wide)
        ((widest,),) = [
            row for rows in self.source.stream(f"SELECT {sizes} FROM {rows_of(self.table.name)}") for row in rows
        ]
        return int(widest)

    def sums(self, buckets: int) -> Iterator[list[tuple[int, ...]]]:
        """Rows and sums of both halves by bucket."""
        counts, totals, others = [0] * buckets, [0] * buckets, [0] * buckets
        for _, first, second in self.rows():
            bucket = first & (buckets - 1)
            counts[bucket] += 1
            totals[bucket] += first
            others[bucket] += second
        yield [(bucket, count, totals[bucket], others[bucket]) for bucket, count in enumerate(counts) if count]

    def places(self, buckets: int, wanted: Sequence[int]) -> Iterator[pyarrow.Table]:
        """The rowids, where there are any, and hashes."""
        chosen = set(wanted)
        places: list[int] = []
        hashes: list[int] = []
        for place, first, _ in self.rows():
            if first & (buckets - 1) in chosen:
                places.append(place)
                hashes.append(first)
            if len(places) >= ROWS_AT_A_TIME * 50:
                yield places_table(places, hashes)
                places, hashes = [], []
        yield places_table(places, hashes)

    def at(self, places: Sequence[int], _hashes: Sequence[int], _buckets: int, _wanted: Sequence[int]) -> str:
        """Rows at some places."""
        return f"{self.row} IN ({', '.join(map(str, places))})"

    def interrupt(self) -> None:
        """End what runs now with an error; from another thread."""
        self.ended = True


def small_or_digest(value: Any) -> Any:
    """The value, or what stands for a large one."""
    if value.__class__ not in (str, bytes) or len(value) <= LARGE_BYTES:
        return value
    made = sha256()
    for at in range(0, len(value), LARGE_BYTES):
        piece = value[at : at + LARGE_BYTES]
        made.update(piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass"))
    return isinstance(value, str), len(value), made.digest()


def row_name(source: SqliteSource, table: Table) -> str:
    """What a table's rowid is called; empty where it has none, or where columns have all its names."""
    if "without rowid" in dict(table.options) or table.name.rows_in is not None:
        return ""
    known = source.stream("SELECT type FROM sqlite_master WHERE name = ?", (table.name.name,))
    if [row for rows in known for row in rows] != [("table",)]:
        return ""
    taken = {column.name.lower() for column in table.columns}
    return next((name for name in ROW_NAMES if name not in taken), "")
