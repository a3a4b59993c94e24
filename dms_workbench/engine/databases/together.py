"""Many small requests in few round trips, where a database can do that; else one after another.

A source or target that can do it offers ``counts(tables)``, a target also ``execute_all(statements)``: optional methods beside
the protocols of `base`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from .base import Source, Target
from .catalogue import Table

AT_A_TIME = 100
"""Tables or statements in one request: its text stays small, and what fails is found again in few."""

T = TypeVar("T")


def portions(items: Sequence[T], size: int = AT_A_TIME) -> Iterator[Sequence[T]]:
    """The items, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def count_all(side: Source | Target, tables: Sequence[Table]) -> list[int]:
    """Rows of each table, as ``side.count`` gives them. Raises what that raises."""
    counts: Callable[[Sequence[Table]], list[int]] | None = getattr(side, "counts", None)
    if counts is None:
        return [side.count(table) for table in tables]
    return [count for portion in portions(tables) for count in counts(portion)]


def execute_all(target: Target, statements: Sequence[str]) -> None:
    """Run statements without parameters, inside a transaction. Where one fails, nobody says which."""
    together: Callable[[Sequence[str]], Any] | None = getattr(target, "execute_all", None)
    if together is not None and len(statements) > 1:
        together(statements)
        return
    for statement in statements:
        target.execute(statement)


def executes_together(target: Target) -> bool:
    """Does `execute_all` save round trips here?"""
    return hasattr(target, "execute_all")
