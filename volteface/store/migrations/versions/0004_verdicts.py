"""Verdicts and mutes; how long a message has been refused, and whether the fall-back told it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Without batch mode, as nullable columns need none: a table that SQLite rebuilds loses its partial indexes.
    op.add_column("outbox", sa.Column("refused_since", _TIME))
    op.add_column("outbox", sa.Column("fallback_at", _TIME))
    op.create_table(
        "verdict",
        sa.Column("id", _ID, nullable=False),
        sa.Column("alert_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_verdict_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sa.UniqueConstraint("alert_id", "number", name=op.f("uq_verdict_alert_id_number")),
    )
    op.create_table(
        "mute",
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("axis", sa.Text(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("holder", "axis", name=op.f("pk_mute")),
    )
