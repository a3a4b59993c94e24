"""The copy of one table: its lanes, opened in the ledger and run one after another or at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ..control import Control, Progress, Stopped, Wish
from ..databases.base import Source, Target
from ..databases.errors import is_transient
from ..expressions import LookupTable, compile_evaluator
from ..expressions.contract import Evaluator
from ..failpoints import reach
from ..ledger import Accounts, Checkpoint, Ledger, LedgerConflict
from ..planning.plan import PlannedTable
from .keeping import LaneKeeper
from .lane_tasks import send_lanes
from .lanes import Lane
from .modes import Modes
from .options import RunOptions
from .pacing import Pace
from .recovering import Clock
from .sides import Sides
from .strategies import copy_lane
from .tally import Tally
from .watchdog import Watchdog

LANE_MINIMUM_ROWS = 10_000
"""A lane of fewer rows costs more to open than it saves."""
LOCK_SECONDS = 30.0
SESSIONS_LEFT = 3
"""Sessions that lanes leave to others on each server."""


@dataclass(slots=True)
class Halt(Control):
    """The control of several lanes: when one fails, the others stop at their next chunk."""

    control: Control
    halted: bool = False

    def report(self, progress: Progress) -> None:
        """As the control outside."""
        self.control.report(progress)

    def wish(self) -> Wish:
        """The wish outside, or pause when a lane has failed."""
        return "pause" if self.halted else self.control.wish()


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
    readers: Readers = field(init=False)
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
        self.quarantined = {number: accounts.quarantined for number, accounts in self.before.items()}

    def copy(self, table: PlannedTable, rows_total: int) -> Tally:
        """Copy what is left of a table map; returns its progress. Raises Stopped and the databases' errors."""
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
        if self.options.lane_runner is not None and left:
            send_lanes(self, table.map_no, left, tally)
        elif len(lanes) == 1:
            for checkpoint in left:
                LaneKeeper(self, table, tally, self.control, self.target).keep(checkpoint)
        else:
            self.copy_together(table, left, tally)
        self.quarantined[table.map_no] = tally.quarantined
        return tally

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
        wanted = min(self.options.lanes, rows_total // LANE_MINIMUM_ROWS)
        if self.modes.one_lane(table):
            return []
        if wanted < 2 or not self.target.can.concurrent_writers or not self.source.position_columns(table.source):
            return []
        return self.source.lane_bounds(table.source, wanted)

    def copy_together(self, table: PlannedTable, lanes: Sequence[Checkpoint], tally: Tally) -> None:
        """Several lanes at a time, each with connections of its own; the first failure halts the others."""
        halt = Halt(self.control)
        with ThreadPoolExecutor(self.at_a_time(len(lanes))) as pool:
            futures = [pool.submit(self.lane_apart, table, lane, tally, halt) for lane in lanes]
            failures = [error for error in (future.exception() for future in futures) if error is not None]
        for failure in sorted(failures, key=lambda error: (isinstance(error, Stopped), is_transient(error))):
            raise failure

    def at_a_time(self, lanes: int) -> int:
        """How many lanes may work at a time: both servers keep some sessions for others."""
        wanted = max(1, min(self.options.lanes, lanes))
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
        if left < wanted:
            self.notes.append(
                f"{left} of {wanted} lanes were used at a time: a server takes no more sessions than that"
            )
        return min(wanted, left)

    def lane_apart(self, table: PlannedTable, checkpoint: Checkpoint, tally: Tally, halt: Halt) -> None:
        """One of several lanes."""
        try:
            LaneKeeper(self, table, tally, halt, None).keep(checkpoint)
        except BaseException:
            halt.halted = True
            raise

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
    ) -> None:
        """One lane into the target connection given, read by a connection under the run's snapshot.

        shrink: how often chunks have been halved; check: called in each chunk's transaction.
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
                evaluator=evaluator,
                clock=self.clock,
                check=check,
            )
            source = lane.source
            lane.shrink(shrink)
            try:
                with self.watchdog.watching(lane, f"lane {checkpoint.lane_no} of {table.source_label}"):
                    copy_lane(lane)
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
