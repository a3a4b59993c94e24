"""Start runs: a copy of a plan, or a verification of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command
from ..plans import GetPlan, PlanNotFound, PlanSummary
from . import store
from .errors import RunOfOtherProject, SchedulerWanted
from .model import ACTIVE, DONE, UNDONE, Run, RunSettings


class StartRun(
    Command[Run], route="POST /runs", scope="runs:start", raises=(PlanNotFound, RunOfOtherProject, SchedulerWanted)
):
    """Queue the copy of a plan and return at once; a worker carries it out.

    A plan whose rows were begun before continues that run, and one that is under way is only returned: starting twice
    never copies twice.

    plan_id: the plan to run.
    on_reject: what to do with a row the target cannot hold: ``quarantine`` it and go on, or ``stop``.
    max_rejects: stop when more rows than this are in quarantine; None sets no limit.
    lanes: parallel streams for each table, where both databases allow it; None lets the run try how many pay.
    chunk_rows: rows per commit at most; None lets the run choose. More is faster, and repeats more work after a crash.
    new_run: begin again although a run of the same rows has finished.
    verify: read the target back and compare every row.
    push_down: compute expressions in the source's own SQL where that is proved to give the same; else always here.
    patience_seconds: how long a lane waits for a database that is gone or busy, in all, before the run stops.
    stall_seconds: how long nothing may move before a database is asked whether it is still there.
    max_rows_per_second: of the whole run; None sets no limit.
    max_lanes: of a table, whoever chose them; None leaves it to the sessions that both servers can spare.
    max_lock_wait_seconds: hold back while a session of the source waits longer for a lock; None does not look.
    max_lag_seconds: hold back while a standby of the source is further behind; None does not look.
    max_active_sessions: hold back while more sessions than this are at work on the source; None does not look.
    max_transaction_seconds: pause when the source's snapshot has been held for so long; None sets no limit.
    executor: where lanes run: ``local``, in the worker, or ``dask``, on the processes of a Dask cluster.
    scheduler: of the Dask cluster: ``tcp://host:8786`` or ``tls://host:8786``.
    tls_ca: file of the certificate authority of a ``tls://`` scheduler.
    tls_cert: file of the client's certificate for it.
    tls_key: file of that certificate's key.
    """

    plan_id: str
    on_reject: Literal["quarantine", "stop"] = "quarantine"
    max_rejects: Annotated[int, Ge(0)] | None = None
    lanes: Annotated[int, Ge(1), Le(64)] | None = None
    chunk_rows: Annotated[int, Gt(0)] | None = None
    new_run: bool = False
    verify: bool = True
    push_down: bool = True
    patience_seconds: Annotated[float, Ge(0)] = 600.0
    stall_seconds: Annotated[float, Gt(0)] = 60.0
    max_rows_per_second: Annotated[float, Gt(0)] | None = None
    max_lanes: Annotated[int, Ge(1)] | None = None
    max_lock_wait_seconds: Annotated[float, Gt(0)] | None = 2.0
    max_lag_seconds: Annotated[float, Gt(0)] | None = 60.0
    max_active_sessions: Annotated[int, Ge(0)] | None = None
    max_transaction_seconds: Annotated[float, Gt(0)] | None = None
    executor: Literal["local", "dask"] = "local"
    scheduler: str | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None


@handles(StartRun)
def start_run(command: StartRun, ctx: Context) -> Run:
    if (command.executor == "dask") != (command.scheduler is not None):
        raise SchedulerWanted(executor=command.executor)
    given = {field.name for field in fields(StartRun)} - {"plan_id"}
    settings = RunSettings(**{name: getattr(command, name) for name in given})
    return begin(ctx, ctx.bus.send(GetPlan(command.plan_id)), "copy", settings)


class StartVerify(Command[Run], route="POST /verifications", scope="runs:start", raises=(PlanNotFound,)):
    """Queue a comparison of every row of a plan's tables, through its mapping; nothing is written to the target.

    plan_id: the plan that says which tables belong together.
    list_differences: write every row that differs, with its key and the columns that differ, to a private file on the worker's
        machine; its path is ``result["differences"]``. Without it the first 100 rows of each table are named.
    """

    plan_id: str
    list_differences: bool = False


@handles(StartVerify)
def start_verify(command: StartVerify, ctx: Context) -> Run:
    return begin(
        ctx, ctx.bus.send(GetPlan(command.plan_id)), "verify", RunSettings(list_differences=command.list_differences)
    )


def begin(ctx: Context, plan: PlanSummary, kind: str, settings: RunSettings) -> Run:
    """Queue a run, or give the one that is active already."""
    run = active(ctx, kind, plan.resume_key)
    if run is not None:
        return run
    earlier = earlier_run(ctx, plan, kind, settings)
    if earlier is not None:
        return continue_run(ctx, earlier, plan, settings)
    ledger_id = plan.ledger_run_id if kind == "copy" and not (settings.new_run and plan.ledger_status in DONE) else None
    return queued(ctx, plan, kind, plan.resume_key, settings, run_id=ledger_id)


def queued(
    ctx: Context, plan: PlanSummary | Run, kind: str, resume_key: str, settings: RunSettings, run_id: str | None = None
) -> Run:
    """Queue a new run of a plan, or of the plan of another run. run_id: of the run that the ledger holds, if it does."""
    fresh = Run(
        id=run_id or ctx.new_id(),
        project_id=plan.project_id,
        plan_id=plan.plan_id if isinstance(plan, Run) else plan.id,
        kind=kind,
        status="queued",
        wish="run",
        phase="",
        settings=settings,
        resume_key=resume_key,
        request_key="" if isinstance(plan, Run) else plan.request_key,
        created_at=ctx.now,
        created_by=ctx.caller.name,
    )
    return told(ctx, fresh, store.queue(ctx.db, fresh, ctx.caller.organisation_id))


def active(ctx: Context, kind: str, resume_key: str) -> Run | None:
    """The queued or running run of a resume key; one whose worker is gone is written down as interrupted."""
    for found in store.of_resume_key(ctx.db, ctx.caller.organisation_id, kind, resume_key):
        if found["status"] == "running" and not store.worker_alive(found):
            store.interrupt(ctx.db, found, ctx.now)
        elif found["status"] in ACTIVE:
            return store.get(ctx.db, found["id"], ctx.caller.organisation_id)
    return None


def earlier_run(ctx: Context, plan: PlanSummary, kind: str, settings: RunSettings) -> Run | None:
    """The run in the store that a plan continues.

    The ledger decides which. A finished run that the ledger did not hold when the plan was made is history, unless it
    finished after that; an unfinished one is always continued.
    """
    if kind != "copy":
        return None
    known = store.with_progress(ctx.db, store.of_resume_key(ctx.db, ctx.caller.organisation_id, kind, plan.resume_key))
    known = [run for run in known if run.status != UNDONE]
    in_ledger = [run for run in known if run.id == plan.ledger_run_id]
    recent = [
        run
        for run in known
        if run.status not in DONE or (run.finished_at is not None and run.finished_at > plan.created_at)
    ]
    for run in in_ledger + recent:
        if not (settings.new_run and run.status in DONE):
            return run
    return None


def continue_run(ctx: Context, run: Run, plan: PlanSummary, settings: RunSettings) -> Run:
    """Queue a run of before again, under the new settings. Raises RunOfOtherProject."""
    if run.project_id != plan.project_id:
        raise RunOfOtherProject(run_id=run.id)
    again = replace(run, plan_id=plan.id, settings=replace(settings, new_run=False), request_key=plan.request_key)
    return told(ctx, again, store.queue_again(ctx.db, again, at=ctx.now))


def told(ctx: Context, run: Run, queued: bool) -> Run:
    """The run as it is in the store now, with an event if it was queued; another start may have been faster."""
    if not queued:
        other = active(ctx, run.kind, run.resume_key)
        if other is None:
            raise RunOfOtherProject(run_id=run.id)
        return other
    store.enter_event(ctx.db, run.id, kind="status", data={"status": "queued"}, at=ctx.now)
    kept = store.get(ctx.db, run.id, ctx.caller.organisation_id)
    assert kept is not None  # noqa: S101  it was written a line ago
    return kept
