"""Reading one table after the other under one snapshot, where one that cannot be read must not take the others with it.

A source whose transaction an error spoils offers ``keep_place()`` and ``go_back()``: optional methods beside the protocols of `base`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...kernel.errors import WorkbenchError
from .base import RowsRefused, Source, Target
from .catalogue import Table
from .errors import is_transient
from .together import count_all

Counts = Sequence[int | None]
"""Rows of some tables; None of one that cannot be counted."""


def keep_place(*sides: Source | Target) -> None:
    """From here on a read that fails can be left behind. Raises the errors of a connection."""
    ask(sides, "keep_place")


def go_back(*sides: Source | Target) -> None:
    """Leave behind a read that has failed: the snapshot stays, and can be read on. Call when nothing of that read is left.

    Raises the errors of a connection.
    """
    ask(sides, "go_back")


def ask(sides: tuple[Source | Target, ...], name: str) -> None:
    """Call a method of those sides that have it."""
    for side in sides:
        method: Callable[[], Any] | None = getattr(side, name, None)
        if method is not None:
            method()


def count_readable(side: Source | Target, tables: Sequence[Table], doubtful: Sequence[bool]) -> Counts:
    """Rows of each table. doubtful: of each, whether it may be one that cannot be counted. Raises what counting the others raises."""
    certain = [table for table, doubt in zip(tables, doubtful, strict=True) if not doubt]
    counts = iter(count_all(side, certain))
    return [count_alone(side, table) if doubt else next(counts) for table, doubt in zip(tables, doubtful, strict=True)]


def count_alone(side: Source | Target, table: Table) -> int | None:
    """Rows of one table, None if they cannot be counted. Raises what passes by itself: a connection that is lost."""
    keep_place(side)
    try:
        return side.count(table)
    except (WorkbenchError, RowsRefused) as error:
        if is_transient(error):
            raise
    go_back(side)
    return None
