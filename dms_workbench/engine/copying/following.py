"""Tables whose lanes run in other processes: which go together, and how the run follows them by what they have committed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...kernel.errors import Refused, WorkbenchError
from ..control import Progress, Stopped, Wish
from ..ledger import Checkpoint
from ..ledger.wishes import wish_for_lanes
from ..planning.plan import PlannedTable, plan_to_json
from .lane_tasks import OPTIONS, LaneRunner, LaneTask
from .tally import Tally

if TYPE_CHECKING:
    from .tables import TableCopier

STOP_SECONDS = 30.0
"""How long lanes elsewhere may take to stop when a pause is wished; then the next epoch fences them."""
TABLES_TOGETHER = 64
"""Tables whose lanes are given out at a time: each task carries the plan."""
Lanes = Sequence[tuple[Tally, Sequence[Checkpoint]]]
"""Table maps with the lanes that are left of them."""


class LanesCannotLeave(
    Refused, code="lanes-cannot-leave", next="Leave --executor out: the lanes then run in the worker itself."
):
    """Lanes cannot run in other processes: {reason}."""


def send_tables(
    copier: TableCopier, runner: LaneRunner, tables: Sequence[PlannedTable], totals: Mapping[int, int]
) -> None:
    """Copy what is left of tables in other processes, as many at a time as may be. Raises LanesCannotLeave, Stopped and their errors."""
    refuse_staying(copier)
    for group in together(copier, tables):
        begun = [copier.begin(table, totals[table.map_no]) for table in group]
        try:
            send_lanes(copier, runner, [(tally, left) for tally, left in begun if left])
        finally:
            for tally, _ in begun:
                copier.end(tally)


def together(copier: TableCopier, tables: Sequence[PlannedTable]) -> list[list[PlannedTable]]:
    """The tables in their order, in groups whose rows may come in any order.

    A limit on rejects or on the rate is one for the whole run, and is only kept to table by table. Rows go behind those they
    refer to where the reference is checked already, and behind those of another map into the same table.
    """
    options = copier.options
    alone = options.max_rejects is not None or options.budget.rows_per_second is not None
    groups: list[list[PlannedTable]] = []
    for table in tables:
        before = {other.target.name for other in groups[-1]} if groups else set()
        needs = set() if table.creates else {key.references for key in table.target.foreign_keys}
        if not groups or alone or len(before) >= TABLES_TOGETHER or before & {table.target.name, *needs}:
            groups.append([])
        groups[-1].append(table)
    return groups


def send_lanes(copier: TableCopier, runner: LaneRunner, lanes: Lanes) -> None:
    """Let lanes run elsewhere and follow them. Raises Stopped and what a lane met."""
    if not lanes:
        return
    wish_for_lanes(copier.ledger, "run")
    follow = Following(copier, [tally for tally, _ in lanes])
    failures: list[dict[str, Any]] = []
    plan, each = plan_to_json(replace(copier.sides.plan, objects=())), [lane for _, left in lanes for lane in left]
    try:
        for outcome in runner.run([task_of(copier, lane, len(each), plan) for lane in each], follow.look):
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


def task_of(copier: TableCopier, lane: Checkpoint, lanes: int, plan: str) -> LaneTask:
    """What a process is told of a lane. lanes: that share the run's rate; plan: as text."""
    elsewhere = sum(count for number, count in copier.quarantined.items() if number != lane.map_no)
    rate = copier.options.budget.rows_per_second
    return LaneTask(
        run_id=copier.ledger.run_id,
        epoch=copier.epoch,
        map_no=lane.map_no,
        lane_no=lane.lane_no,
        snapshot=copier.source.snapshot,
        quarantined_elsewhere=elsewhere,
        plan=plan,
        options={name: getattr(copier.options, name) for name in OPTIONS},
        rows_per_second=None if rate is None else rate / lanes,
    )


@dataclass(slots=True)
class Following:
    """How lanes elsewhere are followed: by what they have committed."""

    copier: TableCopier
    tallies: Sequence[Tally]
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
            accounts = self.copier.ledger.accounts()
            for lane in [lane for tally in self.tallies for lane in self.copier.ledger.lanes(tally.table.map_no)]:
                self.copier.clock.saw(lane)
        for tally in self.tallies:
            found = accounts.get(tally.table.map_no)
            if found is not None and found.read + found.quarantined > tally.read + tally.quarantined:
                tally.read, tally.written = found.read, found.written
                tally.filtered, tally.quarantined = found.filtered, found.quarantined
                tally.report()

    def stop(self, wish: Wish) -> None:
        """Tell the lanes to stop, once."""
        if self.stopping_since is None:
            self.stopping_since = time.monotonic()
            self.copier.control.report(Progress("copy", message="telling the lanes on other processes to stop"))
            with self.copier.guard:
                wish_for_lanes(self.copier.ledger, wish)
