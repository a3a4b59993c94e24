"""The target table that a source table becomes when it is made new: types, keys, defaults, and what is left behind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..databases.base import Database
from ..databases.catalogue import Column, DataType, ForeignKey, Key, Table, TableName
from .types import MappedType, TypeOverride, target_type

LITERAL = re.compile(
    r"(?:-?\d+(?:\.\d+)?|'(?:[^']|'')*'|true|false|null|current_timestamp|current_date)", re.IGNORECASE
)
CAST = re.compile(r"('(?:[^']|'')*'|\(?-?\d+(?:\.\d+)?\)?)::[a-z ]+(?:\(\d+(?:,\d+)?\))?(?:\[\])?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a new target column comes from: a source column that moves as it is, or an expression of some type."""

    target: str
    source: Column | None
    type: DataType | None = None
    native: str | None = None
    """The native type asked for in the mapping file."""
    overrides: tuple[TypeOverride, ...] = ()
    """The types that the mapping file sets for whole types."""
    key_columns: int = 0
    """Text and binary columns of the widest key or index that the column is part of."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of the source table that the new table does not have, and why."""

    kind: str
    name: str
    reason: str


def derive_table(
    source: Table, name: TableName, origins: Sequence[Origin], databases: tuple[Database, Database]
) -> tuple[Table, list[LeftOut]]:
    """The new table with its keys (foreign keys apart), and what is left out.

    databases: of the source and of the target.
    """
    left: list[LeftOut] = []
    columns = tuple(derive_column(origin, source, databases, left) for origin in origins)
    names = {origin.source.name: origin.target for origin in origins if origin.source is not None}
    primary = carry_key(source.primary_key, names)
    if source.primary_key is not None and primary is None:
        left.append(
            LeftOut(
                "primary key", key_name(source, source.primary_key), "not all of its columns are carried as they are"
            )
        )
    uniques = []
    for key in source.unique_keys:
        carried = carry_key(key, names)
        if carried is None:
            left.append(LeftOut("unique key", key_name(source, key), "not all of its columns are carried as they are"))
        else:
            uniques.append(carried)
    if primary is not None:
        columns = tuple(
            replace(column, nullable=False) if column.name in primary.columns else column for column in columns
        )
    return Table(name, columns, primary, tuple(uniques)), left


def derive_column(origin: Origin, source: Table, databases: tuple[Database, Database], left: list[LeftOut]) -> Column:
    """One new column."""
    type = derive_type(origin, databases)
    if origin.source is None:
        return Column(origin.target, type)
    same = databases[0].can.database == databases[1].can.database
    default = carry_default(origin.source.default, same=same)
    where = f"{source.name.name}.{origin.source.name}"
    if origin.source.default is not None and default is None:
        left.append(LeftOut("default", where, "it is an expression of the source database"))
    identity = origin.source.identity if databases[1].can.database != "duckdb" and type.kind == "integer" else None
    if origin.source.identity and not identity:
        left.append(LeftOut("identity", where, f"{databases[1].can.database} makes no numbers for a column"))
    return Column(
        origin.target, type, nullable=origin.source.nullable, default=default, identity=identity and "by default"
    )


def derive_type(origin: Origin, databases: tuple[Database, Database]) -> DataType:
    """The type asked for, or the source's own within one product, or the one that holds every value."""
    return derive_mapped(origin, databases).type


def derive_mapped(origin: Origin, databases: tuple[Database, Database]) -> MappedType:
    """The type of a new column and what happens to values on the way."""
    source, target = databases
    if origin.native is not None:
        return MappedType(target.parse_type(origin.native), "checked", "asked for in the mapping file")
    if origin.source is not None:
        of, product = origin.source.type, source.can.database
    else:
        of, product = origin.type or DataType("text", "VARCHAR"), "expression"
    return target_type(product, target.can.database, of, origin.overrides, key_columns=origin.key_columns)


def carry_default(default: str | None, *, same: bool) -> str | None:
    """The default, if it means the same in the target: any within one product, plain literals elsewhere."""
    if default is None or same:
        return default
    text = default.strip()
    if match := CAST.fullmatch(text):
        text = match[1].strip("()")
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text if LITERAL.fullmatch(text) else None


def carry_key(key: Key | None, names: Mapping[str, str]) -> Key | None:
    """A key with the new names, if all its columns are there. Its own name is not carried between schemas that may hold it."""
    if key is None or not set(key.columns) <= set(names):
        return None
    return Key(tuple(names[column] for column in key.columns))


def key_name(table: Table, key: Key) -> str:
    """How a key is called in the account of objects."""
    return key.name or f"{table.name.name}({', '.join(key.columns)})"


def carry_foreign_key(
    key: ForeignKey, names: Mapping[str, str], parent: TableName, parent_names: Mapping[str, str], *, own_name: bool
) -> ForeignKey | None:
    """A foreign key with the new names, if both ends are carried as they are."""
    if not set(key.columns) <= set(names) or not set(key.referenced_columns) <= set(parent_names):
        return None
    return replace(
        key,
        columns=tuple(names[column] for column in key.columns),
        references=parent,
        referenced_columns=tuple(parent_names[column] for column in key.referenced_columns),
        name=key.name if own_name else None,
    )
