"""What DuckDB can do."""

from __future__ import annotations

from ..capabilities import Capabilities
from ..catalogue import TableName

CAPABILITIES = Capabilities(
    database="duckdb",
    default_schema="main",
    identifier_bytes=1_000_000,
    placeholder="?",
    has_savepoints=False,
    has_schemas=True,
    concurrent_writers=False,
    adds_foreign_keys_later=False,
    enforces_foreign_keys_on_load=True,
    folds_table_names=True,
    folds_column_names=True,
    keeps_foreign_key_actions=False,
)


def quote(name: str) -> str:
    """An identifier in double quotes, a quote inside it doubled."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def qualified(table: TableName) -> str:
    """Schema and table, quoted; the default schema when none is named."""
    return f"{quote(table.schema or CAPABILITIES.default_schema or 'main')}.{quote(table.name)}"
