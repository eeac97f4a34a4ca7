"""Does each feed of the configuration still answer? For the first start, and for `volteface feeds check`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from volteface.config import Config, Feed
from volteface.errors import FetchError, WorkerError
from volteface.fetch import Web
from volteface.sources import Asked, Reach, read_source
from volteface.workers import Workers


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one feed answered."""

    feed: str
    ok: bool
    status: int | None = None
    """HTTP status, if there was an answer."""
    entries: int = 0
    moved_to: str | None = None
    """Where the server says that the feed now is, for good."""
    reason: str | None = None
    """Why the feed does not work, in words."""


async def check_feeds(config: Config) -> list[FeedCheck]:
    """Ask every enabled feed once, without the store; in the order of the config."""
    async with Web(config.poll) as web:
        with Workers() as workers:
            return await check([feed for feed in config.feeds if feed.enabled], web, workers)


async def check(feeds: Sequence[Feed], web: Web, workers: Workers) -> list[FeedCheck]:
    """Ask these feeds at once; one line each, in their order."""
    return list(await asyncio.gather(*(_check(feed, web, workers) for feed in feeds)))


async def _check(feed: Feed, web: Web, workers: Workers) -> FeedCheck:
    try:
        fetched, parsed = await read_source(Asked(feed.url), Reach(web, workers))
    except FetchError as error:
        return FeedCheck(feed.id, ok=False, status=error.status, reason=str(error))
    except WorkerError as error:
        return FeedCheck(feed.id, ok=False, reason=str(error))
    entries = parsed.entries if parsed else ()
    reason = (parsed and parsed.reason) or (None if entries else "a feed without entries")
    return FeedCheck(feed.id, reason is None, fetched.status, len(entries), fetched.moved_to, reason)
