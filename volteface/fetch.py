"""The only way out to the web: bounded, polite, conditional GETs to public addresses.

Every hop of a redirect is checked when it connects (ssrfguard resolves once, checks every address, and connects to the
one it checked). Bodies are inflated here and not by httpx, which would inflate a bomb before we see a byte of it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_network
from types import TracebackType
from typing import Self

import httpx
from ssrfguard import Policy, Resolver, SSRFGuardError
from ssrfguard.httpx import AsyncSafeTransport

from volteface.config_poll import PollRules
from volteface.errors import FetchError, RefusedAddress
from volteface.feed_types import Fetched
from volteface.inflate import BodyError, Inflater
from volteface.robots import Robots
from volteface.schedule import http_date

MAX_REDIRECTS = 5
RETRY_AFTER_CAP_S = 86_400.0
FEED_TYPES = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
PAGE_TYPES = "text/html, application/xhtml+xml, */*;q=0.5"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_PASSING = frozenset({408, 425, 429})
_PRIVATE = tuple(map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")))


@dataclass(slots=True)
class _Lane:
    """The queue for one host: one request at a time, a pause between two."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class Web:
    """An HTTP client for feeds and pages; use as an async context manager, inside one event loop.

    `clock` (seconds) and `sleep` serve only the spacing of requests to one host; `resolver` stands in for
    `socket.getaddrinfo`, and what it answers is checked like any other address; `policy` for what follows from `rules`.
    """

    def __init__(
        self,
        rules: PollRules,
        *,
        resolver: Resolver | None = None,
        policy: Policy | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.rules = rules
        self._clock, self._sleep = clock, sleep
        self._slots = asyncio.Semaphore(rules.concurrency)
        self._lanes: dict[str, _Lane] = {}
        self._policy = policy or _policy(rules)
        limits = httpx.Limits(max_connections=rules.concurrency, max_keepalive_connections=0)
        self._client = httpx.AsyncClient(
            transport=AsyncSafeTransport(policy=self._policy, resolver=resolver, trust_env=False, limits=limits),
            trust_env=False,
            timeout=httpx.Timeout(rules.timeout_s, pool=None),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": rules.user_agent, "Accept-Encoding": "gzip, deflate"},
        )
        self._robots = Robots(self.get, rules.user_agent, clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        accept: str = FEED_TYPES,
        max_bytes: int | None = None,
    ) -> Fetched:
        """One answer, 200 or 304, after up to 5 redirects; `max_bytes` caps it on the wire and inflated.

        Raises RefusedAddress before contacting an address that is not public, and FetchError for everything else that
        is not an answer: 4xx and 5xx, no answer within `rules.timeout_s` in all, a body over the cap.
        """
        headers = {b"Accept": accept.encode()}
        if etag:
            headers[b"If-None-Match"] = etag.encode("latin-1", "ignore")
        if modified:
            headers[b"If-Modified-Since"] = modified.encode("latin-1", "ignore")
        at, moved_to, left = url, None, self.rules.timeout_s
        for hop in range(MAX_REDIRECTS + 1):
            async with self._turn(self._host(at)):
                started = time.monotonic()
                answer = await self._ask(at, headers, left, min(max_bytes or 1 << 62, self.rules.max_bytes))
                left -= time.monotonic() - started
            if answer.status not in _REDIRECTS:
                _refuse_failure(answer)
                return Fetched(answer.status, at, answer.body, answer.headers, moved_to)
            target = redirect_target(at, answer)
            if hop == 0 and answer.status in _PERMANENT:
                moved_to = target
            at = target
        raise FetchError(f"more than {MAX_REDIRECTS} redirects: {url}", transient=False)

    async def page(self, url: str, max_bytes: int) -> Fetched:
        """A page for reading, if the site's robots.txt lets us; raises as `get`."""
        if not await self._robots.allow(url):
            raise FetchError(f"robots.txt asks us not to read this: {url}", transient=False)
        return await self.get(url, accept=PAGE_TYPES, max_bytes=max_bytes)

    def _host(self, url: str) -> str:
        """The host of a URL that we may ask as far as the URL alone tells (scheme, port, userinfo, literal address)."""
        try:
            return self._policy.check_url(url).host
        except SSRFGuardError as error:
            raise RefusedAddress(f"refused ({error})"[:500]) from error

    @asynccontextmanager
    async def _turn(self, host: str) -> AsyncIterator[None]:
        """Wait until this host may be asked, then for a free slot; the wait for a host takes nobody else's slot."""
        lane = self._lanes.setdefault(host, _Lane())
        async with lane.lock:
            pause = lane.free_at - self._clock()
            if pause > 0:
                await self._sleep(pause)
            async with self._slots:
                try:
                    yield
                finally:
                    lane.free_at = self._clock() + self.rules.host_gap_s

    async def _ask(self, url: str, headers: dict[bytes, bytes], seconds: float, cap: int) -> Fetched:
        try:
            async with asyncio.timeout(seconds), self._client.stream("GET", url, headers=headers) as response:
                return await _read(response, url, cap)
        except SSRFGuardError as error:
            raise RefusedAddress(f"refused ({error}): {url}"[:500]) from error
        except BodyError as error:
            raise FetchError(f"{error}: {url}", transient=False) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            message = f"no complete answer within {self.rules.timeout_s:g} s: {url}"
            raise FetchError(message, transient=True) from error
        except httpx.TransportError as error:
            what = f"{type(error).__name__} {error}".strip()
            raise FetchError(f"connection failed ({what}): {url}"[:500], transient=True) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise FetchError(f"not a usable address ({error}): {url}"[:500], transient=False) from error


def _policy(rules: PollRules) -> Policy:
    if not rules.allow_private_addresses:
        return Policy()
    return Policy(allowed_networks=_PRIVATE, allowed_ports=frozenset(range(1, 65_536)))


async def _read(response: httpx.Response, url: str, cap: int) -> Fetched:
    """The answer with its body inflated; a redirect's, a failure's or a 304's body is of no interest and not read."""
    headers: dict[str, str] = {}
    for name, value in response.headers.raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    if response.status_code != 200:
        return Fetched(response.status_code, url, b"", headers)
    inflater = Inflater(headers.get("content-encoding", ""), cap)
    async for chunk in response.aiter_raw():
        inflater.feed(chunk)
    return Fetched(200, url, inflater.finish(), headers)


def redirect_target(at: str, answer: Fetched) -> str:
    """The absolute address that an answer sends us on to from `at`. Raises FetchError; never from https to http."""
    location = answer.headers.get("location", "")
    try:
        target = str(httpx.URL(at).join(location).copy_with(fragment=None))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise FetchError(f"redirect to an unusable address: {at}", transient=False) from error
    if not location:
        raise FetchError(f"redirect without a target: {at}", transient=False)
    if at.startswith("https:") and not target.startswith("https:"):
        raise FetchError(f"redirect from https to {target[:200]}, refused: {at}", transient=False)
    return target


def _refuse_failure(answer: Fetched) -> None:
    """Raise FetchError for a status other than 200 and 304."""
    status = answer.status
    if status in (200, 304):
        return
    wait = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
    what = f"HTTP {status}"
    if answer.headers.get("cf-mitigated") == "challenge":
        what += ", a bot check"
    transient = status >= 500 or status in _PASSING
    raise FetchError(f"{what}: {answer.url}", transient=transient, retry_after=wait, status=status)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (a number or an HTTP date), at most a day; None for garbage."""
    if value is None:
        return None
    if re.fullmatch(r"\s*\d{1,12}\s*", value):
        return min(float(value), RETRY_AFTER_CAP_S)
    when = http_date(value.strip())
    if when is None or when <= now:
        return None
    return min((when - now).total_seconds(), RETRY_AFTER_CAP_S)
