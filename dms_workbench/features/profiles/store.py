"""The table of profiles: figures only; values of personal data are masked before they come here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    func,
    select,
)  # fmt: skip

from ...kernel.store import Instant, metadata
from .model import ProfileSummary

profiles = Table(
    "profiles",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("project_id", String(36)),
    Column("connection_id", String(36), nullable=False),
    Column("schema_name", Text),
    Column("source", Text, nullable=False),
    Column("tables", Integer, nullable=False),
    Column("columns", Integer, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("sampled", Boolean, nullable=False),
    Column("content", JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(100), nullable=False),
)
OF_CONNECTION = Index("ix_profiles_connection_id", profiles.c.connection_id)


def summary_of(row: Row[Any]) -> ProfileSummary:
    """A row as a value."""
    return ProfileSummary(
        id=row.id,
        connection_id=row.connection_id,
        source=row.source,
        schema=row.schema_name,
        tables=row.tables,
        columns=row.columns,
        rows_read=row.rows_read,
        sampled=row.sampled,
        made_at=row.made_at,
        made_by=row.made_by,
    )


def find(db: Connection, organisation_id: str, profile_id: str) -> Row[Any] | None:
    """One profile's row."""
    mine = (profiles.c.organisation_id == organisation_id) & (profiles.c.id == profile_id)
    return db.execute(select(profiles).where(mine)).first()


def page_of(
    db: Connection, organisation_id: str, connection_id: str, limit: int, offset: int
) -> tuple[list[ProfileSummary], int]:
    """A page of a connection's profiles, the newest first, and how many there are."""
    mine = (profiles.c.organisation_id == organisation_id) & (profiles.c.connection_id == connection_id)
    light = [column for column in profiles.c if column.name != "content"]
    found = db.execute(select(*light).where(mine).order_by(profiles.c.id.desc()).limit(limit).offset(offset))
    total = db.execute(select(func.count()).select_from(profiles).where(mine)).scalar_one()
    return [summary_of(row) for row in found], int(total)


def add(db: Connection, **values: Any) -> None:
    """Enter a profile."""
    db.execute(profiles.insert().values(**values))
