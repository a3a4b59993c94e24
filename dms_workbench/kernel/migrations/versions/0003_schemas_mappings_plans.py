"""Schema snapshots, versions of mappings, plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dms_workbench.kernel.store import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    schemas()
    mappings()
    plans()


def schemas() -> None:
    """Catalogues and when they were seen."""
    op.create_table(
        "schema_snapshots",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36)),
        sa.Column("connection_id", sa.String(36), nullable=False),
        sa.Column("schema_name", sa.Text),
        sa.Column("database", sa.String(20), nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(80), nullable=False),
        sa.Column("tables", sa.Integer, nullable=False),
        sa.Column("catalogue", sa.JSON, nullable=False),
        sa.Column("first_seen_at", Instant, nullable=False),
        sa.Column("last_seen_at", Instant, nullable=False),
    )
    op.create_index("ix_schema_snapshots_connection_id", "schema_snapshots", ["connection_id"])


def mappings() -> None:
    """Versions of mapping files."""
    op.create_table(
        "mapping_versions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sha", sa.String(80), nullable=False),
        sa.Column("based_on", sa.String(80)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.Column("saved_by", sa.String(100), nullable=False),
        sa.UniqueConstraint("project_id", "name", "number"),
    )


def plans() -> None:
    """Plans, each as the engine wrote it."""
    op.create_table(
        "plans",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("source_connection_id", sa.String(36), nullable=False),
        sa.Column("target_connection_id", sa.String(36), nullable=False),
        sa.Column("resume_key", sa.String(80), nullable=False),
        sa.Column("request_key", sa.String(80), nullable=False),
        sa.Column("ledger_run_id", sa.String(36)),
        sa.Column("ledger_status", sa.String(32)),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
    )
    op.create_index("ix_plans_project_id", "plans", ["project_id"])
