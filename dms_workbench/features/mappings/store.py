"""The table of mapping versions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, UniqueConstraint, func, select

from ...kernel.store import Instant, metadata
from .model import MappingVersion

versions = Table(
    "mapping_versions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("project_id", String(36), nullable=False),
    Column("name", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("sha", String(80), nullable=False),
    Column("based_on", String(80)),
    Column("text", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", String(100), nullable=False),
    UniqueConstraint("project_id", "name", "number"),
)


def version_of(row: Row[Any], *, with_text: bool) -> MappingVersion:
    """A row as a value."""
    return MappingVersion(
        project_id=row.project_id,
        name=row.name,
        sha=row.sha,
        number=row.number,
        based_on=row.based_on,
        saved_at=row.saved_at,
        saved_by=row.saved_by,
        text=row.text if with_text else "",
    )


def latest(db: Connection, project_id: str, name: str) -> MappingVersion | None:
    """The newest version of a name, with its text."""
    return first(db, (versions.c.project_id == project_id) & (versions.c.name == name))


def version(db: Connection, project_id: str, name: str, sha: str) -> MappingVersion | None:
    """The version of a name whose SHA-256 begins so."""
    named = (versions.c.project_id == project_id) & (versions.c.name == name)
    return first(db, named & versions.c.sha.startswith(sha, autoescape=True))


def first(db: Connection, condition: Any) -> MappingVersion | None:
    """The newest version for which a condition holds, with its text."""
    row = db.execute(select(versions).where(condition).order_by(versions.c.number.desc()).limit(1)).first()
    return None if row is None else version_of(row, with_text=True)


def history(db: Connection, project_id: str, name: str) -> list[MappingVersion]:
    """All versions of a name, newest first, without texts."""
    mine = (versions.c.project_id == project_id) & (versions.c.name == name)
    rows = db.execute(select(versions).where(mine).order_by(versions.c.number.desc()))
    return [version_of(row, with_text=False) for row in rows]


def latest_of_each(db: Connection, project_id: str) -> list[MappingVersion]:
    """The newest version of each name of a project, by name, without texts."""
    newest = (
        select(versions.c.name, func.max(versions.c.number).label("number"))
        .where(versions.c.project_id == project_id)
        .group_by(versions.c.name)
        .subquery()
    )
    same = (versions.c.name == newest.c.name) & (versions.c.number == newest.c.number)
    rows = db.execute(
        select(versions).join(newest, same).where(versions.c.project_id == project_id).order_by(versions.c.name)
    )
    return [version_of(row, with_text=False) for row in rows]


def add(db: Connection, **values: Any) -> None:
    """Enter a version."""
    db.execute(versions.insert().values(**values))
