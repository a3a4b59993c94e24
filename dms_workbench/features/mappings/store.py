"""The tables of mapping versions, and of what projects share of their decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
)

from ...kernel.store import Instant, metadata
from .memory_model import MemoryLine
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

memory = Table(
    "mapping_memory",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False, index=True),
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), index=True),
    Column("project", String(300), nullable=False),
    Column("mapping", String(200), nullable=False),
    Column("source_table", String(300), nullable=False),
    Column("source_column", String(300), nullable=False),
    Column("target_table", String(300), nullable=False),
    Column("target_column", String(300), nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(300), nullable=False),
)
"""project_id: None for what was imported."""

NAMES = ("source_table", "source_column", "target_table", "target_column")

sharing = Table(
    "mapping_sharing",
    metadata,
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(100), nullable=False),
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


def memory_lines(
    db: Connection,
    organisation_id: str,
    *,
    project_id: str | None = None,
    without: str | None = None,
    imported: bool | None = None,
) -> list[MemoryLine]:
    """What is remembered, in order of names. project_id: of this project; without: of all others; imported: only that, or not."""
    wanted = memory.c.organisation_id == organisation_id
    if project_id is not None:
        wanted &= memory.c.project_id == project_id
    if without is not None:
        wanted &= or_(memory.c.project_id.is_(None), memory.c.project_id != without)
    if imported is not None:
        wanted &= memory.c.project_id.is_(None) if imported else memory.c.project_id.is_not(None)
    names = [memory.c[name] for name in (*NAMES, "project")]
    rows = db.execute(select(memory).where(wanted).order_by(*names, memory.c.mapping))
    fields = (*NAMES, "accepted", "rejected", "project", "at", "by")
    return [MemoryLine(**{field: getattr(row, field) for field in fields}) for row in rows]


def replace_contribution(
    db: Connection,
    organisation_id: str,
    project_id: str,
    mapping: str,
    lines: Sequence[MemoryLine],
    new_id: Callable[[], str],
) -> None:
    """Put these lines in the place of those that a mapping of a project gave before."""
    db.execute(delete(memory).where(memory.c.project_id == project_id, memory.c.mapping == mapping))
    if lines:
        own = {"organisation_id": organisation_id, "project_id": project_id, "mapping": mapping}
        db.execute(memory.insert(), [{"id": new_id(), **own, **vars(line)} for line in lines])


def replace_imported(db: Connection, organisation_id: str, new_id: str, line: MemoryLine) -> None:
    """Put an imported line in the place of the one about the same pair and project."""
    same = [memory.c[name] == getattr(line, name) for name in (*NAMES, "project")]
    db.execute(delete(memory).where(memory.c.organisation_id == organisation_id, memory.c.project_id.is_(None), *same))
    db.execute(
        memory.insert().values(id=new_id, organisation_id=organisation_id, project_id=None, mapping="", **vars(line))
    )


def forget(db: Connection, organisation_id: str, *, project_id: str | None = None, origin: str = "") -> int:
    """Take out what a project gave, or what was imported as a project's; how many lines there were."""
    whose = (
        memory.c.project_id == project_id
        if project_id is not None
        else memory.c.project_id.is_(None) & (memory.c.project == origin)
    )
    return db.execute(delete(memory).where(memory.c.organisation_id == organisation_id, whose)).rowcount


def set_sharing(db: Connection, organisation_id: str, project_id: str, *, on: bool, at: datetime, by: str) -> None:
    """Say whether a project shares."""
    db.execute(delete(sharing).where(sharing.c.project_id == project_id))
    if on:
        db.execute(sharing.insert().values(project_id=project_id, organisation_id=organisation_id, at=at, by=by))


def shares(db: Connection, project_id: str) -> bool:
    """Does a project share?"""
    return db.execute(select(sharing.c.project_id).where(sharing.c.project_id == project_id)).first() is not None
