"""PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalogue import DataType, TableName
from ..witness import Witness
from .capabilities import CAPABILITIES, qualified, quote
from .ddl import PostgresDdl
from .read import PostgresSource
from .types import parse_type, render_type
from .write import PostgresTarget

__all__ = ["Postgres", "PostgresSource", "PostgresTarget", "database"]


class Postgres:
    """How to reach PostgreSQL and how it spells things."""

    can = CAPABILITIES
    ddl = PostgresDdl(quote, qualified)

    def open_source(
        self,
        url: str,
        *,
        options: Mapping[str, Any] | None = None,
    ) -> PostgresSource:
        """Connect read-only and take the snapshot. options: ``snapshot``, an exported one to read under instead."""
        from .connect import connect

        snapshot = (options or {}).get("snapshot", "")
        return PostgresSource(connect(url, application_name="dms source", read_only=True), url, snapshot)

    def open_target(
        self,
        url: str,
        *,
        create: bool = True,  # noqa: ARG002  of the protocol
        options: Mapping[str, Any] | None = None,
    ) -> PostgresTarget:
        """Connect for writing. options: ``ledger_schema``. A missing database is never created."""
        from .connect import connect

        return PostgresTarget(
            connect(url, application_name="dms target"), url, (options or {}).get("ledger_schema", "dms_ledger")
        )

    def witness(self, url: str) -> Witness:
        """Who looks at sessions of a server from beside."""
        from .witness import PostgresWitness

        return PostgresWitness(url)

    def parse_type(self, native: str) -> DataType:
        """See `types.parse_type`."""
        return parse_type(native)

    def render_type(self, type: DataType) -> str:
        """See `types.render_type`."""
        return render_type(type)

    def quote(self, name: str) -> str:
        """An identifier, quoted."""
        return quote(name)

    def qualified(self, table: TableName) -> str:
        """Schema and table, quoted."""
        return qualified(table)


database = Postgres()
