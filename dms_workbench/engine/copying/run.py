"""A whole run: take over the ledger, make what is missing, copy, finish, verify, close the books."""

from __future__ import annotations

import json
import logging
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...kernel.errors import Refused, WorkbenchError
from ..control import Control, Progress, Stopped
from ..databases.base import RowsRefused, Source, Target
from ..databases.errors import ConnectionLost, SnapshotLost, is_transient
from ..databases.sockets import threads_wanted
from ..databases.together import count_all
from ..databases.urls import database_for
from ..expressions import load_lookups
from ..failpoints import reach
from ..ledger import FINISHED, Ledger
from ..ledger.images import UNDONE
from ..planning.plan import Plan, PlannedObject
from ..subsets import subset_lookups
from .beginning import begin, enter
from .books import Bookkeeper
from .ending import failed, stopped, told
from .errors import RunUndone
from .finishing import Finisher
from .lanes import utc_now
from .making import Key, present_objects, target_catalogue
from .marking import keep_made
from .modes import Modes
from .options import RunOptions
from .pacing import Pace, Watch
from .proved import Proved, proved_before, proved_note
from .recovering import Clock, Patience, tried
from .result import QUARANTINE_SHOWN, ObjectResult, QuarantinedRow, RunResult, Status, TableResult
from .sides import Sides
from .small_tables import SmallTables
from .tables import TableCopier
from .tally import Tally
from .watchdog import Watchdog

log = logging.getLogger("dms_workbench.engine")


@dataclass(slots=True)
class Run:
    """One run under way."""

    plan: Plan
    sides: Sides
    options: RunOptions
    control: Control
    target_url: str
    spool_directory: Path
    started: float
    watchdog: Watchdog
    made: list[ObjectResult] = field(default_factory=list)
    """What was made before the rows."""
    objects: list[ObjectResult] = field(default_factory=list)
    waiting: list[PlannedObject] = field(default_factory=list)
    """Objects that could not be made before the rows, for want of a table or view."""
    present: set[Key] | None = None
    """What the target held before this worker made anything; None where that was done by another one, or before a loss."""
    notes: list[str] = field(default_factory=list)
    epoch: int | None = None
    """Of this worker; None until it has taken the run over, and may then enter how it ended."""
    begun: bool = False
    checked: Source | None = None
    """The source whose structure was compared with the plan."""
    totals: dict[int, int] = field(default_factory=dict)
    """Rows of each table map under the snapshot of ``checked``."""
    clock: Clock = field(default_factory=Clock)
    proved: Proved = field(default_factory=dict)
    """What an earlier attempt has verified."""

    @property
    def source(self) -> Source:
        """The source, which is another one after a loss."""
        return self.sides.source

    @property
    def target(self) -> Target:
        """The target, which is another one after a loss."""
        return self.sides.target

    @property
    def ledger(self) -> Ledger:
        """The run's ledger in the target."""
        return Ledger(self.target, self.sides.run_id)

    def execute(self) -> RunResult:
        """All phases, in their order; again from what is committed, when something was in the way that passes."""
        patience = Patience(self.control, self.options.patience_seconds, self.clock)
        with self.watchdog.watching(self, "the run", slow=True):
            while True:
                try:
                    return self.attempt()
                except WorkbenchError as error:
                    if not is_transient(error):
                        raise
                    self.recover(error, patience)

    def recover(self, error: WorkbenchError, patience: Patience) -> None:
        """Wait until both sides are there again, under this run's lock and epoch."""
        self.present = None
        what = self.sides.lost(error)
        patience.wait(error, what)
        tried(patience, lambda: self.sides.restore(error, self.epoch), what)

    def attempt(self) -> RunResult:
        """All phases; each looks first at what is done already."""
        self.check_identity()
        self.sides.lock()
        if not self.begun:
            self.ledger.install()
            self.refuse_undone()
            reach("ledger.installed")
            done = self.earlier_result()
            if done is not None:
                return done
            begin(self)
            self.begun = True
            reach("run.begun")
        if self.epoch is None:
            known = self.ledger.run()
            self.clock.saw_epoch(known.epoch if known is not None else 0)
            self.proved = proved_before(known, self.ledger.accounts(), self.plan.tables)
            self.epoch = self.ledger.take_over()
            reach("run.taken-over")
        if self.plan.content != "schema":
            self.copy(self.epoch)
        self.finish_objects()
        return self.close_books()

    def check_identity(self) -> None:
        """Raise if either database is not the one planned for, or the source's structure has changed."""
        if self.checked is self.source:
            return
        self.sides.check()
        self.totals = {}
        self.refuse_unreadable()
        self.checked = self.source

    def refuse_unreadable(self) -> None:
        """Where no row may be rejected, raise before anything is made if the source knows of one it cannot read."""
        check = getattr(self.source, "check_rows", None)
        if self.options.on_reject == "stop" and check is not None:
            for table in self.plan.tables:
                check(table.source)

    def earlier_result(self) -> RunResult | None:
        """The result of this very run, if it has succeeded before."""
        run = self.ledger.run()
        if run is None or run.status not in FINISHED or not run.result:
            return None
        result = RunResult.from_dict(json.loads(run.result))
        baselines, notes = self.ledger.baselines(), []
        planned = {table.map_no: table.target for table in self.plan.tables}
        done = [table for table in result.tables if table.map_no in planned]
        for table, now in zip(done, count_all(self.target, [planned[of.map_no] for of in done]), strict=True):
            then = baselines.get(table.map_no, 0) + table.written
            if now != then:
                notes.append(f"{table.target} has {now} rows now, not the {then} it had then")
        return replace(result, already_done=True, finished_at=run.finished_at, notes=(*result.notes, *notes))

    def enter(self) -> None:
        """Enter the run in the ledger; a run of another kind than a copy says so there."""
        enter(self)

    def refuse_undone(self) -> None:
        """Raise RunUndone for a run that was taken back: a new one is needed."""
        run = self.ledger.run()
        if run is not None and run.status == UNDONE:
            raise RunUndone(run_id=run.run_id)

    def copy(self, epoch: int) -> None:
        """Copy all tables, parents first."""
        lookups = load_lookups(self.plan.lookups, self.source)
        lookups |= subset_lookups(self.plan.subset, [table.source for table in self.plan.tables], self.source)
        modes = Modes(self.plan, self.target, self.ledger, self.ledger.baselines(), self.in_turn())
        modes.prepare()
        pace = Pace(self.options.budget, self.control)
        copier = TableCopier(
            self.sides,
            self.watchdog,
            self.clock,
            self.ledger,
            epoch,
            self.options,
            self.control,
            dict(lookups),
            pace,
            self.ledger.accounts(),
            modes,
        )
        if (self.options.lanes or 1) > 1 and not self.target.can.concurrent_writers:
            self.note(f"{self.target.can.product} takes one writer at a time: one lane was used")
        totals = self.counted()
        for table in self.plan.tables:
            Tally(table, self.control, totals[table.map_no]).report()
        observe = getattr(self.source, "observer", None)
        watch = Watch(observe, pace) if observe is not None else None
        if watch is not None:
            watch.start()
        try:
            SmallTables(copier, totals).copy_all(self.plan.tables)
        finally:
            if watch is not None:
                watch.stop()
            for note in (*pace.notes(), *copier.summary()):
                self.note(note)
            copier.readers.close()
        modes.swap(epoch)
        modes.clear()

    def in_turn(self) -> frozenset[int]:
        """The table maps whose lanes are too short to have connections of their own."""
        return frozenset()

    def counted(self) -> dict[int, int]:
        """Rows of each table map; from then on nobody can empty or rewrite a table unseen. Raises SnapshotLost."""
        if not self.totals:
            tables = [table.source for table in self.plan.tables]
            counts = count_all(self.source, tables)
            self.sides.source_witness.check_snapshot(self.source, tables)
            self.totals = {table.map_no: rows for table, rows in zip(self.plan.tables, counts, strict=True)}
        return self.totals

    def note(self, text: str) -> None:
        """Put something into the summary, once."""
        if text not in self.notes:
            self.notes.append(text)

    def finish_objects(self) -> None:
        """Everything that is made after the rows."""
        self.control.report(Progress("finish"))
        finisher = Finisher(
            self.plan,
            self.target,
            database_for(self.target_url),
            self.control,
            present_objects(target_catalogue(self.target, self.plan)) if self.present is None else self.present,
            self.totals,
        )
        finisher.finish(self.waiting)
        keep_made(self.ledger, self.plan)
        reach("objects.finished")
        place = {(item.kind, item.name): at for at, item in enumerate(self.plan.objects)}
        found = finisher.unenforced(self.made) + finisher.results
        self.objects = sorted(found, key=lambda result: place[result.kind, result.name])

    def close_books(self) -> RunResult:
        """Count on both sides, verify, and say how it ended."""
        keeper = Bookkeeper(
            self.plan,
            self.source,
            self.target,
            self.target_url,
            self.ledger,
            self.control,
            self.spool_directory,
            self.options.seals,
            totals=self.totals if self.source.snapshot else {},
            keeps=True,
            proved=self.proved if self.options.verify else {},
        )
        if self.plan.content == "schema":
            return self.result("succeeded")
        if keeper.proved:
            self.note(proved_note(keeper.proved))
        reach("verify.before")
        tables = keeper.tables(verify=self.options.verify)
        self.verified_by_live_sessions(tables, passing=keeper.passing)
        reach("verify.done")
        status, error = keeper.status(tables)
        publish = getattr(self.target, "publish", None)
        if publish is not None and status != "differences":
            publish([table.target_label for table in self.plan.tables])
        return self.result(status, tables=tables, error=error)

    def verified_by_live_sessions(self, tables: tuple[TableResult, ...], *, passing: bool) -> None:
        """Raise if tables are not verified because a session was lost meanwhile: then all is compared once more."""
        if not self.options.verify or all(table.verified != "not_verified" for table in tables):
            return
        sides = self.sides
        if not sides.source_witness.is_alive(self.source):
            raise SnapshotLost(database=self.source.can.product, reason="its session ended during the verification")
        if not sides.target_witness.is_alive(self.target):
            raise ConnectionLost(database=self.target.can.product, reason="its session ended during the verification")
        if passing:
            raise ConnectionLost(database="a database", reason="a session of the verification was lost")

    def result(
        self, status: Status, *, tables: tuple[TableResult, ...] = (), error: dict[str, object] | None = None
    ) -> RunResult:
        """The result, with the quarantine of the ledger, entered there."""
        result = RunResult(
            run_id=self.ledger.run_id,
            status=status,
            seconds=round(time.monotonic() - self.started, 3),
            tables=tables,
            objects=tuple(self.objects),
            quarantine=tuple(QuarantinedRow(*row) for row in self.ledger.quarantined(limit=QUARANTINE_SHOWN)),
            quarantine_total=self.ledger.quarantine_count(),
            error=error,
            finished_at=utc_now(),
            notes=(
                *self.notes,
                *self.sides.notes,
                *told(self),
                *getattr(self.source, "notes", ()),
                *getattr(self.target, "notes", ()),
            ),
        )
        if self.epoch is not None:
            reach("result.before-entry")
            self.ledger.finish(self.epoch, status, json.dumps(result.as_dict()), result.finished_at)
            reach("result.entered")
        return result


def execute_run(  # noqa: PLR0913  what is done, where, how, and who watches
    plan: Plan,
    source_url: str,
    target_url: str,
    *,
    run_id: str,
    options: RunOptions,
    control: Control,
    spool_directory: Path,
) -> RunResult:
    """Execute a plan to its end, to a pause, or to an error; always returns a result, whatever happened.

    run_id: of a new run, or of the one the target's ledger holds and that is to go on.
    spool_directory: a private folder for verification; it is left empty.
    """
    started = time.monotonic()
    try:
        control.report(Progress("connect"))
        sides = Sides(plan, source_url, target_url, run_id, options, control)
        with closing(sides):
            reach("source.before-open")
            sides.open_source()
            reach("source.snapshot-taken")
            reach("target.before-open")
            sides.open_target()
            with Watchdog(control, sides.source_witness, sides.target_witness, options.stall_seconds) as watchdog:
                run = Run(plan, sides, options, control, target_url, spool_directory, started, watchdog)
                try:
                    with threads_wanted():
                        return run.execute()
                except (Stopped, WorkbenchError) as error:
                    return stopped(run, error)
    except WorkbenchError as error:
        return failed(run_id, error, started)
    except RowsRefused as error:
        return failed(run_id, Refused(reason=f"The target refuses what the run wants to make: {error.hint}"), started)
    except Exception as error:
        log.exception("run %s failed", run_id)
        from ...kernel.errors import Failed

        return failed(
            run_id,
            Failed(reason=f"An unforeseen error stopped the run ({type(error).__name__}); the log has the details."),
            started,
        )
