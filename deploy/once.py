"""One pass poll → read → detect → deliver without Prefect: for `volteface poll`, cron and a first look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from volteface.analyze import analyze_all
from volteface.config import Config
from volteface.deliver import deliver
from volteface.detect import detect
from volteface.fallback import fallback_for
from volteface.fetch import Web
from volteface.poll import PollReport, poll
from volteface.sinks import sink_for
from volteface.store import Store
from volteface.summary import alert_line, analyze_line, poll_line
from volteface.texts import TextReport, fill_texts
from volteface.types import Extractors
from volteface.workers import Workers


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@contextmanager
def open_store(config: Config) -> Iterator[Store]:
    """The config's store, closed at the end."""
    store = Store.open(config.database)
    try:
        yield store
    finally:
        store.close()


def one_pass(config: Config, store: Store, say: Callable[[str], None]) -> bool:
    """Do everything that is due, telling each step's outcome; False if a message could not be delivered."""
    say(f"poll     {poll_line(*asyncio.run(_poll(config, store)))}")
    say(f"analyze  {analyze_line(analyze_all(config, store, lambda: _instruments(config), utc_now()))}")
    found = detect(config, store, utc_now())
    sent = deliver(config, store, sink_for(config), utc_now, sender="volteface-poll", fallback=fallback_for())
    say(f"alert    {alert_line(found, sent)}")
    return not (sent.dead or sent.fault)


async def _poll(config: Config, store: Store) -> tuple[PollReport, TextReport]:
    async with Web(config.poll) as web:
        with Workers() as workers:
            report = await poll(config, store, web, workers, utc_now)
            return report, await fill_texts(config, store, web, workers, utc_now)


def _instruments(config: Config) -> Extractors:
    import extractors  # The model's libraries take seconds to import; most passes have something to read, not all.

    return extractors.build(config)
