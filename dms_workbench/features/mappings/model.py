"""Versions of a mapping file, and what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...kernel.shown import Readable


@dataclass(frozen=True)
class MappingVersion(Readable):
    """One version of a mapping, found by its content's SHA-256 under (project, name)."""

    project_id: str
    name: str
    sha: str
    """``sha256:`` and 64 hexadecimal digits of the text."""
    number: int
    """1 for the first version of the name."""
    based_on: str | None
    """The version it was made from; None for the first."""
    saved_at: datetime
    saved_by: str
    text: str = ""
    """The file as written; empty in lists."""

    def __str__(self) -> str:
        return f"mapping {self.name} version {self.number} ({self.sha[:19]}, {self.saved_at:%Y-%m-%d %H:%M})"


@dataclass(frozen=True)
class MappingFinding(Readable):
    """One thing wrong with a mapping, and where it stands in the text."""

    line: int
    """From 1; 0 if it belongs to no line."""
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}" if self.line else self.message


@dataclass(frozen=True)
class MappingCheck(Readable):
    """What checking a mapping against both schemas found."""

    findings: tuple[MappingFinding, ...]
    """What keeps the mapping from working."""
    open: tuple[MappingFinding, ...] = ()
    """Lines that wait for a decision; they keep nothing from working."""

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def __str__(self) -> str:
        found = "\n".join(map(str, self.findings)) or "The mapping fits both schemas."
        return "\n".join([found, *(f"open: {each}" for each in self.open)])


@dataclass(frozen=True)
class MappingText(Readable):
    """A mapping file's content that is not saved yet."""

    text: str

    def __str__(self) -> str:
        return self.text
