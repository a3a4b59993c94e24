"""Proposals as plain frozen values; counts are of rows unless their name says otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CleansingExample:
    """A value before and after; of personal data with letters and digits replaced."""

    before: str
    after: str | None


@dataclass(frozen=True, slots=True)
class Cleansing:
    """An expression that cleans one column, as it was tried on its values."""

    table: str
    column: str
    expression: str
    reason: str
    """What is wrong now, with counts."""
    rows: int
    """Rows that have a value, among those looked at."""
    wrong: int
    """Those whose value is not as it should be."""
    changed: int
    """Those whose value changes; of clean values none does."""
    emptied: int
    """Those of the changed ones that become NULL: a word for nothing."""
    still_wrong: int
    """Those whose value is still not as it should be."""
    measured_on: str
    """All rows, or a sample with its error."""
    lookup: str = ""
    """The name of the lookup that the expression uses, "" for none …"""
    entries: tuple[tuple[str, str | None], ...] = ()
    """… and what that lookup holds: the value as it is, and as it should be."""
    personal: str = ""
    """The class of personal data, "" for none."""
    examples: tuple[CleansingExample, ...] = ()


@dataclass(frozen=True, slots=True)
class NotCleansed:
    """What is wrong and no expression puts right."""

    table: str
    column: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cleansings:
    """All that is proposed for a source, and what is not."""

    proposals: tuple[Cleansing, ...]
    left: tuple[NotCleansed, ...]
