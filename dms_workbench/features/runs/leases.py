"""The worker's side of the tables: who holds a run, until when, and what is wished of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ...engine.control import Wish
from .model import Worker
from .store import clock, enter_event, rows, runs

LEASE_SECONDS = 15.0


def claim(db: Connection, worker: Worker, at: datetime) -> dict[str, Any] | None:
    """Give the oldest queued run to a worker and return its row, or None; no two workers get the same."""
    oldest = sa.select(runs.c.id).where(runs.c.status == "queued").order_by(runs.c.queued_at, runs.c.id).limit(1)
    run_id = db.execute(oldest.with_for_update(skip_locked=True)).scalar()
    taken = sa.update(runs).where(runs.c.id == run_id, runs.c.status == "queued")
    taken = taken.values(
        status="running",
        epoch=runs.c.epoch + 1,
        owner=worker.id,
        owner_host=worker.host,
        owner_lock=worker.lock,
        lease_until=clock(db) + LEASE_SECONDS,
        started_at=sa.func.coalesce(runs.c.started_at, at),
        heard_at=at,
    )
    if run_id is None or db.execute(taken).rowcount != 1:
        return None
    enter_event(db, run_id, kind="status", data={"status": "running"}, at=at)
    return rows(db, runs.c.id == run_id)[0]


def extend(db: Connection, worker: Worker, at: datetime) -> None:
    """Extend the leases of all runs of a worker."""
    mine = sa.update(runs).where(runs.c.owner == worker.id, runs.c.status == "running")
    db.execute(mine.values(lease_until=clock(db) + LEASE_SECONDS, heard_at=at))


def wishes(db: Connection, worker: Worker) -> dict[tuple[str, int], Wish]:
    """What is wished of each run of a worker, by id and epoch."""
    mine = (runs.c.owner == worker.id) & (runs.c.status == "running")
    found = db.execute(sa.select(runs.c.id, runs.c.epoch, runs.c.wish).where(mine))
    return {(run_id, epoch): wish for run_id, epoch, wish in found}


def wish_of(db: Connection, run_id: str) -> Wish:
    """What is wished of a run."""
    wish: Wish = db.execute(sa.select(runs.c.wish).where(runs.c.id == run_id)).scalar_one()
    return wish


def holds(db: Connection, worker: Worker, run_id: str, epoch: int) -> bool:
    """Does a worker still hold a run by this claim? If so, nobody can take it before the transaction ends."""
    mine = (runs.c.id == run_id) & (runs.c.owner == worker.id) & (runs.c.epoch == epoch) & (runs.c.status == "running")
    return db.execute(sa.select(runs.c.id).where(mine).with_for_update()).first() is not None


def any_queued(db: Connection) -> bool:
    """Is a run queued?"""
    return db.execute(sa.select(runs.c.id).where(runs.c.status == "queued").limit(1)).first() is not None


def running(db: Connection) -> list[dict[str, Any]]:
    """The runs that are said to be running."""
    return rows(db, runs.c.status == "running")


def change(db: Connection, run_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a run."""
    db.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))
