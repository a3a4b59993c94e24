"""What stages and images of a table map look like, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence

from ...databases.base import Target
from ...databases.catalogue import Table, TableName
from ...databases.stages import Shape, StageSql, database_of, stages_of
from ...planning.plan import Plan, PlannedTable
from .exchange import is_exchanged

NAME_CHARACTERS = 12
"""Of a run's id in the names of its tables: the end, which is random."""
SURE_KINDS = frozenset(("integer", "uuid"))
"""Kinds whose different values stay different in every target."""


def shape_of(table: PlannedTable) -> Shape:
    """The table map's target as stages see it."""
    return Shape(table.target, tuple(column.target for column in table.columns), table.key)


def ledger_name(target: Target, ledger_schema: str, name: str) -> TableName:
    """A table beside the ledger's."""
    if target.can.ledger.in_schema:
        return TableName(ledger_schema, name)
    return TableName(None, f"dms_ledger_{name}")


def stage_sql(plan: Plan, table: PlannedTable, target: Target, run_id: str, lane: str = "0") -> StageSql:
    """The statements for a table map of a run. lane: tells the stages of lanes apart."""
    database = database_of(target.can.database)
    made = stages_of(target.can.database)
    short = run_id.replace("-", "")[-NAME_CHARACTERS:]
    number = f"{short}_{table.map_no}"
    images = ledger_name(target, plan.ledger_schema, f"images_{number}")
    if made.temporary and plan.mode != "replace" and not is_exchanged(plan, table):
        return made(database, shape_of(table), TableName("pg_temp", f"dms_stage_{number}"), images)
    return made(database, shape_of(table), ledger_name(target, plan.ledger_schema, f"stage_{number}_{lane}"), images)


def is_unique_in_source(table: PlannedTable, tables: Sequence[PlannedTable]) -> bool:
    """Can no two rows that the run reads have one key of the target? Then nobody has to remember which keys it has had."""
    if any(other.map_no != table.map_no and other.target.name == table.target.name for other in tables):
        return False
    made = {column.target.name: column for column in table.columns}
    key = [made[name] for name in table.key]
    if not key or any(column.source is None or column.lossy for column in key):
        return False
    sources = [table.source.column(column.source or "") for column in key]
    if any(of.type.kind not in SURE_KINDS for of in sources):
        return False
    if any(column.target.type.kind not in SURE_KINDS | {"decimal", "text"} for column in key):
        return False
    return any(known <= {of.name for of in sources} for known in keys_of(table.source))


def keys_of(table: Table) -> list[set[str]]:
    """The keys of a table that have no NULLs."""
    keys = [key for key in (table.primary_key, *table.unique_keys) if key is not None]
    return [set(key.columns) for key in keys if not any(table.column(name).nullable for name in key.columns)]
