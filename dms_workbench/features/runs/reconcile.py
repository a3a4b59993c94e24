"""Bring the store in line with the targets' ledgers, which are the truth about what became of rows."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...kernel.bus import handles, prepares
from ...kernel.context import Context
from ...kernel.errors import WorkbenchError
from ...kernel.messages import Command
from ..connections import resolve_url
from ..plans import full_plan, ledger_schema, plans_of
from . import store
from .model import DONE, Reconciliation, Run, RunSettings

if TYPE_CHECKING:
    from ...engine.ledger import LedgerRun
    from ..plans import PlanSummary


@dataclass(frozen=True, slots=True)
class Found:
    """What the ledgers hold: runs by id, each with the plan it belongs to, and the connections that did not answer."""

    runs: dict[str, tuple[PlanSummary, LedgerRun]]
    unreachable: tuple[str, ...]


class ReconcileRuns(Command[Reconciliation], route="POST /projects/{project_id}/runs/reconcile", scope="runs:control"):
    """Read the ledgers of a project's targets, and set what the store says of its runs to what they say.

    Of use after the store was restored from a copy, or lost: runs only the ledger knows are entered again.

    project_id: the project whose runs are looked at.
    """

    project_id: str


@prepares(ReconcileRuns)
def read_ledgers(command: ReconcileRuns, ctx: Context) -> Found:
    """The runs that the ledgers of the project's plans hold."""
    runs: dict[str, tuple[PlanSummary, LedgerRun]] = {}
    unreachable: list[str] = []
    for plan in plans_of(ctx, command.project_id):
        try:
            known = ledger_runs(ctx, plan)
        except WorkbenchError:
            unreachable.append(plan.target_connection_id)
            continue
        runs.update({run.run_id: (plan, run) for run in known if run.resume_key == plan.resume_key})
    return Found(runs, tuple(dict.fromkeys(unreachable)))


def ledger_runs(ctx: Context, plan: PlanSummary) -> list[LedgerRun]:
    """The runs between a plan's two databases, as the target's ledger knows them."""
    from ...engine.databases.urls import database_for
    from ...engine.ledger import Ledger

    url, full = resolve_url(ctx, plan.target_connection_id), full_plan(ctx, plan.id)
    options = {"ledger_schema": ledger_schema(plan)}
    with closing(database_for(url).open_target(url, create=False, options=options)) as target:
        return Ledger(target).runs_of(full.source_identity, full.target_identity)


@handles(ReconcileRuns)
def reconcile_runs(_command: ReconcileRuns, ctx: Context) -> Reconciliation:
    found: Found = ctx.prepared
    changed, added = [], []
    for run_id, (plan, kept) in found.runs.items():
        run = store.get(ctx.db, run_id, ctx.caller.organisation_id)
        if run is None:
            store.queue(ctx.db, run_of_ledger(plan, kept, ctx), ctx.caller.organisation_id)
            added.append(run_id)
        elif not run.active and run.status != status_in(kept, run.status):
            store.set_status(ctx.db, run_id, store.stored_status(ctx.db, run_id), ended(kept))
            changed.append(run_id)
    return Reconciliation(len(found.runs), tuple(changed), tuple(added), found.unreachable)


def status_in(kept: LedgerRun, said: str) -> str:
    """The status the store should say. Why an unfinished run stopped, it knows as well."""
    unfinished = kept.status not in DONE and said not in DONE
    if unfinished and said != "not_verified":
        return said
    return "interrupted" if kept.status == "running" else kept.status


def ended(kept: LedgerRun) -> dict[str, Any]:
    """The columns the ledger's word sets."""
    import json

    return {
        "status": status_in(kept, "succeeded"),
        "result": json.loads(kept.result) if kept.result else None,
        "error": None,
    }


def run_of_ledger(plan: PlanSummary, kept: LedgerRun, ctx: Context) -> Run:
    """A run that only the ledger knows, as the store will keep it."""
    values = ended(kept)
    return Run(
        id=kept.run_id,
        project_id=plan.project_id,
        plan_id=plan.id,
        kind="copy",
        status=values["status"],
        wish="run",
        phase="",
        settings=RunSettings(),
        resume_key=kept.resume_key,
        request_key=plan.request_key,
        created_at=ctx.now,
        created_by=ctx.caller.name,
        result=values["result"],
    )
