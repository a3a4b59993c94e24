"""A run that puts quarantined rows of one cause through, exactly once, and closes the books of the run they come from again.

The rows lie in the target's ledger. A chunk of them is written, marked as replayed, entered in the ledger and passed by the
checkpoint in one transaction; what still fails stays in the parent's quarantine with its new reason. Killed anywhere, the same
command goes on with the rows that are left.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...kernel.errors import Refused, UsageError, WorkbenchError
from ..control import Control, Progress, Stopped
from ..databases.base import RowsRefused, Source, Target
from ..databases.urls import database_for
from ..expressions import LookupTable, load_lookups
from ..failpoints import reach
from ..ledger import Accounts, Checkpoint, Group, Ledger, LedgerConflict, LedgerRun, rows_of
from ..planning import source_options
from ..planning.plan import Mode, Plan, PlannedTable
from ..subsets import subset_lookups
from .books import Bookkeeper
from .ending import failed
from .lanes import utc_now
from .modes import Modes
from .options import RunOptions
from .pacing import Budget, Pace
from .passage import Rows
from .quarantine import find_cause
from .replay_rows import QuarantineSource, ReplayLane, columns_as_text, evaluator_of, with_expressions
from .result import QUARANTINE_SHOWN, QuarantinedRow, RunResult, Status, TableResult
from .tables import LOCK_SECONDS
from .tally import Tally

log = logging.getLogger("dms_workbench.engine")
FIRST_LANE = 1_000
"""Replays count their lanes from here."""
ENDED = frozenset(("succeeded", "succeeded_with_quarantine", "differences", "not_verified"))
"""Runs that stand so have come to the end of their rows: what is in quarantine then is all of it."""


class NotReplayable(Refused, code="not-replayable"):
    """Rows of run {run_id} cannot be put through: {reason}."""


class ColumnWanted(UsageError, code="column-wanted"):
    """An expression needs the target column it is for: {reason}. Columns: {known}."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What is asked for."""

    parent_run_id: str
    cause: str
    """Its name, as the quarantine lists it."""
    expression: str | None = None
    """What makes the column's value, for these rows; None takes them as they are."""
    column: str | None = None
    """The target column of the expression; the cause's own if left out."""
    also: tuple[str, ...] = ()
    """Expressions of further target columns, ``column: expression`` each: for rows that fail in several."""

    @property
    def resume_key(self) -> str:
        """By which the replay is found again while it has not come to its end."""
        said = json.dumps([self.expression, self.column, *self.also])
        return f"replay:{self.parent_run_id}:{self.cause}:{hashlib.sha256(said.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How a replay ended, and the run it belongs to as it stands since; None where that did not change."""

    replay: RunResult
    parent: RunResult | None = None


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
        self.epoch = self.ledger.take_over()
        reach("replay.begun")
        accounts = self.copy(self.changed(table, group), group, facts)
        reach("replay.copied")
        return self.close_books(parent, table, accounts)

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

    def copy(self, table: PlannedTable, group: Group, facts: dict[str, Any]) -> Accounts:
        """Put through what is left; returns what became of all of it."""
        self.lookups = self.lookups or self.load_lookups(table)
        lanes = self.ledger.lanes(table.map_no)
        assert self.epoch is not None  # noqa: S101  it was taken over
        if not lanes:
            self.ledger.open_lanes([Checkpoint(table.map_no, self.lane_no(), self.epoch)])
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

    def close_books(self, kept: LedgerRun, table: PlannedTable, accounts: Accounts) -> ReplayResult:
        """Count and verify the tables concerned, and enter how both runs stand, in one transaction."""
        before = RunResult.from_dict(json.loads(kept.result))
        verify = self.options.verify and self.source is not None
        keeper, found = self.keeper(table), {each.map_no: each for each in before.tables}
        found |= {each.map_no: each for each in keeper.tables(verify=True)} if verify else self.counted(found, table)
        tables = tuple(found[each.map_no] for each in before.tables)
        status, error = keeper.status(tables)
        parent = replace(
            before,
            status=status,
            tables=tables,
            error=error,
            quarantine=tuple(QuarantinedRow(*row) for row in self.parent.quarantined(limit=QUARANTINE_SHOWN)),
            quarantine_total=self.parent.quarantine_count(),
        )
        result = self.replayed(found[table.map_no], accounts, parent)
        reach("replay.before-books")
        assert self.epoch is not None  # noqa: S101  it was taken over
        with self.target.transaction():
            self.ledger.fence(self.epoch)
            for run, said in ((self.ledger, result), (self.parent, parent)):
                run.execute(
                    "UPDATE {runs} SET status = ?, result = ?, finished_at = ? WHERE run_id = ?",
                    (said.status, json.dumps(said.as_dict()), said.finished_at, run.run_id),
                )
        reach("replay.books-closed")
        return ReplayResult(result, parent)

    def keeper(self, table: PlannedTable) -> Bookkeeper:
        """The books of the parent, of the tables whose rows are in the same target table."""
        alike = tuple(
            as_it_is(each, self.target, self.parent.run_id)
            for each in self.plan.tables
            if each.target.name == table.target.name
        )
        return Bookkeeper(
            replace(self.plan, tables=alike),
            self.source,  # type: ignore[arg-type]  # only asked where there is one
            self.target,
            self.target_url,
            self.parent,
            self.control,
            self.spool_directory,
            self.options.seals,
        )

    def counted(self, before: dict[int, TableResult], table: PlannedTable) -> dict[int, TableResult]:
        """The books of the table by the ledger, where the source is not asked: nothing of it is verified."""
        accounts = self.parent.accounts().get(table.map_no, Accounts())
        return {
            table.map_no: replace(
                before[table.map_no],
                written=accounts.written,
                unchanged=accounts.unchanged,
                merged=accounts.merged,
                filtered=accounts.filtered,
                quarantined=accounts.quarantined,
                verified="not_verified",
                reason="rows were replayed since it was verified",
                findings=(),
            )
        }

    def replayed(self, books: TableResult, accounts: Accounts, parent: RunResult) -> RunResult:
        """The replay's own result: what became of the rows it was about."""
        own = TableResult(
            books.map_no,
            books.source,
            books.target,
            accounts.read,
            accounts.written,
            accounts.unchanged,
            accounts.merged,
            accounts.filtered,
            accounts.quarantined,
            books.verified,
            books.reason,
            books.findings,
        )
        status: Status = "succeeded_with_quarantine" if accounts.quarantined else "succeeded"
        if books.verified != "equal":
            status = "differences" if books.verified == "different" else "not_verified"
        left = parent.quarantine_total
        note = f"Run {parent.run_id} is {parent.status}, with {left:,} row{'' if left == 1 else 's'} in quarantine."
        return self.result(status, tables=(own,), notes=(note,), error=parent.error)

    def result(self, status: Status, **more: Any) -> RunResult:
        """A result of the replay."""
        seconds = round(time.monotonic() - self.started, 3)
        return RunResult(self.ledger.run_id, status, seconds, finished_at=utc_now(), **more)


def wanted_column(asked: Replay, table: PlannedTable, group: Group) -> str:
    """The target column that an expression is for. Raises ColumnWanted."""
    known = [column.target.name for column in table.columns]
    named = asked.column or group.column
    if named not in known:
        reason = "the cause names none" if named is None else f"{table.target_label} has no mapped column {named}"
        raise ColumnWanted(reason=reason, known=", ".join(known))
    return named


def expressions_of(asked: Replay, table: PlannedTable, group: Group) -> dict[str, str]:
    """The expressions asked for, by target column. Raises ColumnWanted."""
    found = {} if asked.expression is None else {wanted_column(asked, table, group): asked.expression}
    known = [column.target.name for column in table.columns]
    for text in asked.also:
        column, colon, expression = text.partition(":")
        if not colon or column.strip() not in known:
            raise ColumnWanted(reason=f"{column.strip()!r} is none of them", known=", ".join(known))
        found[column.strip()] = expression.strip()
    return found


def group_of(facts: dict[str, Any]) -> Group:
    """The cause that a replay was begun for."""
    return Group(facts["map_no"], facts["source"], facts["cause_column"], facts["code"])


def as_it_is(table: PlannedTable, target: Target, run_id: str) -> PlannedTable:
    """A table map with its target's columns as they are now. Raises NotReplayable."""
    found = {each.name: each for each in target.catalogue(table.target.name.schema).tables}.get(table.target.name)
    names = set() if found is None else {column.name for column in found.columns}
    missing = [column.target.name for column in table.columns if column.target.name not in names]
    if found is None or missing:
        lost = "is gone" if found is None else f"has no column {', '.join(missing)} any more"
        raise NotReplayable(run_id=run_id, reason=f"the target table {table.target_label} {lost}")
    columns = tuple(replace(column, target=found.column(column.target.name)) for column in table.columns)
    return replace(table, target=found, columns=columns)


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
