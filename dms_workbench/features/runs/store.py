"""The tables of runs: wishes, leases and progress. What became of rows is for the target's ledger to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from ... import platform
from ...kernel.store import Instant, metadata
from .errors import RunInterrupted
from .model import LogLine, Run, RunEvent, RunSettings, TableProgress

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("organisation_id", sa.String(36), nullable=False),
    sa.Column("project_id", sa.String(36), nullable=False, index=True),
    sa.Column("plan_id", sa.String(36), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("status", sa.String(32), nullable=False, index=True),
    sa.Column("wish", sa.String(8), nullable=False),
    sa.Column("phase", sa.String(16), nullable=False),
    sa.Column("resume_key", sa.String(80), nullable=False),
    sa.Column("request_key", sa.String(80), nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(100), nullable=False),
    sa.Column("queued_at", Instant, nullable=False),
    sa.Column("started_at", Instant),
    sa.Column("finished_at", Instant),
    sa.Column("heard_at", Instant),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("already_done", sa.Boolean, nullable=False),
    sa.Column("owner", sa.String(36)),
    sa.Column("owner_host", sa.String(255)),
    sa.Column("owner_lock", sa.Text),
    sa.Column("lease_until", sa.Float),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("lines", sa.Integer, nullable=False),
    sa.Column("result", sa.JSON(none_as_null=True)),
    sa.Column("error", sa.JSON(none_as_null=True)),
)

ONE_ACTIVE = sa.Index(
    "one_active_run",
    runs.c.organisation_id,
    runs.c.kind,
    runs.c.resume_key,
    unique=True,
)
"""Of queued and running runs only, as the migration says; said here, it would load SQLAlchemy's dialect of PostgreSQL for every store."""

run_tables = sa.Table(
    "run_tables",
    metadata,
    sa.Column("run_id", sa.String(36), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("map_no", sa.Integer, primary_key=True),
    sa.Column("organisation_id", sa.String(36), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("phase", sa.String(16), nullable=False),
    *(
        sa.Column(name, sa.BigInteger, nullable=False)
        for name in ("rows_total", "read", "written", "filtered", "quarantined", "verified_rows")
    ),
    sa.Column("row_bytes", sa.BigInteger, nullable=False, server_default="0"),
)

run_events = sa.Table(
    "run_events",
    metadata,
    sa.Column("run_id", sa.String(36), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("organisation_id", sa.String(36), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
)

run_log = sa.Table(
    "run_log",
    metadata,
    sa.Column("run_id", sa.String(36), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("organisation_id", sa.String(36), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("level", sa.String(8), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)

LEVELS = ("debug", "info", "warning", "error")


def clock(db: Connection) -> sa.ColumnElement[float]:
    """The database's own clock, in seconds since 1970, so that leases of several hosts compare."""
    if db.dialect.name == "postgresql":
        return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)
    return (sa.func.julianday("now") - 2_440_587.5) * 86_400.0


def rows(db: Connection, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> list[dict[str, Any]]:
    """Runs that meet the conditions, newest first, each with ``lease_alive``."""
    alive = sa.func.coalesce(runs.c.lease_until, 0.0) > clock(db)
    query = sa.select(runs, alive.label("lease_alive")).where(*conditions).order_by(runs.c.id.desc()).limit(limit)
    return [dict(found) for found in db.execute(query).mappings()]


def row(db: Connection, run_id: str, organisation_id: str) -> dict[str, Any] | None:
    """One run's row with ``lease_alive``, or None."""
    found = rows(db, runs.c.id == run_id, runs.c.organisation_id == organisation_id)
    return found[0] if found else None


def status_of(found: Mapping[str, Any]) -> str:
    """The status as it is now: a running run whose worker is gone is interrupted."""
    return "interrupted" if found["status"] == "running" and not worker_alive(found) else found["status"]


def worker_alive(found: Mapping[str, Any]) -> bool:
    """On this host the worker's lock decides, at once; elsewhere the lease does."""
    if found["owner_host"] == platform.host_name():
        return platform.is_locked(found["owner_lock"])
    return bool(found["lease_alive"])


def run_of(found: Mapping[str, Any], tables: Iterable[TableProgress] = ()) -> Run:
    """A row as the run that users see."""
    return Run(
        id=found["id"],
        project_id=found["project_id"],
        plan_id=found["plan_id"],
        kind=found["kind"],
        status=status_of(found),
        wish=found["wish"],
        phase=found["phase"],
        settings=RunSettings(**found["settings"]),
        resume_key=found["resume_key"],
        request_key=found["request_key"],
        created_at=found["created_at"],
        created_by=found["created_by"],
        started_at=found["started_at"],
        finished_at=found["finished_at"],
        heard_at=found["heard_at"],
        seconds=found["seconds"],
        attempts=found["epoch"],
        already_done=found["already_done"],
        tables=tuple(tables),
        result=found["result"],
        error=found["error"],
    )


def progress_of(db: Connection, run_ids: Iterable[str]) -> dict[str, list[TableProgress]]:
    """The progress of some runs' tables, in the order they are copied in."""
    progress: dict[str, list[TableProgress]] = {}
    query = sa.select(run_tables).where(run_tables.c.run_id.in_(list(run_ids)))
    for found in db.execute(query.order_by(run_tables.c.run_id, run_tables.c.map_no)).mappings():
        values = {name: found[name] for name in TableProgress.__dataclass_fields__}
        progress.setdefault(found["run_id"], []).append(TableProgress(**values))
    return progress


def get(db: Connection, run_id: str, organisation_id: str) -> Run | None:
    """One run with its tables' progress, or None."""
    found = row(db, run_id, organisation_id)
    return None if found is None else run_of(found, progress_of(db, [run_id]).get(run_id, ()))


def with_progress(db: Connection, found: list[dict[str, Any]]) -> list[Run]:
    """Rows as runs, each with its tables' progress."""
    progress = progress_of(db, [item["id"] for item in found])
    return [run_of(item, progress.get(item["id"], ())) for item in found]


def status_is(db: Connection, organisation_id: str, status: str) -> sa.ColumnElement[bool]:
    """The condition that a run has this status now, dead workers' runs counted as interrupted."""
    if status not in {"running", "interrupted"}:
        return runs.c.status == status
    running = rows(db, runs.c.organisation_id == organisation_id, runs.c.status == "running")
    dead = runs.c.id.in_([item["id"] for item in running if not worker_alive(item)])
    if status == "running":
        return (runs.c.status == "running") & ~dead
    return (runs.c.status == "interrupted") | dead


def queue(db: Connection, run: Run, organisation_id: str) -> bool:
    """Add a queued run; False if one of the same resume key is active already."""
    values = {
        **{name: getattr(run, name) for name in SAME_NAME},
        "organisation_id": organisation_id,
        "settings": asdict(run.settings),
        "queued_at": run.created_at,
        "epoch": 0,
        "events": 0,
        "lines": 0,
    }
    try:
        with db.begin_nested():
            db.execute(sa.insert(runs).values(values))
    except sa.exc.IntegrityError:
        return False
    return True


SAME_NAME = (
    "id", "project_id", "plan_id", "kind", "status", "wish", "phase", "resume_key", "request_key", "created_at",
    "created_by", "seconds", "already_done", "result", "error",
)  # fmt: skip


def queue_again(db: Connection, run: Run, *, at: datetime) -> bool:
    """Queue a run that was there before, with the run's plan and settings; False if that was done meanwhile."""
    as_seen = (runs.c.status == run.status) | (sa.literal(run.status == "interrupted") & (runs.c.status == "running"))
    changed = sa.update(runs).where(runs.c.id == run.id, runs.c.epoch == run.attempts, as_seen)
    changed = changed.values(
        status="queued",
        wish="run",
        phase="",
        queued_at=at,
        finished_at=None,
        plan_id=run.plan_id,
        settings=asdict(run.settings),
        request_key=run.request_key,
        resume_key=run.resume_key,
        owner=None,
        error=None,
        already_done=False,
    )
    try:
        with db.begin_nested():
            return db.execute(changed).rowcount == 1
    except sa.exc.IntegrityError:
        return False


def set_wish(db: Connection, run_id: str, wish: str) -> None:
    """Write what is wished of a run; its worker reads it."""
    db.execute(sa.update(runs).where(runs.c.id == run_id).values(wish=wish))


def set_status(db: Connection, run_id: str, before: str, values: Mapping[str, Any]) -> bool:
    """Set a run's status if it still is what it was."""
    changed = sa.update(runs).where(runs.c.id == run_id, runs.c.status == before).values(**values)
    return db.execute(changed).rowcount == 1


def enter_event(db: Connection, run_id: str, *, kind: str, data: Mapping[str, Any], at: datetime) -> int:
    """Add an event under the run's next number; numbers become visible in order: the run's row is locked meanwhile."""
    number, organisation_id = next_number(db, run_id, runs.c.events)
    values = {
        "run_id": run_id,
        "number": number,
        "organisation_id": organisation_id,
        "at": at,
        "kind": kind,
        "data": dict(data),
    }
    db.execute(sa.insert(run_events).values(values))
    return number


def enter_line(db: Connection, run_id: str, *, level: str, message: str, at: datetime) -> None:
    """Add a line to the run's log."""
    number, organisation_id = next_number(db, run_id, runs.c.lines)
    values = {
        "run_id": run_id,
        "number": number,
        "organisation_id": organisation_id,
        "at": at,
        "level": level,
        "message": message,
    }
    db.execute(sa.insert(run_log).values(values))


def next_number(db: Connection, run_id: str, counter: sa.Column[int]) -> tuple[int, str]:
    """Count one up, and the run's organisation."""
    counted = sa.update(runs).where(runs.c.id == run_id).values({counter.name: counter + 1})
    number, organisation_id = db.execute(counted.returning(counter, runs.c.organisation_id)).one()
    return number, organisation_id


def events_after(db: Connection, run_id: str, after: int, limit: int) -> list[RunEvent]:
    """Events behind a number, oldest first."""
    query = sa.select(run_events).where(run_events.c.run_id == run_id, run_events.c.number > after)
    found = db.execute(query.order_by(run_events.c.number).limit(limit)).mappings()
    return [RunEvent(number=item["number"], at=item["at"], kind=item["kind"], data=item["data"]) for item in found]


def lines_after(db: Connection, run_id: str, after: int, level: str, limit: int) -> list[LogLine]:
    """Lines of a run's log behind a number and of a level at least, oldest first."""
    levels = LEVELS[LEVELS.index(level) :]
    query = sa.select(run_log).where(run_log.c.run_id == run_id, run_log.c.number > after, run_log.c.level.in_(levels))
    found = db.execute(query.order_by(run_log.c.number).limit(limit)).mappings()
    return [
        LogLine(number=item["number"], at=item["at"], level=item["level"], message=item["message"]) for item in found
    ]


def plain_progress(table: TableProgress) -> dict[str, Any]:
    """A table's progress as an event holds it."""
    return asdict(table)


def put_progress(db: Connection, run_id: str, organisation_id: str, table: TableProgress) -> None:
    """Write a table's progress over what was there."""
    key = (run_tables.c.run_id == run_id) & (run_tables.c.map_no == table.map_no)
    values = plain_progress(table)
    if db.execute(sa.update(run_tables).where(key).values(values)).rowcount == 0:
        db.execute(sa.insert(run_tables).values({**values, "run_id": run_id, "organisation_id": organisation_id}))


def interrupt(db: Connection, found: Mapping[str, Any], at: datetime) -> None:
    """Write down that a running run's worker is gone."""
    error = RunInterrupted(run_id=found["id"]).as_dict()
    values = {"status": "interrupted", "finished_at": at, "error": error, "owner": None}
    if set_status(db, found["id"], "running", values):
        enter_event(db, found["id"], kind="status", data={"status": "interrupted"}, at=at)


def of_resume_key(db: Connection, organisation_id: str, kind: str, resume_key: str) -> list[dict[str, Any]]:
    """All runs of a resume key, newest first."""
    return rows(db, runs.c.organisation_id == organisation_id, runs.c.kind == kind, runs.c.resume_key == resume_key)


def page_of(db: Connection, conditions: list[sa.ColumnElement[bool]], *, limit: int, offset: int) -> list[Run]:
    """Some of the runs that meet the conditions, newest first."""
    alive = sa.func.coalesce(runs.c.lease_until, 0.0) > clock(db)
    query = sa.select(runs, alive.label("lease_alive")).where(*conditions).order_by(runs.c.id.desc())
    return with_progress(db, [dict(found) for found in db.execute(query.limit(limit).offset(offset)).mappings()])


def count(db: Connection, conditions: list[sa.ColumnElement[bool]]) -> int:
    """How many runs meet the conditions."""
    return int(db.execute(sa.select(sa.func.count()).select_from(runs).where(*conditions)).scalar_one())


def by_keys(db: Connection, organisation_id: str, resume_key: str | None, request_key: str | None) -> list[Run]:
    """The runs of a resume key or a request key, newest first; both None finds nothing."""
    wanted = [runs.c.resume_key == resume_key] if resume_key else []
    wanted += [runs.c.request_key == request_key] if request_key else []
    if not wanted:
        return []
    return with_progress(db, rows(db, runs.c.organisation_id == organisation_id, sa.or_(*wanted)))


def plans_used(db: Connection) -> list[str]:
    """The plans of all runs that may have put rows in a ledger, of every organisation."""
    return list(db.execute(sa.select(runs.c.plan_id).where(runs.c.kind.in_(("copy", "repair"))).distinct()).scalars())


def under_way(db: Connection) -> list[str]:
    """The runs that a worker copies or mends rows for, of every organisation."""
    working = (runs.c.status == "running") & runs.c.kind.in_(("copy", "repair", "replay"))
    return [found["id"] for found in rows(db, working) if worker_alive(found)]


def stored_status(db: Connection, run_id: str) -> str:
    """The status as it is written, whatever became of the worker."""
    return str(db.execute(sa.select(runs.c.status).where(runs.c.id == run_id)).scalar_one())
