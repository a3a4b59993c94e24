"""What became of a run as plain data: in full for the summary, and exactly as ``--json`` promises it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .terminal import public_error

if TYPE_CHECKING:
    from ...features.runs import Run, TableProgress
    from ...workbench import Workbench

ACCOUNTS = ("written", "unchanged", "merged", "filtered", "quarantined")
TABLE = ("source", "target", "read", *ACCOUNTS, "verified")
OBJECT = ("kind", "name", "outcome", "reason")
ROW = ("table", "key", "column", "code", "reason")
QUARANTINE_SHOWN = 1_000
STOPPED_BY_YOU = "stopped-by-you"
"""The code of Ctrl-C before there was a run to pause."""


def full(run: Run) -> dict[str, Any]:
    """Everything a run says of itself: the public form, and ``notes``, ``already_done``, ``finished_at`` besides."""
    result = run.result or {}
    return {
        "run_id": run.id,
        "status": run.status,
        "seconds": round(run.seconds or float(result.get("seconds") or 0.0), 3),
        "tables": list(result.get("tables") or map(table_so_far, run.tables)),
        "objects": list(result.get("objects", ())),
        "quarantine": list(result.get("quarantine", ())),
        "quarantine_total": int(result.get("quarantine_total", 0)),
        "error": run.error or result.get("error"),
        "notes": list(result.get("notes", ())),
        "already_done": run.already_done,
        "finished_at": str(result.get("finished_at") or ""),
        "kind": run.kind,
        "wish": run.wish,
    }


def with_keys(workbench: Workbench, told: dict[str, Any]) -> dict[str, Any]:
    """A report in which rejected rows of tables without key show their values, which the run itself keeps sealed."""
    if all(row["key"] for row in told["quarantine"]):
        return told
    rows = workbench.runs.quarantine(told["run_id"], limit=len(told["quarantine"]))
    return {**told, "quarantine": [asdict(row) for row in rows]}


def table_so_far(table: TableProgress) -> dict[str, Any]:
    """The books of a table that is not finished, as far as they are known."""
    progress = {name: getattr(table, name) for name in ("source", "target", "written", "filtered", "quarantined")}
    done = table.written + table.filtered + table.quarantined
    return {**progress, "read": max(table.read, done), "unchanged": 0, "merged": 0, "verified": "not_verified"}


def public(report: dict[str, Any], *, findings: bool = False) -> dict[str, Any]:
    """The object of ``--json``; ``already_done`` and ``error`` only where there is one to tell.

    findings: say how each table was compared, and name the rows that differ, with key and columns. Why a table is not equal,
    what lossy rules changed in it, and the keys of the first rows that stand against an object, are there where there are any.
    """
    shown = {
        "run_id": report["run_id"],
        "status": report["status"],
        "seconds": report["seconds"],
        "tables": [
            chosen(table, (*TABLE, "findings") if findings else TABLE)
            | present(table, ("changes", "reason", "compared") if findings else ("changes", "reason"))
            for table in report["tables"]
        ],
        "objects": [chosen(item, OBJECT) | present(item, ("rows", "rows_total")) for item in report["objects"]],
        "quarantine": [chosen(row, ROW) for row in report["quarantine"][:QUARANTINE_SHOWN]],
    }
    shown |= {"already_done": True} if report["already_done"] else {}
    return {**shown, "error": public_error(report["error"])} if report["error"] else shown


def chosen(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Some of the values, in this order."""
    absent: dict[str, Any] = {"findings": [], **dict.fromkeys(ACCOUNTS, 0), "read": 0}
    return {name: values.get(name, absent.get(name, "")) for name in names}


def present(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the values that say something."""
    return {name: values[name] for name in names if values.get(name)}


def refusal(error: dict[str, Any], seconds: float = 0.0) -> dict[str, Any]:
    """The object of ``--json`` when there is no run: refused where the request was wrong, else failed."""
    return {
        "run_id": None,
        "status": status_of(str(error["code"])),
        "seconds": round(seconds, 3),
        "tables": [],
        "objects": [],
        "quarantine": [],
        "error": error,
    }


def status_of(code: str) -> str:
    """The status of a request that led to no run."""
    if code == STOPPED_BY_YOU:
        return "cancelled"
    return "refused" if is_refusal(code) else "failed"


def is_refusal(code: str) -> bool:
    """Does an error code mean that the request was turned down?"""
    from ...kernel.errors import Refused, UsageError, WorkbenchError

    kind = WorkbenchError.by_code.get(code)
    return kind is not None and (issubclass(kind, Refused | UsageError) or kind.exit_code == UsageError.exit_code)
