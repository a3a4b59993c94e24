"""Lanes that run in other processes: what such a process is told, how it copies the lane, and how the run follows it.

A task is plain text and may be given twice, or to a process that has been dead for a while: the lane's lock, the run's epoch
and the checkpoint's compare-and-set let each chunk be committed once. How far lanes are, the run reads from the ledger.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from ...kernel.errors import WorkbenchError
from ..control import Control, Stopped, Wish
from ..databases.base import Target
from ..databases.urls import database_for
from ..expressions import load_lookups
from ..ledger import Checkpoint, Ledger, Seals
from ..ledger.wishes import wish_of_lanes
from ..planning import source_options
from ..planning.plan import Plan, plan_from_json
from ..subsets import subset_lookups
from .keeping import LaneKeeper
from .modes import Modes
from .options import RunOptions
from .pacing import Budget, Pace
from .recovering import Clock
from .sides import Sides
from .tally import Tally
from .watchdog import Watchdog

LOOK_SECONDS = 0.5
OPTIONS = ("on_reject", "max_rejects", "chunk_rows", "push_down", "patience_seconds", "stall_seconds")


@dataclass(frozen=True, slots=True)
class LaneTask:
    """One lane to copy, as plain values; addresses and keys travel apart."""

    run_id: str
    epoch: int
    map_no: int
    lane_no: int
    snapshot: str
    """Of the source, held by the run."""
    quarantined_elsewhere: int
    plan: str
    """The plan without its objects, as JSON."""
    options: dict[str, Any]
    rows_per_second: float | None = None
    """What this lane may take of the run's budget."""

    @property
    def name(self) -> str:
        """What it is called among the run's tasks."""
        return f"dms-{self.run_id}-{self.epoch}-{self.map_no}-{self.lane_no}"

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> LaneTask:
        """The inverse."""
        return LaneTask(**json.loads(text))


@dataclass(frozen=True, slots=True)
class LaneOutcome:
    """How a lane ended: done, stopped by a wish, or with an error."""

    map_no: int
    lane_no: int
    done: bool = False
    error: dict[str, Any] | None = None

    def to_json(self) -> str:
        """As text."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> LaneOutcome:
        """The inverse."""
        return LaneOutcome(**json.loads(text))


class LaneRunner(Protocol):
    """Runs lanes in other processes."""

    def run(self, tasks: Sequence[LaneTask], look: Callable[[], None]) -> Iterator[LaneOutcome]:
        """Each task's outcome as it comes. look: to be called about twice a second, and may raise.

        A process that dies takes nothing with it: its task is given to another one.
        """
        ...


@dataclass(slots=True)
class LedgerControl(Control):
    """The control of a lane elsewhere: it asks the ledger, by a connection of its own, what is wished."""

    task: LaneTask
    target: Target
    guard: threading.Lock = field(default_factory=threading.Lock)
    asked_at: float = float("-inf")
    last: Wish = "run"

    def wish(self) -> Wish:
        """What is wished; asked twice a second at most."""
        with self.guard:
            if time.monotonic() - self.asked_at > LOOK_SECONDS:
                self.asked_at = time.monotonic()
                self.last = wish_of_lanes(Ledger(self.target, self.task.run_id), self.task.epoch)
            return self.last


def execute_lane(task: LaneTask, urls: tuple[str, str], seals: Seals | None) -> LaneOutcome:
    """Copy what is left of a lane. urls: of source and target. Errors are part of the outcome."""
    outcome = LaneOutcome(task.map_no, task.lane_no)
    try:
        copy_elsewhere(task, urls, seals)
    except Stopped:
        return outcome
    except WorkbenchError as error:
        return replace(outcome, error=error.as_dict())
    return replace(outcome, done=True)


def copy_elsewhere(task: LaneTask, urls: tuple[str, str], seals: Seals | None) -> None:
    """The same; raises Stopped and the errors of databases."""
    plan = plan_from_json(task.plan)
    options = RunOptions(**task.options, seals=seals, budget=Budget(rows_per_second=task.rows_per_second))
    opened = database_for(urls[1]).open_target(urls[1], options={"ledger_schema": plan.ledger_schema})
    with closing(opened) as asking:
        control = LedgerControl(task, asking)
        sides = Sides(plan, *urls, task.run_id, options, control)
        try:
            given = {**source_options(*urls), "lanes": 1, "snapshot": task.snapshot}
            sides.source = database_for(urls[0]).open_source(urls[0], options=given)
            sides.open_target()
            with Watchdog(control, sides.source_witness, sides.target_witness, options.stall_seconds) as watchdog:
                keep_lane(task, plan, sides, watchdog)
        finally:
            sides.close()


def keep_lane(task: LaneTask, plan: Plan, sides: Sides, watchdog: Watchdog) -> None:
    """The lane, as often as it takes."""
    from .tables import TableCopier

    ledger = Ledger(sides.target, task.run_id)
    lookups = dict(load_lookups(plan.lookups, sides.source))
    lookups |= subset_lookups(plan.subset, [each.source for each in plan.tables], sides.source)
    copier = TableCopier(
        sides,
        watchdog,
        Clock(),
        ledger,
        task.epoch,
        sides.options,
        sides.control,
        lookups,
        Pace(sides.options.budget, sides.control),
        ledger.accounts(),
        Modes(plan, sides.target, ledger, ledger.baselines()),
    )
    table = next(each for each in plan.tables if each.map_no == task.map_no)
    tally = Tally(table, Control(), quarantined_elsewhere=task.quarantined_elsewhere)
    keeper = LaneKeeper(copier, table, tally, sides.control, None)
    try:
        keeper.keep(keeper.where(sides.target, Checkpoint(task.map_no, task.lane_no, task.epoch)))
    finally:
        copier.readers.close()
