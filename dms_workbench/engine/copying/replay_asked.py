"""What a replay is asked for: a cause and expressions, and the table map that they make of the plan's."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from ...kernel.errors import Refused, UsageError
from ..databases.base import Target
from ..ledger import Group
from ..planning.plan import PlannedTable
from .result import RunResult


class NotReplayable(Refused, code="not-replayable"):
    """Rows of run {run_id} cannot be put through: {reason}."""


class ColumnWanted(UsageError, code="column-wanted"):
    """An expression needs the target column it is for: {reason}. Columns: {known}."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What is asked for."""

    parent_run_id: str
    cause: str
    """Its name, as the quarantine lists it."""
    expression: str | None = None
    """What makes the column's value, for these rows; None takes them as they are."""
    column: str | None = None
    """The target column of the expression; the cause's own if left out."""
    also: tuple[str, ...] = ()
    """Expressions of further target columns, ``column: expression`` each: for rows that fail in several."""

    @property
    def resume_key(self) -> str:
        """By which the replay is found again while it has not come to its end."""
        said = json.dumps([self.expression, self.column, *self.also])
        return f"replay:{self.parent_run_id}:{self.cause}:{hashlib.sha256(said.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How a replay ended, and the run it belongs to as it stands since; None where that did not change."""

    replay: RunResult
    parent: RunResult | None = None


def wanted_column(asked: Replay, table: PlannedTable, group: Group) -> str:
    """The target column that an expression is for. Raises ColumnWanted."""
    known = [column.target.name for column in table.columns]
    named = asked.column or group.column
    if named not in known:
        reason = "the cause names none" if named is None else f"{table.target_label} has no mapped column {named}"
        raise ColumnWanted(reason=reason, known=", ".join(known))
    return named


def expressions_of(asked: Replay, table: PlannedTable, group: Group) -> dict[str, str]:
    """The expressions asked for, by target column. Raises ColumnWanted."""
    found = {} if asked.expression is None else {wanted_column(asked, table, group): asked.expression}
    known = [column.target.name for column in table.columns]
    for text in asked.also:
        column, colon, expression = text.partition(":")
        if not colon or column.strip() not in known:
            raise ColumnWanted(reason=f"{column.strip()!r} is none of them", known=", ".join(known))
        found[column.strip()] = expression.strip()
    return found


def group_of(facts: dict[str, Any]) -> Group:
    """The cause that a replay was begun for."""
    return Group(facts["map_no"], facts["source"], facts["cause_column"], facts["code"])


def as_it_is(table: PlannedTable, target: Target, run_id: str) -> PlannedTable:
    """A table map with its target's columns as they are now. Raises NotReplayable."""
    found = {each.name: each for each in target.catalogue(table.target.name.schema).tables}.get(table.target.name)
    names = set() if found is None else {column.name for column in found.columns}
    missing = [column.target.name for column in table.columns if column.target.name not in names]
    if found is None or missing:
        lost = "is gone" if found is None else f"has no column {', '.join(missing)} any more"
        raise NotReplayable(run_id=run_id, reason=f"the target table {table.target_label} {lost}")
    columns = tuple(replace(column, target=found.column(column.target.name)) for column in table.columns)
    return replace(table, target=found, columns=columns)
