"""Every object of a catalogue as one item with a name of its own: what the account of objects must hold, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..databases.catalogue import Catalogue, Column, ForeignKey, Key, OtherObject, Table, TableName, View


@dataclass(frozen=True, slots=True)
class Item:
    """One object: its kind, the table or view it belongs to, its own name, and the catalogue's value for it."""

    kind: str
    part: str
    """Its name within the table, or its name; what stands for one where it has none (``(a, b)`` of a key)."""
    thing: Any
    on: TableName | None = None
    """The table or view it belongs to."""
    name: TableName | None = None
    """Its own name in a schema."""
    label: str = ""
    """How the account calls it."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all other objects of the catalogue."""
        return self.kind, str(self.on or ""), self.part if self.name is None else str(self.name) + self.part


def inventory(catalogue: Catalogue) -> list[Item]:
    """All objects of a catalogue, each once, in an order that only depends on what there is."""
    items = [*schema_items(catalogue)]
    owned: list[Any] = [*catalogue.sequences, *catalogue.types]
    for table in catalogue.tables:
        items += table_items(table)
    for view in catalogue.views:
        items += view_items(view)
    items += [Item("comment", "", thing, name=thing.name) for thing in owned if commented(thing)]
    items += [
        Item("comment", routine.signature, routine, name=routine.name)
        for routine in catalogue.routines
        if routine.comment
    ]
    several = bool(catalogue.schemas)
    return unique([replace(item, label=label_of(item, several=several)) for item in items])


def schema_items(catalogue: Catalogue) -> Iterator[Item]:
    """Objects that stand for themselves, but for tables and views."""
    for type in catalogue.types:
        yield Item("type", "", type, name=type.name)
    for sequence in catalogue.sequences:
        yield Item("sequence", "", sequence, name=sequence.name)
    for routine in catalogue.routines:
        yield Item(routine.kind, routine.signature, routine, name=routine.name)
    for other in catalogue.others:
        yield Item(other.kind, other.name, other, on=table_of(other, catalogue))


def table_of(other: OtherObject, catalogue: Catalogue) -> TableName | None:
    """The table that an object without a form of its own goes with."""
    return TableName(other.schema or catalogue.schema, other.table) if other.table else None


def table_items(table: Table) -> Iterator[Item]:
    """A table and all that belongs to it."""
    on = table.name
    partition = table.partitioning is not None and table.partitioning.parent is not None
    yield Item("partition" if partition else "table", "", table, name=on)
    if table.partitioning is not None and table.partitioning.key:
        yield Item("partitioning", "partitioning", table.partitioning, on)
    if table.inherits:
        yield Item("inheritance", "inheritance", table.inherits, on)
    for column in table.columns:
        yield from column_items(on, column)
    if any(column.type.collation is not None for column in table.columns):
        yield Item("collation", "collation", table, on)
    yield from constraint_items(table)
    if table.row_security != "off":
        yield Item("row security", "row security", table, on)
    if commented(table):
        yield Item("comment", "comment", table, on)


def constraint_items(table: Table) -> Iterator[Item]:
    """Keys, checks, indexes, triggers and what else of a table has a name."""
    on = table.name
    if table.primary_key is not None:
        yield Item("primary key", key_part(table.primary_key), table.primary_key, on)
    for key in table.unique_keys:
        yield Item("unique key", key_part(key), key, on)
    for reference in table.foreign_keys:
        yield Item("foreign key", reference_part(reference), reference, on)
    for number, check in enumerate(table.checks, 1):
        yield Item("check", check.name or f"check {number}", check, on)
    held: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("exclusion", table.exclusions),
        ("index", table.indexes),
        ("trigger", table.triggers),
        ("policy", table.policies),
        ("rule", table.rules),
    )
    yield from (Item(kind, thing.name, thing, on) for kind, things in held for thing in things)


def column_items(on: TableName, column: Column) -> Iterator[Item]:
    """What a column has besides its type."""
    if column.generated is not None:
        yield Item("generated column", column.name, column, on)
    elif column.identity is not None:
        yield Item("identity", column.name, column, on)
    elif column.default is not None:
        yield Item("default", column.name, column, on)
    if column.on_update is not None:
        yield Item("on update", column.name, column, on)


def view_items(view: View) -> Iterator[Item]:
    """A view and all that belongs to it."""
    yield Item("materialized view" if view.materialized else "view", "", view, name=view.name)
    held: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("index", view.indexes),
        ("trigger", view.triggers),
        ("rule", view.rules),
    )
    yield from (Item(kind, thing.name, thing, view.name) for kind, things in held for thing in things)
    if commented(view):
        yield Item("comment", "comment", view, view.name)


def commented(thing: Any) -> bool:
    """Has the object, or any part of it, a comment?"""
    if getattr(thing, "comment", None):
        return True
    parts = (
        "columns",
        "unique_keys",
        "foreign_keys",
        "checks",
        "exclusions",
        "indexes",
        "triggers",
        "policies",
        "rules",
    )
    held = [part for name in (*parts, "fields") for part in getattr(thing, name, ())]
    return any(part.comment for part in [*held, getattr(thing, "primary_key", None)] if part is not None)


def key_part(key: Key) -> str:
    """A key's own name, or its columns."""
    return key.name or f"({', '.join(key.columns)})"


def reference_part(key: ForeignKey) -> str:
    """A foreign key's own name, or its columns and the table it refers to."""
    return key.name or f"({', '.join(key.columns)}) → {key.references.name}"


def label_of(item: Item, *, several: bool) -> str:
    """The name in the account; with its schema where there are several."""
    if item.name is not None:
        schema = f"{item.name.schema}." if several and item.name.schema else ""
        return f"{schema}{item.part or item.name.name}"
    if item.on is None:
        return item.part
    on = str(item.on) if several else item.on.name
    return on if item.part == item.kind else f"{on}{'' if item.part.startswith('(') else '.'}{item.part}"


def unique(items: list[Item]) -> list[Item]:
    """The items with labels that occur once for a kind: a number behind those that would not."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for item in items:
        seen[item.kind, item.label] += 1
        number = seen[item.kind, item.label]
        suffix = f" ({number})" if number > 1 else ""
        found.append(
            replace(item, label=item.label + suffix, part=item.part + suffix if item.name is None else item.part)
        )
    return found
