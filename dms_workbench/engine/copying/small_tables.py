"""Small tables in packs: one transaction of the target for the rows of many tables and their entries in the ledger.

A pack is as exactly-once as a chunk: after a crash either all of it is there or nothing, and nothing of it was said to be done.
Whatever stands in its way (rows that are refused or rejected, a lost line, a table that is not small after all) rolls it back, and
its tables are copied one by one as others are.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ...kernel.errors import WorkbenchError
from ..control import Stopped, stop_if_wished
from ..databases.base import LinesUnfit, RowsRefused
from ..databases.witness import difference
from ..failpoints import reach
from ..ledger import Accounts, Checkpoint, LedgerConflict
from ..ledger.packs import Packed, enter_pack, lanes_of_all
from ..planning.plan import PlannedTable
from .errors import TargetChanged
from .following import send_tables
from .lanes import Lane, utc_now
from .passage import LinePassage
from .sinks import Direct
from .strategies import STRATEGIES
from .tables import TableCopier
from .tally import Tally

SMALL_ROWS = 5_000
PACK_ROWS = 50_000
PACK_BYTES = 8_000_000
PACK_SECONDS = 1.0
"""What a kill repeats at most, and how long a pause waits for the end of a pack."""


class NotSmall(Exception):
    """This table does not go with others. Never reaches a user."""


@dataclass(slots=True)
class Pack:
    """Some tables in one transaction."""

    tables: list[PlannedTable] = field(default_factory=list)
    packed: list[Packed] = field(default_factory=list)
    rows: int = 0
    size_bytes: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def full(self) -> bool:
        """Is it time to commit?"""
        return self.rows >= PACK_ROWS or self.size_bytes >= PACK_BYTES or time.monotonic() - self.began >= PACK_SECONDS


@dataclass(slots=True)
class SmallTables:
    """Copies the tables of a run in their order, small ones that follow each other in packs."""

    copier: TableCopier
    totals: Mapping[int, int]
    """Rows of each table map."""
    lanes: dict[int, list[Checkpoint]] = field(init=False)
    """The lanes that earlier workers have opened, by map number."""

    def __post_init__(self) -> None:
        self.lanes = lanes_of_all(self.copier.ledger)

    def copy_all(self, tables: Sequence[PlannedTable]) -> None:
        """Copy what is left of all tables. Raises Stopped and the databases' errors."""
        if self.copier.options.lane_runner is not None:
            for stays, some in groupby(tables, lambda table: table.map_no in self.copier.modes.in_turn):
                if stays:
                    self.one_by_one(list(some))
                else:
                    send_tables(self.copier, self.copier.options.lane_runner, list(some), self.totals)
            return
        waiting: list[PlannedTable] = []
        for table in tables:
            if self.is_small(table):
                waiting.append(table)
                continue
            self.copy_packs(waiting)
            waiting = []
            self.copier.copy(table, self.totals[table.map_no])
        self.copy_packs(waiting)

    def is_small(self, table: PlannedTable) -> bool:
        """May a table go with others? Only one whose rows go straight in, and of which nothing is there yet."""
        copier, size = self.copier, table.source.size_bytes
        limit = min(SMALL_ROWS, copier.options.chunk_rows or SMALL_ROWS)
        return (
            table.map_no not in self.lanes
            and self.totals[table.map_no] <= limit
            and (size is None or size <= PACK_BYTES)
            and not hasattr(copier.target, "publish")
            and type(copier.modes.sink(table, copier.target, 0)) is Direct
        )

    def copy_packs(self, tables: Sequence[PlannedTable]) -> None:
        """Copy small tables; a single one goes as others do."""
        rest = list(tables)
        while len(rest) > 1:
            pack = Pack()
            try:
                self.copy_pack(pack, rest)
            except (Stopped, LedgerConflict):
                raise
            except (RowsRefused, LinesUnfit, NotSmall, WorkbenchError):
                self.one_by_one(pack.tables)
            rest = rest[len(pack.tables) :]
        self.one_by_one(rest)

    def one_by_one(self, tables: Sequence[PlannedTable]) -> None:
        """Copy tables as others are: each asks the ledger first where it stands."""
        for table in tables:
            self.copier.copy(table, self.totals[table.map_no])

    def copy_pack(self, pack: Pack, tables: Sequence[PlannedTable]) -> None:
        """As many of the tables as fit, in one transaction. ``pack.tables`` are those that were begun."""
        copier = self.copier
        witness, target = copier.sides.target_witness, copier.target
        stop_if_wished(copier.control)
        asked = list(tables[: PACK_ROWS // 100])
        states = witness.table_states(target, [table.target for table in asked])
        with target.transaction():
            for table in asked:
                pack.tables.append(table)
                self.copy_one(pack, table)
                if pack.full:
                    break
            now = witness.table_states(target, [table.target for table in pack.tables])
            for table, before, after in zip(pack.tables, states, now, strict=False):
                if said := difference(before, after):
                    raise TargetChanged(table=str(table.target.name), difference=said)
            enter_pack(copier.ledger, copier.epoch, pack.packed, snapshot=copier.source.snapshot, at=utc_now())
            for _ in pack.packed:
                reach("table.before-done")
                reach("chunk.before-commit")
        self.tell(pack)

    def copy_one(self, pack: Pack, table: PlannedTable) -> None:
        """The rows of one table, inside the transaction of its pack. Raises NotSmall."""
        copier = self.copier
        reach("lanes.opened")
        start = Checkpoint(table.map_no, 0, copier.epoch)

        def way(lane: Lane) -> None:
            position, accounts, size_bytes = whole(lane)
            chunks = 0 if accounts is None else 1
            done = Checkpoint(table.map_no, 0, copier.epoch, chunks + 1, position if lane.key else "", done=True)
            pack.packed.append(Packed(done, accounts))
            pack.rows += accounts.read if accounts is not None else 0
            pack.size_bytes += size_bytes

        tally = Tally(table, copier.control, self.totals[table.map_no])
        copier.lane(table, start, tally, copier.target, copier.control, shrink=0, check=nothing, way=way)

    def tell(self, pack: Pack) -> None:
        """A pack is committed: say so of each of its tables."""
        for table, packed in zip(pack.tables, pack.packed, strict=True):
            reach("chunk.committed")
            self.copier.clock.saw(packed.done)
            Tally(table, self.copier.control, self.totals[table.map_no]).add(packed.accounts or Accounts())
            reach("table.done")


def nothing() -> None:
    """The structure of all tables of a pack is compared at its end."""


def whole(lane: Lane) -> tuple[str, Accounts | None, int]:
    """Write all rows of a lane, which are one chunk: position, accounts (None without rows) and bytes.

    Raises NotSmall where there is more than a chunk, or a row that is set apart, and what writing raises.
    """
    strategy = next(strategy for strategy in (way() for way in STRATEGIES) if strategy.fits(lane))
    found: tuple[str, Accounts | None, int] = ("", None, 0)
    for chunk in as_lines(strategy, lane) if isinstance(strategy, LinePassage) else as_values(lane):
        if found[1] is not None:
            raise NotSmall
        found = chunk
        reach("chunk.rows-written")
    return found


def as_lines(strategy: LinePassage, lane: Lane) -> Iterator[tuple[str, Accounts, int]]:
    """Chunks as lines."""
    for lines in strategy.read(lane, "", ""):
        accounts = strategy.write(lane, lines)
        yield lines.position, accounts, lines.size_bytes


def as_values(lane: Lane) -> Iterator[tuple[str, Accounts, int]]:
    """Chunks as values."""
    for batch in lane.batches(after="", until=""):
        chunk = lane.preparer.prepare(batch)
        if chunk.rejects or chunk.changed():
            raise NotSmall
        reach("chunk.transformed")
        written = lane.write(chunk)
        yield batch.position, written.accounts(batch.rows, chunk.filtered), 0
