"""What a worker does for each kind of run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ... import platform
from ...engine.control import Control, Stopped
from ...kernel.context import Context
from ...kernel.errors import Refused, WorkbenchError
from ..connections import purpose_keys, resolve_url
from ..plans import GetPlan, full_plan
from . import dask_executor
from .model import UNDONE, Job, Outcome
from .quarantine import replay_of, seals_of

if TYPE_CHECKING:
    from ...engine.copying import ReplayResult, RunOptions, RunResult
    from ...engine.copying.lane_tasks import LaneRunner
    from ...engine.copying.undoing import UndoResult
    from ...engine.ledger import Seals
    from ...engine.planning import Plan

STOPPED = {"pause": "paused", "cancel": "cancelled"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everything an executor needs, as plain values: no store, no bus."""

    job: Job
    plan: Plan
    source_url: str
    target_url: str
    spool: Path
    """An empty private folder for what must lie on disk for a while; removed afterwards."""
    seals: Seals | None = None
    """The keys that values in quarantine are sealed with."""
    lane_keys: tuple[str, dict[str, bytes]] = ("", {})
    """The keys that tasks of lanes are sealed with, and the name of the current one."""

    def __repr__(self) -> str:
        return f"Assignment({self.job.run.id})"


def assign(job: Job, ctx: Context, spool: Path) -> Assignment:
    """Look up a job's plan and addresses. Raises PlanNotFound, and what resolving a connection raises."""
    plan = ctx.bus.send(GetPlan(job.run.plan_id))
    return Assignment(
        job=job,
        plan=full_plan(ctx, plan.id),
        source_url=resolve_url(ctx, plan.source_connection_id),
        target_url=resolve_url(ctx, plan.target_connection_id),
        spool=spool,
        seals=seals_of(ctx),
        lane_keys=purpose_keys(ctx, dask_executor.PURPOSE),
    )


def copy(work: Assignment, control: Control) -> RunResult:
    """Copy a plan's rows, verify them and close the books."""
    from ...engine.copying import execute_run

    return execute_run(
        work.plan,
        work.source_url,
        work.target_url,
        run_id=work.job.run.id,
        options=options_of(work),
        control=control,
        spool_directory=work.spool,
    )


def options_of(work: Assignment) -> RunOptions:
    """The settings of a run as the engine takes them."""
    from ...engine.copying import Budget, RunOptions

    settings = work.job.run.settings
    return RunOptions(
        on_reject=settings.on_reject,
        max_rejects=settings.max_rejects,
        lanes=settings.lanes,
        chunk_rows=settings.chunk_rows,
        new_run=settings.new_run and work.job.epoch == 1,
        verify=settings.verify,
        push_down=settings.push_down,
        patience_seconds=settings.patience_seconds,
        stall_seconds=settings.stall_seconds,
        seals=work.seals,
        lane_runner=lane_runner(work),
        budget=Budget(
            rows_per_second=settings.max_rows_per_second,
            lanes=settings.max_lanes,
            lock_wait_seconds=settings.max_lock_wait_seconds,
            lag_seconds=settings.max_lag_seconds,
            active_sessions=settings.max_active_sessions,
            transaction_seconds=settings.max_transaction_seconds,
        ),
    )


def lane_runner(work: Assignment) -> LaneRunner | None:
    """Where the lanes of a run go; None keeps them here."""
    settings = work.job.run.settings
    if settings.executor == "local":
        return None
    tls = dask_executor.Tls(settings.tls_ca, settings.tls_cert, settings.tls_key)
    return dask_executor.DaskLanes(str(settings.scheduler), tls, (work.source_url, work.target_url), work.lane_keys)


def verify(work: Assignment, control: Control) -> RunResult:
    """Compare a plan's tables as they are now; nothing is written to the target."""
    from ...engine.copying import execute_verify

    return execute_verify(
        work.plan,
        work.source_url,
        work.target_url,
        run_id=work.job.run.id,
        control=control,
        spool_directory=work.spool,
        seals=work.seals,
        differences=differences_file(work) if work.job.run.settings.list_differences else None,
    )


def differences_file(work: Assignment) -> Path:
    """Where the rows that differ are listed: beside the spools, since those are removed."""
    return platform.private_folder(work.spool.parent.parent / "differences") / f"{work.job.run.id}.jsonl"


def repair(work: Assignment, control: Control) -> RunResult:
    """Mend the rows of a plan's tables that are wrong, and compare again."""
    from ...engine.copying import execute_repair

    return execute_repair(
        work.plan,
        work.source_url,
        work.target_url,
        run_id=work.job.run.id,
        options=options_of(work),
        control=control,
        spool_directory=work.spool,
        delete_extra=work.job.run.settings.delete_extra,
    )


def replay(work: Assignment, control: Control) -> ReplayResult:
    """Put rejected rows of another run through, and close its books again."""
    from ...engine.copying import execute_replay

    return execute_replay(
        work.plan,
        work.source_url,
        work.target_url,
        run_id=work.job.run.id,
        asked=replay_of(work.job.run.settings),
        options=options_of(work),
        control=control,
        spool_directory=work.spool,
    )


def undo(work: Assignment, control: Control) -> UndoResult:
    """Take another run back, or say what that would do."""
    from ...engine.copying.undoing import execute_undo

    settings = work.job.run.settings
    return execute_undo(
        work.plan,
        work.source_url,
        work.target_url,
        run_id=settings.parent_run_id or "",
        undo_id=work.job.run.id,
        preview=settings.preview,
        control=control,
        spool_directory=work.spool,
        seals=work.seals,
    )


Executor: TypeAlias = "Callable[[Assignment, Control], RunResult | ReplayResult | UndoResult]"
EXECUTORS: dict[str, Executor] = {"copy": copy, "verify": verify, "repair": repair, "replay": replay, "undo": undo}


def carry_out(work: Assignment, control: Control) -> Outcome:
    """Do a job and say how it ended; a WorkbenchError is an outcome, any other exception passes."""
    try:
        result = EXECUTORS[work.job.run.kind](work, control)
    except Stopped as stopped:
        return Outcome(status=STOPPED[stopped.wish], seconds=0.0)
    except WorkbenchError as error:
        return failure(error)
    from ...engine.copying import ReplayResult
    from ...engine.copying.undoing import UndoResult

    if isinstance(result, UndoResult):
        taken_back = result.status == "succeeded" and not result.preview
        return replace(ended(result), parent=Outcome(UNDONE, 0.0) if taken_back else None)
    if isinstance(result, ReplayResult):
        return replace(ended(result.replay), parent=None if result.parent is None else ended(result.parent))
    return ended(result)


def ended(result: RunResult | UndoResult) -> Outcome:
    """The result of the engine as an outcome."""
    return Outcome(result.status, result.seconds, result.as_dict(), result.error, result.already_done)


def failure(error: WorkbenchError) -> Outcome:
    """A WorkbenchError as an outcome."""
    return Outcome("refused" if isinstance(error, Refused) else "failed", 0.0, error=error.as_dict())
