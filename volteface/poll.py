"""The first two steps: feeds that are due → articles; articles without their text → their pages' text.

A feed or page that fails becomes stored state and a line in the report. Only a broken store stops a pass.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import TypeVar
from urllib.parse import urlsplit

from volteface.config import Config, Feed
from volteface.dates import clean_published, is_opinion, is_stale, looks_back
from volteface.errors import FetchError, WorkerError
from volteface.feed_types import Entry, FeedState, Fetched, PageText, ParsedFeed
from volteface.fetch import Web
from volteface.page import MAX_HTML, extract_page
from volteface.parse import parse_feed
from volteface.schedule import after_failure, after_not_modified, after_success, body_hash, validators
from volteface.store import Store
from volteface.types import Article, NewArticle, TextSource
from volteface.workers import Workers

ENOUGH_WORDS = 80
"""With so many words from the feed itself, the page is not fetched."""
PAGE_PATIENCE = timedelta(minutes=30)
"""How long after first sight a page that cannot be reached is tried again, pass by pass."""
HOST_PATIENCE = 3
"""Failures of a host in one pass after which its other pages wait for the next pass."""

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


@dataclass(frozen=True, slots=True)
class TextReport:
    """One pass over the articles whose page was to be read."""

    pages: int = 0
    """Articles that got the text of their page."""
    kept: int = 0
    """Articles that keep the feed's own text, because the page gave none."""
    waiting: int = 0
    """Articles whose page could not be reached and will be tried again."""
    reasons: tuple[tuple[str, int], ...] = ()
    """Why pages gave no text, the most frequent reason first."""

    def line(self) -> str:
        """`14 pages read, 3 kept the feed's text, 1 to be tried again`; empty where no page was wanted."""
        return counted(
            (self.pages, "pages read"), (self.kept, "kept the feed's text"), (self.waiting, "to be tried again")
        )


async def poll(config: Config, store: Store, web: Web, workers: Workers, now_fn: Callable[[], datetime]) -> PollReport:
    """Poll every feed of the config that is due. Raises StoreError, and nothing for a feed's sake."""
    store.feeds.sync(config.feeds, now_fn())
    poller = _Poller(config, store, web, workers, now_fn)
    return PollReport(tuple(await _all(poller.poll(state) for state in store.feeds.due(now_fn()))))


async def fill_texts(
    config: Config, store: Store, web: Web, workers: Workers, now_fn: Callable[[], datetime], limit: int = 300
) -> TextReport:
    """Read the pages of up to `limit` articles that want it, the oldest first. Raises StoreError.

    A page that is refused by its site, by robots.txt or by the quality gate leaves the feed's own text and a note.
    """
    filler = _Filler(config, store, web, workers, now_fn)
    hosts: defaultdict[str, list[Article]] = defaultdict(list)
    for article in store.articles.wanting_text(limit):
        hosts[_host(article.url)].append(article)
    outcomes = Counter(chain.from_iterable(await _all(filler.fill_host(articles) for articles in hosts.values())))
    return TextReport(
        pages=outcomes[_PAGE],
        kept=outcomes[_KEPT],
        waiting=outcomes[_WAITING],
        reasons=tuple(filler.reasons.most_common()),
    )


async def _all(work: Iterable[Awaitable[T]]) -> list[T]:
    """Every result; the first error is raised when all are done, so that none runs on behind the caller's back."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


@dataclass(frozen=True, slots=True)
class _Poller:
    config: Config
    store: Store
    web: Web
    workers: Workers
    now_fn: Callable[[], datetime]

    async def poll(self, state: FeedState) -> FeedOutcome:
        etag, modified = validators(state, self.now_fn())
        try:
            fetched = await self.web.get(state.url, etag=etag, modified=modified)
            parsed = await self._parse(state, fetched)
        except (FetchError, WorkerError) as error:
            return self._failed(after_failure(state, error, self.now_fn(), self.config.poll))
        return self._save(state, fetched, parsed)

    async def _parse(self, state: FeedState, fetched: Fetched) -> ParsedFeed | None:
        """None where there is nothing new to parse."""
        if fetched.status == 304 or body_hash(fetched.body) == state.body_hash:
            return None
        content_type = fetched.headers.get("content-type")
        return await self.workers.run(parse_feed, fetched.body, fetched.url, content_type)

    def _save(self, state: FeedState, fetched: Fetched, parsed: ParsedFeed | None) -> FeedOutcome:
        now, rules = self.now_fn(), self.config.poll
        if fetched.status == 304:
            self.store.feeds.save_poll(after_not_modified(state, fetched, now, rules), [])
            return FeedOutcome(state.feed, Polled.UNCHANGED)
        after = after_success(state, fetched, parsed, now, rules)
        if after.failures:
            return self._failed(after)
        feed, max_age = self.config.feed[state.feed], timedelta(hours=self.config.detect.max_age_h)
        articles = [new_article(entry, feed, now, max_age) for entry in parsed.entries] if parsed else []
        saved = self.store.feeds.save_poll(after, articles)
        status = Polled.FRESH if saved.new or saved.edited else Polled.UNCHANGED
        detail = f"moved for good to {fetched.moved_to}" if fetched.moved_to else ""
        return FeedOutcome(state.feed, status, saved.new, saved.edited, detail)

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


_PAGE, _KEPT, _WAITING = "page", "kept", "waiting"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class _Filler:
    def __init__(
        self, config: Config, store: Store, web: Web, workers: Workers, now_fn: Callable[[], datetime]
    ) -> None:
        self._wanted = {feed.id for feed in config.feeds if feed.enabled and feed.page == "auto"}
        self._store, self._web, self._workers, self._now_fn = store, web, workers, now_fn
        self.reasons: Counter[str] = Counter()

    async def fill_host(self, articles: Sequence[Article]) -> list[str]:
        """One by one; after some failures the others wait, so that a dead site costs little."""
        outcomes, failures = [], 0
        for article in articles:
            try:
                page = await self._read(article, failures)
            except FetchError as error:
                failures += error.transient
                if error.transient and self._now_fn() - article.seen < PAGE_PATIENCE:
                    outcomes.append(_WAITING)
                    continue
                page = PageText(reason=str(error))
            except WorkerError as error:
                page = PageText(reason=str(error))
            self._save(article, page)
            outcomes.append(_KEPT if page.reason else _PAGE)
        return outcomes

    async def _read(self, article: Article, failures: int) -> PageText:
        if article.feed not in self._wanted:  # the configuration may have changed its mind since the article came in
            return PageText(reason="pages of this feed are not read")
        if failures >= HOST_PATIENCE:
            raise FetchError(f"the site failed {failures} times in this pass: {article.url}", transient=True)
        fetched = await self._web.page(article.url, MAX_HTML)
        return await self._workers.run(extract_page, fetched.body, fetched.url, fetched.headers.get("content-type"))

    def _save(self, article: Article, page: PageText) -> None:
        if page.reason:
            self.reasons[page.reason.split(": ")[0]] += 1
        # A feed without dates made `published` equal to `seen`; then the page's date, a day, is the better witness.
        dated = article.published < article.seen or page.published is None
        published = article.published if dated else clean_published(page.published, seen=article.seen)
        self._store.articles.save_text(
            article.id,
            text=page.text or article.text,
            text_source=TextSource.PAGE if page.text else article.text_source,
            published=published,
            lang=page.lang or article.lang,
            note=f"no page text: {page.reason}"[:300] if page.reason else "",
            now=self._now_fn(),
        )
