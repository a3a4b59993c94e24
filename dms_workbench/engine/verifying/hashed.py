"""Equal or not by sums of row hashes that both databases compute; only where these differ are rows read at all.

First the rows of each side are counted and their hashes summed in buckets. Where a bucket differs, the places of its rows
and their hashes are read; rows whose hash stands equally often on both sides are equal. What is left is read from both sides
as text and compared as any other table is: that comparison has the last word.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import add
from typing import TYPE_CHECKING, Any

from ..control import Control, stop_if_wished
from ..databases.base import Source
from ..databases.catalogue import Column, Table
from ..databases.row_hashes import HashedRows
from ..planning.plan import PlannedTable
from . import sql
from .large import large_columns
from .spool import Count, Insert, Spooled, Wanted, fill_spool
from .workspace import SECONDS_BETWEEN_WISHES, Workspace

if TYPE_CHECKING:
    import pyarrow

BUCKETS = 16_384
"""So many that a thousand rows that differ leave most buckets equal, and few enough for the servers' caches."""

Sums = dict[int, tuple[int, ...]]
"""By bucket the rows and the sums of their hashes."""
Places = Sequence[tuple[int, int]]
"""The place and the hash of rows."""


@dataclass(slots=True)
class HashedSide:
    """One table with its rows' hashes."""

    database: Source
    table: Table
    columns: tuple[Column, ...]
    rows: HashedRows
    name: str
    """Of its tables in the workspace."""

    def sums(self, told: Count) -> Sums:
        """Rows and sums by bucket. told: the rows of each part as it is done."""
        found: Sums = {}
        for part in self.rows.sums(BUCKETS):
            for bucket, *figures in part:
                before = found.get(bucket)
                found[bucket] = tuple(map(add, before, figures)) if before else tuple(figures)
            told(sum(rows for _, rows, *_ in part))
        return found


@dataclass(slots=True)
class HashedPair:
    """Both sides of one table map whose columns pass as they are."""

    planned: PlannedTable
    source: HashedSide
    target: HashedSide
    key: str | None = None
    """The target's column that chooses a row's bucket, by `row_hashes.bucket_of`; None where the hash does."""

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
                        side.rows.interrupt()
                raise
            stop_if_wished(control)
            return [future.result() for future in futures]


def differing(left: Sums, right: Sums) -> list[int]:
    """The buckets whose rows differ."""
    return sorted(bucket for bucket in {*left, *right} if left.get(bucket) != right.get(bucket))


def rows_in(sums: Sums) -> int:
    """Rows of all buckets."""
    return sum(rows for rows, *_ in sums.values())


def spool_differing(
    pair: HashedPair, workspace: Workspace, buckets: Sequence[int], counted: Count
) -> tuple[Spooled, Spooled] | None:
    """The rows of both sides that the other has not, or not as often, as text.

    None where they are very many, or were not found again: then all rows are to be read.
    """
    if not min(side.rows.most_places for side in pair.sides):
        return None
    for side in pair.sides:
        workspace.execute(sql.create_places(places_of(side)))
    with inserting_together(workspace) as insert:
        pair.together(workspace.control, [partial(gather, side, insert, buckets) for side in pair.sides])
    left, right = (places_of(side) for side in pair.sides)
    workspace.execute(sql.create_unequal_hashes(left, right))
    chosen = [workspace.execute(sql.unequal_places(places_of(side))) for side in pair.sides]
    if not any(chosen) or any(
        len(places) > side.rows.most_places for side, places in zip(pair.sides, chosen, strict=True)
    ):
        return None
    found = spool_places(pair, workspace, chosen, buckets, counted)
    if any(spooled.rows != len(places) for spooled, places in zip(found, chosen, strict=True)):
        return None
    return found[0], found[1]


def spool_places(
    pair: HashedPair, workspace: Workspace, chosen: Sequence[Places], buckets: Sequence[int], counted: Count
) -> list[Spooled]:
    """The rows at some places of both sides, read at the same time. counted: told the rows so far of both together."""
    rows = {side.name: 0 for side in pair.sides}
    large = large_columns(pair.planned, pair.source.database, pair.target.database)

    def told(name: str, count: int) -> None:
        rows[name] = count
        counted(sum(rows.values()))

    for side in pair.sides:
        workspace.execute(sql.create_spool(side.name, len(side.columns)))
    with inserting_together(workspace) as insert:
        works = [
            partial(
                fill_spool,
                side.database,
                side.table,
                Wanted(side.columns, large[side is pair.target]),
                (workspace, side.name, insert),
                partial(told, side.name),
                conditions(side, places, buckets),
            )
            for side, places in zip(pair.sides, chosen, strict=True)
        ]
        return pair.together(workspace.control, works)


@contextmanager
def inserting_together(workspace: Workspace) -> Iterator[Insert]:
    """As `Workspace.inserting`, for several threads."""
    guard = threading.Lock()
    with workspace.inserting() as insert_alone:

        def insert(statement: str, batch: pyarrow.Table) -> None:
            with guard:
                insert_alone(statement, batch)

        yield insert


def gather(side: HashedSide, insert: Insert, buckets: Sequence[int]) -> None:
    """The places and hashes of all rows in some buckets, into the workspace."""
    for piece in side.rows.places(BUCKETS, buckets):
        insert(sql.fill_places(places_of(side), "batch"), piece)


def places_of(side: HashedSide) -> str:
    """The workspace's table of a side's places."""
    return f"places_{side.name}"


def conditions(side: HashedSide, places: Sequence[tuple[int, int]], buckets: Sequence[int]) -> Iterator[str]:
    """Conditions that find the rows at some places again, some of them at a time."""
    ordered = sorted(places)
    step = side.rows.places_at_a_time
    for first in range(0, len(ordered), step):
        some = ordered[first : first + step]
        yield side.rows.at([place for place, _ in some], [known for _, known in some], BUCKETS, buckets)
