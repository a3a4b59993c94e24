"""Files have columns and nothing else: every other object is left out, with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from ..ddl import NotExpressible, StandardDdl, Statements
from ..objects import Table, View
from ..table_parts import Check, Column, ForeignKey, Index, Key, TableName, Trigger


class FilesDdl(StandardDdl):
    """The structure of files."""

    product = "A file"

    def schema(self, name: str) -> Statements:  # noqa: ARG002  of the form
        """None."""
        raise NotExpressible("a folder of files has no schemas")

    def table(self, table: Table, *, foreign_keys: Sequence[ForeignKey] = ()) -> Statements:  # noqa: ARG002  has none
        """The columns alone; keys, checks and defaults are for `lacking` to account for."""
        lines = ",\n  ".join(self.column(table, column) for column in table.columns)
        return [f"CREATE TABLE {self.qualified(table.name)} (\n  {lines}\n)"]

    def column(self, table: Table, column: Column) -> str:  # noqa: ARG002  of the form
        """Name, type, and whether NULL may stand there."""
        return f"{self.quote(column.name)} {column.type.native}{'' if column.nullable else ' NOT NULL'}"

    def key(self, key: Key, *, primary: bool) -> str:  # noqa: ARG002  of the form
        """None."""
        raise self.lacks("keys")

    def check(self, check: Check) -> str:  # noqa: ARG002  of the form
        """None."""
        raise self.lacks("checks")

    def foreign_key(self, key: ForeignKey, *, named: bool = True) -> str:  # noqa: ARG002  of the form
        """None."""
        raise self.lacks("foreign keys")

    def add_check(self, table: TableName, check: Check) -> Statements:  # noqa: ARG002  of the form
        """None."""
        raise self.lacks("checks")

    def add_foreign_key(self, table: TableName, key: ForeignKey, *, validated: bool = True) -> Statements:  # noqa: ARG002
        """None."""
        raise self.lacks("keys")

    def index(self, table: TableName, index: Index) -> Statements:  # noqa: ARG002  of the form
        """None."""
        raise self.lacks("indexes")

    def view(self, view: View) -> Statements:  # noqa: ARG002  of the form
        """None."""
        raise NotExpressible("a folder of files has no views")

    def routine(self, routine: object) -> Statements:  # noqa: ARG002  of the form
        """None."""
        raise NotExpressible("a folder of files has no routines")

    def trigger(self, table: TableName, trigger: Trigger) -> Statements:  # noqa: ARG002  of the form
        """None."""
        raise self.lacks("triggers")

    def other(self, other: object) -> Statements:  # noqa: ARG002  of the form
        """None."""
        raise NotExpressible("a folder of files holds tables only")

    def statistics(self, table: TableName) -> Statements:  # noqa: ARG002  of the form
        """None are needed."""
        return []
