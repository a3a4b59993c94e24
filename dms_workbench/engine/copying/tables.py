"""The copy of one table: its lanes, opened in the ledger and run one after another or at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ..control import Control
from ..databases.base import Source, Target
from ..expressions import LookupTable, compile_evaluator
from ..expressions.contract import Evaluator
from ..failpoints import reach
from ..ledger import Accounts, Checkpoint, Ledger, LedgerConflict
from ..ledger.cutting import last_chunk_rows
from ..planning.plan import PlannedTable
from .hands import Hands
from .lanes import Lane
from .modes import Modes
from .options import RunOptions
from .pacing import Pace
from .recovering import Clock
from .sides import Sides
from .strategies import copy_lane
from .tally import Tally
from .tuning import OnChunk, Tuning
from .watchdog import Watchdog

LANE_MINIMUM_ROWS = 10_000
"""A lane of fewer rows costs more to open than it saves."""
LOCK_SECONDS = 30.0
LANES_ELSEWHERE, ROWS_ELSEWHERE = 16, 250_000
"""Where lanes run in other processes, a table that the user has not cut is cut into so many, of so many rows at least."""
SESSIONS_LEFT = 3
"""Sessions that lanes leave to others on each server."""


class Readers:
    """Connections under the run's snapshot that lanes read by, one table after another."""

    def __init__(self, source: Source) -> None:
        """source: holds the snapshot."""
        self.source = source
        self.idle: list[Source] = []

    def take(self) -> Source:
        """A connection that is at rest."""
        try:
            return self.idle.pop()
        except IndexError:
            return self.source.lane()

    def give_back(self, reader: Source) -> None:
        """A connection whose reads have come to their end; one of few goes back to where others wait for it."""
        if getattr(reader, "pooled", False):
            reader.close()
        else:
            self.idle.append(reader)

    def close(self) -> None:
        """Close those at rest."""
        while self.idle:
            self.idle.pop().close()


@dataclass(slots=True)
class TableCopier:
    """Copies the tables of one run."""

    sides: Sides
    watchdog: Watchdog
    clock: Clock
    ledger: Ledger
    epoch: int
    options: RunOptions
    control: Control
    lookups: dict[str, LookupTable]
    pace: Pace
    before: dict[int, Accounts]
    """What earlier workers of the run have done, by map number."""
    modes: Modes
    """Where rows go."""
    notes: list[str] = field(default_factory=list)
    copied: dict[str, int] = field(default_factory=dict)
    """Rows that this worker has copied, by table."""
    readers: Readers = field(init=False)
    tuning: Tuning = field(init=False)
    quarantined: dict[int, int] = field(init=False)
    """Rows in quarantine so far, by map number."""
    guard: threading.Lock = field(init=False)
    """Held by whoever asks the run's own connections while lanes are at work."""

    @property
    def source(self) -> Source:
        """Holds the snapshot."""
        return self.sides.source

    @property
    def target(self) -> Target:
        """Holds the run's lock."""
        return self.sides.target

    def __post_init__(self) -> None:
        self.readers = Readers(self.source)
        self.guard = threading.Lock()
        self.tuning = Tuning(self.options.chunk_rows)
        self.quarantined = {number: accounts.quarantined for number, accounts in self.before.items()}

    def copy(self, table: PlannedTable, rows_total: int) -> Tally:
        """Copy what is left of a table map; returns its progress. Raises Stopped and the databases' errors."""
        tally, left = self.begin(table, rows_total)
        try:
            if left:
                Hands(self, table, tally).copy(left)
        finally:
            self.end(tally)
        return tally

    def begin(self, table: PlannedTable, rows_total: int) -> tuple[Tally, list[Checkpoint]]:
        """The progress of a table map and the lanes that are left; they are opened if they were not."""
        done = self.before.get(table.map_no, Accounts())
        elsewhere = sum(count for number, count in self.quarantined.items() if number != table.map_no)
        tally = Tally(
            table, self.control, rows_total, done.read, done.written, done.filtered, done.quarantined, elsewhere
        )
        tally.report()
        lanes = self.ledger.lanes(table.map_no) or self.open_lanes(table, rows_total)
        if any(lane.epoch != self.epoch for lane in lanes):
            raise LedgerConflict(run_id=self.ledger.run_id)
        for lane in lanes:
            self.clock.saw(lane)
        left = [lane for lane in lanes if not lane.done]
        if left and any(lane.chunk_no for lane in lanes):
            self.tuning.begin_with(last_chunk_rows(self.ledger, table.map_no))
        if self.options.lane_runner is not None and self.options.lanes is None and len(left) > 1:
            self.tuning.lanes_of[table.source_label] = (
                f"{len(left)} lanes for the processes of the cluster, of {ROWS_ELSEWHERE:,} rows or more each"
            )
        return tally, left

    def end(self, tally: Tally) -> None:
        """Note what became of the rows of a table map."""
        number = tally.table.map_no
        self.quarantined[number] = tally.quarantined
        self.copied[tally.table.source_label] = tally.read - self.before.get(number, Accounts()).read

    def open_lanes(self, table: PlannedTable, rows_total: int) -> list[Checkpoint]:
        """Enter the lanes of a table in the ledger."""
        bounds = self.bounds(table, rows_total)
        starts, ends = ["", *bounds], [*bounds, ""]
        lanes = [
            Checkpoint(table.map_no, number, self.epoch, position=start, until=end)
            for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        ]
        self.ledger.open_lanes(lanes)
        reach("lanes.opened")
        return lanes

    def bounds(self, table: PlannedTable, rows_total: int) -> list[str]:
        """Positions that cut a table into lanes of about the same number of rows; none for a single lane."""
        if self.alone(table):
            return []
        if self.options.lanes is not None:
            wanted = min(self.options.lanes, rows_total // LANE_MINIMUM_ROWS)
        elif self.options.lane_runner is not None:
            wanted = min(LANES_ELSEWHERE, rows_total // ROWS_ELSEWHERE)
        else:
            wanted = 0
        return self.source.lane_bounds(table.source, wanted) if wanted > 1 else []

    def alone(self, table: PlannedTable) -> str:
        """Why the rows of a table cannot pass in several lanes; empty if they can."""
        if not self.target.can.concurrent_writers:
            return f"{self.target.can.product} takes one writer at a time"
        if not self.source.position_columns(table.source):
            return "the table has no key, so all of its rows are written in one transaction"
        if self.modes.one_lane(table):
            return "a key may come twice, and the last row with it is to win"
        return ""

    def at_a_time(self, wanted: int) -> int:
        """How many lanes may work at a time, of so many: both servers keep some sessions for others."""
        spare = [
            found
            for found in (
                self.sides.source_witness.spare_sessions(self.source),
                self.sides.target_witness.spare_sessions(self.target),
            )
            if found is not None
        ]
        per_lane = 2 if self.source.identity.partition("/")[0] == self.target.identity.partition("/")[0] else 1
        left = max(1, (min(spare, default=wanted * per_lane + SESSIONS_LEFT) - SESSIONS_LEFT) // per_lane)
        return min(wanted, left)

    def summary(self) -> list[str]:
        """What the summary is to say of the copy: what was tuned, and what could not be had."""
        return [*self.notes, *self.tuning.notes(self.copied)]

    def lane(  # noqa: PLR0913  what is copied from where to where, and who watches
        self,
        table: PlannedTable,
        checkpoint: Checkpoint,
        tally: Tally,
        target: Target,
        control: Control,
        *,
        shrink: int,
        check: Callable[[], None],
        on_chunk: OnChunk | None = None,
        way: Callable[[Lane], None] = copy_lane,
    ) -> None:
        """One lane into the target connection given, read by a connection under the run's snapshot.

        shrink: how often chunks have been halved; check: called in each chunk's transaction; on_chunk: after it.
        """
        evaluator = self.evaluator(table)
        source = self.readers.take()
        try:
            lane = Lane(
                table=table,
                source=source,
                target=target,
                ledger=Ledger(target, self.ledger.run_id),
                checkpoint=checkpoint,
                options=self.options,
                control=control,
                tally=tally,
                sink=self.modes.sink(table, target, checkpoint.lane_no),
                pace=self.pace,
                open_source=self.source.lane,
                tuning=self.tuning,
                on_chunk=on_chunk,
                evaluator=evaluator,
                clock=self.clock,
                check=check,
            )
            source = lane.source
            lane.shrink(shrink)
            try:
                with self.watchdog.watching(lane, f"lane {checkpoint.lane_no} of {table.source_label}"):
                    way(lane)
            finally:
                source = lane.source
        except BaseException:
            source.close()
            raise
        else:
            self.readers.give_back(source)
        finally:
            if evaluator is not None:
                evaluator.close()

    def evaluator(self, table: PlannedTable) -> Evaluator | None:
        """The expressions of a table map, compiled; None if it has none."""
        if table.plain:
            return None
        outputs = [(column.target.name, column.expression) for column in table.columns if column.expression is not None]
        return compile_evaluator(table.source.copied_columns, outputs, table.where, self.lookups)
