"""The table of connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy import Connection as StoreConnection

from ...engine.databases.urls import normalise, warnings_of
from ...kernel.sealing import Place, Sealed
from ...kernel.store import Instant, metadata
from .model import Connection, Status

connections = Table(
    "connections",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("project_id", String(36), ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("database", String(20), nullable=False),
    Column("url", String(4000), nullable=False),
    Column("password_variable", String(200)),
    Column("production", Boolean, nullable=False),
    Column("ad_hoc", Boolean, nullable=False),
    Column("status", String(20), nullable=False),
    Column("tested_at", Instant),
    Column("problem", String(100)),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(100), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("secret_version", Integer, nullable=False),
    Column("key", String(40)),
    Column("wrapped_key", LargeBinary),
    Column("ciphertext", LargeBinary),
    UniqueConstraint("project_id", "name"),
)


@dataclass(frozen=True)
class Filter:
    """Which connections. visible: ids of projects the caller may see, None for all; None elsewhere for no limit."""

    organisation_id: str
    visible: frozenset[str] | None = None
    project_id: str | None = None
    ad_hoc: bool | None = None
    search: str | None = None


def insert(db: StoreConnection, values: Mapping[str, Any]) -> None:
    """Enter a connection."""
    db.execute(connections.insert().values(secret_version=0, **values))


def change(db: StoreConnection, connection_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of a connection."""
    db.execute(update(connections).where(connections.c.id == connection_id).values(**values))


def remove(db: StoreConnection, connection_id: str) -> None:
    """Delete a connection and its secret."""
    db.execute(delete(connections).where(connections.c.id == connection_id))


def get(db: StoreConnection, connection_id: str) -> Connection:
    """A connection that is known to exist."""
    return connection_of(db.execute(select(connections).where(connections.c.id == connection_id)).one())


def get_to_change(db: StoreConnection, connection_id: str) -> Connection:
    """The same, its row locked until the transaction ends."""
    found = select(connections).where(connections.c.id == connection_id).with_for_update()
    return connection_of(db.execute(found).one())


def named(db: StoreConnection, organisation_id: str, name_or_id: str) -> list[tuple[str, str]]:
    """Ids and projects of the connections that an id or a name means; an id means one."""
    mine = connections.c.organisation_id == organisation_id
    wanted = or_(connections.c.id == name_or_id, connections.c.name == name_or_id)
    rows = db.execute(select(connections.c.id, connections.c.project_id).where(mine, wanted)).all()
    by_id = [row for row in rows if row.id == name_or_id]
    return [(row.id, row.project_id) for row in by_id or rows]


def find(db: StoreConnection, project_id: str, name: str) -> Connection | None:
    """The connection of a project by name."""
    mine = and_(connections.c.project_id == project_id, connections.c.name == name)
    row = db.execute(select(connections).where(mine)).first()
    return None if row is None else connection_of(row)


def listed(db: StoreConnection, chosen: Filter, limit: int, offset: int) -> tuple[list[Connection], int]:
    """A page of connections by name, and how many there are."""
    condition = and_(*conditions(chosen))
    rows = db.execute(select(connections).where(condition).order_by(connections.c.name).limit(limit).offset(offset))
    total = db.execute(select(func.count()).select_from(connections).where(condition)).scalar_one()
    return [connection_of(row) for row in rows], int(total)


def conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    """The filter as conditions."""
    found: list[ColumnElement[bool]] = [connections.c.organisation_id == chosen.organisation_id]
    if chosen.visible is not None:
        found.append(connections.c.project_id.in_(chosen.visible))
    if chosen.project_id is not None:
        found.append(connections.c.project_id == chosen.project_id)
    if chosen.ad_hoc is not None:
        found.append(connections.c.ad_hoc == chosen.ad_hoc)
    if chosen.search:
        name, url = connections.c.name, connections.c.url
        found.append(or_(name.icontains(chosen.search, autoescape=True), url.icontains(chosen.search, autoescape=True)))
    return found


def connection_of(row: Row[Any]) -> Connection:
    """A row as a value, without its secret."""
    return Connection(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        database=row.database,
        url=row.url,
        has_password=row.ciphertext is not None or row.password_variable is not None,
        password_variable=row.password_variable,
        production=row.production,
        ad_hoc=row.ad_hoc,
        status=Status(row.status),
        tested_at=row.tested_at,
        problem=row.problem,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        changed_at=row.changed_at,
        warnings=warnings_of(normalise(row.url)),
    )


def place_of(organisation_id: str, connection_id: str, secret_version: int) -> Place:
    """What a connection's password is sealed for."""
    return Place(organisation_id, f"connection {connection_id}", "password", secret_version)


def next_place(db: StoreConnection, connection_id: str) -> Place:
    """What the connection's next password is to be sealed for."""
    row = db.execute(select(connections).where(connections.c.id == connection_id)).one()
    return place_of(row.organisation_id, row.id, row.secret_version + 1)


def put_seal(db: StoreConnection, connection_id: str, sealed: Sealed, secret_version: int) -> None:
    """Keep a sealed password in place of the one before."""
    values = {"key": sealed.key_id, "wrapped_key": sealed.wrapped_key, "ciphertext": sealed.ciphertext}
    change(db, connection_id, {**values, "secret_version": secret_version})


def drop_seal(db: StoreConnection, connection_id: str) -> None:
    """Forget the password."""
    change(db, connection_id, {"key": None, "wrapped_key": None, "ciphertext": None})


def sealed_password(db: StoreConnection, connection_id: str) -> tuple[Sealed, Place] | None:
    """The sealed password and what it is sealed for; None without one."""
    row = db.execute(select(connections).where(connections.c.id == connection_id)).one()
    return None if row.ciphertext is None else seal_of(row)


def seal_of(row: Row[Any]) -> tuple[Sealed, Place]:
    """A row's sealed password and its place."""
    place = place_of(row.organisation_id, row.id, row.secret_version)
    return Sealed(row.key, row.wrapped_key, row.ciphertext), place


def seals(db: StoreConnection, organisation_id: str) -> list[tuple[str, Sealed, Place]]:
    """Every sealed password of the organisation with its connection's id, rows locked until the transaction ends."""
    mine = and_(connections.c.organisation_id == organisation_id, connections.c.ciphertext.is_not(None))
    return [(row.id, *seal_of(row)) for row in db.execute(select(connections).where(mine).with_for_update())]


def seals_by_key(db: StoreConnection) -> dict[str, int]:
    """How many sealed passwords use each master key, in all organisations."""
    counted = select(connections.c.key, func.count()).where(connections.c.key.is_not(None)).group_by(connections.c.key)
    return {row[0]: row[1] for row in db.execute(counted)}
