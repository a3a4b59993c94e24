"""What a verification says about one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from ..databases.base import Value
from ..planning.plan import PlannedTable

Result = Literal["equal", "different", "not_verified"]
Difference = Literal["missing", "extra", "changed", "quarantine_unknown"]

Compared = Literal["", "hashes in both databases", "rows compared here"]

FINDINGS_LIMIT = 100


class QuarantinedRow(TypedDict):
    """One quarantined row as the ledger has it: its source key, or for a table without key all source values read of it.

    Values are in the forms of `engine.databases.base`; columns are the source's.
    """

    key: Mapping[str, Value] | None
    row: Mapping[str, Value] | None


@dataclass(frozen=True, slots=True)
class ReplayedRows:
    """Rows of a table map that left the quarantine through another expression than the map's own."""

    planned: PlannedTable
    """The map with that expression."""
    as_text: tuple[str, ...]
    """Source columns that the expression was given as text."""
    rows: Iterable[QuarantinedRow]


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that differs."""

    kind: Difference
    """``missing`` in the target, ``extra`` in the target, ``changed``, or a quarantined row that the source does not have."""
    key: Mapping[str, str | None] | None
    """The row's key by target column (for ``quarantine_unknown`` by source column), as text; None for a table without key."""
    columns: tuple[str, ...] = ()
    """Target columns that differ, of a changed row."""
    since: str = ""
    """Which side has changed since the run: ``source``, ``target``, ``both`` (either may have), ``neither``; empty: not known."""


@dataclass(frozen=True, slots=True)
class TableVerification:
    """How one target table compares with what its source rows should have become. Counts are in rows."""

    map_no: int
    source: str
    target: str
    result: Result
    reason: str = ""
    """Why it is not verified, or what is wrong beyond single rows; holds no values."""
    source_rows: int = 0
    target_rows: int = 0
    filtered: int = 0
    quarantined: int = 0
    """Source rows taken out of the comparison because the ledger says they are in quarantine."""
    missing: int = 0
    extra: int = 0
    changed: int = 0
    findings: tuple[Finding, ...] = ()
    """The first `FINDINGS_LIMIT`."""
    seconds: float = 0.0
    passes: bool = False
    """It is not verified for a reason that passes by itself, as a lost connection."""
    compared: Compared = ""
    """How: by sums of hashes that both databases computed, or row by row in this process; empty if it was not."""
