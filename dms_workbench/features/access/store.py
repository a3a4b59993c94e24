"""The tables of people and their rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Row,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from ...kernel.store import Instant, metadata
from .model import Member, Token, User

organisations = Table(
    "organisations",
    metadata,
    Column("organisation_id", String(36), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisations.organisation_id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("email", String(254)),
    Column("role", String(30)),
    Column("granted", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("organisation_id", "name"),
)

# A member of a project. The project's table belongs to a feature above, so there is no foreign key to it.
memberships = Table(
    "memberships",
    metadata,
    Column("organisation_id", String(36), ForeignKey("organisations.organisation_id"), nullable=False),
    Column("project_id", String(36), primary_key=True),
    Column("user_id", String(36), ForeignKey("users.id"), primary_key=True),
    Column("role", String(30), nullable=False),
    Column("since", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), ForeignKey("organisations.organisation_id"), nullable=False),
    Column("user_id", String(36), ForeignKey("users.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)


def add_organisation(db: Connection, organisation_id: str, at: datetime) -> None:
    """Enter an organisation, named as its id, unless it is there."""
    if db.execute(select(organisations).where(organisations.c.organisation_id == organisation_id)).first() is None:
        db.execute(organisations.insert().values(organisation_id=organisation_id, name=organisation_id, created_at=at))


def add_user(db: Connection, **values: Any) -> None:
    """Enter a user."""
    db.execute(users.insert().values({"granted": [], "active": True, "email": None, **values}))


def find_user(db: Connection, organisation_id: str, name_or_id: str) -> Row[Any] | None:
    """A user of the organisation by id or name."""
    named = or_(users.c.id == name_or_id, users.c.name == name_or_id)
    return db.execute(select(users).where(users.c.organisation_id == organisation_id, named)).first()


def list_users(db: Connection, organisation_id: str, limit: int, offset: int) -> tuple[list[User], int]:
    """A page of users by name, and how many there are."""
    mine = users.c.organisation_id == organisation_id
    rows = db.execute(select(users).where(mine).order_by(users.c.name).limit(limit).offset(offset))
    return [user_of(row) for row in rows], count(db, users, mine)


def count(db: Connection, table: Table, condition: Any) -> int:
    """How many rows hold a condition."""
    return int(db.execute(select(func.count()).select_from(table).where(condition)).scalar_one())


def user_of(row: Row[Any]) -> User:
    """A row as a value."""
    return User(row.id, row.name, row.email, row.role, row.active, row.created_at)


def change_user(db: Connection, user_id: str, **values: Any) -> None:
    """Change a user's columns."""
    db.execute(update(users).where(users.c.id == user_id).values(**values))


def other_administrators(db: Connection, organisation_id: str, user_id: str) -> int:
    """How many active administrators the organisation has besides this user."""
    admin = users.c.role.in_(("system_admin", "org_admin"))
    condition = and_(users.c.organisation_id == organisation_id, users.c.id != user_id, users.c.active, admin)
    return count(db, users, condition)


def project_roles(db: Connection, user_id: str) -> dict[str, str]:
    """The user's role by project id."""
    rows = db.execute(select(memberships.c.project_id, memberships.c.role).where(memberships.c.user_id == user_id))
    return {row.project_id: row.role for row in rows}


def set_member(db: Connection, organisation_id: str, project_id: str, user_id: str, role: str, at: datetime) -> None:
    """Give a user a role in a project, in place of one already held."""
    drop_member(db, project_id, user_id)
    db.execute(
        memberships.insert().values(
            organisation_id=organisation_id, project_id=project_id, user_id=user_id, role=role, since=at
        )
    )


def drop_member(db: Connection, project_id: str, user_id: str | None = None) -> None:
    """Take a user, or (None) everybody, out of a project."""
    theirs = memberships.c.project_id == project_id
    if user_id is not None:
        theirs = and_(theirs, memberships.c.user_id == user_id)
    db.execute(delete(memberships).where(theirs))


def members(db: Connection, project_id: str) -> list[Member]:
    """The members of a project by name."""
    joined = select(users.c.name, memberships.c.role, memberships.c.since).join_from(memberships, users)
    rows = db.execute(joined.where(memberships.c.project_id == project_id).order_by(users.c.name))
    return [Member(row.name, row.role, row.since) for row in rows]


def is_member(db: Connection, project_id: str, user_id: str) -> bool:
    """Is the user a member of the project?"""
    theirs = exists().where(memberships.c.project_id == project_id, memberships.c.user_id == user_id)
    return bool(db.execute(select(theirs)).scalar())


def add_token(db: Connection, **values: Any) -> None:
    """Enter a token; only its hash is kept."""
    db.execute(tokens.insert().values(**values))


def tokens_of(db: Connection, user_id: str) -> list[Token]:
    """The user's tokens, newest first."""
    joined = select(tokens, users.c.name.label("user")).join_from(tokens, users)
    rows = db.execute(joined.where(tokens.c.user_id == user_id).order_by(tokens.c.created_at.desc()))
    return [token_of(row) for row in rows]


def token_of(row: Row[Any]) -> Token:
    """A row as a value."""
    scopes = None if row.scopes is None else tuple(row.scopes)
    return Token(row.id, row.name, row.user, scopes, row.created_at, row.expires_at, row.revoked_at)


def find_token(db: Connection, organisation_id: str, token_id: str) -> Row[Any] | None:
    """A token of the organisation by id."""
    mine = and_(tokens.c.organisation_id == organisation_id, tokens.c.id == token_id)
    return db.execute(select(tokens).where(mine)).first()


def revoke_token(db: Connection, token_id: str, at: datetime) -> None:
    """End a token."""
    db.execute(update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None)).values(revoked_at=at))


def signed_in(db: Connection, digest: str, now: datetime) -> tuple[Row[Any], list[str] | None] | None:
    """The active user of a valid token and the token's limit."""
    valid = and_(tokens.c.hash == digest, tokens.c.revoked_at.is_(None), tokens.c.expires_at > now, users.c.active)
    row = db.execute(select(users, tokens.c.scopes.label("limit")).join_from(tokens, users).where(valid)).first()
    return None if row is None else (row, row.limit)
