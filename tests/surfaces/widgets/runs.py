"""Runs as plain values, for the tests of what the run widget shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dms_workbench.features.runs.model import Run, RunSettings, TableProgress

START = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
RUN_ID = "0196f3a2-7c41-7d10-9b52-5a3e8f10c2d4"


def after(seconds: float) -> datetime:
    """A time after the start."""
    return START + timedelta(seconds=seconds)


def run_with(**changes: Any) -> Run:
    """A run of one table that is copying: 250 of 1,000 rows are accounted for."""
    table = TableProgress(
        0, "tbl_ord", "orders", "copy", rows_total=1000, read=250, written=240, filtered=7, quarantined=3
    )
    run = Run(
        id=RUN_ID,
        project_id="p",
        plan_id="pl",
        kind="copy",
        status="running",
        wish="run",
        phase="copy",
        settings=RunSettings(),
        resume_key="k",
        created_at=START,
        created_by="me",
        started_at=START,
        tables=(table,),
    )
    return replace(run, **changes)


def table_result(**changes: Any) -> dict[str, Any]:
    """One line of the books."""
    line = {"source": "tbl_ord", "target": "orders", "read": 1000, "written": 990, "unchanged": 0, "merged": 0}
    return line | {"filtered": 7, "quarantined": 3, "verified": "equal"} | changes


def finished(*tables: dict[str, Any], status: str = "succeeded", objects: tuple[dict[str, str], ...] = ()) -> Run:
    """A run that has ended, with its books."""
    result = {"tables": list(tables or [table_result()]), "objects": list(objects)}
    return run_with(status=status, phase="done", result=result, finished_at=after(60), seconds=60.0)


def undone(*, preview: bool = False, **changes: Any) -> Run:
    """An undo that has ended, or a look at what it would do."""
    table = {"target": "orders", "deleted": 5, "restored": 0, "brought_back": 0, "left": 1, "keys": [{"id": 3}]}
    table |= {"reason": "others have changed some", "proof": "" if preview else "equal to before"}
    objects = [{"kind": "table", "name": "orders", "outcome": "left_out", "reason": "it holds rows of others"}]
    result = {"undo": [table], "objects": objects, "counters": [], "preview": preview}
    settings = RunSettings(parent_run_id=RUN_ID, preview=preview)
    given = {"kind": "undo", "status": "succeeded", "phase": "done", "settings": settings, "result": result}
    return run_with(**given | changes)
