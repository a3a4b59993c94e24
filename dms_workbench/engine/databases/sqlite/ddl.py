"""SQLite's DDL: its own statements again where an object comes from SQLite unchanged, else made from the structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..catalogue import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    OtherObject,
    Routine,
    Table,
    TableName,
    Trigger,
    UserType,
    View,
)
from ..catalogue import Sequence as CatalogueSequence
from ..ddl import NotExpressible, StandardDdl, Statements, default_text
from .native import index_says_the_same, table_says_the_same, view_says_the_same
from .statements import named

COLLATIONS = ("BINARY", "NOCASE", "RTRIM")
METHODS = ("btree", "hash")
"""Kinds of indexes whose every use a B-tree serves too."""


class SqliteDdl(StandardDdl):
    """What SQLite says in its own way."""

    product = "SQLite"

    def schema(self, name: str) -> Statements:  # noqa: ARG002  of the form
        """None: a file is one schema."""
        raise self.lacks("schemas")

    def table(self, table: Table, *, foreign_keys: Sequence[ForeignKey] = ()) -> Statements:
        """A table; as its own statement says it where that says the same."""
        definition = dict(table.options).get("definition", "")
        if definition and table_says_the_same(definition, replace(table, foreign_keys=tuple(foreign_keys))):
            return [named(definition, table.name.name)]
        return super().table(table, foreign_keys=foreign_keys)

    def states_primary_key(self, table: Table) -> bool:
        """Not for the row's own number, which must be declared with the column."""
        return rowid_column(table) is None

    def table_options(self, table: Table) -> str:
        """STRICT and WITHOUT ROWID, where the table has them in SQLite."""
        said = [word.upper() for word, _ in table.options if word in ("without rowid", "strict")]
        return f" {', '.join(said)}" if said else ""

    def column(self, table: Table, column: Column) -> str:
        """One column; AUTOINCREMENT where its numbers must not come again."""
        rowid = rowid_column(table) == column.name
        parts = [self.quote(column.name), "INTEGER" if rowid else column.type.native]
        if rowid:
            parts.append("PRIMARY KEY AUTOINCREMENT" if column.identity is not None else "PRIMARY KEY")
        if column.generated is not None:
            parts.append(f"GENERATED ALWAYS AS ({column.generated}) {'STORED' if column.stored else 'VIRTUAL'}")
        elif column.default is not None and column.identity is None:
            parts.append(f"DEFAULT {default_text(column.default)}")
        if not column.nullable:
            parts.append("NOT NULL")
        if (column.type.collation or "").upper() in COLLATIONS:
            parts.append(f"COLLATE {column.type.collation}")
        return " ".join(part for part in parts if part)

    def check_identity(self, table: Table, column: Column) -> None:
        """Only the row's own number counts."""
        if rowid_column(table) != column.name:
            raise NotExpressible("SQLite makes numbers only for a table's single integer primary key")

    def key(self, key: Key, *, primary: bool) -> str:
        """A primary or unique key as a line of CREATE TABLE."""
        if key.nulls_not_distinct:
            raise NotExpressible("SQLite has no unique keys that two NULLs break")
        if key.prefixes:
            raise NotExpressible("SQLite has no keys of a part of a column's characters")
        name = f"CONSTRAINT {self.quote(key.name)} " if key.name else ""
        columns = ", ".join(self.quote(column) + " DESC" * (column in key.descending) for column in key.columns)
        return f"{name}{'PRIMARY KEY' if primary else 'UNIQUE'} ({columns})"

    def foreign_key(self, key: ForeignKey, *, named: bool = True) -> str:
        """A foreign key as a line of CREATE TABLE; the parent stands there without a schema."""
        if key.match == "FULL" and len(key.columns) > 1:
            raise NotExpressible("SQLite does not enforce MATCH FULL")
        said = super().foreign_key(key, named=named)
        deferral = " DEFERRABLE INITIALLY " + ("DEFERRED" if key.initially_deferred else "IMMEDIATE")
        return said + deferral * key.deferrable

    def add_check(self, table: TableName, check: Check) -> Statements:  # noqa: ARG002  of the form
        """Refused: a check comes with its table."""
        raise NotExpressible("SQLite makes a check only together with its table")

    def add_foreign_key(self, table: TableName, key: ForeignKey, *, validated: bool = True) -> Statements:  # noqa: ARG002
        """Refused: a foreign key comes with its table."""
        raise NotExpressible("SQLite makes a foreign key only together with its table")

    def index(self, table: TableName, index: Index) -> Statements:
        """An index, partial or of expressions too."""
        if index.definition and index_says_the_same(index.definition, index):
            return [named(index.definition, index.name, table=table.name)]
        if index.method not in METHODS:
            raise self.lacks(f"{index.method} indexes")
        if index.nulls_not_distinct:
            raise NotExpressible("SQLite has no unique indexes that two NULLs break")
        included = () if index.unique else tuple(IndexPart(column) for column in index.include)
        return super().index(table, replace(index, parts=index.parts + included))

    def index_part(self, part: IndexPart) -> str:
        """A column or expression of an index, with its collation."""
        if part.prefix is not None:
            raise NotExpressible("SQLite has no indexes of a part of a column's characters")
        if part.nulls is not None:
            raise NotExpressible("SQLite's indexes have NULL first, and last when descending")
        if part.collation and part.collation.upper() not in COLLATIONS:
            raise NotExpressible(f"SQLite has no collation {part.collation}")
        text = self.quote(part.column) if part.column is not None else f"({part.expression})"
        return text + (f" COLLATE {part.collation}" if part.collation else "") + " DESC" * part.descending

    def view(self, view: View) -> Statements:
        """A view; as its own statement says it where that says the same."""
        if view.definition and view_says_the_same(view.definition, view):
            return [named(view.definition, view.name.name)]
        return super().view(view)

    def trigger(self, table: TableName, trigger: Trigger) -> Statements:
        """A trigger, from its own statement."""
        return [named(trigger.definition, trigger.name, table=table.name)]

    def routine(self, routine: Routine) -> Statements:
        """None: what a file calls lives in the program that opens it."""
        raise self.lacks(f"{routine.kind}s of its own")

    def other(self, other: OtherObject) -> Statements:
        """A virtual table's rows are its module's business, so it is made by hand."""
        if other.kind == "virtual table":
            raise NotExpressible(
                "its module keeps its rows in tables of its own, which are not read: create it by hand and fill it again"
            )
        if other.kind == "shadow table":
            raise NotExpressible("it belongs to a virtual table and is made with it")
        return super().other(other)

    def comments(self, thing: Table | View | CatalogueSequence | UserType | Routine | Index) -> Statements:
        """None: raises NotExpressible if the object or a part of it has one."""
        own = [getattr(thing, name, ()) or () for name in ("columns", "indexes", "checks", "foreign_keys", "triggers")]
        if getattr(thing, "comment", None) or any(part.comment for parts in own for part in parts):
            raise self.lacks("comments")
        return []


def rowid_column(table: Table) -> str | None:
    """The single integer primary key, which is the row's own number if it is declared with the column as INTEGER."""
    key = table.primary_key
    if key is None or len(key.columns) != 1 or key.descending or "without rowid" in dict(table.options):
        return None
    column = table.column(key.columns[0])
    counts = column.identity is not None and column.type.kind == "integer"
    return column.name if counts or column.type.native.upper() == "INTEGER" else None
