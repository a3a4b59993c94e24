"""What projects share of their decisions about mappings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dms_workbench.kernel.store import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "mapping_memory",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), sa.ForeignKey("projects.id", ondelete="CASCADE")),
        sa.Column("project", sa.String(300), nullable=False),
        sa.Column("mapping", sa.String(200), nullable=False),
        sa.Column("source_table", sa.String(300), nullable=False),
        sa.Column("source_column", sa.String(300), nullable=False),
        sa.Column("target_table", sa.String(300), nullable=False),
        sa.Column("target_column", sa.String(300), nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(300), nullable=False),
    )
    op.create_index("ix_mapping_memory_organisation_id", "mapping_memory", ["organisation_id"])
    op.create_index("ix_mapping_memory_project_id", "mapping_memory", ["project_id"])
    op.create_table(
        "mapping_sharing",
        sa.Column("project_id", sa.String(36), sa.ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("organisation_id", sa.String(36), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
    )
