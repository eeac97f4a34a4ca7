"""What a site's robots.txt lets us read (RFC 9309). Only pages ask; a feed is there to be fetched by its readers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from volteface.errors import FetchError
from volteface.feed_types import Fetched

DAY_S = 86_400.0
UNREACHABLE_S = 3600.0
"""How long a robots.txt that could not be read keeps us out."""
MAX_CHARACTERS = 500_000


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: Protego | None
    """None: keep out."""
    until: float


class Robots:
    """Answers for the sites asked about, each kept for a day. `clock` is in seconds."""

    def __init__(self, get: Callable[[str], Awaitable[Fetched]], user_agent: str, clock: Callable[[], float]) -> None:
        self._get, self._agent, self._clock = get, user_agent, clock
        self._known: dict[str, _Rules] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def allow(self, url: str) -> bool:
        """Whether we may read this page; raises FetchError (transient) while the site does not say."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        async with self._asking[site]:  # many pages of one site are wanted at once; it is asked once
            known = self._known.get(site)
            if known is None or known.until < self._clock():
                known = self._known[site] = await self._ask(site)
        if known.rules is None:
            raise FetchError(f"robots.txt cannot be read: {site}/robots.txt", transient=True)
        return bool(known.rules.can_fetch(url, self._agent))

    async def _ask(self, site: str) -> _Rules:
        try:
            body = (await self._get(f"{site}/robots.txt")).body
        except FetchError as error:
            if error.transient:
                return _Rules(None, self._clock() + UNREACHABLE_S)
            body = b""  # no robots.txt is a site without wishes
        text = body.decode("utf-8", "replace")[:MAX_CHARACTERS]
        return _Rules(Protego.parse(text), self._clock() + DAY_S)
