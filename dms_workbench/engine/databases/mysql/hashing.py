"""Hashes of whole rows, computed by MariaDB and MySQL; see `row_hashes` for what is hashed.

A function whose result is larger than ``max_allowed_packet`` gives NULL there, and one whose arguments hold NULL does too:
such a row gets a number that is another one on each side, so that it is never taken for equal.

The server computes an expression anew wherever it stands, also when it stands in a derived table, and would write that
table to disk if it were kept from doing so. So buckets are chosen by something cheap: by an integer key, or by a checksum of
the first columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..row_hashes import Written, places_table
from .capabilities import literal, qualified

if TYPE_CHECKING:
    import pyarrow

    from ..catalogue import Table
    from .read import MysqlSource

HASH_BYTES = 22
"""Of one hash in a list in a statement."""
MOST_PLACES = 250_000
PLACES_AT_A_TIME = 20_000
NO_PLACE = "0"


def text_hash(columns: Sequence[Written], salt: str, unlike: int) -> str:
    """SQL of the hash that `row_hashes` describes, a signed integer that is never NULL.

    unlike: the number of a row that has none.
    """
    forms = {
        "plain": "IF({n} IS NULL, 'N', {x})",
        "sized": "IF({n} IS NULL, 'N', CONCAT(LENGTH({x}), ':', {x}))",
        "digest": "IF({n} IS NULL, 'N', MD5({x}))",
    }
    parts = [literal(salt), *(forms[column.way].format(n=column.name, x=column.sql) for column in columns)]
    text = ", ',', ".join(parts)
    return f"COALESCE(CAST(CONV(LEFT(MD5(CONCAT({text})), 16), 16, -10) AS SIGNED), {unlike})"


def checksum(columns: Sequence[Written]) -> str:
    """SQL of a number that chooses a bucket: of little use but cheap."""
    return f"CRC32(CONCAT({', '.join(f'COALESCE({column.sql}, 0)' for column in columns)}))"


class MysqlRows:
    """Rows and their hashes; see `row_hashes.HashedRows`."""

    def __init__(self, source: MysqlSource, table: Table, hashed: str, bucket: str, place: str) -> None:
        """hashed: SQL of a row's hash. bucket: of a number that buckets are chosen by. place: of an integer key, or ``0``."""
        self.source = source
        self.table = table
        self.hashed = hashed
        self.bucket = bucket
        self.place = place
        self.form = f"{hashed} by {bucket}"
        self.most_places = min(MOST_PLACES, source.packet_bytes // 2 // HASH_BYTES)
        self.places_at_a_time = MOST_PLACES if place == NO_PLACE else PLACES_AT_A_TIME

    def sums(self, buckets: int) -> Iterator[list[tuple[int, ...]]]:
        """Rows and sums by bucket, in one query."""
        sql = f"SELECT {self.bucket} & {buckets - 1} AS b, COUNT(*), SUM({self.hashed}) FROM {qualified(self.table.name)} GROUP BY b"
        yield [(int(bucket), int(count), int(total)) for bucket, count, total in self.source.query(sql)]

    def places(self, buckets: int, wanted: Sequence[int]) -> Iterator[pyarrow.Table]:
        """Keys, where there are such, and hashes."""
        where = self.in_buckets(buckets, wanted)
        sql = f"SELECT {self.place}, {self.hashed} FROM {qualified(self.table.name)} WHERE {where}"
        for rows in self.source.stream(sql, batch_rows=50_000):
            yield places_table([int(place) for place, _ in rows], [int(h) for _, h in rows])

    def in_buckets(self, buckets: int, wanted: Sequence[int]) -> str:
        """The condition of rows in some buckets."""
        return f"({self.bucket} & {buckets - 1}) IN ({', '.join(map(str, wanted))})"

    def at(self, places: Sequence[int], hashes: Sequence[int], buckets: int, wanted: Sequence[int]) -> str:
        """Rows that have one of some keys, or else one of some hashes."""
        if self.place != NO_PLACE:
            return f"{self.place} IN ({', '.join(map(str, places))})"
        listed = ", ".join(map(str, sorted(set(hashes))))
        return f"{self.in_buckets(buckets, wanted)} AND {self.hashed} IN ({listed})"

    def interrupt(self) -> None:
        """End what runs now with an error; from another thread."""
        from .connect import connect

        helper = connect(self.source.url, application_name="dms helper", read_only=True)
        helper.query(f"KILL QUERY {self.source.connection.session}")
        helper.close()
