"""Expressions over a table's keys: as text, as a share, as membership in a lookup."""

from __future__ import annotations

from collections.abc import Sequence

from ..databases.catalogue import Column, Table
from .model import InvalidSubset, Subset

BUCKETS = 1_000_000
"""A share is kept to a millionth."""


def membership(lookup: str, key: str) -> str:
    """The filter that asks a lookup for a key."""
    return f"coalesce(lookup({literal(lookup)}, {key}, FALSE), FALSE)"


def columns_of(table: Table, groups: Sequence[tuple[str, ...]]) -> list[Column]:
    """The columns of a table that some groups name, in its order; the first one where they name none."""
    names = {name for group in groups for name in group}
    return [column for column in table.columns if column.name in names] or list(table.copied_columns[:1])


def chosen_by(table: Table, subset: Subset | None) -> str:
    """The expression for whether a row is among those asked for."""
    if subset is None:
        return "FALSE"
    if subset.where is not None:
        return f"coalesce(({subset.where}), FALSE)"
    key = next((each.columns for each in (table.primary_key, *table.unique_keys) if each is not None), ())
    if not key:
        raise InvalidSubset(spec=repr(subset.table), reason="the table has no key to take a share by: give a filter.")
    share = int((subset.share or 0) * BUCKETS)
    digits = f"cast(concat('0x', left(md5({text_of(table, key)}), 8)) as bigint)"
    return f"coalesce(mod({digits}, {BUCKETS}) < {share}, FALSE)"


def text_of(table: Table, columns: Sequence[str]) -> str:
    """The expression for the values of some columns as one text; NULL if any of them is."""
    parts = [part_of(table.column(name)) for name in columns]
    if len(parts) == 1:
        return parts[0]
    nulls = " OR ".join(f"{identifier(name)} IS NULL" for name in columns)
    escaped = [f"replace(replace({part}, '\\', '\\\\'), '|', '\\|')" for part in parts]
    return f"if({nulls}, NULL, concat_ws('|', {', '.join(escaped)}))"


def part_of(column: Column) -> str:
    """The expression for one column's value as text, the same for both ends of a foreign key."""
    name = identifier(column.name)
    return f"hex({name})" if column.type.kind == "bytes" else f"cast({name} AS text)"


def identifier(name: str) -> str:
    """A column's name in the expression language."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in the expression language."""
    return "'" + text.replace("'", "''") + "'"
