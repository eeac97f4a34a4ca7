"""Feed health: since when a feed fails, how often it speaks, what it repeats, when it asks to be left alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("feed", sa.Column("failing_since", _TIME))
    op.add_column("feed", sa.Column("gap_s", sa.Double()))
    op.add_column("feed", sa.Column("items", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("repeats", sa.Double()))
    op.add_column("feed", sa.Column("pace", sa.Double(), nullable=False, server_default="1"))
    op.add_column("feed", sa.Column("slid", _TIME))
    op.add_column("feed", sa.Column("skip_hours", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("skip_days", sa.Integer(), nullable=False, server_default="0"))
    # The best that is known of feeds that are failing just now.
    op.execute("UPDATE feed SET failing_since = coalesce(succeeded, checked) WHERE failures > 0 OR gone")
