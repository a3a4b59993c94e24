"""What can be wrong with a mapping file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...kernel.errors import WorkbenchError

SHOWN_PROBLEMS = 3


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong and where: line and column from 1, 0 if it came from no file."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}" if self.line else self.message

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the error's facts."""
        return {"line": self.line, "column": self.column, "message": self.message}


class InvalidMapping(
    WorkbenchError,
    code="invalid-mapping",
    status=422,
    exit_code=2,
    next="Correct the mapping file there and give the same command again.",
):
    """{path} cannot be used: {summary}"""

    @property
    def problems(self) -> list[Problem]:
        """Everything found wrong, in the order of the file."""
        return [Problem(**problem) for problem in self.facts.get("problems", [])]


def invalid_mapping(problems: Sequence[Problem], path: str = "the mapping") -> InvalidMapping:
    """The error for these problems; its message shows the first few."""
    ordered = sorted(problems)
    shown = "; ".join(str(problem) for problem in ordered[:SHOWN_PROBLEMS])
    more = f"; and {len(ordered) - SHOWN_PROBLEMS} more" if len(ordered) > SHOWN_PROBLEMS else ""
    return InvalidMapping(path=path, summary=shown + more, problems=[problem.as_dict() for problem in ordered])


class NamesCollide(
    WorkbenchError,
    code="names-collide",
    status=422,
    exit_code=2,
    next="Write a mapping file that gives them different names, or use --names keep.",
):
    """{first} and {second} would both be named {name}."""


class NoName(
    WorkbenchError,
    code="no-name",
    status=422,
    exit_code=2,
    next="Write a mapping file that names it, or use --names keep.",
):
    """{name} holds no letter or digit that a new name could be made of."""
