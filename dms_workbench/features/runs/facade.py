"""``wb.runs``."""

from __future__ import annotations

from ...kernel.bus import Bus
from ...kernel.facade import Facade, operation
from .control import CancelRun, PauseRun, ResumeRun
from .expired import DropExpiredUndo
from .handle import Binding
from .quarantine import PreviewReplay, RunCauses, RunQuarantine
from .read import FindRun, GetRun, ListRuns, RunEvents, RunLog
from .reconcile import ReconcileRuns
from .repair import RepairRows
from .replay import ReplayRows
from .start import StartRun, StartVerify
from .undo import DropLedger, DropUndo, UndoRun


class Runs(Facade):
    """Start runs, steer them and watch them."""

    start = operation(StartRun)
    verify = operation(StartVerify)
    repair = operation(RepairRows)
    pause = operation(PauseRun)
    resume = operation(ResumeRun)
    cancel = operation(CancelRun)
    get = operation(GetRun)
    list = operation(ListRuns)
    find = operation(FindRun)
    events = operation(RunEvents)
    log = operation(RunLog)
    quarantine = operation(RunQuarantine)
    causes = operation(RunCauses)
    preview_replay = operation(PreviewReplay)
    replay = operation(ReplayRows)
    undo = operation(UndoRun)
    drop_undo = operation(DropUndo)
    drop_expired_undo = operation(DropExpiredUndo)
    drop_ledger = operation(DropLedger)
    reconcile = operation(ReconcileRuns)

    def __init__(self, bus: Bus) -> None:
        """bus: where the messages go; runs that come back can be steered through it too."""
        super().__init__(Binding(bus))
