"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _feed()
    _article()
    _reading()
    _standing()
    _alert()
    _outbox()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _feed() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("configured_url", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("next_due", _TIME, nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("modified", sa.Text()),
        sa.Column("body_hash", sa.Text()),
        sa.Column("interval_s", sa.Double(), nullable=False),
        sa.Column("checked", _TIME),
        sa.Column("succeeded", _TIME),
        sa.Column("newest", _TIME),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("moved_to", sa.Text()),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
    )


def _article() -> None:
    op.create_table(
        "article",
        sa.Column("id", _ID, nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("guid_hash", sa.LargeBinary(), nullable=False),
        sa.Column("url_hash", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_source", sa.Text(), nullable=False),
        sa.Column("published", _TIME, nullable=False),
        sa.Column("seen", _TIME, nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_at", _TIME),
        sa.Column("text_at", _TIME),
        sa.Column("read_at", _TIME),
        sa.Column("origin_id", _ID),
        sa.Column("signature", sa.LargeBinary()),
        sa.Column("embedding", sa.LargeBinary()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feed.id"], name=op.f("fk_article_feed_feed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("feed", "guid_hash", name=op.f("uq_article_feed_guid_hash")),
    )
    op.create_index(op.f("ix_article_feed_url_hash"), "article", ["feed", "url_hash"])
    op.create_index(op.f("ix_article_seen"), "article", ["seen"])
    op.create_index(
        "ix_article_wanting_reading",
        "article",
        ["seen", "published", "id"],
        **_where("read_at IS NULL AND text_at IS NOT NULL"),
    )
    op.create_index("ix_article_wanting_text", "article", ["seen", "published", "id"], **_where("text_at IS NULL"))


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("id", _ID, nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("axis", sa.Text(), nullable=False),
        sa.Column("stance", sa.Double(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("detected_at", _TIME),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_reading_article_id_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reading_article_id"), "reading", ["article_id"])
    op.create_index("ix_reading_undetected", "reading", ["article_id", "id"], **_where("detected_at IS NULL"))


def _standing() -> None:
    op.create_table(
        "standing",
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("axis", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("confirmed", _TIME, nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("pending", sa.JSON(), nullable=False),
        sa.Column("alerted", _TIME),
        sa.PrimaryKeyConstraint("holder", "axis", name=op.f("pk_standing")),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("shift", sa.JSON(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_key")),
    )
    op.create_index(op.f("ix_alert_at_id"), "alert", ["at", "id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _ID, nullable=False),
        sa.Column("alert_id", _ID, nullable=False),
        sa.Column("blind", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("not_before", _TIME),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", _TIME),
        sa.Column("error", sa.Text()),
        sa.Column("failed_at", _TIME),
        sa.Column("sent_at", _TIME),
        sa.Column("receipt", sa.Text()),
        sa.Column("dead_at", _TIME),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_outbox_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("alert_id", name=op.f("uq_outbox_alert_id")),
    )
    op.create_index("ix_outbox_dead", "outbox", ["id"], **_where("dead_at IS NOT NULL"))
    op.create_index("ix_outbox_unsent", "outbox", ["id"], **_where("sent_at IS NULL AND dead_at IS NULL"))
