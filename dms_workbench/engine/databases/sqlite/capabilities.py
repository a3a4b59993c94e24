"""What SQLite can do."""

from __future__ import annotations

from ..capabilities import Capabilities, LedgerForm
from ..catalogue import TableName

CAPABILITIES = Capabilities(
    database="sqlite",
    default_schema=None,
    identifier_bytes=1_000_000,
    placeholder="?",
    has_savepoints=True,
    has_schemas=False,
    ledger=LedgerForm(in_schema=False, find="select 1 from sqlite_master where type = 'table' and name = {table}"),
    concurrent_writers=False,
    adds_foreign_keys_later=False,
    enforces_foreign_keys_on_load=False,
    folds_table_names=True,
    folds_column_names=True,
    counts_in_steps=False,
    keys_are_indexes=False,
    impossible_names=((r"(?i)\Asqlite_", "names that begin with sqlite_ are its own"),),
)


def quote(name: str) -> str:
    """An identifier in double quotes, a quote inside it doubled."""
    return '"' + name.replace('"', '""') + '"'


def qualified(table: TableName) -> str:
    """The table's name, quoted; a SQLite file has no schemas."""
    return quote(table.name)


def rows_of(table: TableName) -> str:
    """What stands behind FROM where the table is read."""
    return table.rows_in or qualified(table)
