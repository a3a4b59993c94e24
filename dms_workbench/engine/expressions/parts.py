"""The compiled form of a piece of an expression, and the rows' faults it can name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

LARGEST_TEXT = 1_000_000
"""The longest text, in characters, that an expression may make of columns of `COLUMN_TEXT` characters."""
COLUMN_TEXT = 1_000
"""What a column's text counts as when the size of a result is estimated."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is rejected: the code and reason of a `Reject`."""

    code: str
    reason: str


@dataclass(slots=True)
class Faults:
    """The faults of one table map, numbered from 1 in the order they were found."""

    known: list[tuple[str | None, Fault]] = field(default_factory=list)
    target: str | None = None
    """The target column whose expression is being compiled; None for the filter."""

    def number(self, fault: Fault) -> int:
        """The number of a fault of the present target column."""
        entry = (self.target, fault)
        if entry not in self.known:
            self.known.append(entry)
        return self.known.index(entry) + 1

    def __getitem__(self, number: int) -> tuple[str | None, Fault]:
        return self.known[number - 1]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an expression as DuckDB SQL.

    sql: its value; raises where a cast or a function fails, is NULL where an error or a missing lookup key is met.
    fault: SQL of the number of the error or missing key that a row meets, else NULL; "" if there can be none.
    cause: as fault, and naming too which cast or function failed; only for rows known to fail.
    characters: how long a text it can be.
    """

    sql: str
    fault: str = ""
    cause: str = ""
    characters: int = 0


def first_of(faults: Iterable[str]) -> str:
    """The first fault that is there."""
    real = [fault for fault in faults if fault]
    if len(real) <= 1:
        return "".join(real)
    return f"COALESCE({', '.join(real)})"


def checked(part: Part, tried: str, fault: str) -> Part:
    """The part with itself among its causes: if nothing inside failed and it does, it is to blame.

    tried: SQL that is NULL where the part fails.
    """
    own = f"CASE WHEN {tried} IS NULL THEN {fault} END"
    return Part(part.sql, part.fault, first_of([part.cause, own]), part.characters)


def eager(sql: str, inner: Sequence[Part], characters: int = 0) -> Part:
    """A part whose pieces are all evaluated."""
    return Part(sql, first_of(p.fault for p in inner), first_of(p.cause for p in inner), characters)


def when(condition: str, fault: str) -> str:
    """A fault that counts only where a condition holds."""
    return f"CASE WHEN {condition} THEN {fault} END" if fault else ""


def choice(whens: Sequence[tuple[Part, Part]], otherwise: Part) -> Part:
    """CASE: a branch's faults count only for the rows that reach it."""
    cases = " ".join(f"WHEN {condition.sql} THEN {value.sql}" for condition, value in whens)
    sizes = [value.characters for _, value in whens] + [otherwise.characters]
    return Part(
        f"(CASE {cases} ELSE {otherwise.sql} END)",
        branches([(c.sql, c.fault, v.fault) for c, v in whens], otherwise.fault),
        branches([(c.sql, c.cause, v.cause) for c, v in whens], otherwise.cause),
        max(sizes),
    )


def branches(whens: Sequence[tuple[str, str, str]], otherwise: str) -> str:
    """The faults of a CASE: of each condition that is reached, then of the branch that is taken."""
    if not otherwise and not any(of_condition or of_value for _, of_condition, of_value in whens):
        return ""
    cases = " ".join(
        (f"WHEN ({of_condition}) IS NOT NULL THEN {of_condition} " if of_condition else "")
        + f"WHEN {condition} THEN {of_value or 'NULL'}"
        for condition, of_condition, of_value in whens
    )
    return f"(CASE {cases} ELSE {otherwise or 'NULL'} END)"


def quoted(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"
