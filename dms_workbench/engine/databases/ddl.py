"""DDL: statements that make the objects of a catalogue, in one product's own SQL.

`StandardDdl` holds what standard SQL says and most products share; the ``ddl.py`` of each database's folder derives
from it and says what differs. Whatever is given is in the terms of the product already (types, expressions, names):
translating from another product is the business of `engine.schema`. Statements have no semicolon at their end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .objects import OtherObject, Routine, Table, UserType, View
from .objects import (
    Sequence as CatalogueSequence,
)
from .table_parts import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Policy,
    SequenceOptions,
    TableName,
    Trigger,
)

Statements = list[str]

PLAIN_DEFAULT = re.compile(r"[+-]?\d+(?:\.\d+)?|\w+|'(?:[^']|'')*'")


class NotExpressible(Exception):
    """The product has no such object, or no such form of it. Never reaches a user: it becomes a line of the account.

    reason: a clause for that line, such as ``SQLite has no sequences``.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class StandardDdl:
    """DDL of standard SQL. Every method returns statements in order, or raises NotExpressible."""

    product = "This database"
    """The product's name in reasons."""

    def __init__(self, quote: Callable[[str], str], qualified: Callable[[TableName], str]) -> None:
        """quote: an identifier; qualified: a table's schema and name."""
        self.quote = quote
        self.qualified = qualified

    def names(self, names: Sequence[str]) -> str:
        """Identifiers, quoted, with commas."""
        return ", ".join(map(self.quote, names))

    def lacks(self, what: str) -> NotExpressible:
        """The refusal of a kind of object that the product does not have."""
        return NotExpressible(f"{self.product} has no {what}")

    def schema(self, name: str) -> Statements:
        """A schema that may be there already."""
        return [f"CREATE SCHEMA IF NOT EXISTS {self.quote(name)}"]

    def schema_comment(self, name: str, comment: str | None) -> Statements:  # noqa: ARG002  of the form
        """The comment of a schema that is there."""
        if comment:
            raise self.lacks("comments of schemas")
        return []

    def user_type(self, type: UserType) -> Statements:
        """An enum, domain, composite or range type."""
        raise self.lacks(f"{type.kind} types")

    def sequence(self, sequence: CatalogueSequence) -> Statements:  # noqa: ARG002  of the form
        """A sequence, at its start."""
        raise self.lacks("sequences")

    def table(self, table: Table, *, foreign_keys: Sequence[ForeignKey] = ()) -> Statements:
        """A table with columns, primary and unique keys and checks, and the foreign keys given; nothing else of it."""
        lines = [self.column(table, column) for column in table.columns]
        if table.primary_key is not None and self.states_primary_key(table):
            lines.append(self.key(table.primary_key, primary=True))
        lines += [self.key(key, primary=False) for key in table.unique_keys]
        lines += [self.check(check) for check in table.checks]
        lines += [self.foreign_key(key) for key in foreign_keys]
        body = ",\n  ".join(lines)
        return [f"CREATE TABLE {self.qualified(table.name)} (\n  {body}\n){self.table_options(table)}"]

    def states_primary_key(self, table: Table) -> bool:  # noqa: ARG002  for a product that says it with the column
        """Is the primary key a line of its own in CREATE TABLE?"""
        return True

    def loses(self, table: Table) -> str:  # noqa: ARG002  for a product that makes another kind of table of it
        """What a table of this product is made without, though it was a table of this product: a clause, or empty."""
        return ""

    def table_options(self, table: Table) -> str:  # noqa: ARG002  standard SQL has none
        """What follows the closing bracket of CREATE TABLE, with a blank before it."""
        return ""

    def loose(self, table: Table) -> str:  # noqa: ARG002  for a product with tables outside of transactions
        """How rows of this product's table are read less safely than others: a clause, or empty."""
        return ""

    def column(self, table: Table, column: Column) -> str:  # noqa: ARG002  for a product whose column depends on the table
        """One column of CREATE TABLE."""
        parts = [self.quote(column.name), column.type.native]
        if column.generated is not None:
            parts.append(f"GENERATED ALWAYS AS ({column.generated}) {'STORED' if column.stored else 'VIRTUAL'}")
        elif column.identity is not None:
            parts.append(self.identity(column))
        elif column.default is not None:
            parts.append(f"DEFAULT {default_text(column.default)}")
        if not column.nullable:
            parts.append("NOT NULL")
        return " ".join(part for part in parts if part)

    def check_identity(self, table: Table, column: Column) -> None:
        """Raise NotExpressible if this column of this table cannot make its own numbers; it is made without, then."""

    def identity(self, column: Column) -> str:
        """The identity clause of a column."""
        counter = sequence_options(column.counter)
        return f"GENERATED {(column.identity or 'by default').upper()} AS IDENTITY{counter and f' ({counter.strip()})'}"

    def on_update(self, table: TableName, column: Column) -> Statements:  # noqa: ARG002  of the form
        """What sets a column to the moment of each UPDATE that does not name it, where the column cannot do so itself."""
        raise self.lacks("columns that an UPDATE sets by itself")

    def key(self, key: Key, *, primary: bool) -> str:
        """A primary or unique key as a line of CREATE TABLE."""
        name = f"CONSTRAINT {self.quote(key.name)} " if key.name else ""
        return f"{name}{'PRIMARY KEY' if primary else 'UNIQUE'} ({self.names(key.columns)})"

    def check(self, check: Check) -> str:
        """A check as a line of CREATE TABLE."""
        name = f"CONSTRAINT {self.quote(check.name)} " if check.name else ""
        return f"{name}CHECK ({check.expression})"

    def add_check(self, table: TableName, check: Check) -> Statements:
        """A check of a table that exists."""
        return [f"ALTER TABLE {self.qualified(table)} ADD {self.check(check)}"]

    def add_exclusion(self, table: TableName, exclusion: Exclusion) -> Statements:  # noqa: ARG002  of the form
        """An exclusion constraint of a table that exists."""
        raise self.lacks("exclusion constraints")

    def foreign_key(self, key: ForeignKey, *, named: bool = True) -> str:
        """A foreign key as a line of CREATE TABLE."""
        name = f"CONSTRAINT {self.quote(key.name)} " if named and key.name else ""
        actions = "".join(
            f" ON {event} {action}"
            for event, action in (("DELETE", key.on_delete), ("UPDATE", key.on_update))
            if action
        )
        return (
            f"{name}FOREIGN KEY ({self.names(key.columns)}) REFERENCES {self.qualified(key.references)} "
            f"({self.names(key.referenced_columns)}){actions}"
        )

    def add_foreign_key(self, table: TableName, key: ForeignKey, *, validated: bool = True) -> Statements:  # noqa: ARG002
        """A foreign key of a table that exists. validated: False takes rows that break it as they are, where possible."""
        return [f"ALTER TABLE {self.qualified(table)} ADD {self.foreign_key(key)}"]

    def validate_foreign_key(self, table: TableName, key: ForeignKey) -> Statements:  # noqa: ARG002  of the form
        """Check the rows that are there against a foreign key that was added not validated."""
        return []

    def index(self, table: TableName, index: Index) -> Statements:
        """An index of a table that exists."""
        unique = "UNIQUE " if index.unique else ""
        where = f" WHERE {index.where}" if index.where else ""
        parts = ", ".join(map(self.index_part, index.parts))
        return [f"CREATE {unique}INDEX {self.quote(index.name)} ON {self.qualified(table)} ({parts}){where}"]

    def index_part(self, part: IndexPart) -> str:
        """A column or expression of an index."""
        text = self.quote(part.column) if part.column is not None else f"({part.expression})"
        return text + (" DESC" if part.descending else "")

    def view(self, view: View) -> Statements:
        """A view."""
        if view.materialized:
            raise self.lacks("materialized views")
        columns = f" ({self.names([column.name for column in view.columns])})" if view.columns else ""
        return [f"CREATE VIEW {self.qualified(view.name)}{columns} AS {view.query}"]

    def routine(self, routine: Routine) -> Statements:
        """A function or procedure, from its definition."""
        return [routine.definition]

    def trigger(self, table: TableName, trigger: Trigger) -> Statements:  # noqa: ARG002  for products that need the table
        """A trigger, from its definition."""
        return [trigger.definition]

    def policies(self, table: Table) -> Statements:
        """Row-level security of a table with its policies."""
        if table.policies or table.row_security != "off":
            raise self.lacks("row-level security")
        return []

    def rule(self, table: TableName, rule: Policy) -> Statements:  # noqa: ARG002  of the form
        """A rewrite rule."""
        raise self.lacks("rewrite rules")

    def other(self, other: OtherObject) -> Statements:
        """An object without a form of its own, from its definition."""
        if not other.definition:
            raise NotExpressible("its definition cannot be read from the catalogue")
        return [other.definition]

    def comments(self, thing: Table | View | CatalogueSequence | UserType | Routine | Index) -> Statements:
        """The comments of an object and of all its parts; [] where there is none. Raises NotExpressible if it has one."""
        if getattr(thing, "comment", None):
            raise self.lacks("comments")
        return []

    def statistics(self, table: TableName) -> Statements:
        """Let the planner know the rows."""
        return [f"ANALYZE {self.qualified(table)}"]


def default_text(default: str) -> str:
    """A default, in brackets unless it is a plain literal or a single word."""
    return default if PLAIN_DEFAULT.fullmatch(default) else f"({default})"


def sequence_options(options: SequenceOptions | None) -> str:
    """The options of a sequence as standard SQL has them, a blank before each."""
    if options is None:
        return ""
    words = (
        ("START WITH", options.start),
        ("INCREMENT BY", options.increment),
        ("MINVALUE", options.minimum),
        ("MAXVALUE", options.maximum),
        ("CACHE", options.cache or None),
    )
    return "".join(f" {word} {number}" for word, number in words if number is not None) + (
        " CYCLE" if options.cycle else ""
    )
