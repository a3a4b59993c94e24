"""Hashes of whole rows that several databases compute alike: what is put together in SQL, and what every product offers.

A row is written as one text: every column's value in turn, each so that no other values give the same text. Values that
hold no comma stand as they are with a comma behind them; texts have their length in bytes before them; what may be very
long stands as its own MD5. NULL is ``N``. Before the row stands a salt, drawn anew for each verification, and the row's
hash is the first half of the MD5 of all that, as a number of 64 bits.

How sure that is: nobody knows the salt before the rows are there, so that nobody can prepare rows that collide, whatever
is known of MD5 (RFC 6151 warns of chosen collisions only). Rows that differ by chance have the same hash once in 2**64,
and a sum over a bucket that differs is equal as rarely.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow

Way = Literal["plain", "sized", "digest"]
"""How a column stands in the text of its row: as it is, behind its length, or as its MD5."""


@dataclass(frozen=True, slots=True)
class Written:
    """One column as a text in a product's own SQL."""

    sql: str
    """Gives the text (for ``digest`` text or bytes); NULL only where the value is."""
    way: Way
    name: str
    """The column's own name, quoted: NULL exactly where the value is."""


class HashedRows(Protocol):
    """The rows of one table with their hashes, under the snapshot of a source; for one thread at a time."""

    most_places: int
    """Rows that can be found again one by one; where more are wanted, the whole table is to be read."""
    places_at_a_time: int
    """How many one condition of `at` takes."""
    form: str
    """What is hashed, and what chooses buckets: under the same form and salt, rows that did not change have the same sums."""

    def sums(self, buckets: int) -> Iterator[list[tuple[int, ...]]]:
        """For each bucket its number, the rows in it and the sum of their hashes; a large table in several parts.

        buckets: a power of two.
        """
        ...

    def places(self, buckets: int, wanted: Sequence[int]) -> Iterator[pyarrow.Table]:
        """The ``place`` and the hash ``h`` of every row in some buckets, both as integers of 64 bits.

        Where rows have no place that they can be found at, it is 0.
        """
        ...

    def at(self, places: Sequence[int], hashes: Sequence[int], buckets: int, wanted: Sequence[int]) -> str:
        """The condition of the rows at some places that have one of some hashes. wanted: the buckets they lie in."""
        ...

    def interrupt(self) -> None:
        """End what runs now with an error; from another thread."""
        ...


def places_table(places: Any, hashes: Any) -> pyarrow.Table:
    """Columns of `HashedRows.places`. places, hashes: lists or arrays of integers."""
    import pyarrow as pa

    return pa.table({"place": pa.array(places, pa.int64()), "h": pa.array(hashes, pa.int64())})


def mixed_bits(quoted: str, exclusive_or: str) -> str:
    """SQL that chooses a bucket by an integer key, whose neighbours need not lie side by side: its bits, folded.

    `bucket_of` is the same in Python.
    """
    return f"coalesce({quoted} {exclusive_or} ({quoted} >> 14) {exclusive_or} ({quoted} >> 28), 0)"


def bucket_of(key: int, buckets: int) -> int:
    """The bucket of a row with an integer key. buckets: a power of two."""
    return (key ^ (key >> 14) ^ (key >> 28)) & (buckets - 1)
