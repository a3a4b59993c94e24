"""The copy of one table: its lanes, opened in the ledger and run one after another or at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ..control import Control, Stopped, Wish
from ..databases.base import Source, Target
from ..expressions import LookupTable, compile_evaluator
from ..expressions.contract import Evaluator
from ..ledger import Accounts, Checkpoint, Ledger, LedgerConflict
from ..planning.plan import PlannedTable
from .lanes import Lane, RunOptions, Tally

LANE_MINIMUM_ROWS = 10_000
"""A lane of fewer rows costs more to open than it saves."""
LOCK_SECONDS = 30.0


@dataclass(slots=True)
class Halt(Control):
    """The control of several lanes: when one fails, the others stop at their next chunk."""

    control: Control
    halted: bool = False

    def wish(self) -> Wish:
        """The wish outside, or pause when a lane has failed."""
        return "pause" if self.halted else self.control.wish()


@dataclass(slots=True)
class TableCopier:
    """Copies the tables of one run."""

    source: Source
    target: Target
    ledger: Ledger
    epoch: int
    options: RunOptions
    control: Control
    lookups: dict[str, LookupTable]
    before: dict[int, Accounts]
    """What earlier workers of the run have done, by map number."""
    notes: list[str] = field(default_factory=list)
    quarantined: dict[int, int] = field(init=False)
    """Rows in quarantine so far, by map number."""

    def __post_init__(self) -> None:
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
        left = [lane for lane in lanes if not lane.done]
        if len(lanes) == 1:
            for checkpoint in left:
                self.lane(table, checkpoint, tally, self.source, self.target, self.control)
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
        return lanes

    def bounds(self, table: PlannedTable, rows_total: int) -> list[str]:
        """Positions that cut a table into lanes of about the same number of key values; none for a single lane."""
        wanted = min(self.options.lanes, rows_total // LANE_MINIMUM_ROWS)
        key = self.source.position_columns(table.source)
        if wanted < 2 or not self.target.can.concurrent_writers or len(key) != 1:
            return []
        if table.source.column(key[0]).type.kind != "integer":
            return []
        return integer_bounds(self.source.key_range(table.source, key[0]), wanted)

    def copy_together(self, table: PlannedTable, lanes: Sequence[Checkpoint], tally: Tally) -> None:
        """Several lanes at a time, each with connections of its own; the first failure halts the others."""
        halt = Halt(self.control)
        with ThreadPoolExecutor(max(1, min(self.options.lanes, len(lanes)))) as pool:
            futures = [pool.submit(self.lane_apart, table, lane, tally, halt) for lane in lanes]
            failures = [error for error in (future.exception() for future in futures) if error is not None]
        for failure in sorted(failures, key=lambda error: isinstance(error, Stopped)):
            raise failure

    def lane_apart(self, table: PlannedTable, checkpoint: Checkpoint, tally: Tally, halt: Halt) -> None:
        """One of several lanes."""
        source = self.source.lane()
        try:
            target = self.target.lane()
            try:
                target.lock(
                    f"dms:{self.ledger.run_id}:{table.map_no}:{checkpoint.lane_no}", timeout_seconds=LOCK_SECONDS
                )
                self.lane(table, checkpoint, tally, source, target, halt)
            finally:
                target.close()
        except BaseException:
            halt.halted = True
            raise
        finally:
            source.close()

    def lane(
        self,
        table: PlannedTable,
        checkpoint: Checkpoint,
        tally: Tally,
        source: Source,
        target: Target,
        control: Control,
    ) -> None:
        """One lane on the connections given."""
        evaluator = self.evaluator(table)
        try:
            ledger = Ledger(target, self.ledger.run_id)
            Lane(table, source, target, ledger, checkpoint, self.options, control, tally, evaluator).copy()
        finally:
            if evaluator is not None:
                evaluator.close()

    def evaluator(self, table: PlannedTable) -> Evaluator | None:
        """The expressions of a table map, compiled; None if it has none."""
        if table.plain:
            return None
        outputs = [(column.target.name, column.expression) for column in table.columns if column.expression is not None]
        return compile_evaluator(table.source.copied_columns, outputs, table.where, self.lookups)


def integer_bounds(key_range: tuple[int, int] | None, lanes: int) -> list[str]:
    """Positions that cut a range of integers into so many parts."""
    if key_range is None or key_range[1] - key_range[0] < lanes:
        return []
    low, high = key_range
    return [json.dumps([str(low + (high - low) * part // lanes)]) for part in range(1, lanes)]
