"""A schema snapshot: what a connection's catalogue was at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...engine.databases.catalogue import Catalogue, Table
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

        heads = ("Table", "Columns", "Rows about", "Bytes", "Key", "Indexes", "References")
        rows = "".join(
            "<tr>"
            + "".join(f"<td style='text-align:left'>{escape(text)}</td>" for text in table_cells(table))
            + "</tr>"
            for table in self.catalogue.tables
        )
        kinds = ("views", "sequences", "types", "routines", "others")
        others = ", ".join(f"{len(found)} {kind}" for kind in kinds if (found := getattr(self.catalogue, kind)))
        head = "".join(f"<th>{title}</th>" for title in heads)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return table + (f"<p>{escape(others)}</p>" if others else "")


def table_cells(table: Table) -> tuple[str, ...]:
    """A table in a line: columns, rows about, size, key, indexes, and the tables it refers to."""
    return (
        table.name.name,
        str(len(table.columns)),
        "" if table.rows_estimate is None else f"{table.rows_estimate:,}",
        "" if table.size_bytes is None else f"{table.size_bytes:,}",
        ", ".join(table.row_key()) or "none",
        str(len(table.indexes)),
        ", ".join(dict.fromkeys(str(key.references) for key in table.foreign_keys)),
    )
