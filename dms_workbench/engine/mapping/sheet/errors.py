"""What can be wrong with a sheet that comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....kernel.errors import WorkbenchError

SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True, order=True)
class SheetProblem:
    """One thing that is wrong and where: the row as the spreadsheet numbers it, and the column's heading."""

    row: int
    """From 1; 0 if it belongs to no row."""
    column: str
    message: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (f"row {self.row}" if self.row else "", self.column) if part)
        return f"{place}: {self.message}" if place else self.message

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the error's facts."""
        return {"row": self.row, "column": self.column, "message": self.message}


class SheetRefused(
    WorkbenchError,
    code="sheet-refused",
    status=422,
    exit_code=2,
    safe="Nothing was taken from the sheet; the mapping is as it was.",
    next="Correct the sheet there and import it again.",
):
    """The sheet cannot be taken over: {summary}"""


class SheetConflict(
    WorkbenchError,
    code="sheet-conflict",
    status=409,
    exit_code=1,
    safe="Nothing was taken from the sheet; the mapping is as it was.",
    next="Export the sheet again and enter these cells there, or put the mapping's value into them.",
):
    """The sheet and the mapping were both changed since the sheet was exported: {summary}"""


class SheetLibraryMissing(
    WorkbenchError, code="sheet-library-missing", status=501, next="pip install 'dms-workbench[sheet]'"
):
    """XLSX files need the extra 'sheet', which is not installed; CSV works without it."""


def summary(problems: Sequence[SheetProblem]) -> str:
    """The first few in one line."""
    ordered = sorted(problems)
    more = f"; and {len(ordered) - SHOWN_PROBLEMS} more" if len(ordered) > SHOWN_PROBLEMS else ""
    return "; ".join(str(problem) for problem in ordered[:SHOWN_PROBLEMS]) + more


def refused(problems: Sequence[SheetProblem]) -> SheetRefused:
    """The error for these problems."""
    return SheetRefused(summary=summary(problems), problems=[each.as_dict() for each in sorted(problems)])


def conflict(problems: Sequence[SheetProblem]) -> SheetConflict:
    """The error for these cells."""
    return SheetConflict(summary=summary(problems), problems=[each.as_dict() for each in sorted(problems)])
