"""What the objects of a catalogue are made of: types of values, columns, keys, checks, indexes, triggers, rights."""

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
    fields: tuple[tuple[str, DataType], ...] = ()
    """The fields of a composite type of PostgreSQL with their types; the kind is then ``other``, as for arrays."""
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
    rows_in: str | None = dataclasses.field(default=None, compare=False)
    """What is read for it, as SQL, where that is not the table itself (the content of SQLite's full-text tables)."""

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

    @property
    def following(self) -> int | None:
        """The number that the counter gives next, if its state is known."""
        state = self.counter_state
        if state is None or not state.is_called:
            return None if state is None else state.last_value
        return state.last_value + ((self.counter.increment if self.counter is not None else None) or 1)


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
