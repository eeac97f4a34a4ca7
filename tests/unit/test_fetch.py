"""The web client against a real server on loopback: bounded, polite, conditional, never at a private address."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
import tracemalloc
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from local_web import LocalWeb
from paced import Clock

from volteface.config import PollRules
from volteface.errors import FetchError, RefusedAddress
from volteface.feed_types import Fetched
from volteface.fetch import Web, retry_after

RULES = PollRules(allow_private_addresses=True, host_gap_s=0, timeout_s=5)
BODY = b"<rss version='2.0'/>"


def get(url: str, rules: PollRules = RULES, **how: Any) -> Fetched:
    async def once() -> Fetched:
        async with Web(rules) as web:
            return await web.get(url, **how)

    return asyncio.run(once())


def test_an_honest_request() -> None:
    """Publishers would block us as a bot in disguise, or could not tell whom to write to."""
    with LocalWeb() as web:
        get(web.route("/feed", body=BODY))

        headers = web.requests[0].headers
    assert headers["user-agent"] == RULES.user_agent
    assert headers["accept"].startswith("application/atom+xml")
    assert set(headers) <= {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_validators_go_out_byte_for_byte_and_304_is_an_answer() -> None:
    """Every poll would download the whole feed, and a 304 would count as a failure."""
    odd = 'W/"a b\xe9", unquoted'
    with LocalWeb() as web:
        url = web.route("/feed", body=BODY, etag=odd, headers={"Last-Modified": "not a date"})
        first = get(url)
        second = get(url, etag=first.headers["etag"], modified=first.headers["last-modified"])

        sent = web.requests[1].headers
    assert (first.status, first.body) == (200, BODY)
    assert (second.status, second.body) == (304, b"")
    assert sent["if-none-match"] == odd
    assert sent["if-modified-since"] == "not a date"
    assert "if-none-match" not in web.requests[0].headers


def test_cookies_are_not_kept() -> None:
    """We would be tracked from poll to poll, and get personal feeds."""

    async def twice(url: str) -> None:
        async with Web(RULES) as web:
            await web.get(url)
            await web.get(url)

    with LocalWeb() as web:
        asyncio.run(twice(web.route("/feed", body=BODY, headers={"Set-Cookie": "id=7; Path=/"})))

        assert ["cookie" in request.headers for request in web.requests] == [False, False]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
        ("gzip", lambda body: gzip.compress(body) + b"\0" * 20),
        ("identity", bytes),
    ],
)
def test_compressed_bodies_come_out_whole(encoding: str, pack: Any) -> None:
    """Feeds of servers that compress would be unreadable."""
    with LocalWeb() as web:
        url = web.route("/feed", body=pack(BODY * 5000), headers={"Content-Encoding": encoding})

        assert get(url).body == BODY * 5000


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("br", b"x", "did not ask for"),
        ("gzip, gzip", b"x", "did not ask for"),
        ("gzip", b"not gzip at all", "not gzip"),
        ("gzip", gzip.compress(BODY * 50, mtime=0)[:-20], "breaks off"),
    ],
)
def test_bodies_that_are_not_what_they_say(encoding: str, body: bytes, reason: str) -> None:
    """Garbage or half a feed would be taken for the feed."""
    with (
        LocalWeb() as web,
        pytest.raises(FetchError, match=reason),
    ):
        get(web.route("/feed", body=body, headers={"Content-Encoding": encoding}))


def test_a_gzip_bomb_stops_at_the_cap() -> None:
    """One hostile feed would take all memory and with it the whole service."""
    bomb = gzip.compress(bytes(100_000_000))
    rules = RULES.model_copy(update={"max_bytes": 2_000_000})
    with LocalWeb() as web:
        url = web.route("/bomb", body=bomb, headers={"Content-Encoding": "gzip"})
        tracemalloc.start()
        with pytest.raises(FetchError, match="2,000,000 bytes inflated") as caught:
            get(url, rules)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert not caught.value.transient
    assert peak < 12_000_000


def test_a_large_body_stops_at_the_cap() -> None:
    """An endless stream would fill the memory."""
    with LocalWeb() as web:
        url = web.route("/big", body=[b"x" * 100_000] * 1000)

        with pytest.raises(FetchError, match="more than 1,000,000 bytes"):
            get(url, max_bytes=1_000_000)


def test_a_slow_drip_ends_at_the_deadline() -> None:
    """A server that sends a byte a second would hold a slot for hours: each read is in time."""
    with LocalWeb() as web:
        url = web.route("/drip", body=[b"x"] * 1000, drip=0.1)
        started = time.monotonic()
        with pytest.raises(FetchError, match=r"no complete answer within 0\.5 s") as caught:
            get(url, RULES.model_copy(update={"timeout_s": 0.5}))

    assert caught.value.transient
    assert time.monotonic() - started < 2


def test_a_body_cut_short_is_no_answer() -> None:
    """Half a feed with a fresh ETag: its other half would never be seen."""
    with LocalWeb() as web:
        url = web.route("/cut", body=[BODY], headers={"Content-Length": "5000"})

        with pytest.raises(FetchError, match="connection failed"):
            get(url)


@pytest.mark.parametrize(
    ("status", "transient"),
    [(404, False), (403, False), (410, False), (429, True), (500, True), (503, True), (204, False)],
)
def test_a_failure_says_its_status_and_whether_it_may_pass(status: int, transient: bool) -> None:
    """Dead feeds would be hammered, or feeds with a hiccup given up."""
    with LocalWeb() as web:
        url = web.route("/feed", status=status)
        with pytest.raises(FetchError, match=f"HTTP {status}: {url}") as caught:
            get(url)

    assert (caught.value.status, caught.value.transient) == (status, transient)


@pytest.mark.parametrize(
    ("headers", "wait"), [({"Retry-After": "120"}, 120), ({}, None), ({"Retry-After": "whenever"}, None)]
)
def test_too_many_requests_says_for_how_long(headers: dict[str, str], wait: float | None) -> None:
    """Polling on after 429 gets the whole installation blocked; without a wish of the server the schedule decides."""
    with LocalWeb() as web:
        url = web.route("/feed", status=429, headers=headers)
        with pytest.raises(FetchError) as caught:
            get(url)

    assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Tue, 10 Feb 2026 12:02:00 GMT", 120),
        ("99999999", 86_400),
        ("Tue, 10 Feb 2099 12:02:00 GMT", 86_400),
        ("-5", None),
        ("Tue, 10 Feb 2020 12:02:00 GMT", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_as_seconds_and_as_a_date(value: str | None, seconds: float | None) -> None:
    """A server's wish would be ignored, or a typing error would end polling."""
    assert retry_after(value, datetime(2026, 2, 10, 12, tzinfo=UTC)) == seconds


def test_a_bot_check_is_named() -> None:
    """The user would look for a dead feed where a shield refuses us."""
    with LocalWeb() as web, pytest.raises(FetchError, match="HTTP 403, a bot check"):
        get(web.route("/feed", status=403, headers={"cf-mitigated": "challenge"}))


def test_redirects_are_followed_and_the_first_permanent_one_is_told() -> None:
    """A feed that moved would be lost, or adopted at a temporary place."""
    with LocalWeb() as web:
        web.route("/feed", body=BODY)
        web.route("/mid", status=302, headers={"Location": "/feed"})
        permanent = web.route("/old", status=301, headers={"Location": "mid#part"})
        temporary = web.route("/now", status=307, headers={"Location": "/feed"})
        moved, stayed = get(permanent, etag='"x"'), get(temporary)

        assert (moved.url, moved.moved_to) == (web.url("/feed"), web.url("/mid"))
        assert stayed.moved_to is None
        assert all(request.headers.get("if-none-match") == '"x"' for request in web.requests[:3])


def test_a_redirect_loop_ends_after_five() -> None:
    """Two servers pointing at each other would keep a slot busy for ever."""
    with LocalWeb() as web:
        url = web.route("/loop", status=301, headers={"Location": "/loop"})
        with pytest.raises(FetchError, match="more than 5 redirects"):
            get(url)

        assert len(web.requests) == 6


@pytest.mark.parametrize("headers", [{}, {"Location": "http://[bad"}, {"Location": "http://a b\x80/"}])
def test_a_redirect_to_nowhere_is_a_failure(headers: dict[str, str]) -> None:
    """A broken Location header would end the pass with a traceback."""
    with LocalWeb() as web, pytest.raises(FetchError):
        get(web.route("/feed", status=302, headers=headers))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://10.1.2.3/", "http://169.254.169.254/latest",
        "http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/",
        "http://100.64.0.1/", "http://user:pass@news.example/", "file:///etc/passwd", "ftp://news.example/",
        "gopher://news.example/", "http://news.example:22/", "not a url",
    ],
)  # fmt: skip
def test_addresses_that_are_never_contacted(url: str) -> None:
    """A feed could make us read the machine's own services and the cloud's secrets."""
    with pytest.raises(RefusedAddress, match="refused"):
        get(url, PollRules())


def test_a_redirect_to_a_private_address_is_refused() -> None:
    """A public feed could send us on to the inside; even with loopback allowed, the metadata address is not."""
    with LocalWeb() as web:
        url = web.route("/feed", status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
        with pytest.raises(RefusedAddress, match=r"169\.254\.169\.254"):
            get(url)


def test_a_name_that_resolves_inside_is_refused_at_connect_time() -> None:
    """DNS of the attacker's own domain would lead us to the inside."""

    def resolver(host: str, port: int, *_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async def once() -> None:
        async with Web(PollRules(), resolver=resolver) as web:
            await web.get("http://innocent.example/feed")

    with pytest.raises(RefusedAddress, match=r"127\.0\.0\.1"):
        asyncio.run(once())


def test_an_unreachable_server_is_a_passing_failure() -> None:
    """A server that restarts would be treated like a dead feed."""
    with LocalWeb() as web:
        url = web.url("/feed")
    with pytest.raises(FetchError, match="connection failed") as caught:
        get(url)

    assert caught.value.transient


def test_one_host_is_asked_one_at_a_time_with_a_pause() -> None:
    """Forty article pages of one outlet would hit its server in the same second."""
    clock = Clock()

    async def many(urls: list[str]) -> None:
        rules = RULES.model_copy(update={"host_gap_s": 2.0})
        async with Web(rules, clock=clock, sleep=clock.sleep) as web:
            await asyncio.gather(*(web.get(url) for url in urls))

    with LocalWeb() as web:
        asyncio.run(many([web.route(f"/{n}", body=BODY) for n in range(4)]))

    assert clock.slept == [2.0, 2.0, 2.0]


def test_a_slow_host_does_not_hold_up_another() -> None:
    """One dead server would delay every feed of the pass."""

    async def both(slow: str, quick: str) -> float:
        async with Web(RULES) as web:
            waiting = [asyncio.create_task(web.get(slow)) for _ in range(3)]
            await asyncio.sleep(0.05)
            started = time.monotonic()
            await web.get(quick)
            took = time.monotonic() - started
            await asyncio.gather(*waiting)
            return took

    with LocalWeb() as web:
        web.route("/quick", body=BODY)
        slow = web.route("/slow", body=BODY, delay=0.3)
        other_host = web.url("/quick").replace("127.0.0.1", "localhost")

        assert asyncio.run(both(slow, other_host)) < 0.25


def test_pages_obey_robots_txt_which_is_asked_once() -> None:
    """We would read what a site asks robots not to read, or ask for its rules before every page."""

    async def pages(web: LocalWeb) -> list[str]:
        async with Web(RULES) as client:
            good = await asyncio.gather(*(client.page(web.url(path), 10_000) for path in ("/a", "/b")))
            with pytest.raises(FetchError, match=r"robots\.txt asks us not to") as caught:
                await client.page(web.url("/private/c"), 10_000)
            assert not caught.value.transient
            return [page.url for page in good]

    with LocalWeb() as web:
        web.route("/robots.txt", body=b"User-agent: *\nDisallow: /private/\n")
        web.route("/a", body=b"a")
        web.route("/b", body=b"b")

        assert asyncio.run(pages(web)) == [web.url("/a"), web.url("/b")]
        assert sorted(web.paths()) == ["/a", "/b", "/robots.txt"]


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (503, False)])
def test_a_missing_robots_txt_allows_and_a_broken_one_waits(status: int, allowed: bool) -> None:
    """Most sites have none and would never be read; a site in trouble would be loaded further."""

    async def page(url: str) -> FetchError | None:
        async with Web(RULES) as client:
            try:
                await client.page(url, 10_000)
            except FetchError as error:
                return error
            return None

    with LocalWeb() as web:
        web.route("/robots.txt", status=status)
        refusal = asyncio.run(page(web.route("/a", body=b"a")))

    assert (refusal is None) is allowed
    assert allowed or (refusal is not None and refusal.transient)
