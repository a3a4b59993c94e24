"""What evaluating expressions gives the copy loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..databases.base import Reject, Value
from ..databases.catalogue import DataType


@dataclass(slots=True)
class Evaluated:
    """One batch after the expressions."""

    columns: list[list[Value]]
    """One list per output, the values of the kept rows only, in the forms of `engine.databases.base`."""
    kept: list[int]
    """Index in the input of each kept row, ascending."""
    filtered: int
    """Rows for which the filter was not true."""
    rejects: list[Reject]
    """Rows whose expressions failed; ``row`` is the index in the input. They are not among ``kept``."""


class Evaluator(Protocol):
    """Expressions and filter of one table map, compiled once, evaluated batch by batch."""

    types: Sequence[DataType]
    """The type of each output."""

    def evaluate(self, columns: list[list[Value]], rows: int) -> Evaluated:
        """Evaluate a batch whose columns are the source columns the evaluator was made for, in their order."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...
