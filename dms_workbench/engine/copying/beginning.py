"""The beginning of a run: it is entered in the ledger, its tables are made, and what was there before is noted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..control import Progress
from ..databases.together import count_all
from ..failpoints import reach
from ..ledger.marks import enter_marks
from ..ledger.packs import enter_tables
from ..planning.errors import TargetNotEmpty
from ..planning.plan import PlannedTable
from .lanes import utc_now
from .making import Maker, present_objects, target_catalogue
from .marking import marks_before
from .modes import counters_of

if TYPE_CHECKING:
    from .run import Run


def begin(run: Run) -> None:
    """Enter the run, make its tables and note what was there before, all in one transaction.

    Where DDL ends a transaction, a worker may have been killed on the way: no row is copied before every table is
    entered, so a table that is not yet can be made, or counted, again.
    """
    run.control.report(Progress("create"))
    first = run.ledger.run() is None
    missing = not_entered(run, first=first)
    there = target_catalogue(run.target, run.plan)
    maker = Maker(run.target, run.ledger.run_id, present_objects(there))
    with run.target.transaction():
        if first:
            run.enter()
            enter_marks(run.ledger, "before", marks_before(there))
        reach("run.entered")
        maker.make(run.plan.objects, may_be_made(run, missing, first=first))
        if run.plan.content != "schema":
            note_tables(run, missing, maker.tables)
    run.made, run.waiting = maker.results, maker.waiting
    run.present = maker.present if first else None


def enter(run: Run) -> None:
    """Enter the run in the ledger, with what it makes: a later plan counts that as its own."""
    selection = json.dumps({**json.loads(run.plan.selection), "made": run.plan.made()}, sort_keys=True)
    run.ledger.begin(
        resume_key=run.plan.resume_key,
        identities=(run.plan.source_identity, run.plan.target_identity),
        selection=selection,
        mapping=run.plan.mapping_text,
        at=utc_now(),
        mode=run.plan.mode,
    )


def may_be_made(run: Run, missing: list[PlannedTable], *, first: bool) -> frozenset[str]:
    """The tables that this worker may make: all where none is copied, else those whose rows were not noted yet."""
    copied = {str(table.target.name) for table in run.plan.tables}
    every = {item.part for item in run.plan.objects if item.step == "table"}
    if first or run.plan.content == "schema":
        return frozenset(every)
    return frozenset({str(table.target.name) for table in missing} | (every - copied))


def not_entered(run: Run, *, first: bool) -> list[PlannedTable]:
    """The tables whose rows were not noted yet: all of a new run, else those a killed worker did not come to."""
    if first:
        return list(run.plan.tables)
    if run.target.can.transactional_ddl:
        return []
    known = run.ledger.baselines()
    return [table for table in run.plan.tables if table.map_no not in known]


def note_tables(run: Run, missing: list[PlannedTable], made: set[str]) -> None:
    """Note the rows that were there. missing: tables not noted yet; made: new ones. Raises TargetNotEmpty in mode create."""
    counted = [table for table in missing if str(table.target.name) not in made and run.plan.mode != "replace"]
    rows = {
        table.map_no: count
        for table, count in zip(counted, count_all(run.target, [of.target for of in counted]), strict=True)
    }
    by_number = sorted(run.plan.tables, key=lambda table: table.map_no, reverse=True)
    first = {table.target.name: table.map_no for table in by_number}
    for table in counted:
        if run.plan.mode == "create" and rows[table.map_no] and first[table.target.name] == table.map_no:
            raise TargetNotEmpty(tables=str(table.target.name))
    new = {table.map_no for table in missing}
    entries = {}
    for table in run.plan.tables:
        facts = json.dumps(counters_of(table) if table.map_no in new else {})
        entries[table.map_no] = (table.source_label, table.target_label, rows.get(table.map_no, 0), facts)
    enter_tables(run.ledger, entries)
