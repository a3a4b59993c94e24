"""What matching looks at: the shape of a schema without its statements, from a catalogue or from plain data."""

from __future__ import annotations

from dataclasses import dataclass

from ..databases.catalogue import Catalogue, Column, DataType, Table

LONG_TEXT_CHARACTERS = 1000
"""Text that may be longer is prose or a document, not a name or a code."""

SMALL_INTEGER_BITS = 8


@dataclass(frozen=True, slots=True)
class ColumnOutline:
    """A column as matching sees it."""

    name: str
    kind: str
    """``boolean`` ``integer`` ``decimal`` ``float`` ``text`` ``longtext`` ``date`` ``time`` ``timestamp`` ``bytes`` ``uuid``
    ``json`` ``other``."""
    length: int | None = None
    """Characters or digits, where limited."""
    bits: int | None = None
    """Of an integer."""
    native: str = ""
    """The type as its database spells it, for people."""
    nullable: bool = True
    counted: bool = False
    """Numbers are made by the database."""
    comment: str = ""
    values: tuple[str, ...] = ()
    """Some values as text, where rows were looked at."""


@dataclass(frozen=True, slots=True)
class LinkOutline:
    """A foreign key."""

    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableOutline:
    """A table as matching sees it."""

    name: str
    columns: tuple[ColumnOutline, ...]
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    links: tuple[LinkOutline, ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class SchemaOutline:
    """All tables of one side."""

    tables: tuple[TableOutline, ...]

    @property
    def columns(self) -> int:
        """How many columns there are in all."""
        return sum(len(table.columns) for table in self.tables)


def outline_of(catalogue: Catalogue) -> SchemaOutline:
    """The outline of a catalogue's tables; generated columns are left out, since nothing is ever written to them."""
    return SchemaOutline(tuple(table_outline(table) for table in catalogue.tables))


def table_outline(table: Table) -> TableOutline:
    """One table."""
    return TableOutline(
        name=table.name.name,
        columns=tuple(column_outline(column) for column in table.columns if column.generated is None),
        primary_key=table.primary_key.columns if table.primary_key is not None else (),
        unique_keys=tuple(key.columns for key in table.unique_keys),
        links=tuple(
            LinkOutline(key.columns, key.references.name, key.referenced_columns) for key in table.foreign_keys
        ),
        comment=table.comment or "",
    )


def column_outline(column: Column) -> ColumnOutline:
    """One column."""
    return ColumnOutline(
        name=column.name,
        kind=kind_of(column.type),
        length=column.type.length if column.type.kind == "text" else column.type.precision,
        bits=column.type.bits,
        native=column.type.native,
        nullable=column.nullable,
        counted=column.identity is not None,
        comment=column.comment or "",
    )


def kind_of(type_: DataType) -> str:
    """The kind matching works with: text that may be long is told apart, time zones are not."""
    if type_.kind == "text":
        long = type_.length is None or type_.length > LONG_TEXT_CHARACTERS
        return "longtext" if long and type_.labels is None else "text"
    if type_.kind == "timestamptz":
        return "timestamp"
    return "other" if type_.kind == "interval" else type_.kind
