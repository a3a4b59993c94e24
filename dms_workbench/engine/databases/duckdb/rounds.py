"""The order of rows that refer to rows of their own table: DuckDB wants the parent in an earlier statement."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from ..base import Value
from ..catalogue import Column, ForeignKey, Table


def own_keys(table: Table) -> list[ForeignKey]:
    """The foreign keys of a table to itself."""
    return [key for key in table.foreign_keys if key.references.name == table.name.name]


def parent_rows(key: ForeignKey, columns: Sequence[Column], values: list[list[Value]]) -> list[int | None]:
    """For each row the row of the same batch that it refers to, if there is one."""
    places = {column.name: number for number, column in enumerate(columns)}
    if not all(name in places for name in (*key.columns, *key.referenced_columns)):
        return [None] * (len(values[0]) if values else 0)
    referring = zip(*(values[places[name]] for name in key.columns), strict=True)
    referred = zip(*(values[places[name]] for name in key.referenced_columns), strict=True)
    rows: dict[tuple[Value, ...], int] = {}
    for row, value in enumerate(referred):
        if None not in value:
            rows.setdefault(value, row)
    return [rows.get(value) for value in referring]


def rounds_of(table: Table, columns: Sequence[Column], values: list[list[Value]]) -> list[int | None]:
    """The round of each row, 0 for rows that refer to none of the batch; None for rows in or behind a circle."""
    count = len(values[0]) if values else 0
    keys = own_keys(table)
    if not keys:
        return [0] * count
    waits = [0] * count
    children: list[list[int]] = [[] for _ in range(count)]
    for key in keys:
        for row, parent in enumerate(parent_rows(key, columns, values)):
            if parent is not None:
                waits[row] += 1
                children[parent].append(row)
    return longest_paths(waits, children)


def longest_paths(waits: list[int], children: list[list[int]]) -> list[int | None]:
    """For each row the longest way to it from a row that waits for none."""
    rounds: list[int | None] = [None if waiting else 0 for waiting in waits]
    ready = deque((row, 0) for row, waiting in enumerate(waits) if not waiting)
    reached = [0] * len(waits)
    open_waits = list(waits)
    while ready:
        row, number = ready.popleft()
        for child in children[row]:
            reached[child] = max(reached[child], number + 1)
            open_waits[child] -= 1
            if not open_waits[child]:
                rounds[child] = reached[child]
                ready.append((child, reached[child]))
    return rounds
