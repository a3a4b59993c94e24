"""How a run that did not reach its end is told of."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ...kernel.errors import Refused, WorkbenchError
from ..control import Stopped
from ..databases.errors import is_transient
from ..ledger import LedgerConflict
from ..ledger.snapshots import snapshot_changes, snapshots
from .lanes import utc_now
from .result import RunResult, Status, TableResult

if TYPE_CHECKING:
    from .run import Run

log = logging.getLogger("dms_workbench.engine")


def stopped(run: Run, error: Stopped | WorkbenchError) -> RunResult:
    """The result of a run that did not reach its end, entered in the ledger if that can still be reached."""
    if isinstance(error, LedgerConflict):
        return failed(run.ledger.run_id, error, run.started)
    status: Status
    detail: dict[str, object] | None = None
    if isinstance(error, Stopped):
        status = "paused" if error.wish == "pause" else "cancelled"
    else:
        status, detail = status_of(error), error.as_dict()
    try:
        if run.epoch is not None:
            return run.result(status, tables=partial_tables(run), error=detail)
    except WorkbenchError as late:
        log.warning("the ledger could not be told that run %s stopped: %s", run.ledger.run_id, late.message)
    return replace(
        failed(run.ledger.run_id, error, run.started)
        if isinstance(error, WorkbenchError)
        else RunResult(run.ledger.run_id, status, 0.0)
    )


def partial_tables(run: Run) -> tuple[TableResult, ...]:
    """What the ledger says of each table so far; nothing of it is verified."""
    accounts = run.ledger.accounts()
    return tuple(
        TableResult(
            table.map_no,
            table.source_label,
            table.target_label,
            read=found.read,
            written=found.written,
            filtered=found.filtered,
            quarantined=found.quarantined,
            reason="the run has not ended",
        )
        for table in run.plan.tables
        if (found := accounts.get(table.map_no)) is not None
    )


def status_of(error: WorkbenchError) -> Status:
    """Refused before anything was touched, interrupted by what passes by itself, or failed."""
    if is_transient(error):
        return "interrupted"
    return "refused" if isinstance(error, Refused) else "failed"


def failed(run_id: str, error: WorkbenchError, started: float) -> RunResult:
    """The result of a run whose ledger cannot be written."""
    return RunResult(
        run_id, status_of(error), round(time.monotonic() - started, 3), error=error.as_dict(), finished_at=utc_now()
    )


def told(run: Run) -> list[str]:
    """What the summary says of snapshots, of recoveries, and of a target that may lose what it has committed."""
    said = list(run.sides.doubts())
    doubts = len(said)
    if run.epoch is None or run.plan.content == "schema":
        return said
    names = {table.map_no: table.source_label for table in run.plan.tables}
    said += [
        f"The rows of {names.get(map_no, map_no)} after {position} were read under a later snapshot than those before: what "
        "the source changed in between shows in the verification, which compares all rows with the latest one"
        for map_no, position in snapshot_changes(run.ledger)
    ]
    if len(said) == doubts and snapshots(run.ledger) > 1:
        said.append(
            "Tables were read under different snapshots; the verification compares all rows with the latest one"
        )
    if run.clock.recovered:
        counts = ", ".join(f"{count} times {code}" for code, count in sorted(run.clock.recovered.items()))
        said.append(f"The run went on by itself after: {counts}")
    return said
