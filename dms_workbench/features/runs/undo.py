"""Take runs back, and drop what is kept for that."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.messages import Command
from ..connections import resolve_url
from ..plans import GetPlan, ledger_schema
from . import store
from .errors import RunNotFound, RunNotUndoable, UndoDataOpen
from .model import DONE, Run, RunSettings
from .read import found_run
from .start import active, queued, told
from .undo_data import LedgerDropped, UndoDropped

if TYPE_CHECKING:
    from ...engine.ledger.images import UndoData


UNDOABLE = frozenset({"copy", "repair"})


class UndoRun(Command[Run], route="POST /runs/{run_id}/undo", scope="runs:start", raises=(RunNotFound, RunNotUndoable)):
    """Take a run back, or say what that would do; a worker carries it out.

    What the run added and nobody has changed since goes, what it changed or replaced comes back, objects that it made are
    dropped and counters set back. Rows that others have changed since are listed and left. Sent again, it goes on with an
    undo that was interrupted. The result is in ``result["undo"]`` of the run that this returns.

    run_id: the run to take back, finished or not.
    preview: only say what would be done.
    """

    run_id: str
    preview: bool = True


@handles(UndoRun)
def undo_run(command: UndoRun, ctx: Context) -> Run:
    parent = found_run(ctx, command.run_id)
    if parent.kind in UNDOABLE and active(ctx, parent.kind, parent.resume_key) is not None:
        parent = found_run(ctx, command.run_id)
    if parent.kind not in UNDOABLE or parent.active:
        raise not_undoable(parent)
    kind = "preview" if command.preview else "undo"
    key = f"{kind}:{parent.id}"
    under_way = active(ctx, "undo", key)
    if under_way is not None:
        return under_way
    settings = RunSettings(parent_run_id=parent.id, preview=command.preview)
    for known in store.with_progress(ctx.db, store.of_resume_key(ctx.db, ctx.caller.organisation_id, "undo", key)):
        if known.status not in DONE and not command.preview:
            again = replace(known, settings=settings, plan_id=parent.plan_id)
            return told(ctx, again, store.queue_again(ctx.db, again, at=ctx.now))
    return queued(ctx, parent, "undo", key, settings)


def not_undoable(run: Run) -> RunNotUndoable:
    """Why a run cannot be taken back, with what does instead."""
    known = {"run_id": run.id, "kind": run.kind, "status": run.status}
    if run.kind == "replay":
        copy_id = run.settings.parent_run_id
        return RunNotUndoable(
            **known, next=f"dms runs undo {copy_id} takes the copy back, with the rows of its replays."
        )
    if run.kind == "undo" and run.status in DONE and not run.settings.preview:
        return RunNotUndoable(**known, next="Repeat the migration: it begins a new run and writes the rows again.")
    return RunNotUndoable(**known)


class DropUndo(
    Command[UndoDropped], route="POST /runs/{run_id}/undo-data/drop", scope="runs:control", raises=(RunNotFound,)
):
    """Drop what is kept in the target to take a run back: rows it met can then no longer be restored.

    run_id: the run.
    """

    run_id: str


@prepares(DropUndo)
def drop_in_target(command: DropUndo, ctx: Context) -> UndoData:
    """Drop the tables; harmless when they are gone already."""
    from ...engine.databases.urls import database_for
    from ...engine.ledger.images import drop_undo_data

    plan = ctx.bus.send(GetPlan(found_run(ctx, command.run_id).plan_id))
    url = resolve_url(ctx, plan.target_connection_id)
    options = {"ledger_schema": ledger_schema(plan)}
    with closing(database_for(url).open_target(url, create=False, options=options)) as target:
        return drop_undo_data(target, command.run_id)


@handles(DropUndo)
def drop_undo(command: DropUndo, ctx: Context) -> UndoDropped:
    found: UndoData = ctx.prepared
    return UndoDropped(command.run_id, found.tables, found.kept_until)


class DropLedger(
    Command[LedgerDropped],
    route="POST /connections/{connection_id}/drop-ledger",
    scope="runs:control",
    raises=(UndoDataOpen,),
):
    """Drop the ledger of a target: runs it holds can then neither be resumed nor taken back.

    connection_id: the target.
    ledger_schema: where it keeps the books.
    with_undo_data: also where runs could still be taken back.
    """

    connection_id: str
    ledger_schema: str = "dms_ledger"
    with_undo_data: bool = False


@prepares(DropLedger)
def drop_books(command: DropLedger, ctx: Context) -> int:
    """Drop the tables; returns how many they were. Raises UndoDataOpen."""
    from ...engine.databases.urls import database_for
    from ...engine.ledger.images import drop_ledger, undo_data

    url = resolve_url(ctx, command.connection_id)
    options = {"ledger_schema": command.ledger_schema}
    with closing(database_for(url).open_target(url, create=False, options=options)) as target:
        runs = undo_data(target)
        if runs and not command.with_undo_data:
            raise UndoDataOpen(runs=", ".join(f"{run.run_id} (until {run.kept_until[:10]})" for run in runs))
        return drop_ledger(target)


@handles(DropLedger)
def ledger_dropped(command: DropLedger, ctx: Context) -> LedgerDropped:
    return LedgerDropped(command.connection_id, ctx.prepared)
