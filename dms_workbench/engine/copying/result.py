"""What a run ends with: status, books, objects and quarantine, as plain values."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from ..databases.plain import from_plain

Status = Literal[
    "queued", "running", "succeeded", "succeeded_with_quarantine", "differences", "not_verified", "failed", "refused", "paused",
    "cancelled", "interrupted",
]  # fmt: skip
Verdict = Literal["equal", "different", "not_verified"]
EXIT_CODES: dict[str, int] = {
    "succeeded": 0,
    "failed": 1,
    "refused": 1,
    "succeeded_with_quarantine": 3,
    "differences": 4,
    "paused": 5,
    "cancelled": 5,
    "interrupted": 5,
    "not_verified": 6,
}
QUARANTINE_SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class TableResult:
    """The books of one table map, in rows."""

    map_no: int
    source: str
    target: str
    read: int = 0
    """The source's own count under the snapshot."""
    written: int = 0
    """The target's own count of what the run added."""
    unchanged: int = 0
    merged: int = 0
    filtered: int = 0
    quarantined: int = 0
    verified: Verdict = "not_verified"
    reason: str = ""
    """Why it is different or not verified."""
    findings: tuple[dict[str, Any], ...] = ()
    """The first rows that differ: ``kind`` (missing, extra, changed), ``key`` {column: value}, ``columns``, and where it is
    known ``since``: which side has changed since the run (source, target, both, neither)."""
    compared: str = ""
    """How it was verified: ``hashes in both databases`` or ``rows compared here``; empty if it was not."""
    counted: bool = True
    """False where a database that could not be read could not count either: `read` or `written` is then 0."""
    changes: tuple[dict[str, Any], ...] = ()
    """What lossy rules of the mapping changed: target ``column``, ``rule``, and how many ``values``."""

    @property
    def closed(self) -> bool:
        """Does every row read stand in one account?"""
        return self.read == self.written + self.unchanged + self.merged + self.filtered + self.quarantined


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """What became of one object of the schema."""

    kind: str
    name: str
    outcome: Literal["created", "altered", "present", "left_out", "dropped"]
    reason: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    """The keys of the first rows that stand against it: those without a parent, of a foreign key."""
    rows_total: int = 0


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """One row that was not written: its source table and key, the column to blame, and why."""

    table: str
    key: dict[str, Any]
    column: str | None
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended. ``quarantine`` holds the first 1,000 rows; ``quarantine_total`` counts all."""

    run_id: str
    status: Status
    seconds: float
    tables: tuple[TableResult, ...] = ()
    objects: tuple[ObjectResult, ...] = ()
    quarantine: tuple[QuarantinedRow, ...] = ()
    quarantine_total: int = 0
    error: dict[str, Any] | None = None
    already_done: bool = False
    finished_at: str = ""
    notes: tuple[str, ...] = ()
    """What a reader of the summary must know: one lane only, source changed since, and the like."""
    differences: str = ""
    """Of a verification that was asked for it: the private file with a line for each row that differs, where it was made."""

    @property
    def exit_code(self) -> int:
        """Of the command line."""
        return EXIT_CODES.get(self.status, 1)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> RunResult:
        """The inverse of `as_dict`, from JSON too."""
        return RunResult(
            **{
                **data,
                "tables": tuple(table_from_dict(table) for table in data["tables"]),
                "objects": tuple(from_plain(ObjectResult, item) for item in data["objects"]),
                "quarantine": tuple(QuarantinedRow(**row) for row in data["quarantine"]),
                "notes": tuple(data.get("notes", ())),
            }
        )


def table_from_dict(data: dict[str, Any]) -> TableResult:
    """The books of a table map from JSON."""
    lists = {name: tuple(data.get(name, ())) for name in ("findings", "changes")}
    return TableResult(**{**data, **lists})
