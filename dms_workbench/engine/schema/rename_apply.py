"""A catalogue as it would be after renames."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..databases.catalogue import Catalogue, ForeignKey, Index, Key, Table, TableName
from .diff_model import Rename

Columns = Mapping[str, str]


def renamed_catalogue(catalogue: Catalogue, renames: Sequence[Rename], parts: Mapping[Any, Any]) -> Catalogue:
    """The second side's catalogue with all renames applied. parts: of that side, by key."""
    tables: dict[TableName, TableName] = {}
    columns: dict[TableName, dict[str, str]] = {}
    for rename in renames:
        part = parts[rename.keys[1]]
        if rename.kind == "table":
            tables[part.thing.name] = replace(part.thing.name, name=rename.first)
        else:
            columns.setdefault(part.owner.name, {})[rename.second] = rename.first
    return replace(catalogue, tables=tuple(renamed_table(table, tables, columns) for table in catalogue.tables))


def renamed_table(table: Table, tables: Mapping[TableName, TableName], columns: Mapping[TableName, Columns]) -> Table:
    """A table under its new name, with new names of its columns wherever they stand."""
    names = columns.get(table.name, {})
    changes: dict[str, Any] = {}
    if names:
        changes = {
            "columns": tuple(
                replace(column, name=names.get(column.name, column.name), generated=reworded(column.generated, names))
                for column in table.columns
            ),
            "primary_key": table.primary_key and renamed_key(table.primary_key, names),
            "unique_keys": tuple(renamed_key(key, names) for key in table.unique_keys),
            "checks": tuple(replace(check, expression=reworded(check.expression, names)) for check in table.checks),
            "indexes": tuple(renamed_index(index, names) for index in table.indexes),
        }
    references = tuple(renamed_reference(key, names, tables, columns) for key in table.foreign_keys)
    return replace(table, name=tables.get(table.name, table.name), foreign_keys=references, **changes)


def renamed_key(key: Key, names: Columns) -> Key:
    """A key of renamed columns."""
    return replace(key, columns=every(key.columns, names), include=every(key.include, names))


def renamed_reference(
    key: ForeignKey, names: Columns, tables: Mapping[TableName, TableName], columns: Mapping[TableName, Columns]
) -> ForeignKey:
    """A foreign key of renamed columns, to a renamed table."""
    there = columns.get(key.references, {})
    return replace(
        key,
        columns=every(key.columns, names),
        references=tables.get(key.references, key.references),
        referenced_columns=every(key.referenced_columns, there),
    )


def renamed_index(index: Index, names: Columns) -> Index:
    """An index of renamed columns."""
    parts = tuple(
        replace(
            part,
            column=names.get(part.column, part.column) if part.column is not None else None,
            expression=reworded(part.expression, names),
        )
        for part in index.parts
    )
    return replace(index, parts=parts, where=reworded(index.where, names), include=every(index.include, names))


def every(columns: tuple[str, ...], names: Columns) -> tuple[str, ...]:
    """Names with the new ones in place of the old."""
    return tuple(names.get(column, column) for column in columns)


def reworded(text: str | None, names: Columns) -> Any:
    """An expression with new names of columns, outside of quoted texts."""
    if text is None:
        return None
    for old, new in names.items():
        parts = re.split(r"('(?:[^']|'')*')", text)
        word = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
        text = "".join(part if part.startswith("'") else word.sub(new.replace("\\", r"\\"), part) for part in parts)
    return text
