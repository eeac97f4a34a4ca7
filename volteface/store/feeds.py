"""The table of feeds, and what one poll leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from volteface.config import Feed
from volteface.errors import StoreError
from volteface.feed_health import LONG_FAILURE, FeedNotice, notices
from volteface.feed_types import FeedState
from volteface.store.arrivals import count_known, save_arrivals
from volteface.store.engine import SYNC, Database
from volteface.store.records import PollSaved
from volteface.store.schema import feed as table
from volteface.types import NewArticle

_STATE = [c for c in table.c if c.name not in ("id", "configured_url", "outlet", "family", "active", "listed")]
_KNOWN = (table.c.id, table.c.configured_url, table.c.active, table.c.gone)

CLOCK_JUMP = timedelta(hours=1)
"""A feed that was polled later than this after `now` was polled by a clock that was wrong: it is due."""


class Feeds:
    """What we know of the feeds between polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sync(self, feeds: Iterable[Feed], now: datetime) -> None:
        """Make the enabled feeds of the configuration the ones that are polled; the others rest and keep their state.

        A new feed is due at once. A feed whose URL changed in the configuration starts afresh: validators of one URL
        mean nothing at another, and `gone` was said of the old one. One that is gone is tried once more when it was
        disabled and is enabled again.
        """
        wanted = {feed.id: feed for feed in feeds if feed.enabled}
        with self._database.write() as connection:
            self._database.alone(connection, SYNC)
            known = {row.id: row for row in connection.execute(sa.select(*_KNOWN))}
            connection.execute(sa.update(table).values(active=False))
            for feed in wanted.values():
                values = _configured(feed) if _same(feed, known.get(feed.id)) else _started(feed, now)
                if feed.id in known:
                    connection.execute(sa.update(table).where(table.c.id == feed.id).values(values))
                else:
                    connection.execute(sa.insert(table).values(id=feed.id, **values))

    def rest(self, feeds: Iterable[Feed], now: datetime) -> None:
        """Make feeds known without polling them: an archive's outlets. One that is known stays as it is."""
        with self._database.write() as connection:
            for feed in feeds:
                row = _started(feed, now) | {"id": feed.id, "active": False}
                connection.execute(self._database.insert(table).values(row).on_conflict_do_nothing())

    def due(self, now: datetime, limit: int = 1000) -> list[FeedState]:
        """Feeds of the last sync, not gone, with `next_due <= now`; the longest overdue first."""
        due = (table.c.next_due <= now) | (table.c.checked > now + CLOCK_JUMP)
        where = table.c.active & ~table.c.gone & due
        return self._states(sa.select(table).where(where).order_by(table.c.next_due, table.c.id).limit(limit))

    def all(self) -> list[FeedState]:
        """The feeds of the last sync, those that are gone among them, by id."""
        return self._states(sa.select(table).where(table.c.active).order_by(table.c.id))

    def known(self, feed: str, articles: Sequence[NewArticle]) -> int:
        """How many of these articles of a feed were taken by an earlier poll."""
        if not articles:
            return 0
        with self._database.write() as connection:
            return count_known(connection, feed, articles)

    def notices(self, now: datetime, after: timedelta = LONG_FAILURE) -> tuple[FeedNotice, ...]:
        """What a person should be told, once a key, of the feeds of the last sync: gone, or failing for `after`."""
        return notices(self.all(), now, after)

    def save_poll(self, state: FeedState, articles: Sequence[NewArticle]) -> PollSaved:
        """Keep what a poll found, state and articles in one transaction.

        Raises StoreError, also for a feed that was never synced.
        """
        with self._database.write() as connection:
            # The update comes first: it holds the feed's row, so that two pollers of one feed take turns.
            values = _values(state) | (
                {"listed": max((a.seen for a in articles), key=datetime.timestamp)} if articles else {}
            )
            changed = connection.execute(sa.update(table).where(table.c.id == state.feed).values(values))
            if changed.rowcount != 1:
                raise StoreError(f"the store does not know this feed: {state.feed}; call feeds.sync first")
            return save_arrivals(connection, state.feed, articles)

    def _states(self, query: sa.Select[Any]) -> list[FeedState]:
        with self._database.read() as connection:
            return [_state(row) for row in connection.execute(query)]


def _same(feed: Feed, row: sa.Row[Any] | None) -> bool:
    """Whether the feed is polled as it was, and not started afresh."""
    return row is not None and row.configured_url == feed.url and not (row.gone and not row.active)


def _configured(feed: Feed) -> dict[str, Any]:
    return {"active": True, "outlet": feed.outlet, "family": feed.family or feed.outlet}


def _started(feed: Feed, now: datetime) -> dict[str, Any]:
    return _configured(feed) | {"configured_url": feed.url} | _values(FeedState(feed.id, feed.url, next_due=now))


def _values(state: FeedState) -> dict[str, Any]:
    return {c.name: getattr(state, c.name) for c in _STATE}


def _state(row: sa.Row[Any]) -> FeedState:
    return FeedState(feed=row.id, **{c.name: row._mapping[c] for c in _STATE})
