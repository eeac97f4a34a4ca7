"""Where the ledgers of a committee stand, while they stand apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without batch mode: SQLite adds a nullable column in place.
    op.add_column("standing", sa.Column("members", sa.JSON()))
