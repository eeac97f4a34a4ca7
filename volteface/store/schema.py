"""The tables. One MetaData for both databases; what differs is in `UtcDateTime` and `engine.py`.

Work not done is a NULL, and each queue has a partial index that serves exactly its query.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

HEAD = "0006"
"""The newest revision under `migrations/versions`: a database that is there already needs no Alembic."""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware UTC in and out, to the microsecond. SQLite has no time zones, so there it is kept without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: nobody can say which moment they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the store takes aware times only, not {value.isoformat()}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """PostgreSQL answers in the session's zone, SQLite without any."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key's type is exactly INTEGER.
_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _queue(name: str, *columns: sa.Column[Any], where: sa.ColumnElement[bool]) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


feed = sa.Table(
    "feed",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("configured_url", sa.Text, nullable=False),  # as of the last sync; `url` may have moved on
    sa.Column("outlet", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),  # part of the last sync
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("next_due", UtcDateTime, nullable=False),
    sa.Column("etag", sa.Text),
    sa.Column("modified", sa.Text),
    sa.Column("body_hash", sa.Text),
    sa.Column("interval_s", sa.Double, nullable=False),
    sa.Column("checked", UtcDateTime),
    sa.Column("succeeded", UtcDateTime),
    sa.Column("newest", UtcDateTime),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("moved_to", sa.Text),
    sa.Column("moves", sa.Integer, nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("gap_s", sa.Double),
    sa.Column("items", sa.Integer, nullable=False),
    sa.Column("repeats", sa.Double),
    sa.Column("pace", sa.Double, nullable=False),
    sa.Column("slid", UtcDateTime),
    sa.Column("skip_hours", sa.Integer, nullable=False),
    sa.Column("skip_days", sa.Integer, nullable=False),
    sa.Column("listed", UtcDateTime),  # when we last saw what the feed holds; a 304 does not tell
)

article = sa.Table(
    "article",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("feed", sa.Text, sa.ForeignKey(feed.c.id), nullable=False),
    # Digests, because PostgreSQL refuses index entries over 2.7 kB and feeds hold longer guids than that.
    sa.Column("guid_hash", sa.LargeBinary, nullable=False),
    sa.Column("url_hash", sa.LargeBinary, nullable=False),
    sa.Column("content_hash", sa.LargeBinary, nullable=False),  # of what the feed said, not of the page
    sa.Column("guid", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("text_source", sa.Text, nullable=False),
    sa.Column("published", UtcDateTime, nullable=False),
    sa.Column("seen", UtcDateTime, nullable=False),
    sa.Column("lang", sa.Text, nullable=False),
    sa.Column("opinion", sa.Boolean, nullable=False),
    sa.Column("stale", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("edited_at", UtcDateTime),
    sa.Column("text_at", UtcDateTime),
    sa.Column("read_at", UtcDateTime),
    sa.Column("origin_id", _Id),
    sa.Column("signature", sa.LargeBinary),
    sa.Column("embedding", sa.LargeBinary),
    sa.Column("note", sa.Text, nullable=False),
    sa.UniqueConstraint("feed", "guid_hash"),
)
sa.Index(None, article.c.feed, article.c.url_hash)
sa.Index(None, article.c.seen)
_in_order = (article.c.seen, article.c.published, article.c.id)
_queue("ix_article_wanting_text", *_in_order, where=article.c.text_at.is_(None))
_queue(
    "ix_article_wanting_reading",
    *_in_order,
    where=article.c.read_at.is_(None) & article.c.text_at.is_not(None),
)

reading = sa.Table(
    "reading",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("article_id", _Id, sa.ForeignKey(article.c.id), nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("axis", sa.Text, nullable=False),
    sa.Column("stance", sa.Double, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("quote", sa.Text, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("confidence", sa.Double, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("detected_at", UtcDateTime),
    # An edit deletes readings; a number given out again would let a detector mark one that it never saw.
    sqlite_autoincrement=True,
)
sa.Index(None, reading.c.article_id)
_queue("ix_reading_undetected", reading.c.article_id, reading.c.id, where=reading.c.detected_at.is_(None))

standing = sa.Table(
    "standing",
    metadata,
    sa.Column("holder", sa.Text, primary_key=True),
    sa.Column("axis", sa.Text, primary_key=True),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("confirmed", UtcDateTime, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("pending", sa.JSON, nullable=False),
    sa.Column("alerted", UtcDateTime),
    sa.Column("members", sa.JSON(none_as_null=True)),  # the ledgers of a committee, while they stand apart
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("shift", sa.JSON, nullable=False),  # as it stands now
    sa.Column("created", UtcDateTime, nullable=False),
    sa.Column("updated", UtcDateTime),
)
sa.Index(None, alert.c.at, alert.c.id)

alert_change = sa.Table(
    "alert_change",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("alert_id", _Id, sa.ForeignKey(alert.c.id), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("change", sa.JSON, nullable=False),
    sa.UniqueConstraint("alert_id", "number"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("alert_id", _Id, sa.ForeignKey(alert.c.id), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # 0 for the alert itself, otherwise that of its change
    sa.Column("blind", sa.JSON, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("maybe_sent", sa.Boolean, nullable=False),
    sa.Column("not_before", UtcDateTime),
    sa.Column("claimed_by", sa.Text),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Column("failed_at", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("receipt", sa.Text),
    sa.Column("dead_at", UtcDateTime),
    sa.Column("refused_since", UtcDateTime),  # the first failure
    sa.Column("fallback_at", UtcDateTime),  # sent by the fall-back; the message still has to reach its sink
    sa.UniqueConstraint("alert_id", "number"),
)
_queue("ix_outbox_unsent", outbox.c.id, where=outbox.c.sent_at.is_(None) & outbox.c.dead_at.is_(None))
_queue("ix_outbox_dead", outbox.c.id, where=outbox.c.dead_at.is_not(None))

verdict = sa.Table(
    "verdict",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("alert_id", _Id, sa.ForeignKey(alert.c.id), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # that of its outbox row: beyond those of the alert's changes
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("alert_id", "number"),
)

mute = sa.Table(
    "mute",
    metadata,
    sa.Column("holder", sa.Text, primary_key=True),
    sa.Column("axis", sa.Text, primary_key=True),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

# What is left of an article whose text was dropped: an item that its feed still lists must not come back as news.
tombstone = sa.Table(
    "tombstone",
    metadata,
    sa.Column("feed", sa.Text, sa.ForeignKey(feed.c.id), primary_key=True),
    sa.Column("guid_hash", sa.LargeBinary, primary_key=True),
    sa.Column("url_hash", sa.LargeBinary, nullable=False),
    sa.Column("listed", UtcDateTime, nullable=False),  # last seen in the feed, or dropped
)
sa.Index(None, tombstone.c.feed, tombstone.c.url_hash)
sa.Index(None, tombstone.c.feed, tombstone.c.listed)

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("over", sa.Boolean, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("last", UtcDateTime, nullable=False),  # when the fault was last seen
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("maybe_sent", sa.Boolean, nullable=False),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("error", sa.Text),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("receipt", sa.Text),
)
sa.Index(None, notice.c.topic, notice.c.id)
_queue("ix_notice_unsent", notice.c.id, where=notice.c.sent_at.is_(None))
