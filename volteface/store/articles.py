"""Articles on their way to being read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from volteface.store.engine import Database
from volteface.store.records import Counts, Fingerprint, ReadArticle
from volteface.store.schema import article as table
from volteface.store.schema import feed, reading
from volteface.types import Article, TextSource, Vectors

_ORDER = (table.c.seen, table.c.published, table.c.id)
_AT_ONCE = 1000
"""Rows of a long answer in memory."""
_PLAIN = ("feed", "guid", "url", "title", "text", "published", "seen", "lang", "opinion", "stale", "id", "revision")


class Articles:
    """Articles: their text, and what reading them gave."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wanting_text(self, limit: int) -> list[Article]:
        """Articles whose page is still to be read, the oldest first."""
        return self._queue(table.c.text_at.is_(None), limit)

    def wanting_reading(self, limit: int) -> list[Article]:
        """Articles with their text, not read yet, by (seen, published, id)."""
        return self._queue(table.c.read_at.is_(None) & table.c.text_at.is_not(None), limit)

    def with_text(self, feed: str, text: str) -> int:
        """Addresses of a feed's articles whose text is exactly this one."""
        same = (table.c.feed == feed) & (table.c.text == text)
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count(table.c.url.distinct())).where(same)) or 0

    def save_text(
        self,
        article_id: int,
        *,
        text: str,
        text_source: TextSource,
        published: datetime,
        lang: str,
        note: str,
        now: datetime,
    ) -> None:
        """Settle the text of an article; without effect where it is settled already."""
        values = {
            "text": text,
            "text_source": text_source.value,
            "published": published,
            "lang": lang,
            "note": note,
            "text_at": now,
        }
        wanting = (table.c.id == article_id) & table.c.text_at.is_(None)
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(wanting).values(values))

    def save_read(self, done: Sequence[ReadArticle], now: datetime) -> None:
        """Keep what reading gave, all in one transaction.

        An outcome is ignored where the article was read already, or edited since its text was taken.
        """
        with self._database.write() as connection:
            rows = [row for read in done if _mark(connection, read, now) for row in _rows(connection, read)]
            if rows:
                connection.execute(sa.insert(reading), rows)

    def fingerprints(self, since: datetime) -> Iterator[Fingerprint]:
        """The articles seen since then that have a signature, by (seen, published, id), some at a time.

        One transaction lasts until the last one was taken.
        """
        columns = (table.c.id.label("article_id"), table.c.origin_id, feed.c.outlet, table.c.seen, table.c.signature)
        query = (
            sa.select(*columns)
            .join(feed)
            .where(table.c.seen >= since, table.c.signature.is_not(None))
            .order_by(*_ORDER)
            .execution_options(yield_per=_AT_ONCE)
        )
        with self._database.read() as connection:
            for row in connection.execute(query):
                yield Fingerprint(**row._mapping)

    def embeddings(self, since: datetime) -> tuple[NDArray[np.int64], Vectors]:
        """Article ids, shape (n,), and their vectors, shape (n, dim): those seen since then that have one."""
        where = (table.c.seen >= since) & table.c.embedding.is_not(None)
        query = sa.select(table.c.id, table.c.embedding).where(where).order_by(*_ORDER)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        ids = np.array([row.id for row in rows], dtype=np.int64)
        halves = np.frombuffer(b"".join(row.embedding for row in rows), dtype="<f2")
        return ids, halves.astype(np.float32).reshape(len(rows), -1 if rows else 0)

    def counts(self, since: datetime) -> Counts:
        """How far the articles seen since then have come."""
        done = table.c.read_at.is_not(None)
        totals = (
            _count(sa.true()).label("seen"),
            _count(table.c.text_at.is_(None)).label("wanting_text"),
            _count(table.c.text_at.is_not(None) & table.c.read_at.is_(None)).label("wanting_reading"),
            _count(done).label("read"),
            _count(done & (table.c.origin_id != table.c.id)).label("copies"),
        )
        recent = table.c.seen >= since
        with self._database.read() as connection:
            return Counts(
                **connection.execute(sa.select(*totals).where(recent)).one()._mapping,
                languages=_tally(connection, table.c.lang, recent),
                notes=_tally(connection, table.c.note, recent & (table.c.note != "")),
            )

    def _queue(self, where: sa.ColumnElement[bool], limit: int) -> list[Article]:
        query = sa.select(table, feed.c.outlet).join(feed).where(where).order_by(*_ORDER).limit(limit)
        with self._database.read() as connection:
            return [_article(row) for row in connection.execute(query)]


def _article(row: sa.Row[Any]) -> Article:
    plain = {name: row._mapping[name] for name in _PLAIN}
    source = TextSource(row.text_source)
    return Article(**plain, text_source=source, complete=row.text_at is not None, outlet=row.outlet)


def _mark(connection: sa.Connection, read: ReadArticle, now: datetime) -> bool:
    """Compare and set: only one reader's outcome for this revision counts."""
    values = {
        "read_at": now,
        "origin_id": read.origin_id,
        "signature": read.signature,
        "embedding": None if read.embedding is None else np.asarray(read.embedding, dtype="<f2").tobytes(),
        "note": read.note or table.c.note,  # why the page gave no text is still worth knowing
    }
    unread = (table.c.id == read.article_id) & (table.c.revision == read.revision) & table.c.read_at.is_(None)
    return connection.execute(sa.update(table).where(unread).values(values)).rowcount == 1


def _rows(connection: sa.Connection, read: ReadArticle) -> list[dict[str, Any]]:
    detected = _detected(connection, read.article_id) if read.revision else frozenset()
    return [
        {"article_id": read.article_id, "mode": found.mode.value, **{name: getattr(found, name) for name in _READING}}
        for found in read.readings
        if (found.holder, found.axis, found.quote) not in detected
    ]


_READING = ("holder", "axis", "stance", "quote", "start", "end", "confidence", "person")


def _detected(connection: sa.Connection, article_id: int) -> frozenset[tuple[str, str, str]]:
    """What an earlier revision said and the ledger has already: the same words are no second piece of evidence."""
    query = sa.select(reading.c.holder, reading.c.axis, reading.c.quote).where(reading.c.article_id == article_id)
    return frozenset(connection.execute(query).tuples())


def _count(where: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((where, 1)))


def _tally(
    connection: sa.Connection, column: sa.Column[str], where: sa.ColumnElement[bool]
) -> tuple[tuple[str, int], ...]:
    number = sa.func.count()
    query = sa.select(column, number).where(where).group_by(column).order_by(number.desc(), column)
    return tuple((value, count) for value, count in connection.execute(query).tuples())
