"""How wide the rows of a run's tables are, by which the time left is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of runs that are there already nothing is known."""
    op.add_column("run_tables", sa.Column("row_bytes", sa.BigInteger, nullable=False, server_default="0"))
