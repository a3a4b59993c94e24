"""What MySQL and MariaDB can do, and how they spell names and literals."""

from __future__ import annotations

from dataclasses import replace

from ..capabilities import Capabilities, LedgerForm
from ..catalogue import TableName

CAPABILITIES = Capabilities(
    database="mysql",
    default_schema=None,
    identifier_bytes=256,
    identifier_characters=64,
    placeholder="%s",
    has_savepoints=True,
    has_schemas=True,
    ledger=LedgerForm(
        in_schema=False,
        key_type="VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin",
        text_type="LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        options="ENGINE=InnoDB",
        find="select 1 from information_schema.tables where table_name = {table} and table_schema = database()",
    ),
    concurrent_writers=True,
    adds_foreign_keys_later=True,
    enforces_foreign_keys_on_load=True,
    transactional_ddl=False,
    folds_column_names=True,
    counts_in_steps=False,
    index_names_per_table=True,
    indexes_share_table_names=False,
    keys_are_indexes=True,
    foreign_key_names_per_table=False,
    largest_number=2**64 - 2,
    indexes_first_characters=True,
    impossible_names=(
        (r"\A\Z", "a name must not be empty"),
        (r"(?s).*[ ]\Z", "a name must not end with a blank"),
        (r"(?s).*\x00.*", "a name must not hold the NUL character"),
        (r"(?s).*[\U00010000-\U0010ffff].*", "a name has no characters beyond U+FFFF, such as emoji"),
    ),
)
"""A schema is a database of the server; None is the connection's own one."""

OWN_DATABASES = frozenset({"information_schema", "performance_schema", "mysql", "sys"})
"""Databases of the server itself."""

TRANSACTIONAL = frozenset({"InnoDB", "ROCKSDB", "TokuDB", "ndbcluster"})
"""Storage engines that take back what was written."""


def for_server(lower_case_table_names: int) -> Capabilities:
    """The capabilities of one server. lower_case_table_names: its variable; names of tables are folded unless it is 0."""
    return replace(CAPABILITIES, folds_table_names=lower_case_table_names != 0)


def is_mariadb(version: str) -> bool:
    """Is the server that says so of itself (``select version()``) a MariaDB?"""
    return "mariadb" in version.lower()


def quote(name: str) -> str:
    """An identifier in backquotes, a backquote inside it doubled."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A string literal; right unless ``sql_mode`` has NO_BACKSLASH_ESCAPES, which no session here has."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\x00", "\\0").replace("\x1a", "\\Z")
    return f"'{escaped}'"


def qualified(table: TableName) -> str:
    """Database and table, quoted; the table alone in the connection's own database."""
    return quote(table.name) if table.schema is None else f"{quote(table.schema)}.{quote(table.name)}"
