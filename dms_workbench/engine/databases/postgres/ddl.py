"""PostgreSQL's DDL."""

from __future__ import annotations

from ..ddl import StandardDdl, Statements
from ..objects import ForeignKey, TableName


class PostgresDdl(StandardDdl):
    """What PostgreSQL says in its own way."""

    product = "PostgreSQL"

    def add_foreign_key(self, table: TableName, key: ForeignKey, *, validated: bool = True) -> Statements:
        """A foreign key of a table that exists."""
        suffix = "" if validated else " NOT VALID"
        return [f"ALTER TABLE {self.qualified(table)} ADD {self.foreign_key(key)}{suffix}"]
