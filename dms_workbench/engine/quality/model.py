"""Rules for rows, and what rows say to them, as plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "info"]
Check = Literal[
    "tidy",
    "type",
    "format",
    "not-null",
    "unique",
    "duplicates",
    "range",
    "whole",
    "set",
    "magnitude",
    "not-test",
    "foreign-key",
    "order",
    "equal",
    "sum",
]
"""What a rule tests. ``tidy``: texts as texts. ``format``: values as most of the column are. ``magnitude``: no number is off by a
power of ten. ``order``: one moment is not before another. ``equal``: a number is that of another table. ``sum``: a number is the
sum over rows of another table."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for one table."""

    id: str
    """Table, column and check with dots between; the same for the same rule."""
    table: str
    columns: tuple[str, ...]
    check: Check
    parameters: dict[str, Any] = field(default_factory=dict)
    """Plain data, as the check wants them."""
    severity: Severity = "error"
    threshold: float = 0.9
    """Share of rows that must pass for the gate to open, 0 to 1."""
    because: str = ""
    """Why it was proposed, with figures."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that breaks a rule."""

    table: str
    row: int
    """Its number in the workspace."""
    column: str | None
    """Which value is to blame; None for the whole row."""
    rule: str
    code: str
    severity: Severity
    text: str
    """In words, without the value."""
    fix: str | None = None
    """The value as it should be; None where that cannot be known."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How a rule fared."""

    rule: Rule
    rows: int
    """Rows that it applies to."""
    failed: int
    problem: str = ""
    """Why it could not be tested; empty if it was."""

    @property
    def share(self) -> float:
        """Of the rows that passed, 0 to 1; 1 where it applies to none."""
        return 1 - self.failed / self.rows if self.rows else 1.0

    @property
    def passed(self) -> bool:
        """The gate's answer: enough rows passed, and the rule could be tested."""
        return not self.problem and self.share >= self.threshold

    @property
    def threshold(self) -> float:
        """The rule's."""
        return self.rule.threshold
