"""Comparing the expected rows with the found ones, whole rows first; the key only names what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from . import compare_sql as sql
from .model import FINDINGS_LIMIT, Difference, Finding
from .workspace import Workspace

TWINS_LIMIT = 1_000
"""Rows of a table without key that are looked at to name the column that differs."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The compared target columns in order, and which of them are the key."""

    columns: tuple[str, ...]
    keys: tuple[int, ...]

    @property
    def width(self) -> int:
        """Columns compared; at least one, as a constant stands in for none."""
        return len(self.columns)


@dataclass(slots=True)
class Comparison:
    """Counts of rows and the first findings."""

    missing: int = 0
    extra: int = 0
    changed: int = 0
    findings: list[Finding] = field(default_factory=list)


Every = Callable[[Finding], None]
"""Told each row that differs, however many."""


def compare(
    workspace: Workspace, shape: Shape, salt: str, every: Every | None = None, *, most_differ: bool = False
) -> Comparison:
    """Compare the views ``expected`` and ``found`` as multisets of whole rows. every: told all rows that differ.

    most_differ: there are few rows, and most of them differ; then they are joined by their keys at once.
    """
    if most_differ and shape.keys and not workspace.execute(sql.keys_repeated(shape.keys))[0][0]:
        return listed(workspace, shape, sql.create_pairs_of_few(shape.width, shape.keys), every)
    workspace.execute(sql.create_unequal(shape.width, salt))
    (missing, extra, some_equal), *_ = workspace.execute(sql.COUNT_UNEQUAL)
    if not missing and not extra:
        return Comparison()
    workspace.execute(sql.create_remainder("too_few", "expected", 1, some_equal, shape.width, salt))
    workspace.execute(sql.create_remainder("too_many", "found", -1, some_equal, shape.width, salt))
    if shape.keys:
        return listed(workspace, shape, sql.create_pairs(shape.width, shape.keys), every)
    return compare_without_key(workspace, shape, int(missing), int(extra), every)


def listed(workspace: Workspace, shape: Shape, create_pairs: str, every: Every | None) -> Comparison:
    """Rows left on both sides with the same key are changed; the others are missing or extra."""
    workspace.execute(create_pairs)
    counts: dict[Difference, int] = dict(workspace.execute(sql.COUNT_PAIRS))
    first = workspace.execute(sql.list_pairs(shape.keys, FINDINGS_LIMIT))
    if every is not None:
        for row in workspace.rows(sql.list_pairs(shape.keys, None)):
            every(finding(shape, *row))
    return Comparison(
        counts.get("missing", 0),
        counts.get("extra", 0),
        counts.get("changed", 0),
        [finding(shape, *row) for row in first],
    )


def finding(shape: Shape, kind: Difference, key: Sequence[Any], differs: Sequence[bool]) -> Finding:
    """One pair as a finding."""
    names = [shape.columns[index] for index in shape.keys]
    columns = (
        tuple(name for name, flag in zip(shape.columns, differs, strict=True) if flag) if kind == "changed" else ()
    )
    return Finding(kind, dict(zip(names, key, strict=True)), columns)


def compare_without_key(
    workspace: Workspace, shape: Shape, missing: int, extra: int, every: Every | None
) -> Comparison:
    """Rows that differ in one column only are changed, where few enough differ to look for them; the others missing or extra."""
    twins: list[int] = []
    if max(missing, extra) <= TWINS_LIMIT and min(missing, extra) and shape.width > 1:
        workspace.execute(sql.create_twins(shape.width))
        twins = one_to_one(workspace.execute(sql.LIST_TWINS))
    missing, extra = missing - len(twins), extra - len(twins)
    findings = [Finding("changed", None, (shape.columns[index],)) for index in twins]
    if every is not None:
        missed, added = repeat(Finding("missing", None), missing), repeat(Finding("extra", None), extra)
        for found in chain(findings, missed, added):
            every(found)
    findings += [Finding("missing", None)] * min(missing, FINDINGS_LIMIT) + [Finding("extra", None)] * min(
        extra, FINDINGS_LIMIT
    )
    return Comparison(missing, extra, len(twins), findings[:FINDINGS_LIMIT])


def one_to_one(pairs: Sequence[tuple[int, int, int]]) -> list[int]:
    """The columns of as many pairs as can be had with no row in two of them, the first coming first."""
    few_used: set[int] = set()
    many_used: set[int] = set()
    columns = []
    for column, few, many in pairs:
        if few not in few_used and many not in many_used:
            few_used.add(few)
            many_used.add(many)
            columns.append(column)
    return columns
