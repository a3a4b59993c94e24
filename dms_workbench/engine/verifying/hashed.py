"""Equal or not by sums of row hashes that both databases compute; only where these differ are rows read at all.

First the rows of each side are counted and their hashes summed in buckets by the hash itself. Where a bucket differs, the
places of its rows and their hashes are read; rows whose hash stands equally often on both sides are equal. What is left is
read from both sides as text and compared as any other table is: that comparison has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..control import Control, stop_if_wished
from ..databases.base import Source
from ..databases.catalogue import Column, Table
from ..databases.postgres import hashing as postgres
from ..planning.plan import PlannedTable
from . import sql
from .lines import pieces, read_csv
from .spool import Count, Spooled, Unreadable, check_settings, spool_chosen
from .workspace import SECONDS_BETWEEN_WISHES, Workspace

if TYPE_CHECKING:
    import pyarrow

BUCKETS = 16_384
"""So many that a thousand rows that differ leave most buckets equal, and few enough for the servers' caches."""
MOST_PLACES = 250_000
"""Rows that are looked up by their place; where more differ, the whole tables are read."""
PLACES_AT_A_TIME = 5_000

Sums = dict[int, tuple[int, int]]
"""By bucket the rows and the sum of their hashes."""


class Hasher(Protocol):
    """What a database hashes rows by."""

    form: str
    """Two hashers of one form give the same row the same hash."""

    def sums(
        self, table: Table, hashed: str, buckets: int, condition: str = ""
    ) -> Iterator[list[tuple[int, int, int]]]:
        """For each bucket of hashes the rows and the sum of their hashes; a large table in several parts."""
        ...

    def places(self, table: Table, hashed: str, buckets: int, wanted: Sequence[int]) -> Iterator[bytes]:
        """The place and hash of every row in some buckets, as lines of CSV."""
        ...

    def at(self, places: Sequence[str], hashes: Sequence[int], hashed: str) -> str:
        """The condition of rows at some places that have one of some hashes."""
        ...

    def interrupt(self) -> None:
        """End what runs now with an error; from another thread."""
        ...


@dataclass(slots=True)
class HashedSide:
    """One table with the SQL of its rows' hash."""

    database: Source
    hasher: Hasher
    table: Table
    columns: tuple[Column, ...]
    hashed: str
    name: str
    """Of its tables in the workspace."""

    def sums(self, told: Count) -> Sums:
        """Rows and sums by bucket. told: the rows of each part as it is done."""
        found: Sums = {}
        for part in self.hasher.sums(self.table, self.hashed, BUCKETS):
            for bucket, rows, total in part:
                before = found.get(bucket, (0, 0))
                found[bucket] = before[0] + rows, before[1] + total
            told(sum(rows for _, rows, _ in part))
        return found


@dataclass(slots=True)
class HashedPair:
    """Both sides of one table map whose columns pass as they are."""

    planned: PlannedTable
    source: HashedSide
    target: HashedSide

    @property
    def sides(self) -> tuple[HashedSide, HashedSide]:
        """Source and target."""
        return self.source, self.target

    def sums(self, control: Control, counted: Count) -> tuple[Sums, Sums]:
        """The sums of both sides, computed at the same time. counted: told the rows so far of both together."""
        rows: list[int] = []

        def told(count: int) -> None:
            rows.append(count)
            counted(sum(rows))

        left, right = self.together(control, [lambda: self.source.sums(told), lambda: self.target.sums(told)])
        return left, right

    def together(self, control: Control, works: Sequence[Callable[[], Any]]) -> list[Any]:
        """What both sides' works return, done at the same time; a wish to stop, and an error of one, ends the other."""
        with ThreadPoolExecutor(2, thread_name_prefix="verify") as pool:
            futures: list[Future[Any]] = [pool.submit(work) for work in works]
            try:
                while not all(future.done() for future in futures):
                    wait(futures, SECONDS_BETWEEN_WISHES)
                    stop_if_wished(control)
                    for future in futures:
                        if future.done():
                            future.result()
            except BaseException:
                for side, future in zip(self.sides, futures, strict=True):
                    if not future.done():
                        side.hasher.interrupt()
                raise
            return [future.result() for future in futures]


def hashed_pair(planned: PlannedTable, source: Source, target: Source, salt: str) -> HashedPair | None:
    """The two sides of a table map, if both databases can hash them alike; else None. Raises Unreadable."""
    if not planned.plain or not all(passes(planned, column.target) for column in planned.columns):
        return None
    hashers = postgres.hasher_of(source), postgres.hasher_of(target)
    if hashers[0] is None or hashers[1] is None or hashers[0].form != hashers[1].form:
        return None
    check_settings(source)
    check_settings(target)
    named = {column.target.name: planned.source.column(str(column.source)) for column in planned.columns}
    read, written = tuple(named.values()), tuple(column.target for column in planned.columns)
    rendered = sql.RENDERERS["postgres"]
    return HashedPair(
        planned,
        HashedSide(
            source,
            hashers[0],
            planned.source,
            read,
            postgres.row_hash(read, salt, rendered),
            f"source_{planned.map_no}",
        ),
        HashedSide(
            target, hashers[1], planned.target, written, postgres.row_hash(written, salt, rendered), "target_rows"
        ),
    )


def passes(planned: PlannedTable, target: Column) -> bool:
    """Does a column arrive as it is: the same type on both sides, no expression, no rule that changes values?"""
    planned_column = next(column for column in planned.columns if column.target is target)
    if planned_column.source is None or planned_column.expression is not None or planned_column.lossy:
        return False
    return planned.source.column(planned_column.source).type.native == target.type.native


def differing(left: Sums, right: Sums) -> list[int]:
    """The buckets whose rows differ."""
    return sorted(bucket for bucket in {*left, *right} if left.get(bucket) != right.get(bucket))


def rows_in(sums: Sums) -> int:
    """Rows of all buckets."""
    return sum(rows for rows, _ in sums.values())


def spool_differing(
    pair: HashedPair, workspace: Workspace, buckets: Sequence[int], counted: Count
) -> tuple[Spooled, Spooled] | None:
    """The rows of both sides that the other has not, or not as often, as text; None where they are very many."""
    for side in pair.sides:
        gather(side, workspace, buckets)
    left, right = (places_of(side) for side in pair.sides)
    workspace.execute(sql.create_unequal_hashes(left, right))
    chosen = [workspace.execute(sql.unequal_places(places_of(side))) for side in pair.sides]
    if sum(map(len, chosen)) > MOST_PLACES:
        return None
    if not any(chosen):
        raise Unreadable("rows were read twice and were not the same both times")
    spooled = []
    for side, places in zip(pair.sides, chosen, strict=True):
        found = spool_chosen(
            side.database, side.table, side.columns, (workspace, side.name), counted, conditions(side, places)
        )
        if found.rows != len(places):
            raise Unreadable("rows were not found again at their places")
        spooled.append(found)
    return spooled[0], spooled[1]


def gather(side: HashedSide, workspace: Workspace, buckets: Sequence[int]) -> None:
    """The places and hashes of all rows in some buckets, into the workspace."""
    workspace.execute(sql.create_places(places_of(side)))
    lines = side.hasher.places(side.table, side.hashed, BUCKETS, buckets)
    with workspace.inserting() as insert:
        for piece in pieces(lines):
            insert(sql.fill_places(places_of(side), "batch"), read_places(piece))
            stop_if_wished(workspace.control)


def read_places(piece: bytes) -> pyarrow.Table:
    """Lines of a place and a hash as a table."""
    import pyarrow as pa

    return read_csv(piece, {"place": pa.string(), "h": pa.int64()})


def places_of(side: HashedSide) -> str:
    """The workspace's table of a side's places."""
    return f"places_{side.name}"


def conditions(side: HashedSide, places: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Conditions that find the rows at some places again, some of them at a time."""
    ordered = sorted(places)
    for first in range(0, len(ordered), PLACES_AT_A_TIME):
        some = ordered[first : first + PLACES_AT_A_TIME]
        yield side.hasher.at([place for place, _ in some], [known for _, known in some], side.hashed)
