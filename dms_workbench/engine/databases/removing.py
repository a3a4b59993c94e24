"""Rows taken out of a table by key, where verification has found that the source does not have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .base import Target, Value
from .catalogue import DataType, Table, TableName
from .stages import database_of

HARMLESS = ("", "NO ACTION", "RESTRICT")
"""What a foreign key may do when the row that it refers to goes: refuse."""


def remove_by_key(target: Target, table: Table, keys: Sequence[Mapping[str, str | None]], keep: str = "") -> list[int]:
    """Delete the row of each key; returns how many rows each statement took. Call in a transaction.

    keys: the canonical texts of the key's columns, as verification names them. keep: the statement that keeps images of rows,
    to be followed by a condition; empty keeps none.
    """
    database = database_of(target.can.database)

    def doubled(text: str) -> str:
        return text.replace("%", "%%") if target.can.placeholder == "%s" else text

    def quoted(name: str) -> str:
        return doubled(database.quote(name)) if any(text is not None for text in key.values()) else database.quote(name)

    taken = []
    for key in keys:
        tests, values = [], []
        for name, text in key.items():
            type_ = table.column(name).type
            if text is None:
                tests.append(f"{quoted(name)} IS NULL")
                continue
            tests.append(f"{quoted(name)} = {mark(target, type_)}")
            values.append(value_of(text, type_))
        condition = f"WHERE {' AND '.join(tests)}"
        delete = f"DELETE FROM {database.qualified(table.name)}"
        if keep:
            target.execute(f"{doubled(keep) if values else keep} {condition}", values)
        taken.append(target.execute(f"{doubled(delete) if values else delete} {condition}", values))
    return taken


def mark(target: Target, type: DataType) -> str:
    """A bound value of a type; DuckDB compares no text with what is none."""
    if target.can.database == "duckdb" and type.kind not in ("integer", "float", "boolean", "bytes"):
        return f"CAST({target.can.placeholder} AS {type.native})"
    return target.can.placeholder


def value_of(text: str, type: DataType) -> Value:
    """A canonical text as the value to bind."""
    made: dict[str, Any] = {"integer": int, "float": float, "bytes": bytes.fromhex, "boolean": "true".__eq__}
    return made.get(type.kind, str)(text)


def changed_by_removal(tables: Sequence[Table], name: TableName) -> list[str]:
    """The tables whose rows would change or go with rows of a table, by the rules of their foreign keys."""
    return sorted(
        str(table.name)
        for table in tables
        for key in table.foreign_keys
        if key.references.name == name.name
        and key.references.schema in (name.schema, None)
        and (key.on_delete or "").upper() not in HARMLESS
    )
