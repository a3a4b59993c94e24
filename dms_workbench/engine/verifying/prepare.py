"""One table map made ready: its source rows in the workspace, without the quarantined ones, filtered and transformed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..control import Control, Progress
from ..databases.base import Source
from ..databases.catalogue import Column
from ..expressions import LookupTable
from ..planning.plan import Plan, PlannedTable
from . import sql
from .canonical import Side, expected, found
from .compare import Every
from .large import Names
from .model import Finding, QuarantinedRow, ReplayedRows
from .quarantine import named_columns, take_out
from .spool import Spooled, Wanted, spool
from .transform import read_lookups, transform
from .workspace import Workspace

SLICE_COLUMNS = 64
"""Columns of a table whose canonical texts one query makes."""


@dataclass(slots=True)
class Bench:
    """Both databases, each under a snapshot of its own, and the workspace in which they are compared.

    salt: text drawn anew for each verification, so that nobody can prepare values that look alike.
    """

    plan: Plan
    source: Source
    target: Source
    workspace: Workspace
    salt: str
    lookups: Callable[[], dict[str, LookupTable]]
    every: Every | None = None
    """Told each row that differs."""


@dataclass(slots=True)
class Reading:
    """Reports the rows read of a table map, of both sides together."""

    control: Control
    planned: PlannedTable
    before: int = 0
    """Rows that were read before the present side."""

    def __call__(self, rows: int) -> None:
        """Tell the rows read so far of the present side."""
        planned = self.planned
        names = str(planned.source.name), str(planned.target.name)
        self.control.report(Progress("verify", planned.map_no, *names, verified_rows=self.before + rows))


@dataclass(slots=True)
class Part:
    """The source side of one table map."""

    planned: PlannedTable
    source_rows: int
    expected_rows: int
    taken: int
    """Rows taken out because they are in quarantine."""
    unknown: list[Finding]
    """Quarantined rows that the source does not have."""
    origin: str
    """The workspace's table of the rows."""
    replayed: list[Part] = field(default_factory=list)
    """The rows that a replay has put through with another expression; they are not among those of this part."""
    values: dict[str, tuple[str, Side]] = field(default_factory=dict)
    """For each target column its rendered text in that table, and how it was rendered."""

    @property
    def filtered(self) -> int:
        """Rows that the filter has left out."""
        return self.source_rows - self.taken - sum(part.expected_rows for part in self.whole)

    @property
    def whole(self) -> list[Part]:
        """The parts that make all rows of the map: this one and those of replays."""
        return [self, *self.replayed]

    @property
    def columns(self) -> tuple[str, ...]:
        """The target columns that the map makes."""
        return tuple(self.values)

    def expected(self, columns: Sequence[tuple[str, Side]], salt: str) -> list[str]:
        """The canonical texts of some target columns, each given with its side in the target."""
        rules = {column.target.name: column.lossy for column in self.planned.columns}
        texts = [expected(*self.values[name], side, salt, rules[name]) for name, side in columns]
        if not self.planned.plain:
            texts = [sql.failed_or(text, salt) for text in texts]
        return texts

    def found(self, columns: Sequence[tuple[str, Side]], written: Spooled, salt: str) -> list[str]:
        """The same of the target's rows."""
        return [found(f"c{written.place(name)}", self.values[name][1], side, salt) for name, side in columns]


def select_texts(workspace: Workspace, name: str, texts: Sequence[str], origin: str) -> str:
    """The SELECT of canonical texts over a table of the workspace; those of a wide table are made slice by slice.

    DuckDB holds every step of every expression of a query in memory at once.
    """
    if len(texts) <= SLICE_COLUMNS:
        return sql.select_texts(texts, origin)
    names = []
    for first in range(0, len(texts), SLICE_COLUMNS):
        names.append(f"{name}_{first}")
        workspace.execute(sql.create_slice(names[-1], first, texts[first : first + SLICE_COLUMNS], origin))
    return sql.select_slices(names)


def prepare(
    bench: Bench,
    planned: PlannedTable,
    quarantined: Sequence[QuarantinedRow],
    reading: Reading,
    replays: Sequence[ReplayedRows] = (),
    large: Names = frozenset(),
) -> Part:
    """Read the source rows of a table map, take out the quarantined ones, filter and transform the others.

    large: the source columns of whose large values digests are enough.
    """
    from .replayed import parts_of_replays

    wanted = source_columns(planned, quarantined) if not replays else planned.source.copied_columns
    read = spool(
        bench.source, planned.source, Wanted(wanted, large), (bench.workspace, f"source_{planned.map_no}"), reading
    )
    replayed = parts_of_replays(bench, read, replays)
    taken, unknown = take_out(bench.workspace, read, quarantined, bench.salt)
    left = read.rows - taken - sum(part.source_rows for part in replayed)
    part = made_part(bench, planned, replace(read, rows=left), read)
    part.source_rows, part.taken, part.replayed = read.rows, taken, replayed
    part.unknown = unknown + [finding for each in replayed for finding in each.unknown]
    return part


def made_part(bench: Bench, planned: PlannedTable, read: Spooled, typed: Spooled) -> Part:
    """Filter and transform rows that are all to arrive. typed: the same with the types that expressions see."""
    workspace = bench.workspace
    part = Part(planned, read.rows, read.rows, 0, [], read.name)
    made: list[Side] = []
    if not planned.plain:
        part.origin = f"transformed_{read.name}"
        made = [Side("duckdb", type_) for type_ in transform(workspace, planned, typed, part.origin, bench.lookups())]
        ((part.expected_rows,),) = workspace.execute(sql.count_rows(part.origin))
    outputs = iter([(f"o{number}", side) for number, side in enumerate(made)])
    for column in planned.columns:
        place = read.place(column.source) if column.source is not None else -1
        part.values[column.target.name] = (f"c{place}", read.side(place)) if place >= 0 else next(outputs)
    return part


def source_columns(planned: PlannedTable, quarantined: Sequence[QuarantinedRow]) -> tuple[Column, ...]:
    """The source columns to read: what the target is made of, and what quarantined rows are known by."""
    if not planned.plain:
        return planned.source.copied_columns
    wanted = {column.source for column in planned.columns} | set(named_columns(quarantined))
    return tuple(column for column in planned.source.columns if column.name in wanted)


def lookups_of(plan: Plan, source: Source) -> Callable[[], dict[str, LookupTable]]:
    """Gives the plan's lookups, read when first asked for."""
    known: list[dict[str, LookupTable]] = []

    def lookups() -> dict[str, LookupTable]:
        if not known:
            known.append(read_lookups(plan, source))
        return known[0]

    return lookups
