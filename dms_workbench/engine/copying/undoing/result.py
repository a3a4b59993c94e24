"""What an undo takes back, or would take back, as plain values."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..result import ObjectResult, Status


@dataclass(frozen=True, slots=True)
class UndoneTable:
    """One table of the run, in rows."""

    map_no: int
    target: str
    deleted: int = 0
    """Rows that the run added, and that go."""
    restored: int = 0
    """Rows that the run changed, and that get their values of before."""
    brought_back: int = 0
    """Rows of the content that the run replaced, and that come back."""
    left: int = 0
    """Rows of the run that stay as they are: others have changed or removed them since, or refer to them."""
    others: int = 0
    """Rows in the table that are not the run's."""
    keys: tuple[dict[str, Any], ...] = ()
    """The first rows that stay, by key."""
    reason: str = ""
    """Why rows stay, or why nothing can be taken back."""
    possible: bool = True
    proof: str = ""
    """What was compared with the state before the run, once all is done."""

    @staticmethod
    def from_dict(data: dict[str, Any]) -> UndoneTable:
        """From JSON."""
        return UndoneTable(**{**data, "keys": tuple(data["keys"])})


@dataclass(frozen=True, slots=True)
class Structure:
    """The objects of a target as they are, against those before a run."""

    equal: int
    """Objects that are as they were, with their columns, constraints, indexes, rights, comments and counters."""
    different: tuple[str, ...] = ()
    """Those that are not, were not there or are missing, each with what it is."""
    known: bool = True
    """Was the state before noted? Runs of older versions did not."""

    @staticmethod
    def from_dict(data: dict[str, Any] | None) -> Structure | None:
        """From JSON."""
        return None if data is None else Structure(**{**data, "different": tuple(data["different"])})


@dataclass(frozen=True, slots=True)
class UndoResult:
    """How an undo ended, or what it would do."""

    run_id: str
    undoes: str
    """The run that is taken back."""
    preview: bool
    status: Status
    seconds: float
    undo: tuple[UndoneTable, ...] = ()
    objects: tuple[ObjectResult, ...] = ()
    """Objects that the run made: ``dropped``, or ``left_out`` with the reason why they stay."""
    counters: tuple[str, ...] = ()
    """Columns whose counters are set back."""
    structure: Structure | None = None
    """All objects of the target's schemas compared with what stood there before the run; None in a preview."""
    error: dict[str, Any] | None = None
    already_done: bool = False
    finished_at: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, with the names that results of all kinds of runs have."""
        return {**dataclasses.asdict(self), "tables": [], "quarantine": [], "quarantine_total": 0, "notes": []}
