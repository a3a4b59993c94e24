"""What a difference of two catalogues is: one fact, how grave it is, and what would resolve it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["harmless", "risky", "breaking"]
Change = Literal["missing", "extra", "changed"]
Origin = Literal["", "ours", "theirs", "both", "conflict"]
SEVERITIES: tuple[Severity, ...] = ("breaking", "risky", "harmless")


@dataclass(frozen=True, slots=True)
class Resolution:
    """What would make the second side as the first one."""

    statements: tuple[str, ...] = ()
    """In the SQL of the second side, without semicolons."""
    before: tuple[str, ...] = ()
    """What has to run before the statements of all differences: views that stand in the way are dropped."""
    destructive: bool = False
    """Rows or objects would be gone: never part of a script unless asked for."""
    unresolved: str = ""
    """Why there is no statement."""

    @property
    def every(self) -> tuple[str, ...]:
        """All statements, in order."""
        return (*self.before, *self.statements)


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is not the same on both sides."""

    kind: str
    """``table`` ``column`` ``primary key`` ``unique key`` ``foreign key`` ``check`` ``index`` ``view`` …"""
    name: str
    """The object with its table: ``customers.email``."""
    table: str | None
    """The table or view it belongs to; None for objects of the schema."""
    change: Change
    """``missing`` on the second side, ``extra`` there, or ``changed``."""
    aspect: str = ""
    """Of a change: which fact, such as ``type`` or ``nullability``."""
    first: str | None = None
    """The fact on the first side, None where the object is absent."""
    second: str | None = None
    severity: Severity = "harmless"
    """Of what resolving it does to the second side and to those who use it."""
    why: str = ""
    """The reason for the severity."""
    resolution: Resolution = Resolution()
    origin: Origin = ""
    """Compared with an earlier state: who has changed it. Empty where there was none to compare with."""
    base: str | None = None
    """The fact in the earlier state."""

    def __str__(self) -> str:
        if self.change == "missing":
            return f"{self.kind} {self.name} is missing"
        if self.change == "extra":
            return f"{self.kind} {self.name} is extra"
        return f"{self.kind} {self.name}: {self.aspect} {self.second or 'none'} → {self.first or 'none'}"


@dataclass(slots=True)
class Rename:
    """A missing and an extra object that seem to be one under two names. Not frozen: a person answers it."""

    number: int
    kind: Literal["table", "column"]
    table: str | None
    """Of a column: its table on the first side."""
    first: str
    """Its name on the first side, which it would get."""
    second: str
    """Its name on the second side."""
    confidence: float
    """From 0 to 1."""
    evidence: tuple[str, ...]
    accepted: tuple[Difference, ...] = ()
    """What differs if it is a rename: the name, and what is unlike besides."""
    rejected: tuple[Difference, ...] = ()
    """What differs if it is none: one missing, one extra."""
    answer: Literal["yes", "no"] | None = None
    within: int | None = None
    """The number of the rename of the column's table: asked only once that is accepted."""
    keys: Any = None
    """Of both objects within the comparison."""

    def accept(self) -> None:
        """It is a rename."""
        self.answer = "yes"

    def reject(self) -> None:
        """They are two different things."""
        self.answer = "no"

    def __str__(self) -> str:
        place = f"{self.table}." if self.table else ""
        sure = f"{self.confidence:.0%} sure"
        said = "" if self.answer is None else f" [{'accepted' if self.answer == 'yes' else 'rejected'}]"
        return f"{self.kind} {place}{self.second} → {self.first}, {sure}: {'; '.join(self.evidence)}{said}"


@dataclass(slots=True)
class Comparison:
    """Two catalogues compared: what differs for certain, and the renames to be asked about."""

    certain: tuple[Difference, ...]
    renames: list[Rename] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    """What was not compared, and why."""


def state_of(answers: dict[int, Any], rename: Rename) -> bool:
    """Does the question stand: is it about a table that is there under one name, or whose own rename is accepted?"""
    return rename.within is None or answers.get(rename.within) == "yes"


def differences_of(certain: tuple[Difference, ...], renames: list[Rename]) -> list[Difference]:
    """All differences as the answers are now; an open rename adds none of its own."""
    answers = {rename.number: rename.answer for rename in renames}
    found = list(certain)
    for rename in renames:
        if state_of(answers, rename) and rename.answer is not None:
            found += rename.accepted if rename.answer == "yes" else rename.rejected
    return found


def open_renames(renames: list[Rename]) -> list[Rename]:
    """The renames that wait for an answer."""
    answers = {rename.number: rename.answer for rename in renames}
    return [rename for rename in renames if rename.answer is None and state_of(answers, rename)]
