"""A pass of poll or texts as a whole: all feeds that are due, and an event loop that waits for no database."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from feed_desk import PAGE, Desk, feed, item, rss
from local_web import LocalWeb

from volteface.fetch import Web
from volteface.poll import Polled, poll
from volteface.texts import fill_texts

T = TypeVar("T")


def test_a_pass_takes_all_feeds_that_are_due(desk: Callable[..., Desk]) -> None:
    """Of two thousand feeds one half would always be polled late."""
    feeds = [feed(f"http://10.1.{n // 200}.{n % 200 + 1}/rss", f"feed_{n}") for n in range(1001)]
    mine = desk(*feeds, allow_private_addresses=False)  # refused before anything is sent

    assert mine.poll().count(Polled.FAILED) == 1001
    assert mine.poll().outcomes == ()


async def while_held(database: Path, step: Awaitable[T], seconds: float) -> T:
    """What a step gives that begins while somebody else writes to the database, who ends in the same event loop."""
    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN IMMEDIATE")
        running = asyncio.ensure_future(step)
        await asyncio.sleep(seconds)
        other.rollback()
        return await running


@pytest.mark.parametrize("step", [poll, fill_texts])
def test_a_held_database_does_not_hold_the_loop(
    desk: Callable[..., Desk], site: LocalWeb, tmp_path: Path, step: Callable[..., Awaitable[object]]
) -> None:
    """Each commit would stop all answers that are under way, until they run into their time limits."""
    mine = desk(feed(site.route("/feed", body=rss(item("Envoys meet", "/a")))))
    site.route("/a", body=PAGE.encode())
    if step is fill_texts:
        mine.poll()

    async def once() -> None:
        async with Web(mine.config.poll) as client:
            running = step(mine.config, mine.store, client, mine.workers, lambda: mine.now)
            await while_held(tmp_path / "desk.db", running, 2)

    asyncio.run(once())

    assert mine.store.articles.counts(mine.now).wanting_text == (0 if step is fill_texts else 1)
