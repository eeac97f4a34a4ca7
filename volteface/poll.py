"""The first step: feeds that are due → articles.

A feed that fails becomes stored state and a line in the report. Only a broken store stops a pass.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from volteface.config import Config, Feed
from volteface.config_poll import PollRules
from volteface.dates import clean_published, is_opinion, is_stale, looks_back
from volteface.errors import FetchError, WorkerError
from volteface.feed_types import Entry, FeedState, Fetched, ParsedFeed
from volteface.fetch import Web
from volteface.schedule import after_failure, after_not_modified, after_success, rules_for, validators
from volteface.sources import Asked, Reach, read_source
from volteface.store import Store
from volteface.types import NewArticle, TextSource
from volteface.workers import Workers

ENOUGH_WORDS = 80
"""With so many words from the feed itself, the page is not fetched."""

BEGUN_AT_ONCE = 50
"""Feeds begun in one turn of the event loop: the first steps of 2,000 would hold it for 150 ms."""
SWITCH_S = 0.0005
"""After how long the store's thread lets the event loop have the interpreter."""

T = TypeVar("T")


class Polled(StrEnum):
    """How one poll ended."""

    FRESH = "fresh"
    UNCHANGED = "unchanged"
    FAILED = "failed"


def counted(*counts: tuple[int, str]) -> str:
    """`3 new, 1 edited`: what is not zero, in words."""
    return ", ".join(f"{count} {what}" for count, what in counts if count)


@dataclass(frozen=True, slots=True)
class FeedOutcome:
    """One feed in one pass."""

    feed: str
    status: Polled
    new: int = 0
    edited: int = 0
    detail: str = ""
    """Why it failed, or what else is worth knowing, in words."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """One pass over the feeds that were due."""

    outcomes: tuple[FeedOutcome, ...] = ()

    @property
    def new(self) -> int:
        """Articles never seen before."""
        return sum(outcome.new for outcome in self.outcomes)

    @property
    def edited(self) -> int:
        """Known articles with a new title or text."""
        return sum(outcome.edited for outcome in self.outcomes)

    def count(self, status: Polled) -> int:
        """Feeds that ended so."""
        return sum(outcome.status is status for outcome in self.outcomes)

    def line(self) -> str:
        """`12 feeds due: 31 new, 2 edited; 8 unchanged, 2 failed`; what did not occur is left out."""
        if not self.outcomes:
            return "no feed due"
        feeds = f"{len(self.outcomes)} feed{'' if len(self.outcomes) == 1 else 's'} due"
        articles = counted((self.new, "new"), (self.edited, "edited")) or "nothing new"
        rest = counted((self.count(Polled.UNCHANGED), "unchanged"), (self.count(Polled.FAILED), "failed"))
        return f"{feeds}: {articles}{rest and f'; {rest}'}"


async def every(work: Iterable[Awaitable[T]]) -> list[T]:
    """Every result; the first error is raised when all are done, so that none runs on behind the caller's back."""
    begun: list[asyncio.Future[T]] = []
    try:
        for one in work:
            begun.append(asyncio.ensure_future(one))
            if len(begun) % BEGUN_AT_ONCE == 0:
                await asyncio.sleep(0)
        results = await asyncio.gather(*begun, return_exceptions=True)
    finally:
        for task in begun:
            task.cancel()  # has an effect only where we were cancelled ourselves
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def poll(config: Config, store: Store, web: Web, workers: Workers, now_fn: Callable[[], datetime]) -> PollReport:
    """Poll every feed of the config that is due. Raises StoreError, and nothing for a feed's sake.

    The store is used in one thread beside the event loop: a thousand answers must not wait for one of its commits.
    """
    with _old_objects_left_alone(), _loop_first(), ThreadPoolExecutor(1, "store") as beside:
        due, addresses = await asyncio.wrap_future(beside.submit(_due, config, store, now_fn()))
        poller = _Poller(config, store, web, workers, now_fn, addresses, beside)
        return PollReport(tuple(await every(poller.poll(state) for state in due)))


@contextmanager
def _old_objects_left_alone() -> Iterator[None]:
    """Spare the garbage collector what was there before the pass: it took 110 ms, several times a pass."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _loop_first() -> Iterator[None]:
    """Let the event loop ask the thread of the store for the interpreter ten times as often as Python would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _due(config: Config, store: Store, now: datetime) -> tuple[list[FeedState], dict[str, str]]:
    store.feeds.sync(config.feeds, now)
    return store.feeds.due(now, limit=len(config.feeds)), _addresses(config, store)


def _addresses(config: Config, store: Store) -> dict[str, str]:
    """Address → feed that has it, as configured or moved to since."""
    configured = {feed.url: feed.id for feed in config.feeds if feed.enabled}
    return configured | {state.url: state.feed for state in store.feeds.all()}


@dataclass(frozen=True, slots=True)
class _Poller:
    config: Config
    store: Store
    web: Web
    workers: Workers
    now_fn: Callable[[], datetime]
    addresses: Mapping[str, str]
    beside: Executor

    async def poll(self, state: FeedState) -> FeedOutcome:
        etag, modified = validators(state, self.now_fn())
        try:
            asked = Asked(state.url, etag, modified, state.body_hash)
            fetched, parsed = await read_source(asked, Reach(self.web, self.workers))
        except (FetchError, WorkerError) as error:
            after = after_failure(state, error, self.now_fn(), self._rules(state))
            return await asyncio.wrap_future(self.beside.submit(self._failed, after))
        return await asyncio.wrap_future(self.beside.submit(self._save, state, fetched, parsed))

    def _save(self, state: FeedState, fetched: Fetched, parsed: ParsedFeed | None) -> FeedOutcome:
        now, rules = self.now_fn(), self._rules(state)
        taken = self._taken(state, fetched)
        if fetched.status == 304:
            after = after_not_modified(state, fetched, now, rules, taken=taken)
            self.store.feeds.save_poll(after, [])
            return FeedOutcome(state.feed, Polled.UNCHANGED)
        articles = self._articles(state, parsed, now)
        known = self.store.feeds.known(state.feed, articles)
        after = after_success(state, fetched, parsed, now, rules, known=known, taken=taken)
        if after.failures:
            return self._failed(after)
        saved = self.store.feeds.save_poll(after, articles)
        status = Polled.FRESH if saved.new or saved.edited else Polled.UNCHANGED
        return FeedOutcome(state.feed, status, saved.new, saved.edited, self._remarks(after, fetched, now))

    def _taken(self, state: FeedState, fetched: Fetched) -> tuple[str, ...]:
        moved_to = fetched.moved_to
        return (moved_to,) if moved_to and self.addresses.get(moved_to, state.feed) != state.feed else ()

    def _articles(self, state: FeedState, parsed: ParsedFeed | None, now: datetime) -> list[NewArticle]:
        feed, max_age = self.config.feed[state.feed], timedelta(hours=self.config.detect.max_age_h)
        return [new_article(entry, feed, now, max_age) for entry in parsed.entries] if parsed else []

    def _remarks(self, after: FeedState, fetched: Fetched, now: datetime) -> str:
        remarks = []
        if fetched.moved_to:
            other = self.addresses.get(fetched.moved_to, after.feed)
            whose = "" if other == after.feed else f", the address of {other}: disable one of the two"
            remarks.append(f"moved for good to {fetched.moved_to}{whose}")
        if after.slid == now:
            remarks.append("no item of the last poll left: some may have been missed, asked more often from now on")
        return "; ".join(remarks)

    def _rules(self, state: FeedState) -> PollRules:
        return rules_for(self.config.feed[state.feed], self.config.poll)

    def _failed(self, after: FeedState) -> FeedOutcome:
        self.store.feeds.save_poll(after, [])
        return FeedOutcome(after.feed, Polled.FAILED, detail=after.error or "")


def new_article(entry: Entry, feed: Feed, seen: datetime, max_age: timedelta) -> NewArticle:
    """An entry as an article. It is complete, and its page stays unread, where the page could add nothing of use."""
    published = clean_published(entry.published, seen=seen)
    opinion = is_opinion(entry.url, entry.title)
    stale = is_stale(published, seen=seen, max_age=max_age) or looks_back(entry.title)
    text = max(entry.content, entry.summary, key=len)
    enough = len(text.split()) >= ENOUGH_WORDS
    return NewArticle(
        feed=feed.id,
        guid=entry.guid,
        url=entry.url,
        title=entry.title,
        text=text,
        text_source=TextSource.FEED if text else TextSource.TITLE,
        published=published,
        seen=seen,
        lang=feed.language,
        opinion=opinion,
        stale=stale,
        complete=enough or feed.page == "never" or opinion or stale or not entry.url,
    )
