"""Who copies the lanes of one table: one worker alone while nothing is known, as many as asked for, or as many as pay."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..control import Control, Stopped
from ..databases.base import Position, Source
from ..databases.catalogue import Table
from ..ledger import Checkpoint
from ..ledger.cutting import cut_lane
from ..planning.plan import PlannedTable
from .crew import Crew, Halt, Stepping
from .keeping import LaneKeeper
from .tally import Tally
from .tuning import MOST_LANES, TOLD_ROWS, LaneTrial, OnChunk

if TYPE_CHECKING:
    from .tables import TableCopier

PARTS_A_LANE = 2
"""What is left of a table is cut into so many parts for each lane there may be, so that all come to their end together."""


RestBounds = Callable[[Table, int, Position, Position], list[Position]]
"""At most so many positions, less one, that cut the rows of a table behind one position and up to another."""


def rest_bounds(source: Source) -> RestBounds | None:
    """How a source cuts what is left of a table: a method beside the protocol; None where it has none."""
    find: RestBounds | None = getattr(source, "rest_bounds", None)
    return find


@dataclass(slots=True)
class Hands:
    """The copy of one table by workers of this process."""

    copier: TableCopier
    table: PlannedTable
    tally: Tally

    def copy(self, lanes: Sequence[Checkpoint]) -> None:
        """Copy what is left of lanes. Raises Stopped and the databases' errors."""
        if self.table.map_no in self.copier.modes.in_turn:
            for lane in lanes:
                self.alone(lane, self.copier.control)
            return
        wanted, label = self.copier.options.lanes, self.table.source_label
        if wanted is not None:
            self.as_asked(lanes, wanted)
            return
        trial = LaneTrial(*self.most(), rate_limit=self.copier.options.budget.rows_per_second)
        known, of = self.copier.tuning.lanes
        if known and trial.most > 1 and self.tally.rows_total >= TOLD_ROWS:
            trial.lanes, trial.decided = min(known, trial.most), f"as for {of}"
        try:
            self.as_pays(lanes, trial)
        finally:
            if trial.general:
                self.copier.tuning.lanes = (trial.lanes, label)
            if trial.lanes > 1 or trial.rates or trial.decided:
                self.copier.tuning.lanes_of[label] = trial.told()

    def as_asked(self, lanes: Sequence[Checkpoint], wanted: int) -> None:
        """By so many workers as the user wants, or as the servers take."""
        if len(lanes) == 1:
            self.alone(lanes[0], self.copier.control)
            return
        most = self.copier.options.budget.lanes or wanted
        workers = min(wanted, most, len(lanes))
        left = self.copier.at_a_time(workers)
        if left < workers:
            self.copier.notes.append(
                f"{left} of {workers} lanes were used at a time: a server takes no more sessions than that"
            )
        self.crew(lanes, None).run(left)

    def most(self) -> tuple[int, str]:
        """How many lanes may be tried, and why no more."""
        copier = self.copier
        if reason := copier.alone(self.table):
            return 1, reason
        if rest_bounds(copier.source) is None:
            return (
                1,
                f"several sessions of one snapshot are only opened on {copier.source.can.product} when --lanes asks for them",
            )
        allowed = copier.options.budget.lanes
        if allowed is not None and allowed < MOST_LANES:
            return allowed, f"no more than {allowed} are allowed"
        return MOST_LANES, f"no more than {MOST_LANES} are tried"

    def as_pays(self, lanes: Sequence[Checkpoint], trial: LaneTrial) -> None:
        """By one worker at first, and by more as long as each of them pays."""
        if len(lanes) > 1:
            self.limit(trial)
            self.crew(lanes, trial).run(trial.lanes)
            return
        if trial.lanes > 1:
            self.go_on(lanes[0], trial)
            return
        control = Stepping(self.copier.control, at=lanes[0])

        def heard(at: Checkpoint, rows: int, seconds: float, settled: bool) -> None:
            control.at = at
            control.aside = trial.chunk(0, rows, seconds, self.rows_left(), settled=settled) == "add"

        try:
            self.alone(lanes[0], control, heard)
            trial.lanes = 1
        except Stopped:
            if not control.stepped_aside() or control.at is None:
                raise
            self.go_on(control.at, trial)

    def go_on(self, lane: Checkpoint, trial: LaneTrial) -> None:
        """By two workers, with what is left of a lane cut into parts; alone where that cannot be."""
        self.limit(trial)
        parts = self.cut(lane, trial.most * PARTS_A_LANE) if trial.most > 1 else [lane]
        if len(parts) > 1:
            self.crew(parts, trial).run(trial.lanes)
            return
        trial.lanes = 1
        trial.decided = trial.why_not_more if trial.most == 1 else "what is left of the table cannot be cut"
        self.alone(lane, self.copier.control)

    def limit(self, trial: LaneTrial) -> None:
        """Let there be no more lanes than servers have sessions for."""
        left = self.copier.at_a_time(trial.most)
        if left < trial.most:
            trial.most, trial.why_not_more = left, "a server takes no more sessions than that"
            trial.lanes = min(trial.lanes, left)

    def cut(self, lane: Checkpoint, parts: int) -> list[Checkpoint]:
        """What is left of a lane as several ones."""
        find = rest_bounds(self.copier.source)
        bounds = find(self.table.source, parts, lane.position, lane.until) if find is not None else []
        return cut_lane(self.copier.ledger, lane, bounds) if bounds else [lane]

    def crew(self, lanes: Sequence[Checkpoint], trial: LaneTrial | None) -> Crew:
        """Workers over these lanes, each with connections of its own."""
        return Crew(self.apart, deque(lanes), Halt(self.copier.control), self.copier.tuning, self.rows_left, trial)

    def apart(self, lane: Checkpoint, control: Control, on_chunk: OnChunk) -> None:
        """One lane by connections of its own."""
        LaneKeeper(self.copier, self.table, self.tally, control, None, on_chunk).keep(lane)

    def alone(self, lane: Checkpoint, control: Control, on_chunk: OnChunk | None = None) -> None:
        """One lane into the run's own connection."""
        LaneKeeper(self.copier, self.table, self.tally, control, self.copier.target, on_chunk).keep(lane)

    def rows_left(self) -> int:
        """Rows of the table that are still to be copied."""
        return self.tally.rows_total - self.tally.read
