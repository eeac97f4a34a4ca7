"""Everything around a poll: a config with feeds on loopback, a store, a clock that the test moves, the real steps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from volteface.config import Axis, Config, Feed, Office, Pole, PollRules, Rung, Side
from volteface.config_messages import Slack
from volteface.feed_types import FeedState
from volteface.fetch import Web
from volteface.poll import PollReport, poll
from volteface.store import Store
from volteface.texts import TextReport, fill_texts
from volteface.types import Article
from volteface.workers import Workers

START = datetime(2026, 2, 10, 12, tzinfo=UTC)
SENTENCE = "The foreign ministry said on Monday that envoys of both countries would meet again in Muscat next week. "
LONG = SENTENCE * 6
PAGE = (
    "<html><body><article><h1>T</h1>" + "".join(f"<p>{n} {SENTENCE}</p>" for n in range(6)) + "</article></body></html>"
)


def config(*feeds: Feed, **rules: Any) -> Config:
    """A config with these feeds; `rules` are keys of its section `poll`."""
    pole = Pole(name="p", hypothesis="h", exemplars=("a", "b"))
    return Config(
        version=1,
        sides=(Side(id="iran", name="Iran"), Side(id="us", name="US")),
        offices=(Office(id="iran_gov", side="iran", name="Iran", rank=8),),
        axes=(
            Axis(id="negotiation", name="n", topic="t", towards=pole, away=pole,
                 rungs=tuple(Rung(value=v, name=str(v)) for v in (-1, 0, 1))),
        ),
        feeds=feeds,
        poll=PollRules(**{"allow_private_addresses": True, "host_gap_s": 0, "timeout_s": 5} | rules),
        slack=Slack(channel="#x"),
    )  # fmt: skip


def feed(url: str, id: str = "wire", **fields: Any) -> Feed:  # noqa: A002 - the field's name
    """A configured feed."""
    plain = {"outlet": "Wire", "country": "INT", "ownership": "independent", "language": "en"}
    return Feed.model_validate({"id": id, "url": url} | plain | fields)


def item(title: str, link: str, text: str = "A short teaser.", age: timedelta | None = timedelta(hours=1)) -> str:
    """An RSS item, `age` before START."""
    date = "" if age is None else f"<pubDate>{format_datetime(START - age)}</pubDate>"
    where = f"<link>{link}</link><guid>{link}</guid>"
    return f"<item><title>{title}</title>{where}<description>{text}</description>{date}</item>"


def rss(*items: str, channel: str = "") -> bytes:
    """An RSS document."""
    return f'<rss version="2.0"><channel><title>T</title>{channel}{"".join(items)}</channel></rss>'.encode()


def stories(numbers: Iterable[int], every: timedelta = timedelta(hours=1)) -> bytes:
    """An RSS document with story n, published n times `every` before START, for each number; the texts are complete."""
    return rss(*(item(f"Envoys meet, part {n}", f"/{n}", LONG, n * every) for n in numbers))


class Desk:
    """A store, worker processes, and the time `now`, which only the test moves."""

    def __init__(self, store: Store, workers: Workers, *feeds: Feed, **rules: Any) -> None:
        self.store, self.workers = store, workers
        self.config = config(*feeds, **rules)
        self.now = START

    def poll(self, **after: float) -> PollReport:
        """One pass, so long after the last one (keywords of timedelta)."""
        self.now += timedelta(**after)

        async def once() -> PollReport:
            async with Web(self.config.poll) as client:
                return await poll(self.config, self.store, client, self.workers, lambda: self.now)

        return asyncio.run(once())

    def poll_when_due(self) -> PollReport:
        """One pass at the moment at which the first feed is due."""
        dues = (state.next_due for state in self.store.feeds.all() if not state.gone)
        self.now = max(self.now, min(dues, default=self.now))
        return self.poll()

    def fill(self) -> TextReport:
        """One pass over the pages."""

        async def once() -> TextReport:
            async with Web(self.config.poll) as client:
                return await fill_texts(self.config, self.store, client, self.workers, lambda: self.now)

        return asyncio.run(once())

    def state(self, name: str = "wire") -> FeedState:
        """What is known of a feed."""
        return next(state for state in self.store.feeds.all() if state.feed == name)

    def wait_s(self, name: str = "wire") -> float:
        """Seconds until a feed is due."""
        return (self.state(name).next_due - self.now).total_seconds()

    def articles(self) -> list[Article]:
        """Articles with their text."""
        return self.store.articles.wanting_reading(10_000)


def reopened(desk: Desk, file: Path) -> Desk:
    """The same desk after a restart of the program."""
    desk.store.close()
    again = Desk(Store.open(f"sqlite:///{file}"), desk.workers, *desk.config.feeds)
    again.config, again.now = desk.config, desk.now
    return again
