"""Reading a run's quarantine, which lies in the target's ledger."""

from __future__ import annotations

from contextlib import closing

from ..databases.urls import database_for
from ..ledger import Ledger
from .result import QuarantinedRow


def read_quarantine(
    target_url: str, run_id: str, *, offset: int = 0, limit: int = 1_000, ledger_schema: str = "dms_ledger"
) -> tuple[list[QuarantinedRow], int]:
    """Some quarantined rows of a run, in the order they were found, and how many there are in all."""
    opened = database_for(target_url).open_target(target_url, create=False, options={"ledger_schema": ledger_schema})
    with closing(opened) as target:
        ledger = Ledger(target, run_id)
        if not ledger.exists():
            return [], 0
        return [
            QuarantinedRow(*row) for row in ledger.quarantined(offset=offset, limit=limit)
        ], ledger.quarantine_count()
