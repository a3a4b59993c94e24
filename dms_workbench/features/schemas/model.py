"""A schema snapshot: what a connection's catalogue was at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...engine.databases.catalogue import Catalogue
from ...kernel.shown import Readable


@dataclass(frozen=True)
class SnapshotSummary(Readable):
    """One line of the history of a schema."""

    id: str
    connection_id: str
    schema: str | None
    """None is the database's default schema, or a database without schemas."""
    database: str
    version: str
    fingerprint: str
    """SHA-256 of the structure; equal fingerprints mean equal structures."""
    tables: int
    first_seen_at: datetime
    last_seen_at: datetime
    """A discovery that finds the same structure moves this and keeps the snapshot."""


@dataclass(frozen=True)
class SchemaSnapshot:
    """A catalogue as it was found, with its place in the history."""

    summary: SnapshotSummary
    catalogue: Catalogue
    previous_fingerprint: str | None = None
    """That of the snapshot before this one; None for the first."""

    @property
    def id(self) -> str:
        """The snapshot's id."""
        return self.summary.id

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the structure."""
        return self.summary.fingerprint

    @property
    def changed(self) -> bool:
        """Was there another structure before this one?"""
        return self.previous_fingerprint is not None

    def __str__(self) -> str:
        lines = [
            f"{self.catalogue.database} {self.catalogue.schema or ''}".rstrip()
            + f": {len(self.catalogue.tables)} tables"
        ]
        lines += [
            f"  {table.name.name}: {len(table.columns)} columns, key {', '.join(table.row_key()) or 'none'}"
            for table in self.catalogue.tables
        ]
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(type(self).__name__ if cycle else str(self))

    def _repr_html_(self) -> str:
        from html import escape

        rows = "".join(
            f"<tr><td>{escape(table.name.name)}</td><td>{len(table.columns)}</td>"
            f"<td>{escape(', '.join(table.row_key()) or 'none')}</td></tr>"
            for table in self.catalogue.tables
        )
        return f"<table><thead><tr><th>Table</th><th>Columns</th><th>Key</th></tr></thead><tbody>{rows}</tbody></table>"
