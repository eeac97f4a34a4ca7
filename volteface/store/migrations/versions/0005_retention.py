"""Retention and notices: what is left of dropped articles, when a feed last showed its items, outages told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Without batch mode: SQLite adds a nullable column in place, and a table rebuilt would be one that others refer to.
    op.add_column("feed", sa.Column("listed", _TIME))
    _tombstone()
    _notice()


def _tombstone() -> None:
    op.create_table(
        "tombstone",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("guid_hash", sa.LargeBinary(), nullable=False),
        sa.Column("url_hash", sa.LargeBinary(), nullable=False),
        sa.Column("listed", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.id"], name=op.f("fk_tombstone_feed_feed")),
        sa.PrimaryKeyConstraint("feed", "guid_hash", name=op.f("pk_tombstone")),
    )
    op.create_index(op.f("ix_tombstone_feed_url_hash"), "tombstone", ["feed", "url_hash"])
    op.create_index(op.f("ix_tombstone_feed_listed"), "tombstone", ["feed", "listed"])


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", _ID, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("last", _TIME, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("claimed_until", _TIME),
        sa.Column("error", sa.Text()),
        sa.Column("sent_at", _TIME),
        sa.Column("receipt", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_topic_id"), "notice", ["topic", "id"])
    unsent = sa.text("sent_at IS NULL")
    op.create_index("ix_notice_unsent", "notice", ["id"], sqlite_where=unsent, postgresql_where=unsent)
