"""The table of plans. A plan never changes: another wish is another plan."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Connection, Index, Row, String, Table, Text, func, select

from ...kernel.store import Instant, metadata

plans = Table(
    "plans",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("organisation_id", String(36), nullable=False),
    Column("project_id", String(36), nullable=False),
    Column("source_connection_id", String(36), nullable=False),
    Column("target_connection_id", String(36), nullable=False),
    Column("resume_key", String(80), nullable=False),
    Column("request_key", String(80), nullable=False),
    Column("ledger_run_id", String(36)),
    Column("ledger_status", String(32)),
    Column("options", JSON, nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(100), nullable=False),
)
OF_PROJECT = Index("ix_plans_project_id", plans.c.project_id)


def add(db: Connection, **values: Any) -> None:
    """Enter a plan."""
    db.execute(plans.insert().values(**values))


def find(db: Connection, organisation_id: str, plan_id: str) -> Row[Any] | None:
    """One plan's row."""
    mine = (plans.c.organisation_id == organisation_id) & (plans.c.id == plan_id)
    return db.execute(select(plans).where(mine)).first()


def targets(db: Connection) -> list[Row[Any]]:
    """Of every plan of every organisation: where its runs keep their books."""
    return list(
        db.execute(
            select(
                plans.c.id, plans.c.organisation_id, plans.c.project_id, plans.c.target_connection_id, plans.c.options
            ).order_by(plans.c.id)
        )
    )


def page_of(db: Connection, conditions: list[Any], limit: int | None, offset: int) -> tuple[list[Row[Any]], int]:
    """A page of the plans that meet the conditions (limit None: all), newest first, and how many there are."""
    rows = db.execute(select(plans).where(*conditions).order_by(plans.c.id.desc()).limit(limit).offset(offset))
    total = db.execute(select(func.count()).select_from(plans).where(*conditions)).scalar_one()
    return list(rows), int(total)
