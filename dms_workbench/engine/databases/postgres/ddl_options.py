"""How PostgreSQL stores tables and columns, from the options of a catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from ..objects import Table
from ..table_parts import Column
from .capabilities import literal
from .inspect_columns import DISTINCT, collate

__all__ = ["alterations", "collate", "column_alterations", "storage_clause"]

NOT_STORAGE = {"access method", "tablespace", "of type", "replica identity", "cluster on"}
"""Options of a table that are no storage parameters."""


def storage_clause(options: Sequence[tuple[str, str]]) -> str:
    """``WITH (…)`` of CREATE TABLE, with a blank before it."""
    storage = ", ".join(f"{name} = {literal(value)}" for name, value in options if name not in NOT_STORAGE)
    return f" WITH ({storage})" if storage else ""


def alterations(table: Table) -> list[str]:
    """What follows ALTER TABLE ONLY name, for options that CREATE TABLE does not take."""
    options = dict(table.options)
    words = (("of type", "OF"), ("cluster on", "CLUSTER ON"), ("replica identity", "REPLICA IDENTITY"))
    return [f"{word} {options[name]}" for name, word in words if name in options]


def column_alterations(column: Column, *, inherits: bool) -> list[str]:
    """What follows ALTER COLUMN name: how it is stored and sampled, and its own default if it is inherited."""
    options = dict(column.options)
    found = [f"SET {name.upper()} {options[name].upper()}" for name in ("storage", "statistics") if name in options]
    if "compression" in options:
        found.append(f"SET COMPRESSION {options['compression']}")
    sampled = ", ".join(f"{name} = {options[name]}" for name in DISTINCT if name in options)
    if sampled:
        found.append(f"SET ({sampled})")
    if inherits and not column.local:
        found += inherited(column)
    return found


def inherited(column: Column) -> list[str]:
    """What a table says of a column that it inherits: saying again what the parent says changes nothing."""
    if column.generated is not None:
        return []
    default = f"SET DEFAULT {column.default}" if column.default is not None else "DROP DEFAULT"
    return [default, *([] if column.nullable else ["SET NOT NULL"])]
