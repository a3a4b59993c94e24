"""The table of schema snapshots: one row for each structure a schema had, with when it was first and last seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Index, Integer, Row, String, Table, Text, func, select, update

from ...kernel.store import Instant, metadata
from .model import SnapshotSummary

snapshots = Table(
    "schema_snapshots",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("project_id", String(36)),
    Column("connection_id", String(36), nullable=False),
    Column("schema_name", Text),
    Column("database", String(20), nullable=False),
    Column("version", Text, nullable=False),
    Column("fingerprint", String(80), nullable=False),
    Column("tables", Integer, nullable=False),
    Column("catalogue", JSON, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
)
OF_CONNECTION = Index("ix_schema_snapshots_connection_id", snapshots.c.connection_id)


def summary_of(row: Row[Any]) -> SnapshotSummary:
    """A row as a value."""
    return SnapshotSummary(
        id=row.id,
        connection_id=row.connection_id,
        schema=row.schema_name,
        database=row.database,
        version=row.version,
        fingerprint=row.fingerprint,
        tables=row.tables,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
    )


def find(db: Connection, organisation_id: str, snapshot_id: str) -> Row[Any] | None:
    """One snapshot's row."""
    mine = (snapshots.c.organisation_id == organisation_id) & (snapshots.c.id == snapshot_id)
    return db.execute(select(snapshots).where(mine)).first()


def latest(
    db: Connection, organisation_id: str, connection_id: str, schema: str | None, before: str | None = None
) -> Row[Any, Any] | None:
    """Id and fingerprint of the newest snapshot of a schema, or of the newest one before another."""
    named = snapshots.c.schema_name.is_(None) if schema is None else snapshots.c.schema_name == schema
    mine = (snapshots.c.organisation_id == organisation_id) & (snapshots.c.connection_id == connection_id) & named
    if before is not None:
        mine &= snapshots.c.id < before
    query = select(snapshots.c.id, snapshots.c.fingerprint).where(mine)
    return db.execute(query.order_by(snapshots.c.id.desc()).limit(1)).first()


def page_of(
    db: Connection, organisation_id: str, connection_id: str, limit: int, offset: int
) -> tuple[list[SnapshotSummary], int]:
    """A page of a connection's snapshots, the newest first, and how many there are."""
    mine = (snapshots.c.organisation_id == organisation_id) & (snapshots.c.connection_id == connection_id)
    found = db.execute(select(snapshots).where(mine).order_by(snapshots.c.id.desc()).limit(limit).offset(offset))
    total = db.execute(select(func.count()).select_from(snapshots).where(mine)).scalar_one()
    return [summary_of(row) for row in found], int(total)


def add(db: Connection, **values: Any) -> None:
    """Enter a snapshot."""
    db.execute(snapshots.insert().values(**values))


def seen_again(db: Connection, snapshot_id: str, version: str, at: datetime) -> None:
    """The same structure was found again."""
    db.execute(update(snapshots).where(snapshots.c.id == snapshot_id).values(version=version, last_seen_at=at))
