"""Rows that break a foreign key: how many, and the keys of the first ones."""

from __future__ import annotations

from collections.abc import Sequence

from ..databases.base import Database
from ..databases.catalogue import ForeignKey, TableName


def orphans(database: Database, table: TableName, key: ForeignKey, shown: Sequence[str], limit: int) -> tuple[str, str]:
    """The queries that count the rows without a parent, and that give the first ones. shown: the columns to give."""
    quote = database.quote
    filled = " AND ".join(f"c.{quote(column)} IS NOT NULL" for column in key.columns)
    pairs = zip(key.columns, key.referenced_columns, strict=True)
    same = " AND ".join(f"p.{quote(theirs)} = c.{quote(own)}" for own, theirs in pairs)
    parent = f"SELECT 1 FROM {database.qualified(key.references)} p WHERE {same}"  # noqa: S608  names quoted
    rows = f"FROM {database.qualified(table)} c WHERE {filled} AND NOT EXISTS ({parent})"
    columns = ", ".join(f"c.{quote(column)}" for column in shown)
    return f"SELECT COUNT(*) {rows}", f"SELECT {columns} {rows} ORDER BY {columns} LIMIT {limit}"


def is_taken(database: Database, table: TableName, column: str, number: int) -> str:
    """The query that counts the rows whose number is this one or a larger one."""
    return f"SELECT COUNT(*) FROM {database.qualified(table)} WHERE {database.quote(column)} >= {number}"  # noqa: S608
