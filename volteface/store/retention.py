"""Letting go of what was done long ago, in batches that hold the database only for a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from volteface.store.codec import change_from_json, evidence_from_json, shift_from_json, standings_from_json
from volteface.store.engine import Database, chunks
from volteface.store.notices import DIGEST
from volteface.store.schema import alert, alert_change, article, feed, reading, standing, tombstone
from volteface.store.schema import notice as notice_table
from volteface.types import Evidence

Place = tuple[datetime, int]
"""Where a walk through the articles has come to: `seen` and id of the last one looked at."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What alerts and standing positions rest on."""

    articles: frozenset[int]
    urls: frozenset[str]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of a walk."""

    done: int = 0
    """Rows dropped or emptied."""
    last: Place | None = None
    """Where the next batch goes on; None at the end."""


class Retention:
    """The only deletions in the store. Every method is one short transaction; it is for the caller to repeat it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def needed(self) -> Needed:
        """The articles behind every alert, and behind every standing position and what is pending against it."""
        with self._database.read() as connection:
            evidence = list(_evidence(connection))
        return Needed(frozenset(e.origin_id for e in evidence), frozenset(e.url for e in evidence if e.url))

    def drop_articles(
        self, before: datetime, needed: Needed, now: datetime, *, after: Place | None = None, limit: int = 200
    ) -> Batch:
        """Drop articles seen before then, with their readings; a tombstone of each stays.

        Looks at up to `limit` articles that are read and detected; what is `needed`, and the newest one, stays.
        """
        with self._database.write() as connection:
            rows = connection.execute(_page(_settled(before), after, limit)).all()
            gone = [row for row in rows if row.id not in needed.articles and row.url not in needed.urls]
            if gone:
                _drop(connection, gone, now)
        return Batch(len(gone), _last(rows, limit))

    def drop_vectors(self, before: datetime, *, after: Place | None = None, limit: int = 500) -> Batch:
        """Empty the embeddings and signatures of read articles seen before then."""
        full = article.c.embedding.is_not(None) | article.c.signature.is_not(None)
        where = (article.c.seen < before) & article.c.read_at.is_not(None) & full
        with self._database.write() as connection:
            rows = connection.execute(_page(where, after, limit)).all()
            some = article.c.id.in_([row.id for row in rows])
            connection.execute(sa.update(article).where(some).values(embedding=None, signature=None))
        return Batch(len(rows), _last(rows, limit))

    def forget_identities(self, after: timedelta, limit: int = 500) -> int:
        """Drop up to `limit` tombstones of items that their feed, as it was last seen, has not listed for so long."""
        with self._database.write() as connection:
            shown = connection.execute(sa.select(feed.c.id, feed.c.listed).where(feed.c.listed.is_not(None))).all()
            gone = 0
            for row in shown:
                gone += _forget(connection, row.id, row.listed - after, limit - gone)
        return gone

    def drop_notices(self, before: datetime) -> int:
        """Drop notices from before then: those delivered, but for the last of each outage, and every day's digest.

        The last of an outage tells how it stands; a digest of a day that is over is never sent.
        """
        digest = notice_table.c.topic.startswith(DIGEST)
        newest = sa.select(sa.func.max(notice_table.c.id)).group_by(notice_table.c.topic)
        told = notice_table.c.sent_at.is_not(None) & notice_table.c.id.not_in(newest)
        with self._database.write() as connection:
            return connection.execute(sa.delete(notice_table).where(notice_table.c.at < before, digest | told)).rowcount

    def give_back(self, pages: int = 1000) -> int:
        """Give up to so many free pages of a SQLite file back to the disk; how many. PostgreSQL does so by itself.

        0 also for a file that was not made to shrink (by a restore from `.dump`, say): it keeps its free pages.
        """
        if self._database.engine.dialect.name != "sqlite":
            return 0
        with self._database.write() as connection:
            free = _pragma(connection, "freelist_count")
            for _ in range(min(pages, free)):
                # The driver takes one step of the statement, and a step is a page, whatever number it is given.
                connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
            return free - _pragma(connection, "freelist_count")

    def size(self) -> int:
        """Bytes that the data take, free pages of a SQLite file among them."""
        with self._database.read() as connection:
            if connection.dialect.name == "sqlite":
                return _pragma(connection, "page_count") * _pragma(connection, "page_size")
            return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)


def _evidence(connection: sa.Connection) -> Iterator[Evidence]:
    for value in connection.scalars(sa.select(alert.c.shift)):
        shift = shift_from_json(value)
        yield from (*shift.evidence, *shift.prior)
    for value in connection.scalars(sa.select(alert_change.c.change)):
        yield from change_from_json(value).evidence
    for row in connection.execute(sa.select(standing.c.evidence, standing.c.pending, standing.c.members)):
        yield from (*evidence_from_json(row.evidence), *evidence_from_json(row.pending))
        for member in standings_from_json(row.members):
            yield from (*member.evidence, *member.pending, *(member.moved.evidence if member.moved else ()))


def _settled(before: datetime) -> sa.ColumnElement[bool]:
    undetected = sa.exists().where(reading.c.article_id == article.c.id, reading.c.detected_at.is_(None))
    done = article.c.text_at.is_not(None) & article.c.read_at.is_not(None) & ~undetected
    # SQLite gives the highest number out again once its row is gone, and evidence tells origins by their numbers.
    newest = sa.select(sa.func.max(article.c.id)).scalar_subquery()
    return (article.c.seen < before) & done & (article.c.id < newest)


def _page(where: sa.ColumnElement[bool], after: Place | None, limit: int) -> sa.Select[Any]:
    columns = (article.c.id, article.c.seen, article.c.url, article.c.feed, article.c.guid_hash, article.c.url_hash)
    query = sa.select(*columns).where(where).order_by(article.c.seen, article.c.id).limit(limit)
    if after is None:
        return query
    # `seen >=` by itself as well: SQLite does not see the range in the other condition and would start at the oldest.
    beyond = (article.c.seen > after[0]) | ((article.c.seen == after[0]) & (article.c.id > after[1]))
    return query.where(article.c.seen >= after[0], beyond)


def _last(rows: Sequence[sa.Row[Any]], limit: int) -> Place | None:
    return (rows[-1].seen, rows[-1].id) if len(rows) == limit else None


def _drop(connection: sa.Connection, rows: Sequence[sa.Row[Any]], now: datetime) -> None:
    connection.execute(sa.insert(tombstone), [_tombstone(row, now) for row in rows])
    for some in chunks([row.id for row in rows]):
        connection.execute(sa.delete(reading).where(reading.c.article_id.in_(some)))
        connection.execute(sa.delete(article).where(article.c.id.in_(some)))


def _tombstone(row: sa.Row[Any], now: datetime) -> dict[str, Any]:
    return {"feed": row.feed, "guid_hash": row.guid_hash, "url_hash": row.url_hash, "listed": now}


def _forget(connection: sa.Connection, feed_id: str, before: datetime, limit: int) -> int:
    old = (tombstone.c.feed == feed_id) & (tombstone.c.listed < before)
    guids = connection.scalars(sa.select(tombstone.c.guid_hash).where(old).limit(limit)).all()
    mine = (tombstone.c.feed == feed_id) & tombstone.c.guid_hash.in_(guids)
    return connection.execute(sa.delete(tombstone).where(mine)).rowcount if guids else 0


def _pragma(connection: sa.Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
