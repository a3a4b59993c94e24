"""The audit chain's tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Row,
    Select,
    String,
    Table,
    and_,
    func,
    select,
    text,
    update,
)

from ...kernel.store import Instant, metadata
from .model import FIRST_HASH, AuditEntry

entries = Table(
    "audit_entries",
    metadata,
    Column("organisation_id", String(36), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("user_id", String(36), nullable=False),
    Column("user_name", String(100), nullable=False),
    Column("action", String(100), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("project_id", String(36)),
    Column("subject", JSON, nullable=False),
    Column("details", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# The end of each chain, in a row of its own: it is locked while an entry is added, and shows when the end is cut off.
heads = Table(
    "audit_heads",
    metadata,
    Column("organisation_id", String(36), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

PIECE = 1000
BEFORE_ALL = -(2**62)  # a forged entry may have any number
# Two first entries at once: one enters the head, the other finds it.
FIRST_HEAD = text(
    "INSERT INTO audit_heads (organisation_id, number, hash) VALUES (:organisation_id, 0, :hash) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class Filter:
    """Which entries of an organisation; None for no limit."""

    organisation_id: str
    project_id: str | None = None
    user: str | None = None
    action: str | None = None


def locked_head(db: Connection, organisation_id: str) -> tuple[int, str]:
    """Number and hash of the last entry, its row locked until the transaction ends."""
    locked = select(heads).where(heads.c.organisation_id == organisation_id).with_for_update()
    row = db.execute(locked).first()
    if row is None:
        db.execute(FIRST_HEAD, {"organisation_id": organisation_id, "hash": FIRST_HASH})
        row = db.execute(locked).one()
    return row.number, row.hash


def head(db: Connection, organisation_id: str) -> tuple[int, str]:
    """Number and hash of the last entry; 0 and zeros before the first."""
    row = db.execute(select(heads).where(heads.c.organisation_id == organisation_id)).first()
    return (0, FIRST_HASH) if row is None else (row.number, row.hash)


def append(db: Connection, organisation_id: str, entry: AuditEntry) -> None:
    """Add an entry and move the head to it."""
    values: dict[str, Any] = {**vars(entry), "organisation_id": organisation_id, "user_name": entry.user}
    del values["user"]
    db.execute(entries.insert().values(values))
    moved = update(heads).where(heads.c.organisation_id == organisation_id)
    db.execute(moved.values(number=entry.number, hash=entry.hash))


def chain(db: Connection, organisation_id: str) -> Iterator[AuditEntry]:
    """Every entry from the first, a thousand at a time."""
    mine = select(entries).where(entries.c.organisation_id == organisation_id).order_by(entries.c.number)
    last = BEFORE_ALL
    while rows := db.execute(mine.where(entries.c.number > last).limit(PIECE)).all():
        yield from map(entry_of, rows)
        last = rows[-1].number


def listed(db: Connection, chosen: Filter, limit: int, offset: int) -> tuple[list[AuditEntry], int]:
    """A page of entries, newest first, and how many there are."""
    rows = db.execute(filtered(select(entries), chosen).order_by(entries.c.number.desc()).limit(limit).offset(offset))
    total = db.execute(filtered(select(func.count()).select_from(entries), chosen)).scalar_one()
    return [entry_of(row) for row in rows], int(total)


def filtered(query: Select[Any], chosen: Filter) -> Select[Any]:
    """A query limited to the chosen entries."""
    conditions = [entries.c.organisation_id == chosen.organisation_id]
    if chosen.project_id is not None:
        conditions.append(entries.c.project_id == chosen.project_id)
    if chosen.user is not None:
        conditions.append(entries.c.user_name == chosen.user)
    if chosen.action is not None:
        conditions.append(entries.c.action == chosen.action)
    return query.where(and_(*conditions))


def entry_of(row: Row[Any]) -> AuditEntry:
    """A row as a value."""
    return AuditEntry(
        number=row.number,
        at=row.at,
        user=row.user_name,
        user_id=row.user_id,
        action=row.action,
        outcome=row.outcome,
        project_id=row.project_id,
        subject=row.subject,
        details=row.details,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
