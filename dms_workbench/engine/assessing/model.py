"""The measured loss budget: what becomes of the values of each column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["fits", "fits after a check", "does not fit"]


@dataclass(frozen=True, slots=True)
class ColumnFit:
    """One column on its way."""

    source: str
    """The source column, or the expression; empty where nothing is mapped to the target column."""
    source_type: str
    target: str
    """The target column; empty where there is none."""
    target_type: str
    verdict: Verdict
    reason: str = ""
    """Why it does not fit, or what has to be looked at."""
    refused: int = 0
    """Values that the conversion refuses: their rows would be in quarantine."""
    changed: int = 0
    """Values that a lossy rule of the mapping would change, of the rows that are written."""
    codes: dict[str, int] = field(default_factory=dict)
    """Refused values by code: ``out-of-range``, ``too-long`` …"""
    rules: dict[str, int] = field(default_factory=dict)
    """Changed values by rule."""
    converted: int = 0
    """Values that keep their meaning in another form by a documented conversion: ``t`` as true, a number as text."""
    examples: tuple[dict[str, str], ...] = ()
    """Keys of the first rows with refused values; texts are masked. Never the values themselves."""


@dataclass(frozen=True, slots=True)
class TableFit:
    """One table map."""

    source: str
    target: str
    rows: int
    """Rows that were read."""
    rows_total: int
    filtered: int
    rows_refused: int
    """Rows that would be in quarantine: a row with several bad values counts once."""
    columns: tuple[ColumnFit, ...]

    @property
    def whole(self) -> bool:
        """Was every row read?"""
        return self.rows >= self.rows_total


@dataclass(frozen=True, slots=True)
class Assessment:
    """All tables of a mapping."""

    source: str
    target: str
    tables: tuple[TableFit, ...]
    sample_rows: int | None = None
    """Rows read of each table at most; None: all of them, and the counts are exact."""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Would every value arrive?"""
        return not any(
            column.verdict == "does not fit" or column.refused or column.changed
            for table in self.tables
            for column in table.columns
        )
