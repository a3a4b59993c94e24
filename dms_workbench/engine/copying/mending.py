"""The plan by which a repair mends rows, made again whenever it is to go on or to be taken back; ranges and books of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..ledger import Accounts
from ..planning.modes import best_key
from ..planning.plan import Plan, PlannedTable
from .modes import EXCHANGED
from .result import TableResult


def mending_plan(plan: Plan, numbers: set[int]) -> Plan:
    """The plan that merges some table maps by key, or puts all their rows right where there is none."""
    tables = tuple(
        replace(table, key=best_key(table.target, {column.target.name for column in table.columns}, nullable=False))
        for table in plan.tables
        if table.map_no in numbers
    )
    return replace(
        plan, tables=tables, objects=(), mode="upsert", content="data", resume_key=f"{plan.resume_key}:repair"
    )


NOTHING = ('["0"]', '["0"]')
"""A range without rows."""


def position(number: int) -> str:
    """The place of an integer key, as every source reads it."""
    return json.dumps([str(number)])


def counted_by(table: PlannedTable, keys: Sequence[str]) -> str | None:
    """The target's key column, where it is the integer by which the source is read in order; else None."""
    if len(keys) != 1 or table.source.column(keys[0]).type.kind != "integer":
        return None
    made = [column for column in table.columns if column.source == keys[0] and column.expression is None]
    names = [column.target.name for column in made if not column.lossy]
    return next((name for name in names if table.target.row_key() in ((name,), ())), None)


def maps_into(plan: Plan, table: PlannedTable) -> tuple[PlannedTable, ...]:
    """All table maps that go into the same target table."""
    return tuple(other for other in plan.tables if other.target.name == table.target.name)


def counted(accounts: dict[int, Accounts], facts: dict[int, dict[str, Any]], map_no: int) -> Accounts:
    """The accounts of a table map; of one without key, which rows were added to those that were there."""
    found = accounts.get(map_no, Accounts())
    added, _ = facts.get(map_no, {}).get(EXCHANGED, (found.written, 0))
    return replace(found, written=added, unchanged=found.unchanged + found.written - added)


def repaired(table: TableResult, accounts: Accounts) -> TableResult:
    """A table's verdict with the accounts of the repair: of the rows that were read again."""
    return replace(
        table,
        read=accounts.read,
        written=accounts.written,
        unchanged=accounts.unchanged,
        merged=accounts.merged,
        filtered=accounts.filtered,
        quarantined=accounts.quarantined,
    )
