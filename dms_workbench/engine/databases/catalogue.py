"""What a database's catalogue holds, as plain frozen values every database fills alike.

The common types are few; a column keeps its native type beside the common one, so that a copy between two
databases of one product carries the type as it stands.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

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


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table's schema (None where the database has none, or its default) and its name, both as the catalogue spells them."""

    schema: str | None
    name: str
    alone: bool = dataclasses.field(default=False, compare=False)
    """Other tables inherit from it (PostgreSQL): only its own rows are meant, not theirs."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


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


@dataclass(frozen=True, slots=True)
class Key:
    """A primary or unique key."""

    columns: tuple[str, ...]
    name: str | None = None


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


@dataclass(frozen=True, slots=True)
class Table:
    """A base table. ``rows_estimate`` is the planner's or None; never used for books."""

    name: TableName
    columns: tuple[Column, ...]
    primary_key: Key | None = None
    unique_keys: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    rows_estimate: int | None = None

    def column(self, name: str) -> Column:
        """The column of that name; raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def copied_columns(self) -> tuple[Column, ...]:
        """The columns that hold data of their own: all but the generated ones."""
        return tuple(column for column in self.columns if column.generated is None)

    def row_key(self) -> tuple[str, ...]:
        """Columns that name one row: the primary key, else the first unique key without a nullable column, else ()."""
        nullable = {column.name for column in self.columns if column.nullable}
        for key in (self.primary_key, *self.unique_keys):
            if key is not None and not nullable.intersection(key.columns):
                return key.columns
        return ()


@dataclass(frozen=True, slots=True)
class OtherObject:
    """An object that is seen, named in the account of objects, and not carried yet."""

    kind: str
    """``view``, ``index``, ``trigger``, ``sequence``, ``check``, ``routine``, ``type`` ..."""
    name: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One schema of one database, tables in order of name."""

    database: str
    """``postgres``, ``sqlite`` or ``duckdb``."""
    version: str
    schema: str | None
    tables: tuple[Table, ...]
    others: tuple[OtherObject, ...] = ()

    def table(self, name: str) -> Table:
        """The table of that name; raises KeyError."""
        for table in self.tables:
            if table.name.name == name:
                return table
        raise KeyError(name)

    def as_dict(self) -> dict[str, Any]:
        """Plain data with a stable order: the form that is kept and compared."""
        return dataclasses.asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Catalogue:
        """The inverse of `as_dict`, from JSON too."""
        return Catalogue(
            database=data["database"],
            version=data["version"],
            schema=data["schema"],
            tables=tuple(table_from_dict(table) for table in data["tables"]),
            others=tuple(OtherObject(**other) for other in data["others"]),
        )

    def fingerprint(self) -> str:
        """SHA-256 of the structure: version, estimates and other objects left out."""
        structure = [{**dataclasses.asdict(table), "rows_estimate": None} for table in self.tables]
        text = json.dumps({"database": self.database, "tables": structure}, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def table_from_dict(data: dict[str, Any]) -> Table:
    """A table again from `dataclasses.asdict` or its JSON."""
    return Table(
        name=TableName(**data["name"]),
        columns=tuple(map(column_from_dict, data["columns"])),
        primary_key=key_from_dict(data["primary_key"]),
        unique_keys=tuple(key for key in map(key_from_dict, data["unique_keys"]) if key is not None),
        foreign_keys=tuple(
            ForeignKey(
                **{
                    **key,
                    "columns": tuple(key["columns"]),
                    "referenced_columns": tuple(key["referenced_columns"]),
                    "references": TableName(**key["references"]),
                }
            )
            for key in data["foreign_keys"]
        ),
        rows_estimate=data["rows_estimate"],
    )


def column_from_dict(data: dict[str, Any]) -> Column:
    """A column again from its dictionary."""
    return Column(**{**data, "type": DataType(**data["type"])})


def key_from_dict(data: dict[str, Any] | None) -> Key | None:
    """A key again from its dictionary, or None."""
    return None if data is None else Key(columns=tuple(data["columns"]), name=data["name"])
