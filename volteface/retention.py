"""Housekeeping of the store: what is past its time goes, in short transactions that let others write in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from volteface.config import Config
from volteface.store import Store
from volteface.store.retention import Batch, Place

REST_S = 0.02
"""Between two batches, so that a poll that waits for the database gets it."""


@dataclass(frozen=True, slots=True)
class TidyReport:
    """What one round of housekeeping let go."""

    articles: int = 0
    vectors: int = 0
    """Articles whose embedding and signature were dropped."""
    identities: int = 0
    notices: int = 0
    bytes: int = 0
    """The store's size afterwards."""

    def line(self) -> str:
        """`312 articles dropped, 300 vectors; the store has 41.3 MB`; what did not occur is left out."""
        parts = (
            (self.articles, "articles dropped"),
            (self.vectors, "vectors dropped"),
            (self.identities, "identities forgotten"),
            (self.notices, "notices dropped"),
        )
        done = ", ".join(f"{count:,} {what}" for count, what in parts if count) or "nothing to drop"
        return f"{done}; the store has {self.bytes / 1e6:,.1f} MB"


def tidy(config: Config, store: Store, now: datetime, rest: Callable[[float], None] = time.sleep) -> TidyReport:
    """Drop what `retention` of the config lets go. Can be stopped at any time. Raises StoreError."""
    rules, rooms = config.retention, store.retention
    needed = rooms.needed()
    articles_before = now - timedelta(days=rules.articles_days)
    vectors_before = now - timedelta(days=rules.vectors_days)
    articles = _walk(lambda after: rooms.drop_articles(articles_before, needed, now, after=after), rest)
    vectors = _walk(lambda after: rooms.drop_vectors(vectors_before, after=after), rest)
    identities = _repeat(lambda: rooms.forget_identities(timedelta(days=rules.identities_days)), rest)
    notices = rooms.drop_notices(now - timedelta(days=rules.notices_days))
    _repeat(rooms.give_back, rest)
    return TidyReport(articles, vectors, identities, notices, rooms.size())


def _walk(batch: Callable[[Place | None], Batch], rest: Callable[[float], None]) -> int:
    part = batch(None)
    done = part.done
    while part.last is not None:
        rest(REST_S)
        part = batch(part.last)
        done += part.done
    return done


def _repeat(batch: Callable[[], int], rest: Callable[[float], None]) -> int:
    done = 0
    while part := batch():
        done += part
        rest(REST_S)
    return done
