"""Behaviours 27 to 35 of docs/feed_behaviours.md: feeds that move and die, and what a request looks like."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from feed_desk import Desk, feed, stories
from local_web import LocalWeb

from volteface.errors import FetchError
from volteface.feed_types import Fetched
from volteface.fetch import redirect_target
from volteface.poll import Polled

Desks = Callable[..., Desk]
FOUND = stories([1, 2])


def moved(site: LocalWeb, status: int, target: str = "/new") -> str:
    """A feed that answers with a redirect."""
    return site.route("/old", status=status, headers={"Location": target})


@pytest.mark.parametrize("status", [301, 308])
def test_b27_a_permanent_move_is_believed_the_third_time(site: LocalWeb, desk: Desks, status: int) -> None:
    """We would lean on the redirect until it is switched off, or follow one slip of the publisher for ever."""
    site.route("/new", body=FOUND)
    at = desk(feed(moved(site, status)))
    for _ in range(5):
        at.poll_when_due()

    assert site.paths() == ["/old", "/new"] * 3 + ["/new"] * 2
    assert at.state().url == site.url("/new")


@pytest.mark.parametrize("status", [302, 303, 307])
def test_b27_a_passing_move_is_followed_and_forgotten(site: LocalWeb, desk: Desks, status: int) -> None:
    """A publisher's stand-in during repairs would become the feed's address."""
    site.route("/new", body=FOUND)
    at = desk(feed(moved(site, status)))
    for _ in range(5):
        at.poll_when_due()

    assert site.paths() == ["/old", "/new"] * 5
    assert len(at.articles()) == 2


@pytest.mark.parametrize("body", [b"<html><body>Please log in</body></html>", b"", b'{"error": "moved"}'])
def test_b28_a_move_to_what_is_no_feed_is_not_believed(site: LocalWeb, desk: Desks, body: bytes) -> None:
    """A site that sends every dead link to its home page would take its feeds there for ever."""
    site.route("/new", body=body)
    at = desk(feed(moved(site, 301)))
    for _ in range(5):
        report = at.poll_when_due()

    assert (at.state().url, at.state().moves) == (site.url("/old"), 0)
    assert report.count(Polled.FAILED) == 1


def test_b28_a_move_to_the_address_of_another_feed_is_not_believed(site: LocalWeb, desk: Desks) -> None:
    """Two sources would become one, and count as two that agree."""
    site.route("/new", body=FOUND)
    at = desk(feed(moved(site, 301)), feed(site.url("/new"), "other"))
    for _ in range(8):
        at.poll_when_due()
    at.now = max(state.next_due for state in at.store.feeds.all())
    details = {outcome.feed: outcome.detail for outcome in at.poll().outcomes}

    assert at.state().url == site.url("/old")
    assert details["wire"] == (f"moved for good to {site.url('/new')}, the address of other: disable one of the two")


def test_b29_410_ends_polling_until_somebody_acts(site: LocalWeb, desk: Desks) -> None:
    """Who says "gone" and is asked on blocks us; who is told nothing never repairs the address."""
    site.route("/other", body=FOUND)
    at = desk(feed(site.route("/feed", status=410)), feed(site.url("/other"), "other"))
    at.poll()
    told = [notice for hours in range(48) for notice in at.store.feeds.notices(at.poll(hours=1) and at.now)]
    asked = site.paths().count("/feed")
    site.route("/feed", body=FOUND)
    both = at.config
    at.config = desk(feed(site.url("/feed"), enabled=False), feed(site.url("/other"), "other")).config
    at.poll()
    at.config = both
    at.poll()

    assert asked == 1
    assert len({(notice.key, notice.since) for notice in told}) == 1
    assert "410" in told[0].words
    assert (at.state().gone, at.state().failures, at.store.feeds.notices(at.now)) == (False, 0, ())


def test_b30_a_redirect_loop_costs_six_requests(site: LocalWeb, desk: Desks) -> None:
    """Two addresses that point at each other would be asked for ever."""
    site.route("/new", status=301, headers={"Location": "/old"})
    at = desk(feed(moved(site, 301)))
    report = at.poll()

    assert report.outcomes[0].detail == f"more than 5 redirects: {site.url('/old')}"
    assert len(site.requests) == 6


def test_b31_no_way_back_from_https(site: LocalWeb) -> None:
    """Whoever sits on the wire could send us words that no publisher wrote."""
    answer = Fetched(302, "", b"", {"location": "http://news.example/feed"})

    with pytest.raises(FetchError, match=r"redirect from https to http://news\.example/feed, refused"):
        redirect_target("https://news.example/feed", answer)
    assert redirect_target("http://news.example/feed", answer) == "http://news.example/feed"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("new.xml", "https://news.example/rss/new.xml"),
        ("/new.xml?a=1#part", "https://news.example/new.xml?a=1"),
        ("//other.example/new.xml", "https://other.example/new.xml"),
        ("../new.xml", "https://news.example/new.xml"),
    ],
)
def test_b31_relative_targets_are_resolved(location: str, target: str) -> None:
    """A move within the site would count as a failure."""
    answer = Fetched(301, "", b"", {"location": location})

    assert redirect_target("https://news.example/rss/old.xml", answer) == target


def test_b32_the_user_agent_is_the_configured_one_and_names_a_contact(site: LocalWeb, desk: Desks) -> None:
    """A publisher that has a question about our requests could not ask; in disguise we would be blocked."""
    at = desk(feed(site.route("/feed", body=FOUND)))
    at.poll()
    desk(feed(site.route("/two", body=FOUND), "two"), user_agent="newsdesk/2 (+https://desk.example/)").poll()

    ours, theirs = site.sent("user-agent")
    assert ours == at.config.poll.user_agent
    assert (ours or "").startswith("volteface/")
    assert "(+https://" in (ours or "")
    assert theirs == "newsdesk/2 (+https://desk.example/)"


def test_b33_no_cookie_referer_or_query_of_ours(site: LocalWeb, desk: Desks) -> None:
    """We would be followed from poll to poll, and miss every cache on the way."""
    cookie = {"Set-Cookie": "id=7; Path=/", "ETag": '"1"'}
    site.route("/new", body=FOUND, headers=cookie)
    at = desk(feed(site.route("/feed?edition=world", status=302, headers=cookie | {"Location": "/new"})))
    at.poll()
    at.poll_when_due()

    assert site.paths() == ["/feed?edition=world", "/new"] * 2
    assert site.sent("cookie") == site.sent("referer") == [None] * 4
    assert {name for request in site.requests for name in request.headers} == {
        "host", "connection", "user-agent", "accept", "accept-encoding", "if-none-match",
    }  # fmt: skip


def test_b34_feeds_are_preferred_and_only_what_we_can_bound_is_accepted(site: LocalWeb, desk: Desks) -> None:
    """Servers that choose by Accept would send the page; a packing that we cannot bound would fill the memory."""
    desk(feed(site.route("/feed", body=FOUND))).poll()

    accept = (site.sent("accept")[0] or "").split(", ")
    assert accept[0] == "application/atom+xml"
    assert accept[-1].startswith("*/*;q=")
    assert {"application/rss+xml", "application/rdf+xml", "application/feed+json"} <= set(accept)
    assert site.sent("accept-encoding") == ["gzip, deflate"]


def test_b35_proxies_and_passwords_of_the_environment_are_not_picked_up(site: LocalWeb, tmp_path: Path) -> None:
    """A variable meant for another program would send all feeds through its proxy, or a password to a publisher."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login desk password hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    code = (
        "import asyncio, sys; from volteface.config_poll import PollRules; from volteface.fetch import Web\n"
        "async def get():\n"
        "    async with Web(PollRules(allow_private_addresses=True)) as web:\n"
        "        print((await web.get(sys.argv[1])).status)\n"
        "asyncio.run(get())"
    )
    proxy = "http://127.0.0.1:9"  # the discard port: nobody listens
    env = {**os.environ, "HOME": str(tmp_path), "HTTP_PROXY": proxy, "http_proxy": proxy, "ALL_PROXY": proxy}

    ran = subprocess.run(
        [sys.executable, "-c", code, site.route("/feed", body=FOUND)],
        env=env, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert (ran.returncode, ran.stdout.strip()) == (0, "200"), ran.stderr
    assert site.sent("authorization") == [None]
