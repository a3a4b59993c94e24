"""What a provider is: it scores the known candidates of target columns, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Option:
    """A column as a provider sees it."""

    table: str
    column: str
    kind: str
    looks: str = ""
    """What its values look like as patterns (``Aa 9``), where rows were read and may be told of; never a value."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which of the candidates is a target column made of?"""

    target: Option
    candidates: tuple[Option, ...]
    context: tuple[str, ...] = ()
    """The names of all columns of the target's table."""


class Provider(Protocol):
    """Scores candidates. The same questions give the same scores."""

    name: str
    notes: list[str]
    """What a person should know of how it went, in sentences."""

    def rank(self, questions: Sequence[Question]) -> Sequence[Sequence[float] | None]:
        """A score for each candidate of each question, in their order; None where it has nothing to say.

        All questions come at once, so that a provider may ask about several columns in one call. Scores of one question are
        comparable, those of two are not. A provider that fails says so in its notes and gives None.
        """
        ...
