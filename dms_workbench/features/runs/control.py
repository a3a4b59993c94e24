"""Steer runs: pause, resume, cancel. A wish is written down; the worker that has the run acts on it."""

from __future__ import annotations

from dataclasses import replace

from ...kernel.bus import handles
from ...kernel.context import Context
from ...kernel.messages import Command
from . import store
from .errors import RunNotActive, RunNotResumable
from .model import DONE, RESUMABLE, Run
from .read import found_run


class PauseRun(Command[Run], route="POST /runs/{run_id}/pause", scope="runs:control", raises=(RunNotActive,)):
    """Pause a run at the next safe point, within 2 seconds; what is committed stays and is not repeated.

    run_id: the run to pause.
    """

    run_id: str


@handles(PauseRun)
def pause_run(command: PauseRun, ctx: Context) -> Run:
    run = found_run(ctx, command.run_id)
    if run.status == "paused":
        return run
    if run.status not in {"queued", "running"}:
        raise RunNotActive(run_id=run.id, status=run.status, asked="paused")
    return wish(ctx, run, "pause", "paused")


class ResumeRun(Command[Run], route="POST /runs/{run_id}/resume", scope="runs:control", raises=(RunNotResumable,)):
    """Go on with a paused, interrupted, cancelled or failed run where its last commit left it.

    run_id: the run to resume. One that is queued or running is only returned.
    """

    run_id: str


@handles(ResumeRun)
def resume_run(command: ResumeRun, ctx: Context) -> Run:
    run = found_run(ctx, command.run_id)
    if run.active:
        store.set_wish(ctx.db, run.id, "run")
        return found_run(ctx, run.id)
    if run.status not in RESUMABLE:
        raise RunNotResumable(run_id=run.id, status=run.status)
    again = replace(run, settings=replace(run.settings, new_run=False))
    if store.queue_again(ctx.db, again, at=ctx.now):
        store.enter_event(ctx.db, run.id, kind="status", data={"status": "queued"}, at=ctx.now)
    return found_run(ctx, run.id)


class CancelRun(Command[Run], route="POST /runs/{run_id}/cancel", scope="runs:control", raises=(RunNotActive,)):
    """Stop a run at the next safe point; what is committed stays, and the run can still be resumed.

    run_id: the run to cancel.
    """

    run_id: str


@handles(CancelRun)
def cancel_run(command: CancelRun, ctx: Context) -> Run:
    run = found_run(ctx, command.run_id)
    if run.status == "cancelled":
        return run
    if run.status in DONE:
        raise RunNotActive(run_id=run.id, status=run.status, asked="cancelled")
    return wish(ctx, run, "cancel", "cancelled")


def wish(ctx: Context, run: Run, asked: str, status: str) -> Run:
    """Write a wish for the worker; where no worker has the run, the wish is fulfilled at once."""
    store.set_wish(ctx.db, run.id, asked)
    store.enter_event(ctx.db, run.id, kind="wish", data={"wish": asked}, at=ctx.now)
    if run.status == "interrupted":
        store.set_status(ctx.db, run.id, "running", {"status": "interrupted", "owner": None})
    if run.status != "running" and store.set_status(
        ctx.db, run.id, run.status, {"status": status, "finished_at": ctx.now}
    ):
        store.enter_event(ctx.db, run.id, kind="status", data={"status": status}, at=ctx.now)
    return found_run(ctx, run.id)
