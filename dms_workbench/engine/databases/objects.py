"""The objects of a catalogue: types, tables with all that belongs to them, views, sequences, routines.

`catalogue` says how they are meant to be filled and gives them all again.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "boolean", "integer", "decimal", "float", "text", "bytes", "date", "time", "timestamp",
    "timestamptz", "interval", "uuid", "json", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class DataType:
    """A column's type: the common kind with its limits, and the native spelling.

    kind ``other`` is anything without a common meaning; its values travel in the database's own text form.
    """

    kind: Kind
    native: str
    bits: int | None = None
    """integer: 8, 16, 32, 64 or 128; float: 32 or 64."""
    unsigned: bool = False
    precision: int | None = None
    """decimal: digits in all; None is unlimited."""
    scale: int | None = None
    """decimal: digits after the point; time, timestamp, timestamptz: digits of the second's fraction."""
    length: int | None = None
    """text: characters at most; None is unlimited."""
    fixed: bool = False
    """text of a fixed length, padded with blanks (``char(n)``)."""
    labels: tuple[str, ...] | None = None
    """The values of an enumeration, in their order; the kind is then ``text``."""
    several: bool = False
    """Labels may be combined (MySQL's SET), written with commas between them."""
    element: DataType | None = None
    """The type of an array's elements; the kind is then ``other`` and values travel as the database's own text."""
    user_type: TableName | None = None
    """The enum, domain, composite or range type of the schema that this is; `Catalogue.types` holds it."""
    charset: str | None = None
    """Character set, where a column has one of its own (MySQL)."""
    collation: str | None = None
    """Collation, where it is not the database's default for the type; names of the database itself."""


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table's schema (None where the database has none, or its default) and its name, both as the catalogue spells them."""

    schema: str | None
    name: str
    alone: bool = dataclasses.field(default=False, compare=False)
    """Other tables inherit from it (PostgreSQL): only its own rows are meant, not theirs."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """An object that must be there before another one is made: what its columns, defaults, checks or arguments use."""

    kind: Literal["table", "view", "sequence", "type", "routine", "other"]
    name: TableName
    """Of a routine: schema and signature, as `Routine.signature` has it."""


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """How a sequence or an identity column counts. None: the database's own default."""

    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cache: int | None = None
    cycle: bool = False


@dataclass(frozen=True, slots=True)
class SequenceState:
    """Where a sequence stands: never part of a fingerprint or a diff of structures."""

    last_value: int
    is_called: bool = True
    """False: ``last_value`` itself is what comes next."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    type: DataType
    nullable: bool = True
    default: str | None = None
    """The default in the database's own SQL, or None."""
    identity: Literal["always", "by default"] | None = None
    """Numbers are made by the database when absent (identity, serial, autoincrement)."""
    generated: str | None = None
    """The expression of a generated column: it is never copied."""
    stored: bool = True
    """A generated column's value is kept (STORED), not computed at each reading (VIRTUAL)."""
    counter: SequenceOptions | None = None
    """How the identity counts."""
    counter_state: SequenceState | None = None
    """Where the identity stands."""
    sequence: str | None = None
    """PostgreSQL's ``serial``: the name of the sequence, of the table's schema, that the column owns. ``default`` then
    holds the drawing from it, and ``identity`` says ``by default`` for products without sequences."""
    on_update: str | None = None
    """What an UPDATE that does not name the column sets it to (MySQL's ``ON UPDATE CURRENT_TIMESTAMP``)."""
    hidden: bool = False
    """Left out of ``SELECT *`` (invisible)."""
    comment: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    """What only this product knows of a column (``storage``, ``statistics``, ``compression``), name and SQL text."""
    local: bool = True
    """False: declared only by the tables that this one inherits from (``Table.inherits``)."""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A primary or unique key."""

    columns: tuple[str, ...]
    name: str | None = None
    include: tuple[str, ...] = ()
    """Columns kept in the index without being part of the key."""
    nulls_not_distinct: bool = False
    """Two NULLs break it too."""
    deferrable: bool = False
    initially_deferred: bool = False
    descending: tuple[str, ...] = ()
    """Key columns that are sorted downwards."""
    prefixes: tuple[tuple[str, int], ...] = ()
    """Key columns of which only so many characters count (MySQL)."""
    comment: str | None = None
    definition: str | None = None
    """The constraint in the product's own words, behind ``ADD``."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference to the key of a table, itself perhaps."""

    columns: tuple[str, ...]
    references: TableName
    referenced_columns: tuple[str, ...]
    name: str | None = None
    on_delete: str | None = None
    """``CASCADE``, ``SET NULL``, ``SET DEFAULT``, ``RESTRICT`` or None for no action."""
    on_update: str | None = None
    match: str | None = None
    """``FULL`` or None for simple."""
    deferrable: bool = False
    initially_deferred: bool = False
    validated: bool = True
    """False: rows that were there before may break it (``NOT VALID``)."""
    comment: str | None = None
    definition: str | None = None
    """The constraint in the product's own words, behind ``ADD``."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint; ``expression`` is what must not be false, without the brackets around it."""

    expression: str
    name: str | None = None
    validated: bool = True
    inherited: bool = True
    """False: tables that inherit do not have it (``NO INHERIT``)."""
    column: str | None = None
    """The column it was declared with, where the catalogue keeps that."""
    comment: str | None = None
    definition: str | None = None
    """The constraint in the product's own words, behind ``ADD``."""
    local: bool = True
    """False: declared only by the tables that this one inherits from (``Table.inherits``)."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An exclusion constraint (PostgreSQL); ``definition`` stands behind ``ADD CONSTRAINT name``."""

    name: str
    definition: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One part of an index: a column, or an expression."""

    column: str | None = None
    expression: str | None = None
    descending: bool = False
    nulls: Literal["first", "last"] | None = None
    """Only where it is not what the direction gives."""
    prefix: int | None = None
    """Characters or bytes of the column that are indexed (MySQL)."""
    collation: str | None = None
    operator_class: str | None = None


@dataclass(frozen=True, slots=True)
class PartitionIndex:
    """The part that an index of a partitioned table has in one partition; all in the schema of their tables."""

    name: TableName
    parent: TableName
    """The index it is a part of."""
    definition: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An index that no key made."""

    name: str
    parts: tuple[IndexPart, ...]
    unique: bool = False
    method: str = "btree"
    """``btree`` ``hash`` ``gin`` ``gist`` ``brin`` ``spgist`` ``fulltext`` ``spatial``."""
    where: str | None = None
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    comment: str | None = None
    definition: str | None = None
    valid: bool = True
    partitions: tuple[PartitionIndex, ...] = ()
    """Of a partitioned table: the parts in its partitions, parents before their children."""
    options: tuple[tuple[str, str], ...] = ()
    """What only this product knows of an index: ``clustered``, ``replica identity``, ``statistics 2``; name and text."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger of a table or view."""

    name: str
    definition: str
    timing: Literal["before", "after", "instead of"] = "after"
    events: tuple[str, ...] = ()
    """Of ``insert`` ``update`` ``delete`` ``truncate``."""
    each_row: bool = True
    enabled: str = "origin"
    """``origin`` ``always`` ``replica`` ``disabled`` (PostgreSQL); elsewhere ``origin``."""
    routine: str | None = None
    """The routine it calls, where it calls one."""
    body: str | None = None
    """What it does, where that stands in the trigger itself."""
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of row-level security, or a rewrite rule (PostgreSQL)."""

    name: str
    definition: str
    comment: str | None = None
    enabled: str = "origin"
    """Of a rule, as of a `Trigger`."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A right on an object: who has it, which, and whether it may be passed on."""

    to: str
    right: str
    grantable: bool = False
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table is split (``key``), or which part of its parent it is (``parent``, ``bound``)."""

    key: str | None = None
    """``RANGE (ordered_at)``: what stands behind ``PARTITION BY``, with the parts where they are declared there (MySQL)."""
    parent: TableName | None = None
    bound: str | None = None
    """``FOR VALUES FROM (…) TO (…)`` or ``DEFAULT``."""


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
    needs: tuple[Reference, ...] = ()
