"""The second step: articles without their text → the text of their page, or the feed's own and the reason why.

A page that fails becomes a note on its article and a line in the report. Only a broken store stops a pass.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from urllib.parse import urlsplit

from volteface.config import Config
from volteface.dates import clean_published
from volteface.errors import FetchError, WorkerError
from volteface.feed_types import PageText
from volteface.fetch import Web
from volteface.page import MAX_HTML, extract_page
from volteface.poll import counted, every
from volteface.store import Store
from volteface.types import Article, TextSource
from volteface.workers import Workers

PAGE_PATIENCE = timedelta(minutes=30)
"""How long after first sight a page that cannot be reached is tried again, pass by pass."""
HOST_PATIENCE = 3
"""Failures of a host in one pass after which its other pages wait for the next pass."""
SAME_TEXT = 3
"""Addresses of one feed whose pages have the very same text from which it is a wall and no article."""


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


async def fill_texts(
    config: Config, store: Store, web: Web, workers: Workers, now_fn: Callable[[], datetime], limit: int = 300
) -> TextReport:
    """Read the pages of up to `limit` articles that want it, the oldest first. Raises StoreError.

    A page that is refused by its site, by robots.txt or by the quality gate leaves the feed's own text and a note.
    As in `poll`, the store is used in one thread beside the event loop.
    """
    with ThreadPoolExecutor(1, "store") as beside:
        filler = _Filler(config, store, web, workers, now_fn, beside)
        wanting = await asyncio.wrap_future(beside.submit(store.articles.wanting_text, limit))
        outcomes = Counter(chain.from_iterable(await every(map(filler.fill_host, _by_host(wanting)))))
    return TextReport(
        pages=outcomes[_PAGE],
        kept=outcomes[_KEPT],
        waiting=outcomes[_WAITING],
        reasons=tuple(filler.reasons.most_common()),
    )


_PAGE, _KEPT, _WAITING = "page", "kept", "waiting"


def _by_host(articles: Sequence[Article]) -> list[list[Article]]:
    hosts: defaultdict[str, list[Article]] = defaultdict(list)
    for article in articles:
        hosts[_host(article.url)].append(article)
    return list(hosts.values())


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class _Filler:
    def __init__(
        self,
        config: Config,
        store: Store,
        web: Web,
        workers: Workers,
        now_fn: Callable[[], datetime],
        beside: Executor,
    ) -> None:
        self._wanted = {feed.id for feed in config.feeds if feed.enabled and feed.page == "auto"}
        self._store, self._web, self._workers, self._now_fn = store, web, workers, now_fn
        self._beside = beside
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
            await asyncio.wrap_future(self._beside.submit(self._save, article, page))
            outcomes.append(_KEPT if page.reason else _PAGE)
        return outcomes

    async def _read(self, article: Article, failures: int) -> PageText:
        if article.feed not in self._wanted:  # the configuration may have changed its mind since the article came in
            return PageText(reason="pages of this feed are not read")
        if failures >= HOST_PATIENCE:
            raise FetchError(f"the site failed {failures} times in this pass: {article.url}", transient=True)
        fetched = await self._web.page(article.url, MAX_HTML)
        content_type = fetched.headers.get("content-type")
        page = await self._workers.run(extract_page, fetched.body, fetched.url, content_type)
        if page.text and await self._addresses_with(article.feed, page.text) >= SAME_TEXT - 1:
            return PageText(reason="the same text as at other addresses of the feed")
        return page

    async def _addresses_with(self, feed: str, text: str) -> int:
        return await asyncio.wrap_future(self._beside.submit(self._store.articles.with_text, feed, text))

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
