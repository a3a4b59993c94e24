"""A run that mends the rows which verification finds wrong, and nothing else, under a ledger of its own.

First everything is compared. For each table that differs, the source's rows around the wrong ones are read again through the
mapping and merged into the target by key: what is missing is added, what differs is replaced, with images of what stood there;
rows that are equal are not touched. Chunks, checkpoints and fencing are those of a copy, so that a repair that was killed goes
on where it stopped. Rows that the source does not have are deleted only if that is asked for. In the end the mended tables
are compared again, all of their rows.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...kernel.errors import Failed, WorkbenchError
from ..control import Control, Progress, Stopped
from ..databases.base import RowsRefused
from ..databases.removing import changed_by_removal, remove_by_key
from ..databases.stages import OLD
from ..failpoints import reach
from ..ledger import Checkpoint, Ledger
from ..ledger.images import images_of
from ..ledger.packs import lanes_of_all
from ..planning.plan import Plan, PlannedTable
from ..verifying import Finding
from .books import Bookkeeper
from .ending import failed, stopped
from .kept_rows import MODE
from .lanes import utc_now
from .mending import NOTHING, counted, counted_by, maps_into, mending_plan, position, repaired
from .modes import exchange
from .modes.shapes import stage_sql
from .options import RunOptions
from .result import RunResult, TableResult
from .run import Run
from .sides import LOCK_SECONDS, Sides
from .watchdog import Watchdog

log = logging.getLogger("dms_workbench.engine")
KEYS_KEPT = 1_000
"""Wrong rows of a table whose keys are known one by one; where more are wrong, the whole table is read again."""
EXTRA_KEPT = 50_000
"""Rows deleted before the next look."""
DELETED_AT_A_TIME = 1_000
GAP = 1_000
"""Wrong keys closer to one another are read in one range."""


@dataclass(slots=True)
class Wrong:
    """The rows that are wrong in one target table."""

    keys: list[Finding] = field(default_factory=list)
    """Missing and changed ones, the first of them."""
    mended: int = 0
    """How many of them there are."""
    extra: list[Finding] = field(default_factory=list)
    """The first of those that the source does not have."""
    surplus: int = 0

    def add(self, found: Finding) -> None:
        """Take note of a row."""
        if found.kind == "extra":
            self.surplus += 1
            if len(self.extra) < EXTRA_KEPT:
                self.extra.append(found)
        elif found.kind in ("missing", "changed"):
            self.mended += 1
            if len(self.keys) < KEYS_KEPT:
                self.keys.append(found)


@dataclass(slots=True)
class Survey:
    """What is wrong, by target table."""

    tables: tuple[TableResult, ...] = ()
    wrong: dict[str, Wrong] = field(default_factory=dict)

    def told(self, planned: PlannedTable, found: Finding) -> None:
        """Take note of a row that differs."""
        self.wrong.setdefault(str(planned.target.name), Wrong()).add(found)

    def of(self, planned: PlannedTable) -> Wrong:
        """What is wrong in a table map's target."""
        return self.wrong.get(str(planned.target.name), Wrong())


@dataclass(slots=True)
class Repair(Run):
    """One repair under way; a copy in mode upsert of the tables that differ."""

    whole: Plan | None = None
    """The plan that is verified."""
    survey: Survey = field(default_factory=Survey)
    delete_extra: bool = False
    deleted: dict[int, int] = field(default_factory=dict)

    def enter(self) -> None:
        """Enter the repair, with the run whose rows it mends."""
        self.ledger.begin(
            resume_key=self.plan.resume_key,
            identities=(self.plan.source_identity, self.plan.target_identity),
            selection=json.dumps({"tables": [table.target_label for table in self.plan.tables]}),
            mapping=self.plan.mapping_text,
            at=utc_now(),
            kind="repair",
            mode=self.plan.mode,
            parent_run_id=self.plan.ledger_run_id,
        )

    def copy(self, epoch: int) -> None:
        """Merge what is wrong, then take out what the source does not have, if that is asked for."""
        for table in self.plan.tables:
            ranges = self.ranges(table)
            if ranges is not None and not self.ledger.lanes(table.map_no):
                self.ledger.open_lanes(
                    [
                        Checkpoint(table.map_no, number, epoch, position=start, until=end, done=start == end != "")
                        for number, (start, end) in enumerate(ranges)
                    ]
                )
        reach("repair.lanes-opened")
        super(Repair, self).copy(epoch)
        for table in self.plan.tables:
            if not table.key:
                self.exchange(epoch, table)
        if self.delete_extra:
            self.delete_surplus(epoch)

    def in_turn(self) -> frozenset[int]:
        """Those of which only rows here and there are read again: their lanes have ends, all of them."""
        lanes = lanes_of_all(self.ledger)
        return frozenset(map_no for map_no, found in lanes.items() if all(lane.until for lane in found))

    def exchange(self, epoch: int, table: PlannedTable) -> None:
        """Put the rows of a table without key right by its stage, and take the stage away."""
        others = changed_by_removal(self.target.catalogue(table.target.name.schema).tables, table.target.name)
        if others and self.delete_extra:
            self.left_for(table, others)
        sql = stage_sql(self.plan, table, self.target, self.ledger.run_id)
        exchange(self.ledger, epoch, table, sql, delete=self.delete_extra and not others)
        with self.target.transaction():
            for statement in sql.drop_stage():
                self.target.execute(statement)

    def images(self, table: PlannedTable) -> str:
        """What keeps images of rows before they are deleted; empty where none are kept."""
        if table.map_no not in images_of(self.ledger):
            return ""
        return stage_sql(self.plan, table, self.target, self.ledger.run_id).keep_content(OLD)

    def left_for(self, table: PlannedTable, others: Sequence[str]) -> None:
        """Say that extra rows of a table are left because of other tables."""
        self.note(
            f"Extra rows of {table.target_label} were left: by its foreign keys {', '.join(others)} would change too"
        )

    def ranges(self, table: PlannedTable) -> list[tuple[str, str]] | None:
        """The ranges of source positions to read again; None for the whole table, [] never."""
        if not table.key:
            return None
        wrong = self.survey.of(table)
        column = counted_by(table, self.source.position_columns(table.source))
        if column is None or wrong.mended > len(wrong.keys) or not self.survey.tables:
            return None
        try:
            numbers = sorted({int(str((found.key or {})[column])) for found in wrong.keys})
        except (KeyError, ValueError):
            return None
        if not numbers:
            return [NOTHING]
        apart = self.target.can.concurrent_writers
        found: list[list[int]] = []
        for number in numbers:
            if found and (number - found[-1][1] <= GAP or not apart):
                found[-1][1] = number
            else:
                found.append([number, number])
        lowest = -(2 ** ((table.source.column(self.source.position_columns(table.source)[0]).type.bits or 64) - 1))
        return [(position(low - 1) if low > lowest else "", position(high)) for low, high in found]

    # -- rows that the source does not have

    def delete_surplus(self, epoch: int) -> None:
        """Delete the extra rows, children before parents; looks again as long as there are more than were listed."""
        for table in reversed([table for table in self.plan.tables if table.key]):
            if not self.survey.tables:
                self.survey_again(table)
            wrong = self.survey.of(table)
            while wrong.extra:
                self.delete_listed(epoch, table, [dict(found.key) for found in wrong.extra if found.key is not None])
                more, wrong.extra, wrong.surplus = wrong.surplus > len(wrong.extra), [], 0
                if more:
                    self.survey_again(table)
                    wrong = self.survey.of(table)

    def survey_again(self, table: PlannedTable) -> None:
        """Look for further extra rows of a table."""
        again = Survey()
        whole = self.whole or self.plan
        keeper = self.keeper(replace(whole, tables=maps_into(whole, table)))
        keeper.every = again.told
        keeper.tables(verify=True)
        self.survey.wrong[str(table.target.name)] = again.of(table)

    def delete_listed(self, epoch: int, table: PlannedTable, keys: Sequence[dict[str, str | None]]) -> None:
        """Delete the rows of some keys, in chunks; each exactly one row, or nothing of its chunk."""
        others = changed_by_removal(self.target.catalogue(table.target.name.schema).tables, table.target.name)
        if others:
            self.left_for(table, others)
            return
        for first in range(0, len(keys), DELETED_AT_A_TIME):
            some = keys[first : first + DELETED_AT_A_TIME]
            with self.target.transaction():
                self.ledger.fence(epoch)
                if any(count != 1 for count in remove_by_key(self.target, table.target, some, self.images(table))):
                    raise Failed(
                        reason=f"An extra row of {table.target_label} could not be told by its key: none was deleted."
                    )
                before = int(self.ledger.facts().get(table.map_no, {}).get("deleted", 0))
                self.ledger.add_facts(table.map_no, {"deleted": before + len(some)})
                reach("repair.before-delete-commit")
            reach("repair.deleted")

    # -- the books

    def keeper(self, plan: Plan) -> Bookkeeper:
        """Who verifies: against the quarantine of the run whose rows are mended."""
        return keeper_of(plan, self.sides, self)

    def close_books(self) -> RunResult:
        """Compare the mended tables again, all their rows, and say what was done."""
        whole = self.whole or self.plan
        targets = {str(table.target.name) for table in self.plan.tables}
        mended = tuple(table for table in whole.tables if str(table.target.name) in targets)
        reach("verify.before")
        again = Survey()
        keeper = self.keeper(replace(whole, tables=mended))
        keeper.every, keeper.keeps = again.told, keeper.has_ledger
        found = {table.map_no: table for table in keeper.tables(verify=True)} if mended else {}
        reach("verify.done")
        accounts, facts = self.ledger.accounts(), self.ledger.facts()
        tables = tuple(
            repaired(found.get(table.map_no, table), counted(accounts, facts, table.map_no))
            for table in self.survey.tables or found.values()
        )
        for table in whole.tables:
            if count := facts.get(table.map_no, {}).get("deleted"):
                self.note(f"{table.target_label}: {count} rows that the source does not have were deleted")
            left = again.of(table).surplus
            if left and not self.delete_extra and table.map_no in found:
                self.note(
                    f"{table.target_label}: {left} rows that the source does not have were left; --delete-extra deletes them"
                )
        status, error = keeper.status(tables, self.ledger.run_id)
        return self.result(status, tables=tables, error=error)


def keeper_of(plan: Plan, sides: Sides, run: Run) -> Bookkeeper:
    """Who verifies a plan against the books of its copy."""
    ledger = Ledger(sides.target, plan.ledger_run_id or "")
    known = plan.ledger_run_id is not None and ledger.exists()
    return Bookkeeper(
        plan, sides.source, sides.target, run.target_url, ledger, run.control, run.spool_directory, run.options.seals,
        has_ledger=known,
    )  # fmt: skip


def unmendable(run: Repair, table: PlannedTable) -> str:
    """Why the rows of a table without key cannot be told from others; empty if they can."""
    keeper = run.keeper(run.whole or run.plan)
    if run.target.can.database == "files":
        return "files are only made new"
    if len(maps_into(run.whole or run.plan, table)) > 1:
        return "several table maps go into it"
    if keeper.has_ledger and keeper.ledger.baselines().get(table.map_no):
        return "rows were in it before the copy"
    if keeper.has_ledger and table.map_no in keeper.replayed():
        return "some of its rows left the quarantine through another expression"
    sql = stage_sql(run.plan, table, run.target, run.ledger.run_id)
    return "" if sql.tells_rows_apart else f"a column is called {sql.row_id}"


def surveyed(run: Repair) -> set[int]:
    """Find out which table maps are to be mended: those that differ, or those a repair that goes on had begun with."""
    whole = run.whole or run.plan
    ledger = run.ledger
    if ledger.exists() and ledger.run() is not None:
        return set(ledger.baselines())
    keeper = run.keeper(whole)
    keeper.every = run.survey.told
    run.survey.tables = keeper.tables(verify=True)
    different = {table.map_no for table in run.survey.tables if table.verified == "different"}
    targets = {table.target.name for table in whole.tables if table.map_no in different}
    return {table.map_no for table in whole.tables if table.target.name in targets}


def execute_repair(  # noqa: PLR0913  what is mended, where, how, and who watches
    plan: Plan,
    source_url: str,
    target_url: str,
    *,
    run_id: str,
    options: RunOptions,
    control: Control,
    spool_directory: Path,
    delete_extra: bool = False,
) -> RunResult:
    """Compare a plan's tables, mend the rows that are wrong, and compare again; always returns a result.

    plan: one made for a copy or a verification. run_id: of a new repair, or of one that is to go on.
    delete_extra: rows that the source does not have are deleted; else they are left, and the result is ``differences``.
    """
    started = time.monotonic()
    try:
        control.report(Progress("connect"))
        sides = Sides(plan, source_url, target_url, run_id, options, control)
        with closing(sides):
            sides.open_source()
            sides.open_target()
            with Watchdog(control, sides.source_witness, sides.target_witness, options.stall_seconds) as watchdog:
                run = Repair(plan, sides, options, control, target_url, spool_directory, started, watchdog)
                run.whole, run.delete_extra = plan, delete_extra
                try:
                    return mend(run)
                except (Stopped, WorkbenchError) as error:
                    return stopped(run, error)
    except WorkbenchError as error:
        return failed(run_id, error, started)
    except RowsRefused as error:
        return failed(run_id, Failed(reason=f"The target refuses rows: {error.hint}"), started)
    except Exception as error:
        log.exception("repair %s failed", run_id)
        reason = f"An unforeseen error stopped the repair ({type(error).__name__}); the log has the details."
        return failed(run_id, Failed(reason=reason), started)


def mend(run: Repair) -> RunResult:
    """Survey, and mend what there is to mend."""
    run.sides.check()
    for name in filter(None, (f"{run.plan.resume_key}:repair", run.plan.ledger_run_id)):
        run.sides.target.lock(f"dms:{name}", timeout_seconds=LOCK_SECONDS)
    numbers = surveyed(run)
    run.plan = mending_plan(run.plan, numbers)
    kept = (run.whole or run.plan).mode == MODE
    for table in run.plan.tables:
        name = table.target_label
        if kept:
            run.note(
                f"{name}: the copy left rows that were there as they were, so none was mended; dms migrate --mode {MODE} "
                f"--tables {name} --new-run adds those that are missing"
            )
            numbers = numbers - {table.map_no}
        elif not table.key and (reason := unmendable(run, table)):
            run.note(
                f"{name} has no key, and {reason}: none of its rows was mended; dms migrate --mode replace --tables {name} "
                "puts all of them in place"
            )
            numbers = numbers - {table.map_no}
    run.plan = mending_plan(run.plan, numbers)
    if run.plan.tables:
        return run.execute()
    status, error = run.keeper(run.whole or run.plan).status(run.survey.tables, run.ledger.run_id)
    return run.result(status, tables=run.survey.tables, error=error)
