"""What can go wrong with runs."""

from __future__ import annotations

from ...kernel.errors import NotFound, Refused, UsageError, WorkbenchError


class RunNotFound(NotFound, code="run-not-found"):
    """There is no run {run_id}."""


class RunNotActive(WorkbenchError, code="run-not-active", status=409, next="dms status {run_id}"):
    """Run {run_id} is {status}: only a queued or running run can be {asked}."""


class RunNotResumable(WorkbenchError, code="run-not-resumable", status=409, next="dms status {run_id}"):
    """Run {run_id} is {status}: there is nothing to resume."""


class RunOfOtherProject(WorkbenchError, code="run-of-other-project", status=409, next="dms runs resume {run_id}"):
    """The same migration was begun in another project, as run {run_id}."""


class RunInterrupted(
    WorkbenchError,
    code="run-interrupted",
    status=409,
    retryable=True,
    safe="Every chunk that was committed stays, and is in the target's ledger.",
    next="dms runs resume {run_id}",
):
    """The worker of run {run_id} ended before the run did."""


class RunBroke(
    WorkbenchError,
    code="run-broke",
    safe="Every chunk that was committed stays, and is in the target's ledger.",
    next="dms runs resume {run_id}",
):
    """Run {run_id} stopped on an unexpected fault ({fault}). Where it happened is in the worker's log, {log}."""


class WorkerNotStarted(
    WorkbenchError, code="worker-not-started", status=503, retryable=True, next="dms runs resume {run_id}"
):
    """No worker could be started for run {run_id}: {reason}"""


class RunNotUndoable(WorkbenchError, code="run-not-undoable", status=409, next="dms status {run_id}"):
    """Run {run_id} cannot be taken back: it is a {kind} that is {status}. A copy or a repair that nobody works on can."""


class UndoDataOpen(Refused, code="undo-data-open"):
    """The ledger holds what is needed to take runs back: {runs}."""


class RunNotReplayable(WorkbenchError, code="run-not-replayable", status=409, next="dms status {run_id}"):
    """Rows of run {run_id} cannot be replayed: it is a {kind} that is {status}. A copy that has come to its end can."""


class SchedulerWanted(UsageError, code="scheduler-wanted", next="--executor dask --scheduler tcp://HOST:8786"):
    """The executor dask and the address of its scheduler go together; given was the executor {executor}."""
