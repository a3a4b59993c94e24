"""Connections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dms_workbench.kernel.store import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "connections",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("database", sa.String(20), nullable=False),
        sa.Column("url", sa.String(4000), nullable=False),
        sa.Column("password_variable", sa.String(200)),
        sa.Column("production", sa.Boolean, nullable=False),
        sa.Column("ad_hoc", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("tested_at", Instant),
        sa.Column("problem", sa.String(100)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("secret_version", sa.Integer, nullable=False),
        sa.Column("key", sa.String(40)),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("ciphertext", sa.LargeBinary),
        sa.UniqueConstraint("project_id", "name"),
    )
