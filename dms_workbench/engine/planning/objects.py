"""The account of objects: one line for every object of the source that the run touches, makes or leaves."""

from __future__ import annotations

from ..databases.base import Database
from ..databases.catalogue import Catalogue
from ..schema.sql import add_foreign_key, create_table
from .plan import PlannedObject, PlannedTable
from .tables import TablePlanner, foreign_key_name

NOT_CARRIED = "not carried by this version: create it by hand"


def account_of_objects(
    planner: TablePlanner, tables: tuple[PlannedTable, ...], source: Catalogue, *, schema_is_new: bool
) -> tuple[PlannedObject, ...]:
    """All lines, in the order in which they are made."""
    database = planner.target_database
    lines: list[PlannedObject] = []
    if schema_is_new and planner.target_schema is not None:
        sql = f"CREATE SCHEMA IF NOT EXISTS {database.quote(planner.target_schema)}"
        lines.append(PlannedObject("schema", planner.target_schema, "created", sql=sql))
    made: set[str] = set()
    for table in tables:
        if table.target.name.name not in made:
            lines += table_lines(database, table)
        made.add(table.target.name.name)
    lines += [PlannedObject(left.kind, left.name, "left_out", left.reason) for left in planner.left_out]
    return tuple(lines + other_lines(tables, source))


def table_lines(database: Database, table: PlannedTable) -> list[PlannedObject]:
    """The table and its keys."""
    name = table.target.name.name
    if not table.creates:
        return [PlannedObject("table", name, "present")]
    later = database.can.adds_foreign_keys_later
    inline = () if later else table.target.foreign_keys
    lines = [PlannedObject("table", name, "created", sql=create_table(database, table.target, inline))]
    if table.target.primary_key is not None:
        lines.append(PlannedObject("primary key", f"{name}({', '.join(table.target.primary_key.columns)})", "created"))
    lines += [
        PlannedObject("unique key", f"{name}({', '.join(key.columns)})", "created") for key in table.target.unique_keys
    ]
    for key in table.target.foreign_keys:
        sql = add_foreign_key(database, table.target.name, key) if later else ""
        lines.append(
            PlannedObject(
                "foreign key", foreign_key_name(table, key), "created", sql=sql, when="after" if later else "before"
            )
        )
    return lines


def other_lines(tables: tuple[PlannedTable, ...], source: Catalogue) -> list[PlannedObject]:
    """Objects that are seen and left: those of the tables copied, and those of no table."""
    copied = {table.source.name.name for table in tables}
    return [
        PlannedObject(
            other.kind, other.name if other.table is None else f"{other.table}.{other.name}", "left_out", NOT_CARRIED
        )
        for other in source.others
        if other.table is None or other.table in copied
    ]
