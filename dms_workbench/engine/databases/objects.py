"""The objects of a catalogue: tables with all that belongs to them, views, sequences, types, routines.

`catalogue` says how they are meant to be filled and gives them all again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .table_parts import (
    Check,
    Column,
    DataType,
    Exclusion,
    ForeignKey,
    Grant,
    Index,
    Key,
    Partitioning,
    Policy,
    Reference,
    SequenceOptions,
    SequenceState,
    TableName,
    Trigger,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A base table. ``rows_estimate`` is the planner's or None; never used for books.

    A partitioned table stands for all its rows: its partitions are tables too, with ``partitioning.parent``, and
    `holds_rows` says which tables a copy reads.
    """

    name: TableName
    columns: tuple[Column, ...]
    primary_key: Key | None = None
    unique_keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    rows_estimate: int | None = None
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[Policy, ...] = ()
    rules: tuple[Policy, ...] = ()
    row_security: Literal["off", "on", "forced"] = "off"
    partitioning: Partitioning | None = None
    inherits: tuple[TableName, ...] = ()
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    size_bytes: int | None = None
    """With its indexes; None where the database does not say. Never part of a fingerprint."""
    persistence: Literal["permanent", "unlogged"] = "permanent"
    options: tuple[tuple[str, str], ...] = ()
    """What only this product knows of a table: ``engine``, ``fillfactor``, ``strict``, ``without rowid``; name and text."""
    problem: str | None = None
    """Why the table cannot be read (a foreign table, a broken one); it is then accounted for, not copied."""
    needs: tuple[Reference, ...] = ()
    """Types, routines and sequences that its columns, defaults, checks and keys use."""

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def holds_rows(self) -> bool:
        """Is it read for itself? A partition's rows are read through its partitioned table."""
        return self.partitioning is None or self.partitioning.parent is None

    @property
    def copied_columns(self) -> tuple[Column, ...]:
        """The columns that hold data of their own: all but the generated ones."""
        return tuple(column for column in self.columns if column.generated is None)

    def row_key(self) -> tuple[str, ...]:
        """Columns that name one row: the primary key, else the first unique key without a nullable column, else ()."""
        nullable = {column.name for column in self.columns if column.nullable}
        for key in (self.primary_key, *self.unique_keys):
            if key is not None and not key.prefixes and not nullable.intersection(key.columns):
                return key.columns
        return ()


@dataclass(frozen=True, slots=True)
class View:
    """A view or materialized view; ``query`` is its SELECT, ``definition`` the whole CREATE statement."""

    name: TableName
    query: str
    definition: str
    materialized: bool = False
    columns: tuple[Column, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[Policy, ...] = ()
    populated: bool = True
    """False: a materialized view that was made WITH NO DATA."""
    depends_on: tuple[TableName, ...] = ()
    """Tables and views it reads."""
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    problem: str | None = None
    """Why it cannot be read: a broken view."""
    needs: tuple[Reference, ...] = ()
    """All that it uses: what ``depends_on`` says, and types and routines."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence that no identity column owns."""

    name: TableName
    options: SequenceOptions
    state: SequenceState | None = None
    type: str | None = None
    """The integer type, in the database's words."""
    persistence: Literal["permanent", "unlogged"] = "permanent"
    owned_by: tuple[str, str] | None = None
    """Table and column that it goes with (``serial``)."""
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class UserType:
    """An enum, domain, composite or range type. ``definition``: the statements that make it, without comments."""

    name: TableName
    kind: Literal["enum", "domain", "composite", "range"]
    definition: tuple[str, ...]
    labels: tuple[str, ...] = ()
    base: DataType | None = None
    """What a domain is a form of."""
    nullable: bool = True
    default: str | None = None
    checks: tuple[Check, ...] = ()
    fields: tuple[Column, ...] = ()
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    needs: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Routine:
    """A function, procedure or aggregate; ``signature`` tells overloads apart: ``add(integer, integer)``."""

    name: TableName
    signature: str
    definition: str
    kind: Literal["function", "procedure", "aggregate", "window"] = "function"
    language: str | None = None
    comment: str | None = None
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    needs: tuple[Reference, ...] = ()
    """What its arguments, its result and its defaults use; what a body of text names is not known."""


@dataclass(frozen=True, slots=True)
class OtherObject:
    """An object without a form of its own here: extension, statistics object, event, virtual table, foreign table …

    ``definition`` makes it again on the same product; empty where it cannot be made again from the catalogue.
    """

    kind: str
    name: str
    table: str | None = None
    definition: str = ""
    comment: str | None = None
    then: tuple[str, ...] = ()
    """Statements that follow: its options and its comment."""
    when: Literal["first", "before", "after", "last"] = "after"
    """When it is made: before all other objects (extension), before tables (collation), after all rows, after everything."""
    schema: str | None = None
    """Of ``table``, where several schemas are one catalogue; None is the catalogue's own."""
    needs: tuple[Reference, ...] = ()
