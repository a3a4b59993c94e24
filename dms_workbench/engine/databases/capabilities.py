"""What a product can do and how the ledger lies in it: data that the engine asks instead of testing classes."""

from __future__ import annotations

from dataclasses import dataclass

PRODUCT_NAMES = {
    "postgres": "PostgreSQL",
    "mysql": "MariaDB/MySQL",
    "sqlite": "SQLite",
    "duckdb": "DuckDB",
    "files": "A file",
}
"""What products are called in sentences, by ``Capabilities.database``."""


@dataclass(frozen=True, slots=True)
class LedgerForm:
    """How the run's ledger lies in a target."""

    in_schema: bool = True
    """Has it a schema of its own? Else its tables are named ``dms_ledger_…`` and stand among the others."""
    key_type: str = "TEXT"
    """Text that may be part of a key: names of runs."""
    text_type: str = "TEXT"
    """Text of any length."""
    options: str = ""
    """What stands behind the columns of its tables."""
    transaction: str = "NULL"
    """SQL that names the transaction, where rows know the one that wrote them."""
    find: str = "select 1 from information_schema.tables where table_name = {table} and table_schema = {schema}"
    """Is a table there?"""
    find_schema: str = "select 1 from information_schema.schemata where schema_name = {schema}"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a database can do, as data the engine asks instead of testing classes."""

    database: str
    default_schema: str | None
    """The schema used when none is named; None where schemas do not exist."""
    identifier_bytes: int
    """Longest identifier in bytes."""
    placeholder: str
    """How a bound value is written in SQL: ``%s`` or ``?``."""
    has_savepoints: bool
    has_schemas: bool
    concurrent_writers: bool
    """May several connections write at a time?"""
    adds_foreign_keys_later: bool
    """Can a foreign key be added to a table that exists?"""
    enforces_foreign_keys_on_load: bool
    """Are foreign keys checked while rows are written?"""
    transactional_ddl: bool = True
    """Is DDL part of a transaction, so that one that is rolled back leaves nothing made?"""
    folds_table_names: bool = False
    """Are table names that differ by capitals only one name?"""
    folds_column_names: bool = False
    """Are column names that differ by capitals only one name?"""
    validates_foreign_keys_later: bool = False
    """Can a foreign key be added without a look at the rows that are there, and validated apart?"""
    keeps_foreign_key_actions: bool = True
    """Are ON DELETE and ON UPDATE actions known?"""
    numbers_columns: bool = True
    """Can a column make its own numbers (identity, auto-increment)?"""
    counts_in_steps: bool = True
    """Can such a column count in other steps than 1?"""
    largest_number: int = 2**63 - 1
    """The largest number that a column can make."""
    indexes_first_characters: bool = False
    """Does an index of long texts hold their first characters only?"""
    index_names_per_table: bool = False
    """May two tables of a schema have indexes of the same name? Else they share the names of the schema."""
    indexes_share_table_names: bool = True
    """Is an index's name one that no table, view or sequence of the schema may have?"""
    keys_are_indexes: bool = True
    """Is the name of a primary or unique key also that of an index?"""
    foreign_key_names_per_table: bool = True
    """May two tables of a schema have foreign keys and checks of the same name?"""
    identifier_characters: int | None = None
    """Longest identifier in characters, where that is the limit."""
    impossible_names: tuple[tuple[str, str], ...] = ((r"\A\Z", "a name must not be empty"),)
    """Regular expressions of names that tables and columns cannot have, each with the reason."""
    ledger: LedgerForm = LedgerForm()

    @property
    def product(self) -> str:
        """What the product is called in sentences."""
        return PRODUCT_NAMES.get(self.database, self.database)
