"""The poll flow: feeds that are due → articles with their text."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.outcome import atell
from flows.progress import Count, progress, shrinking
from flows.retry import TRANSIENT
from volteface.config import Config
from volteface.config_file import load_config
from volteface.errors import StoreError
from volteface.fetch import Web
from volteface.poll import PollReport, poll
from volteface.status import SILENT, healths
from volteface.store import Store
from volteface.summary import poll_line, poll_page
from volteface.texts import TextReport, fill_texts
from volteface.workers import Workers

PAGES = 300
"""Articles whose page one run fetches."""


@flow(name="poll", flow_run_name="poll", timeout_seconds=1800)
async def poll_feeds(config_file: str = "config.yaml", as_of: datetime | None = None) -> State[PollReport]:
    """Poll what is due and fetch missing article texts. `as_of` simulates the time."""
    config, now = load_config(Path(config_file)), as_of or datetime.now(UTC)
    store = Store.open(config.database)
    try:
        async with Web(config.poll) as web:
            with progress("progress-poll", "feeds", lambda: _polled(store, now)):
                report = await poll_due(config, store, web, process_workers(), now)
            with progress("progress-texts", "pages", _pages(store)):
                texts = await fetch_texts(config, store, web, process_workers(), now)
        silent = _silent(config, store, now)
    finally:
        store.close()
    line = poll_line(report, texts, silent)
    await atell("poll", line, poll_page(report, texts, config))
    return Completed(message=line, data=report)


def _polled(store: Store, now: datetime) -> tuple[int, int]:
    """How many of the feeds that this pass found due it has asked."""
    states = store.feeds.all()
    asked = sum(state.checked == now for state in states)
    return asked, asked + sum(state.next_due <= now and not state.gone for state in states)


def _pages(store: Store) -> Count:
    return shrinking(lambda: store.census.totals().wanting_text.count, most=PAGES)


def _silent(config: Config, store: Store, now: datetime) -> int:
    try:
        states = {state.feed: state for state in store.feeds.all()}
    except StoreError:  # The pass is done: it must not fail for the sake of its name.
        return 0
    return sum(feed.health == SILENT for feed in healths(config, states, now))


@cache
def process_workers() -> Workers:
    """One pool for all runs of a process. Its processes end with this one."""
    return Workers()


@task(name="poll due feeds", cache_policy=NO_CACHE, **TRANSIENT)
async def poll_due(config: Config, store: Store, web: Web, workers: Workers, now: datetime) -> PollReport:
    """Every feed that is due, at once; one that fails costs the others nothing."""
    return await poll(config, store, web, workers, lambda: now)


@task(name="fetch article texts", cache_policy=NO_CACHE, **TRANSIENT)
async def fetch_texts(config: Config, store: Store, web: Web, workers: Workers, now: datetime) -> TextReport:
    """Pages of articles of which the feed gave only a summary."""
    return await fill_texts(config, store, web, workers, lambda: now, limit=PAGES)
