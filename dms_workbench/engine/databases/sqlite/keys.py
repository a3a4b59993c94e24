"""Keys of SQLite's tables: what the pragmas say, with names and deferral from the statement's text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..catalogue import ForeignKey, Key, TableName
from .described import Described


def rowid_alias(described: Described, name: str) -> str | None:
    """The INTEGER PRIMARY KEY column that is the rowid itself: the one key for which SQLite keeps no index."""
    key = [row for row in described.columns[name] if row[4]]
    if len(key) != 1 or (key[0][1] or "").upper() != "INTEGER" or described.definitions[name].without_rowid:
        return None
    return None if any(row[2] == "pk" for row in described.indexes[name]) else str(key[0][0])


def primary_key(described: Described, name: str) -> Key | None:
    """The primary key's columns in the key's order."""
    found = sorted((row[4], row[0]) for row in described.columns[name] if row[4])
    if not found:
        return None
    names = tuple(column for _, column in found)
    downwards = tuple(row[3] for row in described.indexes[name] if row[2] == "pk" and row[5])
    return Key(names, described.definitions[name].key_name(names, primary=True), descending=downwards)


def unique_keys(described: Described, name: str) -> Iterable[Key]:
    """Unique constraints in the order declared."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in described.indexes[name]:
        if row[2] == "u":
            found.setdefault(row[1], []).append(row)
    for rows in found.values():
        names = tuple(row[3] for row in rows)
        given = described.definitions[name].key_name(names, primary=False)
        yield Key(names, given, descending=tuple(row[3] for row in rows if row[5]))


def foreign_keys(described: Described, name: str) -> Iterable[ForeignKey]:
    """Foreign keys in the order declared, to missing tables too; parents and their columns as they spell themselves."""
    grouped: dict[int, list[tuple[Any, ...]]] = {}
    for row in described.foreign_keys[name]:
        grouped.setdefault(row[0], []).append(row)
    said = described.definitions[name].references
    for number, rows in enumerate(grouped.values()):
        parent = described.spelling.get(rows[0][1].lower(), rows[0][1])
        implicit = primary_key(described, parent) if parent in described.definitions else None
        named = tuple(spelled(described.columns.get(parent, []), row[3]) for row in rows if row[3] is not None)
        text = said[number] if len(said) == len(grouped) else None
        yield ForeignKey(
            columns=tuple(spelled(described.columns[name], row[2]) for row in rows),
            references=TableName(None, parent),
            referenced_columns=named or (implicit.columns if implicit else ()),
            name=text.name if text else None,
            on_delete=action(rows[0][5]),
            on_update=action(rows[0][4]),
            deferrable=text.deferrable if text else False,
            initially_deferred=text.initially_deferred if text else False,
        )


def spelled(rows: Sequence[tuple[Any, ...]], name: str) -> str:
    """A column's name as its table spells it."""
    return next((row[0] for row in rows if row[0].lower() == name.lower()), name)


def action(text: str) -> str | None:
    """A referential action, None for none."""
    return None if text == "NO ACTION" else text
