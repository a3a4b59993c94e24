"""A run that puts quarantined rows of one cause through, exactly once, and closes the books of the run they come from again.

The rows lie in the target's ledger. A chunk of them is written, marked as replayed, entered in the ledger and passed by the
checkpoint in one transaction; what still fails stays in the parent's quarantine with its new reason. Killed anywhere, the same
command goes on with the rows that are left.
"""

from __future__ import annotations

import json
import logging
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...kernel.errors import Refused, WorkbenchError
from ..control import Control, Progress, Stopped
from ..databases.base import RowsRefused, Source, Target
from ..databases.urls import database_for
from ..expressions import LookupTable, load_lookups
from ..failpoints import reach
from ..ledger import Accounts, Checkpoint, Group, Ledger, LedgerConflict, LedgerRun, rows_of
from ..planning import source_options
from ..planning.plan import Mode, Plan, PlannedTable
from ..subsets import subset_lookups
from .ending import failed
from .lanes import utc_now
from .modes import Modes
from .options import RunOptions
from .pacing import Budget, Pace
from .passage import Rows
from .quarantine import find_cause
from .replay_asked import NotReplayable, Replay, ReplayResult, as_it_is, expressions_of, group_of
from .replay_books import ParentBooks, replayed
from .replay_rows import QuarantineSource, ReplayLane, columns_as_text, evaluator_of, with_expressions
from .result import RunResult, Status
from .tally import Tally
from .tuning import Tuning

log = logging.getLogger("dms_workbench.engine")
LOCK_SECONDS = 30.0
FIRST_LANE = 1_000
"""Replays count their lanes from here."""
ENDED = frozenset(("succeeded", "succeeded_with_quarantine", "differences", "not_verified"))
"""Runs that stand so have come to the end of their rows: what is in quarantine then is all of it."""


@dataclass(slots=True)
class ReplayRun:
    """One replay under way."""

    plan: Plan
    target: Target
    target_url: str
    source: Source | None
    """Where the rows came from; None where it is not needed."""
    ledger: Ledger
    parent: Ledger
    asked: Replay
    options: RunOptions
    control: Control
    spool_directory: Path
    started: float
    epoch: int | None = None
    lookups: dict[str, LookupTable] = field(default_factory=dict)

    def execute(self) -> ReplayResult:
        """All phases, in their order."""
        for run_id in (self.parent.run_id, self.ledger.run_id):
            self.target.lock(f"dms:{run_id}", timeout_seconds=LOCK_SECONDS)
        self.ledger.install()
        parent = self.replayable()
        books = RunResult.from_dict(json.loads(parent.result))
        known = self.ledger.run()
        if known is not None and known.status in ENDED and known.result:
            return ReplayResult(replace(RunResult.from_dict(json.loads(known.result)), already_done=True), books)
        group = find_cause(self.parent, self.asked.cause) if known is None else group_of(json.loads(known.mapping))
        if known is None and not group.open:
            return ReplayResult(self.result("succeeded", notes=(f"Nothing is left of {self.asked.cause}.",)), books)
        table = self.table(group)
        facts = self.begin(table, group, known)
        self.epoch = epoch = self.ledger.take_over()
        reach("replay.begun")
        accounts = self.copy(self.changed(table, group), group, facts, epoch)
        reach("replay.copied")
        return self.close_books(books, table, accounts, epoch)

    def replayable(self) -> LedgerRun:
        """The parent as the ledger knows it. Raises NotReplayable."""
        run = self.parent.run()
        if run is None:
            raise NotReplayable(run_id=self.parent.run_id, reason="the target's ledger does not know it")
        if run.status not in ENDED or not run.result:
            raise NotReplayable(
                run_id=run.run_id,
                reason=f"it is {run.status} and has rows of its own left to copy",
                next="Repeat its command first, or dms runs resume " + run.run_id,
            )
        if getattr(self.target, "publish", None) is not None:
            raise NotReplayable(
                run_id=run.run_id,
                reason="its files are published as a whole",
                next="Correct the mapping (--mapping) and copy again with --new-run.",
            )
        return run

    def table(self, group: Group) -> PlannedTable:
        """The table map of a cause, its target columns as they are now: they may have been widened. Raises NotReplayable."""
        planned = {table.map_no: table for table in self.plan.tables}
        if group.map_no not in planned:
            raise NotReplayable(run_id=self.parent.run_id, reason="its plan does not know the table")
        return as_it_is(planned[group.map_no], self.target, self.parent.run_id)

    def changed(self, table: PlannedTable, group: Group) -> PlannedTable:
        """The map with the expression asked for."""
        return with_expressions(table, expressions_of(self.asked, table, group))

    def begin(self, table: PlannedTable, group: Group, known: LedgerRun | None) -> dict[str, Any]:
        """Enter the replay; what it was begun with if it goes on."""
        if known is not None:
            return dict(json.loads(known.mapping))
        changed = self.changed(table, group)
        self.lookups = self.load_lookups(changed)
        facts = {
            "map_no": group.map_no,
            "source": group.source,
            "cause_column": group.column,
            "code": group.code,
            "cause": self.asked.cause,
            "expressions": expressions_of(self.asked, table, group),
            "as_text": self.as_text(changed, table, group),
        }
        with self.target.transaction():
            self.ledger.begin(
                resume_key=self.asked.resume_key,
                identities=(self.plan.source_identity, self.plan.target_identity),
                selection="{}",
                mapping=json.dumps(facts),
                at=utc_now(),
                kind="replay",
                mode=self.plan.mode,
                parent_run_id=self.parent.run_id,
            )
        return facts

    def as_text(self, changed: PlannedTable, table: PlannedTable, group: Group) -> list[str]:
        """The columns that expressions are to be given as text."""
        expressions = expressions_of(self.asked, table, group)
        if not expressions:
            return []
        rows = (row.opened(self.options.seals) for row in rows_of(self.parent, group))
        return list(columns_as_text(changed, expressions, rows, self.lookups))

    def load_lookups(self, table: PlannedTable) -> dict[str, LookupTable]:
        """The lookups of the plan; none where the rows are only moved."""
        if table.plain or self.source is None:
            return {}
        found = dict(load_lookups(self.plan.lookups, self.source))
        return found | dict(subset_lookups(self.plan.subset, [each.source for each in self.plan.tables], self.source))

    def copy(self, table: PlannedTable, group: Group, facts: dict[str, Any], epoch: int) -> Accounts:
        """Put through what is left; returns what became of all of it."""
        self.lookups = self.lookups or self.load_lookups(table)
        lanes = self.ledger.lanes(table.map_no)
        if not lanes:
            self.ledger.open_lanes([Checkpoint(table.map_no, self.lane_no(), epoch)])
            lanes = self.ledger.lanes(table.map_no)
        evaluator = evaluator_of(table, facts["as_text"], self.lookups)
        try:
            self.put_through(self.lane(table, group, lanes[0], evaluator))
        finally:
            if evaluator is not None:
                evaluator.close()
        return self.ledger.accounts().get(table.map_no, Accounts())

    def put_through(self, lane: ReplayLane) -> None:
        """What is left of the rows, as values, a chunk at a time."""
        if not lane.checkpoint.done:
            Rows().copy_keyed(lane)
            with self.target.transaction():
                lane.checkpoint = self.ledger.advance(lane.checkpoint, lane.checkpoint.position, done=True)

    def lane_no(self) -> int:
        """A number that no lane of the parent, nor of its other replays, has: images are told apart by it."""
        others = "SELECT count(*) FROM {runs} WHERE parent_run_id = ?"
        return FIRST_LANE + int(self.parent.query(others, (self.parent.run_id,))[0][0])

    def lane(self, table: PlannedTable, group: Group, checkpoint: Checkpoint, evaluator: Any) -> ReplayLane:
        """The only lane."""
        can = database_for_product(self.plan.source_database)
        rows = QuarantineSource(self.parent, group, self.options.seals, can)
        before = self.ledger.accounts().get(table.map_no, Accounts())
        tally = Tally(
            table,
            self.control,
            before.read + group.open,
            before.read,
            before.written,
            before.filtered,
            before.quarantined,
        )
        tally.report()
        return ReplayLane(
            table=table,
            source=rows.as_source(),
            target=self.target,
            ledger=self.ledger,
            checkpoint=checkpoint,
            options=self.options,
            control=self.control,
            tally=tally,
            sink=self.modes(table).sink(table, self.target, checkpoint.lane_no),
            pace=Pace(Budget(), self.control),
            open_source=rows.as_source,
            tuning=Tuning(self.options.chunk_rows),
            evaluator=evaluator,
        )

    def modes(self, table: PlannedTable) -> Modes:
        """How rows are added: as in the run they come from, whose images they join; to what is there if it replaced a table."""
        mode: Mode = "create" if self.plan.mode == "replace" else self.plan.mode
        plan = replace(self.plan, mode=mode, tables=(table,))
        modes = Modes(plan, self.target, self.parent, self.parent.baselines())
        modes.prepare()
        return modes

    # -- the books

    def close_books(self, before: RunResult, table: PlannedTable, accounts: Accounts, epoch: int) -> ReplayResult:
        """Count and verify the tables concerned, and enter how both runs stand, in one transaction."""
        source = self.source if self.options.verify else None
        books = ParentBooks(
            self.plan,
            source,
            self.target,
            self.target_url,
            self.parent,
            self.options,
            self.control,
            self.spool_directory,
        )
        parent = books.close(before, table)
        status, own, note = replayed(parent, table, accounts)
        result = self.result(status, tables=(own,), notes=(note,), error=parent.error)
        reach("replay.before-books")
        with self.target.transaction():
            self.ledger.fence(epoch)
            for run, said in ((self.ledger, result), (self.parent, parent)):
                run.execute(
                    "UPDATE {runs} SET status = ?, result = ?, finished_at = ? WHERE run_id = ?",
                    (said.status, json.dumps(said.as_dict()), said.finished_at, run.run_id),
                )
        reach("replay.books-closed")
        return ReplayResult(result, parent)

    def result(self, status: Status, **more: Any) -> RunResult:
        """A result of the replay."""
        seconds = round(time.monotonic() - self.started, 3)
        return RunResult(self.ledger.run_id, status, seconds, finished_at=utc_now(), **more)


def database_for_product(product: str) -> Any:
    """The capabilities of a product by its name."""
    from importlib import import_module

    return import_module(f"..databases.{product}", __package__).database.can


def execute_replay(  # noqa: PLR0913  what is done, where, how, and who watches
    plan: Plan,
    source_url: str,
    target_url: str,
    *,
    run_id: str,
    asked: Replay,
    options: RunOptions,
    control: Control,
    spool_directory: Path,
) -> ReplayResult:
    """Put rows of a cause through; always returns a result, whatever happened.

    run_id: of a new replay, or of the one that the ledger holds and that is to go on. The source is opened where rows are to be
    verified, or where an expression looks something up.
    """
    started = time.monotonic()
    try:
        control.report(Progress("connect"))
        with ExitStack() as stack:
            source = None
            if options.verify or plan.lookups or plan.subset:
                opened = database_for(source_url).open_source(
                    source_url, options=source_options(source_url, target_url)
                )
                source = stack.enter_context(closing(opened))
            into = database_for(target_url).open_target(
                target_url, create=False, options={"ledger_schema": plan.ledger_schema}
            )
            target = stack.enter_context(closing(into))
            ledger, parent = Ledger(target, run_id), Ledger(target, asked.parent_run_id)
            run = ReplayRun(
                plan, target, target_url, source, ledger, parent, asked, options, control, spool_directory, started
            )
            try:
                return run.execute()
            except (Stopped, WorkbenchError) as error:
                return ReplayResult(stopped(run, error))
    except (WorkbenchError, RowsRefused) as error:
        kind = (
            error if isinstance(error, WorkbenchError) else Refused(reason=f"The target refuses the rows: {error.hint}")
        )
        return ReplayResult(failed(run_id, kind, started))


def stopped(run: ReplayRun, error: Stopped | WorkbenchError) -> RunResult:
    """The result of a replay that did not come to its end, entered in the ledger if that can still be reached."""
    if isinstance(error, Stopped):
        result = run.result("paused" if error.wish == "pause" else "cancelled")
    else:
        result = failed(run.ledger.run_id, error, run.started)
    if run.epoch is not None and not isinstance(error, LedgerConflict):
        try:
            run.ledger.finish(run.epoch, result.status, json.dumps(result.as_dict()), result.finished_at)
        except WorkbenchError as late:
            log.warning("the ledger could not be told that replay %s stopped: %s", run.ledger.run_id, late.message)
    return result
