"""What files can do, and how their names are quoted where a query reads them."""

from __future__ import annotations

from ..capabilities import Capabilities, LedgerForm
from ..catalogue import TableName

CAPABILITIES = Capabilities(
    database="files",
    default_schema=None,
    identifier_bytes=200,
    placeholder="?",
    has_savepoints=True,
    has_schemas=False,
    ledger=LedgerForm(in_schema=False, find="select 1 from sqlite_master where type = 'table' and name = {table}"),
    concurrent_writers=False,
    adds_foreign_keys_later=False,
    enforces_foreign_keys_on_load=False,
    keeps_foreign_key_actions=False,
    numbers_columns=False,
    folds_table_names=True,
    keys_are_indexes=False,
    folds_column_names=True,
)


def quote(name: str) -> str:
    """A name in double quotes, a quote inside it doubled."""
    return '"' + name.replace('"', '""') + '"'


def qualified(table: TableName) -> str:
    """The table's name, quoted; files have no schemas."""
    return quote(table.name)
