"""The tables of projects and their changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    UniqueConstraint,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from ...kernel.store import Instant, metadata
from .errors import ProjectNameTaken
from .model import Project, ProjectChange, State

projects = Table(
    "projects",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("name", String(100), nullable=False),
    Column("description", String(500), nullable=False),
    Column("state", String(20), nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("organisation_id", "name"),
)

changes = Table(
    "project_changes",
    metadata,
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("organisation_id", String(36), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(100), nullable=False),
    Column("what", String(30), nullable=False),
    Column("details", JSON, nullable=False),
    Column("snapshot", JSON, nullable=False),
)


@dataclass(frozen=True)
class Filter:
    """Which projects. visible: ids the caller may see, None for all; None elsewhere for no limit."""

    organisation_id: str
    visible: frozenset[str] | None = None
    state: State | None = None
    archived: bool | None = None
    search: str | None = None


def insert(db: Connection, organisation_id: str, project: Project) -> None:
    """Enter a project. Raises ProjectNameTaken when another transaction was first."""
    try:
        db.execute(projects.insert().values(organisation_id=organisation_id, **columns(project)))
    except IntegrityError as error:
        raise ProjectNameTaken(name=project.name) from error


def save(db: Connection, project: Project) -> None:
    """Write a changed project. Raises ProjectNameTaken when another transaction was first."""
    try:
        db.execute(update(projects).where(projects.c.id == project.id).values(**columns(project)))
    except IntegrityError as error:
        raise ProjectNameTaken(name=project.name) from error


def remove(db: Connection, project_id: str) -> None:
    """Delete a project with its history."""
    db.execute(delete(projects).where(projects.c.id == project_id))


def columns(project: Project) -> dict[str, Any]:
    """The project's columns."""
    return {**vars(project), "state": project.state.value}


def locate(db: Connection, organisation_id: str, name_or_id: str) -> Project | None:
    """A project of the organisation by id or name; an id wins."""
    named = or_(projects.c.id == name_or_id, projects.c.name == name_or_id)
    ids_first = case((projects.c.id == name_or_id, 0), else_=1)
    row = db.execute(
        select(projects).where(projects.c.organisation_id == organisation_id, named).order_by(ids_first)
    ).first()
    return None if row is None else project_of(row)


def get(db: Connection, project_id: str) -> Project:
    """A project that is known to exist."""
    return project_of(db.execute(select(projects).where(projects.c.id == project_id)).one())


def get_to_change(db: Connection, project_id: str) -> Project:
    """A project that is known to exist, its row locked until the transaction ends."""
    return project_of(db.execute(select(projects).where(projects.c.id == project_id).with_for_update()).one())


def listed(db: Connection, chosen: Filter, limit: int, offset: int) -> tuple[list[Project], int]:
    """A page of projects by name, and how many there are."""
    condition = and_(*conditions(chosen))
    rows = db.execute(select(projects).where(condition).order_by(projects.c.name).limit(limit).offset(offset))
    total = db.execute(select(func.count()).select_from(projects).where(condition)).scalar_one()
    return [project_of(row) for row in rows], int(total)


def conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    """The filter as conditions."""
    found: list[ColumnElement[bool]] = [projects.c.organisation_id == chosen.organisation_id]
    if chosen.visible is not None:
        found.append(projects.c.id.in_(chosen.visible))
    if chosen.state is not None:
        found.append(projects.c.state == chosen.state.value)
    if chosen.archived is not None:
        found.append(projects.c.archived == chosen.archived)
    if chosen.search:
        found.append(contains(chosen.search))
    return found


def contains(words: str) -> ColumnElement[bool]:
    """Name or description holds the words, in any case."""
    return or_(
        projects.c.name.icontains(words, autoescape=True), projects.c.description.icontains(words, autoescape=True)
    )


def project_of(row: Row[Any]) -> Project:
    """A row as a value."""
    return Project(
        id=row.id,
        name=row.name,
        description=row.description,
        state=State(row.state),
        archived=row.archived,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        changed_at=row.changed_at,
    )


def add_change(db: Connection, organisation_id: str, project: Project, change: ProjectChange) -> None:
    """Enter a change and the project as it is after it."""
    snapshot = columns(project) | {
        "created_at": project.created_at.isoformat(),
        "changed_at": project.changed_at.isoformat(),
    }
    db.execute(
        changes.insert().values(
            project_id=project.id, organisation_id=organisation_id, snapshot=snapshot, **vars(change)
        )
    )


def history(db: Connection, project_id: str, limit: int, offset: int) -> tuple[list[ProjectChange], int]:
    """A page of changes, newest first, and how many there are."""
    mine = changes.c.project_id == project_id
    rows = db.execute(select(changes).where(mine).order_by(changes.c.version.desc()).limit(limit).offset(offset))
    total = db.execute(select(func.count()).select_from(changes).where(mine)).scalar_one()
    return [ProjectChange(row.version, row.at, row.by, row.what, row.details) for row in rows], int(total)


def version(db: Connection, project_id: str, number: int) -> Project | None:
    """The project as it was at a version."""
    mine = and_(changes.c.project_id == project_id, changes.c.version == number)
    snapshot = db.execute(select(changes.c.snapshot).where(mine)).scalar()
    if snapshot is None:
        return None
    moments = {name: datetime.fromisoformat(snapshot[name]) for name in ("created_at", "changed_at")}
    return Project(**{**snapshot, **moments, "state": State(snapshot["state"])})
