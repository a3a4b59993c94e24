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
    RunNotReplayable,
    RunNotResumable,
    RunNotUndoable,
    RunOfOtherProject,
    UndoDataOpen,
    WorkerNotStarted,
)
from .executors import Assignment, assign, carry_out, failure
from .expired import DropExpiredUndo
from .model import (
    Job,
    LogLine,
    Outcome,
    QuarantineCause,
    QuarantineLine,
    Reconciliation,
    ReplayExample,
    ReplayPreview,
    ReplayProposal,
    Run,
    RunEvent,
    RunSettings,
    TableProgress,
    Worker,
)
from .quarantine import PreviewReplay, RunCauses, RunQuarantine
from .read import FindRun, GetRun, ListRuns, RunEvents, RunLog
from .reconcile import ReconcileRuns
from .repair import RepairRows
from .replay import ReplayRows
from .sealed import rows_sealed
from .start import StartRun, StartVerify
from .starting import STORE_VARIABLE, EmbeddedBus, ensure_worker, expect_run, worker_folder, worker_lock, worker_log
from .steering import RunControl
from .undo import DropLedger, DropUndo, UndoRun
from .undo_data import ExpiredUndo, LedgerDropped, UndoData, UndoDropped
from .weighing import Work
from .work import RunQueue

__all__ = [
    "STORE_VARIABLE",
    "Assignment",
    "CancelRun",
    "DropExpiredUndo",
    "DropLedger",
    "DropUndo",
    "EmbeddedBus",
    "ExpiredUndo",
    "FindRun",
    "GetRun",
    "Job",
    "LedgerDropped",
    "ListRuns",
    "LogLine",
    "Outcome",
    "PauseRun",
    "PreviewReplay",
    "QuarantineCause",
    "QuarantineLine",
    "ReconcileRuns",
    "Reconciliation",
    "RepairRows",
    "ReplayExample",
    "ReplayPreview",
    "ReplayProposal",
    "ReplayRows",
    "ResumeRun",
    "Run",
    "RunBroke",
    "RunCauses",
    "RunControl",
    "RunEvent",
    "RunEvents",
    "RunInterrupted",
    "RunLog",
    "RunNotActive",
    "RunNotFound",
    "RunNotReplayable",
    "RunNotResumable",
    "RunNotUndoable",
    "RunOfOtherProject",
    "RunQuarantine",
    "RunQueue",
    "RunSettings",
    "StartRun",
    "StartVerify",
    "TableProgress",
    "UndoData",
    "UndoDataOpen",
    "UndoDropped",
    "UndoRun",
    "Work",
    "Worker",
    "WorkerNotStarted",
    "assign",
    "carry_out",
    "ensure_worker",
    "expect_run",
    "failure",
    "rows_sealed",
    "worker_folder",
    "worker_lock",
    "worker_log",
]
