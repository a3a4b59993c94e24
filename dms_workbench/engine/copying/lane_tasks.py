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
from typing import TYPE_CHECKING, Any, Protocol

from ...kernel.errors import Refused, WorkbenchError
from ..control import Control, Progress, Stopped, Wish
from ..databases.base import Target
from ..databases.urls import database_for
from ..expressions import load_lookups
from ..ledger import Checkpoint, Ledger, Seals
from ..ledger.wishes import wish_for_lanes, wish_of_lanes
from ..planning import source_options
from ..planning.plan import Plan, plan_from_json, plan_to_json
from ..subsets import subset_lookups
from .keeping import LaneKeeper
from .modes import Modes
from .options import RunOptions
from .pacing import Budget, Pace
from .recovering import Clock
from .sides import Sides
from .tally import Tally
from .watchdog import Watchdog

if TYPE_CHECKING:
    from .tables import TableCopier

LOOK_SECONDS = 0.5
STOP_SECONDS = 30.0
"""How long lanes elsewhere may take to stop when a pause is wished; then the next epoch fences them."""
OPTIONS = ("on_reject", "max_rejects", "chunk_rows", "push_down", "patience_seconds", "stall_seconds")


class LanesCannotLeave(
    Refused, code="lanes-cannot-leave", next="Leave --executor out: the lanes then run in the worker itself."
):
    """Lanes cannot run in other processes: {reason}."""


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


def send_lanes(copier: TableCopier, table_no: int, lanes: Sequence[Checkpoint], tally: Tally) -> None:
    """Let lanes of a table run elsewhere and follow them. Raises LanesCannotLeave, Stopped and what a lane met."""
    runner = copier.options.lane_runner
    assert runner is not None  # noqa: S101  who calls has looked
    refuse_staying(copier)
    wish_for_lanes(copier.ledger, "run")
    follow = Following(copier, table_no, tally)
    failures: list[dict[str, Any]] = []
    try:
        for outcome in runner.run([task_of(copier, lane, len(lanes)) for lane in lanes], follow.look):
            if outcome.error is not None:
                failures.append(outcome.error)
                follow.stop("pause")
    except BaseException:
        wish_for_lanes(copier.ledger, "pause")
        raise
    follow.tell()
    if failures:
        raise WorkbenchError.from_dict(failures[0])
    wish = copier.control.wish()
    if wish != "run":
        raise Stopped(wish)


def refuse_staying(copier: TableCopier) -> None:
    """Raise LanesCannotLeave where lanes of other processes could not read one snapshot, or not write beside each other."""
    if copier.source.can.database != "postgres":
        reason = f"{copier.source.can.product} gives its snapshot to no other process, so lanes would read at different times"
        raise LanesCannotLeave(reason=reason)
    if not copier.target.can.concurrent_writers:
        raise LanesCannotLeave(reason=f"{copier.target.can.product} takes one writer at a time")


def task_of(copier: TableCopier, lane: Checkpoint, lanes: int) -> LaneTask:
    """What a process is told of a lane."""
    elsewhere = sum(count for number, count in copier.quarantined.items() if number != lane.map_no)
    rate = copier.options.budget.rows_per_second
    return LaneTask(
        run_id=copier.ledger.run_id,
        epoch=copier.epoch,
        map_no=lane.map_no,
        lane_no=lane.lane_no,
        snapshot=copier.source.snapshot,
        quarantined_elsewhere=elsewhere,
        plan=plan_to_json(replace(copier.sides.plan, objects=())),
        options={name: getattr(copier.options, name) for name in OPTIONS},
        rows_per_second=None if rate is None else rate / lanes,
    )


@dataclass(slots=True)
class Following:
    """How lanes elsewhere are followed: by what they have committed."""

    copier: TableCopier
    map_no: int
    tally: Tally
    stopping_since: float | None = None
    tell_again_at: float = 0.0
    """A ledger of many chunks takes a while to add up: it is asked a tenth of the time at most."""

    def look(self) -> None:
        """Tell how far they are, and pass a wish on. Raises Stopped when they take too long to stop."""
        began = time.monotonic()
        if began >= self.tell_again_at:
            self.tell()
            self.tell_again_at = time.monotonic() + 10 * (time.monotonic() - began)
        wish = self.copier.control.wish()
        if wish != "run":
            self.stop(wish)
            if time.monotonic() - (self.stopping_since or 0.0) > STOP_SECONDS:
                raise Stopped(wish)

    def tell(self) -> None:
        """Report what is committed."""
        with self.copier.guard:
            accounts = self.copier.ledger.accounts().get(self.map_no)
            for lane in self.copier.ledger.lanes(self.map_no):
                self.copier.clock.saw(lane)
        if accounts is not None:
            tally = self.tally
            tally.read, tally.written = accounts.read, accounts.written
            tally.filtered, tally.quarantined = accounts.filtered, accounts.quarantined
            tally.report()

    def stop(self, wish: Wish) -> None:
        """Tell the lanes to stop, once."""
        if self.stopping_since is None:
            self.stopping_since = time.monotonic()
            self.copier.control.report(Progress("copy", message="telling the lanes on other processes to stop"))
            with self.copier.guard:
                wish_for_lanes(self.copier.ledger, wish)
