"""Runs with their leases and results, progress by table, events and log lines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dms_workbench.kernel.store import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNTS = ("rows_total", "read", "written", "filtered", "quarantined", "verified_rows")
ACTIVE = sa.text("status IN ('queued', 'running')")


def upgrade() -> None:
    """Make the tables."""
    runs()
    op.create_table(
        "run_tables",
        sa.Column("run_id", sa.String(36), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("map_no", sa.Integer, primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS),
    )
    numbered("run_events", sa.Column("kind", sa.String(16), nullable=False), sa.Column("data", sa.JSON, nullable=False))
    numbered("run_log", sa.Column("level", sa.String(8), nullable=False), sa.Column("message", sa.Text, nullable=False))


def runs() -> None:
    """The runs themselves; of one resume key at most one is active."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("plan_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
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
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.JSON),
    )
    op.create_index("ix_runs_project_id", "runs", ["project_id"])
    op.create_index("ix_runs_status", "runs", ["status"])
    op.create_index(
        "one_active_run",
        "runs",
        ["organisation_id", "kind", "resume_key"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )


def numbered(name: str, *columns: sa.Column[object]) -> None:
    """A table of what happened in runs, numbered from 1 in each."""
    op.create_table(
        name,
        sa.Column("run_id", sa.String(36), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("at", Instant, nullable=False),
        *columns,
    )
