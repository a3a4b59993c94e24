"""Runs: everything long, queued here and carried out by a worker."""

# ruff: noqa: E402  lazily() comes before the modules that use the lazy store
from ...kernel.lazy import lazily

lazily(__name__, "store", "leases")

from .control import CancelRun, PauseRun, ResumeRun
from .errors import (
    RunBroke,
    RunInterrupted,
    RunNotActive,
    RunNotFound,
    RunNotResumable,
    RunOfOtherProject,
    WorkerNotStarted,
)
from .executors import Assignment, assign, carry_out, failure
from .model import (
    Job,
    LogLine,
    Outcome,
    QuarantineLine,
    Reconciliation,
    Run,
    RunEvent,
    RunSettings,
    TableProgress,
    Worker,
)
from .read import FindRun, GetRun, ListRuns, RunEvents, RunLog, RunQuarantine
from .reconcile import ReconcileRuns
from .start import StartRun, StartVerify
from .starting import STORE_VARIABLE, EmbeddedBus, ensure_worker, worker_folder, worker_lock, worker_log
from .steering import RunControl
from .work import RunQueue

__all__ = [
    "STORE_VARIABLE",
    "Assignment",
    "CancelRun",
    "EmbeddedBus",
    "FindRun",
    "GetRun",
    "Job",
    "ListRuns",
    "LogLine",
    "Outcome",
    "PauseRun",
    "QuarantineLine",
    "ReconcileRuns",
    "Reconciliation",
    "ResumeRun",
    "Run",
    "RunBroke",
    "RunControl",
    "RunEvent",
    "RunEvents",
    "RunInterrupted",
    "RunLog",
    "RunNotActive",
    "RunNotFound",
    "RunNotResumable",
    "RunOfOtherProject",
    "RunQuarantine",
    "RunQueue",
    "RunSettings",
    "StartRun",
    "StartVerify",
    "TableProgress",
    "Worker",
    "WorkerNotStarted",
    "assign",
    "carry_out",
    "ensure_worker",
    "failure",
    "worker_folder",
    "worker_lock",
    "worker_log",
]
