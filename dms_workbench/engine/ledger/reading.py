"""The ledger and tables of a target that is only read: a verification changes nothing, so it needs no right to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ..databases.base import Source, Target
from ..databases.capabilities import Capabilities
from ..databases.catalogue import Catalogue, Table
from ..databases.errors import FileReadOnly
from ..databases.going_back import go_back, keep_place
from ..databases.urls import database_for


class ReadOnlyTarget:
    """What verifying asks of a target, answered by the read side of its database."""

    read_only = "it is opened for reading only"

    def __init__(self, url: str, ledger_schema: str = "dms_ledger") -> None:
        """Open it; a file that may be written is first brought back to its last commit if a writer was killed in it.

        Raises the errors of connecting.
        """
        self.database = database_for(url)
        self.ledger_schema = ledger_schema
        try:
            self.source: Source = self.database.open_source(url, options={"writable": True})
        except FileReadOnly:
            self.source = self.database.open_source(url)
        self.can: Capabilities = self.source.can
        self.identity: str = self.source.identity

    def catalogue(self, schema: str | None = None) -> Catalogue:
        """As `Source.catalogue`."""
        return self.source.catalogue(schema)

    def count(self, table: Table) -> int:
        """As `Source.count`."""
        return self.source.count(table)

    def keep_place(self) -> None:
        """From here on a read that fails can be left behind."""
        keep_place(self.source)

    def go_back(self) -> None:
        """Leave behind a read that has failed."""
        go_back(self.source)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return [row for rows in self.source.stream(sql, parameters) for row in rows]

    def ledger_table(self, name: str) -> str:
        """The quoted name of a ledger table."""
        if not self.can.ledger.in_schema:
            return self.database.quote(f"dms_ledger_{name}")
        return f"{self.database.quote(self.ledger_schema)}.{self.database.quote(name)}"

    def close(self) -> None:
        """Close the connection."""
        self.source.close()


def open_for_reading(url: str, ledger_schema: str = "dms_ledger") -> Target:
    """A target of which only the reading half is used: catalogue, counts, queries and the ledger's names."""
    return cast("Target", ReadOnlyTarget(url, ledger_schema))
