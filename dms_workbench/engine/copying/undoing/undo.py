"""A whole undo: rows in one transaction with the ledger, then objects and counters, each step harmless to repeat."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ....kernel.errors import Refused, WorkbenchError
from ...control import Control, Progress
from ...databases.base import RowsRefused, Target
from ...databases.catalogue import Catalogue, TableName
from ...databases.drops import lock_statement
from ...databases.stages import database_of
from ...databases.urls import database_for
from ...failpoints import reach
from ...ledger import Ledger, LedgerRun, Seals
from ...ledger.images import (
    drop_images,
    finish_undo,
    is_repair,
    mark_undone,
    rows_of_table,
    undo_of,
)
from ...planning.plan import Plan, PlannedTable
from ..ending import status_of
from ..lanes import utc_now
from ..mending import mending_plan
from ..result import ObjectResult
from .looking import Looking, Step
from .objects import Remover, counters, set_back
from .proof import proved_rows, proved_structure
from .result import Structure, UndoneTable, UndoResult
from .rows import counted, guard_of, take_in_passes

LOCK_SECONDS = 30.0
DELETE = "Delete the files yourself; dms migrate with --new-run writes them again."
AGAIN = "Repeat the command when nobody writes there."


class UndoUnknown(Refused, code="undo-unknown"):
    """The target's ledger knows no run {run_id}: nothing of it can be there, or the ledger was dropped."""


class UndoImpossible(Refused, code="undo-impossible"):
    """Run {run_id} cannot be taken back, and nothing was touched: {reason}."""


class UndoNotProved(
    WorkbenchError,
    code="undo-not-proved",
    status=409,
    safe="All of it was rolled back: the target is as it was before the undo.",
):
    """{rows} rows of {table} did not go, or did not come back as they were; a trigger of the target may be in the way."""


@dataclass(slots=True)
class Undo:
    """One undo under way."""

    plan: Plan
    target: Target
    ledger: Ledger
    """Of the run that is taken back."""
    undo_id: str
    control: Control
    urls: tuple[str, str]
    spool_directory: Path
    seals: Seals | None = field(default=None, repr=False)
    run: LedgerRun = field(init=False)
    remover: Remover = field(init=False)
    catalogue: Catalogue = field(init=False)
    looking: Looking = field(init=False)

    def __post_init__(self) -> None:
        found = self.ledger.run() if self.ledger.exists("images") else None
        if found is None:
            raise UndoUnknown(run_id=self.ledger.run_id)
        self.run = found
        if getattr(self.target, "publish", None) is not None:
            raise UndoImpossible(run_id=self.ledger.run_id, reason="its files were published as a whole", next=DELETE)
        if is_repair(self.ledger):
            self.plan = mending_plan(self.plan, set(self.ledger.baselines()))
        self.undo_id = undo_of(self.ledger) or self.undo_id
        self.remover = Remover(
            self.plan, self.target, database_of(self.target.can.database), self.ledger, found.selection
        )
        self.catalogue = self.remover.catalogue()
        there = {table.name for table in self.catalogue.tables}
        self.looking = Looking(
            self.plan, self.target, self.ledger, self.control, self.urls, self.spool_directory, there, self.seals
        )

    @property
    def books(self) -> Ledger:
        """The ledger's page of the undo itself."""
        return Ledger(self.target, self.undo_id)

    # -- looking and doing

    def preview(self) -> UndoResult:
        """What would be taken back; nothing is changed."""
        tables = tuple(step.looked for step in self.looking.steps())
        stay = frozenset(table.target for table in tables if table.left or table.others)
        return self.result(
            tables, [] if self.impossible(tables) else self.remover.look(stay), preview=True, done=self.undone()
        )

    def undone(self) -> bool:
        """Has the run been taken back, to the end?"""
        found = self.books.run()
        return found is not None and found.status == "succeeded"

    def impossible(self, tables: Sequence[UndoneTable]) -> str:
        """Why the run cannot be taken back; empty if it can."""
        return "; ".join(f"{table.target}: {table.reason}" for table in tables if not table.possible)

    def execute(self) -> UndoResult:
        """All phases. Raises UndoImpossible, UndoNotProved and the databases' errors."""
        self.target.lock(f"dms:{self.ledger.run_id}", timeout_seconds=LOCK_SECONDS)
        books = self.books.run()
        if books is not None and books.status == "succeeded":
            data = json.loads(books.result)
            tables = tuple(UndoneTable.from_dict(table) for table in data["undo"])
            objects = [ObjectResult(**item) for item in data["objects"]]
            done = self.result(tables, objects, preview=False, done=True)
            return replace(done, structure=Structure.from_dict(data.get("structure")))
        if books is None or not self.rows_are_back():
            self.take_rows()
        reach("undo.rows-back")
        tables = tuple(UndoneTable.from_dict(facts["undone"]) for _, facts in sorted(self.books.facts().items()))
        objects = self.remover.drop()
        for table in self.remaining():
            set_back(self.target, table, self.ledger.facts().get(table.map_no, {}))
        reach("undo.before-end")
        structure = proved_structure(self.ledger, self.remover.catalogue())
        result = replace(self.result(tables, objects, preview=False, done=False), structure=structure)
        with self.target.transaction():
            drop_images(self.ledger)
            finish_undo(self.books, json.dumps(result.as_dict()))
        return result

    def rows_are_back(self) -> bool:
        """Has every table map been seen to?"""
        facts = self.books.facts()
        return bool(facts) and all(noted.get("undone", {}).get("proof") for noted in facts.values())

    def remaining(self) -> list[PlannedTable]:
        """The run's tables that stay."""
        there = {table.name for table in self.remover.catalogue().tables}
        return [table for table in self.plan.tables if table.target.name in there]

    def take_rows(self) -> None:
        """All rows of all tables: children first out, parents first back.

        In one transaction, unless the target sees rows of it as still referred to: then table by table, each noted.
        """
        steps = self.looking.steps()
        if self.books.run() is None:
            reason = self.impossible([step.looked for step in steps])
            if reason:
                raise UndoImpossible(run_id=self.ledger.run_id, reason=reason)
        try:
            self.move(steps)
        except (RowsRefused, WorkbenchError) as error:
            refusal = next((found for step in steps if (found := step.place.sql.refusal(error)) is not None), None)
            if refusal is None:
                raise
            raise UndoImpossible(run_id=self.ledger.run_id, reason=f"the target refuses it: {refusal.hint}") from error

    def move(self, steps: Sequence[Step]) -> None:
        """The rows of all tables, in as few transactions as the target lets them go in."""
        apart = any(step.place.sql.one_table_at_a_time for step in steps)
        whole, each = (nullcontext, self.target.transaction) if apart else (self.target.transaction, nullcontext)
        around = steps[0].place.sql if steps else None
        with whole():
            with each():
                self.enter()
                self.run_all(around.before_taking if around is not None else ())
                self.loosen(steps)
            clean = self.clean(steps)
            for step in reversed(steps):
                with each():
                    self.take(step, clean)
            reach("undo.rows-gone")
            for step in steps:
                with each():
                    self.give(step)
            for step in steps:
                with each():
                    self.prove(step)
            self.run_all(around.after_taking if around is not None else ())
            reach("undo.before-commit")

    def run_all(self, statements: Iterable[str]) -> None:
        """Some statements."""
        for statement in statements:
            self.target.execute(statement)

    def enter(self) -> None:
        """Note the undo in the ledger, and stop whoever still works on the run."""
        if self.books.run() is not None:
            return
        self.books.begin(
            resume_key=f"undo:{self.ledger.run_id}",
            identities=(self.plan.source_identity, self.plan.target_identity),
            selection="{}",
            mapping="",
            at=utc_now(),
            kind="undo",
            mode=self.plan.mode,
            parent_run_id=self.ledger.run_id,
        )
        mark_undone(self.ledger, self.undo_id)

    def clean(self, steps: Sequence[Step]) -> frozenset[TableName]:
        """The tables that the run made and that hold its rows only: all of them go."""
        shared = {step.place.table.target.name for step in steps if step.looked.left or step.looked.others}
        made = {item.name for item in self.remover.items() if item.name is not None}
        return frozenset(
            name for step in steps if (name := step.place.table.target.name) in made and name not in shared
        )

    def loosen(self, steps: Sequence[Step]) -> None:
        """Let rows go that refer to one another in a circle: guards see to the rows of others."""
        if self.target.can.transactional_ddl and self.target.can.adds_foreign_keys_later:
            self.remover.drop_references(self.clean(steps))

    def take(self, step: Step, clean: frozenset[TableName]) -> None:
        """Take out the rows of one table map, and note how many, unless that is done."""
        number = step.place.table.map_no
        if number in self.books.facts():
            return
        self.control.report(Progress("copy", number, "", step.looked.target))
        gone = 0
        self.refuse_meanwhile(step)
        if step.taker is not None and step.looked.deleted:
            gone = take_in_passes(step.taker, step.place, guard_of(step.place, self.catalogue, clean))
            rest = step.taker.remaining() - max(step.looked.deleted - gone, 0)
            if rest > 0:
                raise UndoNotProved(rows=rest, table=step.looked.target)
        noted = {"looked": asdict(step.looked), "gone": gone}
        self.books.enter_table(number, ("", step.looked.target), 0, noted)

    def refuse_meanwhile(self, step: Step) -> None:
        """Raise UndoImpossible if others have written into a table since its rows were compared."""
        name = step.place.table.target.name
        seen = self.looking.compared_rows.get(name)
        if seen is None or step.taker is None:
            return
        self.run_all(filter(None, [lock_statement(database_of(self.target.can.database), name)]))
        if rows_of_table(self.target, step.place.sql) != seen:
            raise UndoImpossible(
                run_id=self.ledger.run_id, reason=f"others have written into {name} while it was compared", next=AGAIN
            )

    def give(self, step: Step) -> None:
        """Bring back what one table map changed and replaced, prove it, and note it, unless that is done."""
        number = step.place.table.map_no
        noted = self.books.facts()[number]
        if "undone" in noted:
            return
        changed, back = step.taker.give() if step.taker is not None else (0, 0)
        looked = UndoneTable.from_dict(noted["looked"])
        rest = step.taker.rest() if step.taker is not None else 0
        if rest:
            raise UndoNotProved(rows=rest, table=looked.target)
        self.books.add_facts(number, {"undone": asdict(counted(looked, noted["gone"], changed, back))})

    def prove(self, step: Step) -> None:
        """Compare a table with its state before the run, and note what that shows, unless that is done."""
        number = step.place.table.map_no
        undone = self.books.facts()[number]["undone"]
        if not undone["proof"]:
            baseline = self.ledger.baselines()[number]
            said = proved_rows(self.ledger, step.place, baseline, touched=step.touched)
            self.books.add_facts(number, {"undone": {**undone, "proof": said}})

    def result(
        self, tables: tuple[UndoneTable, ...], objects: list[ObjectResult], *, preview: bool, done: bool
    ) -> UndoResult:
        """The result, with the counters that are set back."""
        facts = self.ledger.facts()
        names = [
            f"{table.target_label}.{column}"
            for table in self.plan.tables
            for column in counters(table, facts.get(table.map_no, {}))
        ]
        return UndoResult(
            run_id=self.undo_id,
            undoes=self.ledger.run_id,
            preview=preview,
            status="succeeded",
            seconds=0.0,
            undo=tables,
            objects=tuple(objects),
            counters=tuple(names),
            already_done=done,
            finished_at=utc_now(),
        )


def execute_undo(  # noqa: PLR0913  what is undone, where, how, and who watches
    plan: Plan,
    source_url: str,
    target_url: str,
    *,
    run_id: str,
    undo_id: str,
    preview: bool,
    control: Control,
    spool_directory: Path,
    seals: Seals | None = None,
) -> UndoResult:
    """Take a run back, or say what that would do; always returns a result.

    plan: of the run; run_id: the run; undo_id: of the undo, unless one was begun before: then that one goes on.
    seals: open the rows that were replayed, where only all values tell them.
    """
    started = time.monotonic()
    try:
        control.report(Progress("connect"))
        options = {"ledger_schema": plan.ledger_schema}
        with closing(database_for(target_url).open_target(target_url, create=False, options=options)) as target:
            undo = Undo(
                plan, target, Ledger(target, run_id), undo_id, control, (source_url, target_url), spool_directory, seals
            )
            result = undo.preview() if preview else undo.execute()
    except WorkbenchError as error:
        result = UndoResult(
            undo_id, run_id, preview, status_of(error), 0.0, error=error.as_dict(), finished_at=utc_now()
        )
    return replace(result, seconds=round(time.monotonic() - started, 3))
