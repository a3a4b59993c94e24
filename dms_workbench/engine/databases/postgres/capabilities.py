"""What PostgreSQL can do."""

from __future__ import annotations

from collections.abc import Sequence

from ..capabilities import Capabilities, LedgerForm
from ..catalogue import Table, TableName

CAPABILITIES = Capabilities(
    database="postgres",
    default_schema="public",
    identifier_bytes=63,
    placeholder="%s",
    has_savepoints=True,
    has_schemas=True,
    concurrent_writers=True,
    adds_foreign_keys_later=True,
    enforces_foreign_keys_on_load=True,
    validates_foreign_keys_later=True,
    ledger=LedgerForm(transaction="pg_catalog.txid_current()::text"),
)


def quote(name: str) -> str:
    """An identifier in double quotes, a quote inside it doubled."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal; right under ``standard_conforming_strings = on``, which every connection pins."""
    return "'" + text.replace("'", "''") + "'"


def rows_of(table: TableName) -> str:
    """What stands behind FROM: the table, without the rows of tables that inherit from it."""
    return f"ONLY {qualified(table)}" if table.alone else qualified(table)


def counts_sql(tables: Sequence[Table]) -> str:
    """A query whose one row holds how many rows each of the tables has."""
    return f"select {', '.join(f'(select count(*) from {rows_of(table.name)})' for table in tables)}"


def qualified(table: TableName) -> str:
    """Schema and table, quoted; the default schema when none is named."""
    return f"{quote(table.schema or CAPABILITIES.default_schema or 'public')}.{quote(table.name)}"
