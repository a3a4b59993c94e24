"""The plan by which a repair mends rows, made again whenever the repair is to go on or to be taken back."""

from __future__ import annotations

from dataclasses import replace

from ..planning.modes import best_key
from ..planning.plan import Plan


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
