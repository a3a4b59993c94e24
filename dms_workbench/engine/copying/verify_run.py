"""A run that only verifies: what stands in the target now, compared with the source through the mapping."""

from __future__ import annotations

import time
from contextlib import closing, nullcontext
from pathlib import Path

from ...kernel.errors import WorkbenchError
from ..control import Control, Stopped
from ..databases.urls import database_for
from ..ledger import Ledger, Seals, open_for_reading
from ..planning import source_options
from ..planning.plan import Plan
from .books import Bookkeeper
from .ending import failed
from .lanes import utc_now
from .listing import Listing
from .result import QUARANTINE_SHOWN, QuarantinedRow, RunResult


def execute_verify(  # noqa: PLR0913  what is compared, where, and who watches
    plan: Plan,
    source_url: str,
    target_url: str,
    *,
    run_id: str,
    control: Control,
    spool_directory: Path,
    seals: Seals | None = None,
    differences: Path | None = None,
) -> RunResult:
    """Compare all rows of a plan's tables; nothing is written. Always returns a result.

    run_id: of this verification. What the plan's own copy (``plan.ledger_run_id``) put into quarantine is expected to be absent.
    seals: the keys by which rows of tables without key are told that the copy has sealed.
    differences: a file to be made with every row that differs, in a folder that is there.
    """
    started = time.monotonic()
    try:
        with (
            closing(
                database_for(source_url).open_source(source_url, options=source_options(source_url, target_url))
            ) as source,
            closing(open_for_reading(target_url, plan.ledger_schema)) as target,
            Listing(differences) if differences is not None else nullcontext() as listing,
        ):
            ledger = Ledger(target, plan.ledger_run_id or "")
            known = plan.ledger_run_id is not None and ledger.exists()
            keeper = Bookkeeper(
                plan, source, target, target_url, ledger, control, spool_directory, seals, has_ledger=known,
                every=listing.told if listing is not None else None,
            )  # fmt: skip
            tables = keeper.tables(verify=True)
            status, problem = keeper.status(tables, run_id)
            rows = tuple(QuarantinedRow(*row) for row in ledger.quarantined(limit=QUARANTINE_SHOWN)) if known else ()
            total = ledger.quarantine_count() if known else 0
    except Stopped as stop:
        return RunResult(
            run_id,
            "paused" if stop.wish == "pause" else "cancelled",
            round(time.monotonic() - started, 3),
            finished_at=utc_now(),
        )
    except WorkbenchError as error:
        return failed(run_id, error, started)
    seconds = round(time.monotonic() - started, 3)
    return RunResult(
        run_id, status, seconds, tables, quarantine=rows, quarantine_total=total, error=problem, finished_at=utc_now(),
        differences=str(differences or ""),
    )  # fmt: skip
