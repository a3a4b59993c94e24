"""What has become of the names that a mapping uses, from one state of a schema to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..databases.catalogue import Catalogue, Table
from ..schema.diff import compare
from ..schema.rename_evidence import likeness

if TYPE_CHECKING:
    from ..databases.base import Database

LIKELY_NAME = 0.6
"""Likeness of two names from which one is offered for the other where nothing else is known."""


@dataclass(frozen=True, slots=True)
class Successor:
    """The name that something seems to have now."""

    name: str
    confidence: float
    """0 to 1."""
    reason: str


@dataclass(frozen=True, slots=True)
class SchemaChanges:
    """One side. Columns are keyed by the table's former name and their own."""

    tables_gone: dict[str, Successor | None] = field(default_factory=dict)
    """Former tables that are not there now, each with the one it seems to be now."""
    columns_gone: dict[tuple[str, str], Successor | None] = field(default_factory=dict)
    retyped: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Type before and now."""
    columns_new: tuple[tuple[str, str], ...] = ()
    """By the table's name as it is now."""
    tables_new: tuple[str, ...] = ()
    former: set[tuple[str, str]] = field(default_factory=set)
    """Every former column, where they are known."""
    known: bool = True
    """False if the former state is not kept: then nothing is known of types, and successors are guessed by name."""


def changes_between(before: Catalogue, now: Catalogue, database: Database) -> SchemaChanges:
    """Compare two states of one schema, both kept; renames are recognised by names, types, keys and neighbours."""
    found = compare((now, database), (before, database))
    renamed: dict[tuple[str, str | None, str], Successor] = {
        (rename.kind, rename.table, rename.second): Successor(
            rename.first, rename.confidence, "; ".join(rename.evidence)
        )
        for rename in found.renames
    }
    here = {table.name.name: table for table in now.tables}
    changes = SchemaChanges(former={(table.name.name, each.name) for table in before.tables for each in table.columns})
    met: set[str] = set()
    for old in before.tables:
        successor = None if old.name.name in here else renamed.get(("table", None, old.name.name))
        new = here.get(successor.name if successor is not None else old.name.name)
        if old.name.name not in here:
            changes.tables_gone[old.name.name] = successor
        if new is not None:
            met.add(new.name.name)
            between_tables(old, new, renamed, changes)
    by_name_alone(here, changes)
    new_columns = [(table.name.name, name) for table in now.tables for name in added(table, before, changes)]
    new_tables = tuple(name for name in here if name not in met)
    fresh = tuple(pair for pair in new_columns if pair[0] not in new_tables)
    return replace(changes, columns_new=fresh, tables_new=new_tables)


def between_tables(
    old: Table, new: Table, renamed: dict[tuple[str, str | None, str], Successor], changes: SchemaChanges
) -> None:
    """What has become of the columns of one table."""
    here = {column.name: column for column in new.columns}
    for column in old.columns:
        key = (old.name.name, column.name)
        successor = None
        if column.name not in here:
            successor = renamed.get(("column", new.name.name, column.name))
            changes.columns_gone[key] = successor
        now = here.get(successor.name if successor is not None else column.name)
        if now is not None and now.type != column.type:
            changes.retyped[key] = (column.type.native, now.type.native)


def by_name_alone(here: dict[str, Table], changes: SchemaChanges) -> None:
    """Columns that are gone, and nothing more is known of: one with a like name that is new, if there is one."""
    taken = {(table, to.name) for (table, _), to in changes.columns_gone.items() if to is not None}
    for (table, column), to in list(changes.columns_gone.items()):
        now = here.get(table)
        if to is None and now is not None:
            former = {name for of, name in changes.former if of == table}
            free = [each.name for each in now.columns if each.name not in former and (table, each.name) not in taken]
            changes.columns_gone[table, column] = guess = alike(column, free)
            if guess is not None:
                taken.add((table, guess.name))


def added(table: Table, before: Catalogue, changes: SchemaChanges) -> Iterator[str]:
    """Columns of a table that none of its former ones seems to be."""
    former = next(
        (old for old, new in changes.tables_gone.items() if new is not None and new.name == table.name.name),
        table.name.name,
    )
    known = {column.name for old in before.tables if old.name.name == former for column in old.columns}
    successors = {new.name for (of, _), new in changes.columns_gone.items() if of == former and new is not None}
    yield from (column.name for column in table.columns if column.name not in known | successors)


def changes_by_name(used: dict[str, list[str]], now: Catalogue) -> SchemaChanges:
    """The same where the former state is not kept: names that are not there now, and those most alike that are free.

    used: the tables and columns that the mapping names.
    """
    here = {table.name.name: [column.name for column in table.columns] for table in now.tables}
    changes = SchemaChanges(known=False)
    for table, columns in used.items():
        if table not in here:
            changes.tables_gone[table] = alike(table, [name for name in here if name not in used])
        successor = changes.tables_gone.get(table)
        there = here.get(successor.name if successor is not None else table)
        for column in columns if there is not None else ():
            if column not in (there or ()):
                changes.columns_gone[table, column] = alike(
                    column, [name for name in there or () if name not in columns]
                )
    return changes


def alike(name: str, free: Sequence[str]) -> Successor | None:
    """The name most alike, if any is alike enough; as sure as two names alone can make one."""
    best = max(free, key=lambda other: likeness(name, other), default=None)
    if best is None or likeness(name, best) < LIKELY_NAME:
        return None
    return Successor(best, round(0.7 * likeness(name, best), 2), "by its name alone")
