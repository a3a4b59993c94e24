"""What a database's catalogue holds, as plain frozen values every database fills alike.

The common types are few; a column keeps its native type beside the common one, so that a copy between two
databases of one product carries the type as it stands.

What every product knows (columns, keys, checks, indexes, comments …) is held in parts, so that another product can be
given the same. Besides, an object of the product's own language keeps its ``definition``: the statement that makes it
again on a server of the same product, complete and without a semicolon. Expressions (defaults, checks, generated
columns, index parts) are always in the SQL of the database the catalogue belongs to; `Catalogue.database` says which.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, cast

from .objects import OtherObject, Routine, Sequence, Table, UserType, View
from .plain import from_plain
from .table_parts import (
    Check,
    Column,
    DataType,
    Exclusion,
    ForeignKey,
    Grant,
    Index,
    IndexPart,
    Key,
    Kind,
    PartitionIndex,
    Partitioning,
    Policy,
    Reference,
    SequenceOptions,
    SequenceState,
    TableName,
    Trigger,
)

__all__ = [
    "Catalogue",
    "Check",
    "Column",
    "DataType",
    "Exclusion",
    "ForeignKey",
    "Grant",
    "Index",
    "IndexPart",
    "Key",
    "Kind",
    "OtherObject",
    "PartitionIndex",
    "Partitioning",
    "Policy",
    "Reference",
    "Routine",
    "Sequence",
    "SequenceOptions",
    "SequenceState",
    "Table",
    "TableName",
    "Trigger",
    "UserType",
    "View",
    "column_from_dict",
    "merged",
    "structure_of",
    "table_from_dict",
]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One schema of one database (or several, `merged`), every kind of object in order of name."""

    database: str
    """The folder of the product: ``postgres`` ``mysql`` ``sqlite`` ``duckdb`` ``files``."""
    version: str
    schema: str | None
    tables: tuple[Table, ...]
    others: tuple[OtherObject, ...] = ()
    views: tuple[View, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    types: tuple[UserType, ...] = ()
    routines: tuple[Routine, ...] = ()
    comment: str | None = None
    """Of the schema."""
    owner: str | None = None
    grants: tuple[Grant, ...] = ()
    charset: str | None = None
    collation: str | None = None
    """The defaults of the database or schema."""
    schemas: tuple[str, ...] = ()
    """Of a merged catalogue: all its schemas; else ()."""

    def table(self, name: str) -> Table:
        """The table of that name; ``schema.name`` tells namesakes of several schemas apart. Raises KeyError."""
        for table in self.tables:
            if table.name.name == name and (not self.schemas or table.name.schema == self.schema):
                return table
        for table in self.tables:
            if name in (str(table.name), table.name.name):
                return table
        raise KeyError(name)

    def as_dict(self) -> dict[str, Any]:
        """Plain data with a stable order: the form that is kept and compared."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Catalogue:
        """The inverse of `as_dict`, from JSON too; what an older snapshot does not hold takes its default."""
        return cast(Catalogue, from_plain(Catalogue, data))

    def fingerprint(self) -> str:
        """SHA-256 of the structure that a run depends on: the tables, without counts, sizes, states, owners and grants.

        Views, routines and other objects are not part of it: a new report view does not stop a migration.
        """
        structure = [structure_of(table) for table in self.tables]
        text = json.dumps({"database": self.database, "tables": structure}, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


MOVING = ("rows_estimate", "size_bytes", "owner", "grants", "state", "counter_state", "comment")
"""Fields that change without the structure changing."""


def structure_of(thing: Any) -> dict[str, Any]:
    """Plain data of a table (or any part of a catalogue) without `MOVING` fields and without those at their default."""
    found: dict[str, Any] = {}
    for each in dataclasses.fields(thing):
        value = getattr(thing, each.name)
        if each.name in MOVING or value == each.default:
            continue
        found[each.name] = structure_value(value)
    return found


def structure_value(value: Any) -> Any:
    """As `structure_of`, for any value a catalogue holds."""
    if dataclasses.is_dataclass(value):
        return structure_of(value)
    return [structure_value(item) for item in value] if isinstance(value, tuple) else value


def merged(catalogues: tuple[Catalogue, ...]) -> Catalogue:
    """Several schemas of one database as one catalogue; the first is the default one.

    What belongs to the whole database (extensions, event triggers) is in it once.
    """
    first = catalogues[0]
    if len(catalogues) == 1:
        return first
    return dataclasses.replace(
        first,
        tables=tuple(table for part in catalogues for table in part.tables),
        others=tuple(dict.fromkeys(of_schema(other, part.schema) for part in catalogues for other in part.others)),
        views=tuple(view for part in catalogues for view in part.views),
        sequences=tuple(sequence for part in catalogues for sequence in part.sequences),
        types=tuple(type for part in catalogues for type in part.types),
        routines=tuple(routine for part in catalogues for routine in part.routines),
        schemas=tuple(part.schema for part in catalogues if part.schema is not None),
    )


def of_schema(other: OtherObject, schema: str | None) -> OtherObject:
    """An object of a table, with the schema that the table is in; one of the whole database as it is."""
    return other if other.table is None else dataclasses.replace(other, schema=schema)


def table_from_dict(data: dict[str, Any]) -> Table:
    """A table again from `dataclasses.asdict` or its JSON."""
    return cast(Table, from_plain(Table, data))


def column_from_dict(data: dict[str, Any]) -> Column:
    """A column again from its dictionary."""
    return cast(Column, from_plain(Column, data))
