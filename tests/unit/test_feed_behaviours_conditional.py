"""Behaviours 1 to 13 of docs/feed_behaviours.md: conditional requests, against a server on loopback."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from feed_desk import Desk, feed, reopened, stories
from local_web import LocalWeb

from volteface.errors import WorkerError
from volteface.poll import Polled

MODIFIED = "Mon, 09 Feb 2026 08:00:00 GMT"
Desks = Callable[..., Desk]


class Idle:
    """Workers that refuse all work: what was not to be parsed would make the poll fail."""

    async def run(self, function: Callable[..., Any], *_: Any) -> Any:
        """As `volteface.workers.Workers.run` where the process dies."""
        raise WorkerError(f"{function.__name__} was called")


def conditions(site: LocalWeb) -> list[tuple[str | None, str | None]]:
    """(If-None-Match, If-Modified-Since) of each request."""
    return list(zip(site.sent("if-none-match"), site.sent("if-modified-since"), strict=True))


def test_b01_the_first_poll_is_unconditional_and_every_later_one_is_not(site: LocalWeb, desk: Desks) -> None:
    """An invented date hides a feed's first items; a poll without validators costs its publisher a full download."""
    at = desk(feed(site.route("/feed", body=stories([1]), etag='"1"')))
    for _ in range(4):
        at.poll_when_due()

    assert site.sent("if-none-match") == [None, '"1"', '"1"', '"1"']


@pytest.mark.parametrize("etag", ['"a"', 'W/"a"', "unquoted", 'W/"a b\xe9", odd', '"', '""'])
def test_b02_the_etag_comes_back_byte_for_byte(site: LocalWeb, desk: Desks, etag: str) -> None:
    """The server would not know its own tag again and send everything, every time."""
    at = desk(feed(site.route("/feed", body=stories([1]), etag=etag)))
    at.poll()
    report = at.poll_when_due()

    assert site.sent("if-none-match") == [None, etag]
    assert report.count(Polled.UNCHANGED) == 1


@pytest.mark.parametrize("modified", [MODIFIED, "Mon, 9 Feb 2026 9:00:00 +0100", "2026-02-09", "yesterday", "0"])
def test_b03_last_modified_comes_back_byte_for_byte(site: LocalWeb, desk: Desks, modified: str) -> None:
    """Servers compare this date as text: one that we re-wrote or took from an item matches nothing, or hides items."""
    at = desk(feed(site.route("/feed", body=stories([1]), headers={"Last-Modified": modified})))
    at.poll()
    at.poll_when_due()

    assert site.sent("if-modified-since") == [None, modified]


def test_b04_both_validators_are_sent_where_both_are_known(site: LocalWeb, desk: Desks) -> None:
    """A server that understands only one of the two would answer in full for ever."""
    at = desk(feed(site.route("/feed", body=stories([1]), headers={"ETag": '"1"', "Last-Modified": MODIFIED})))
    at.poll()
    at.poll_when_due()

    assert conditions(site)[1] == ('"1"', MODIFIED)


def test_b05_304_is_health_and_changes_nothing(site: LocalWeb, desk: Desks) -> None:
    """A calm feed would look broken, be parsed in vain, or lose what it brought."""
    at = desk(feed(site.route("/feed", body=stories([1]), etag='"1"')))
    at.poll()
    before = at.articles()
    site.route("/feed", status=500)
    at.poll_when_due()
    failing = at.state().failures
    site.route("/feed", body=stories([1]), etag='"1"')
    at.workers = Idle()  # type: ignore[assignment]

    report = at.poll_when_due()

    after = at.state()
    assert report.count(Polled.UNCHANGED) == 1
    assert at.articles() == before
    assert (failing, after.failures, after.error, after.failing_since) == (1, 0, None, None)
    assert after.checked == after.succeeded == at.now


def test_b06_a_304_replaces_the_validators_that_it_carries(site: LocalWeb, desk: Desks) -> None:
    """After one sparse 304, or one with a new tag, every poll would be answered in full."""
    at = desk(feed(site.route("/feed", body=stories([1]), headers={"ETag": '"1"', "Last-Modified": MODIFIED})))
    at.poll()
    site.route("/feed", status=304, headers={"ETag": '"2"'})
    at.poll_when_due()
    at.poll_when_due()

    assert conditions(site)[2] == ('"2"', MODIFIED)


def test_b07_validators_are_renewed_although_the_body_is_the_same(site: LocalWeb, desk: Desks) -> None:
    """The best known fault of feed readers: same body, new tag thrown away, unconditional for ever."""
    at = desk(feed(site.route("/feed", body=stories([1]), headers={"ETag": '"1"'})))
    at.poll()
    site.route("/feed", body=stories([1]), headers={"ETag": '"2"'})
    at.workers = Idle()  # type: ignore[assignment]
    same = at.poll_when_due()
    at.poll_when_due()

    assert site.sent("if-none-match") == [None, '"1"', '"2"']
    assert same.count(Polled.UNCHANGED) == 1


def test_b08_an_answer_without_validators_clears_the_old(site: LocalWeb, desk: Desks) -> None:
    """The tag of a body that is gone could earn 304s for ever."""
    at = desk(feed(site.route("/feed", body=stories([1]), headers={"ETag": '"1"', "Last-Modified": MODIFIED})))
    at.poll()
    site.route("/feed", body=stories([1, 2]))
    at.poll_when_due()
    at.poll_when_due()

    assert conditions(site)[2] == (None, None)


WHOLE = stories(range(1, 4))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html><body>Down for maintenance</body></html>", {}),
        (b"", {}),
        (WHOLE[: len(WHOLE) * 2 // 3], {}),
        ([WHOLE[:300]], {"Content-Length": "5000"}),
        (WHOLE, {"Content-Encoding": "gzip"}),
    ],
    ids=["html", "empty", "broken-off", "cut-short", "not-gzip"],
)
def test_b09_what_is_no_whole_feed_leaves_no_validators(
    site: LocalWeb, desk: Desks, body: Any, headers: dict[str, str]
) -> None:
    """The error page's tag would earn 304s from then on, and the feed's items never be seen."""
    at = desk(feed(site.route("/feed", body=body, headers={"ETag": '"bad"'} | headers)))
    at.poll()
    site.route("/feed", body=WHOLE, etag='"bad"')  # the server recovers and keeps the tag
    at.poll_when_due()

    assert conditions(site) == [(None, None), (None, None)]
    assert len(at.articles()) == 3


def test_b10_a_restart_is_no_reason_to_ask(site: LocalWeb, desk: Desks, tmp_path: Path) -> None:
    """Every restart of the service would cost each publisher a full download."""
    at = desk(feed(site.route("/feed", body=stories([1]), etag='"1"')))
    at.poll()

    again = reopened(at, tmp_path / "desk.db")
    with again.store:
        early = again.poll(minutes=1)
        again.poll_when_due()

    assert early.outcomes == ()
    assert site.sent("if-none-match") == [None, '"1"']


def test_b11_validators_of_one_address_are_not_sent_to_another(site: LocalWeb, desk: Desks) -> None:
    """An equal tag at the new address would answer 304 before we had read anything there."""
    at = desk(feed(site.route("/old", body=stories([1]), headers={"ETag": '"1"', "Last-Modified": MODIFIED})))
    at.poll()
    site.route("/new", body=stories([1]), headers={"ETag": '"1"'})
    at.config = desk(feed(site.url("/new"))).config
    at.poll()
    site.route("/new", status=301, headers={"Location": "/newest"})
    site.route("/newest", body=stories([1]))
    for _ in range(4):
        at.poll_when_due()

    asked = [(r.path, r.headers.get("if-none-match")) for r in site.requests]
    assert asked[1] == ("/new", None)
    assert asked[-1] == ("/newest", None)


def test_b12_a_server_that_answers_304_for_ever_is_caught(site: LocalWeb, desk: Desks) -> None:
    """Its feed would fall silent for good, and nobody would know; asked too often, we would be the rude one."""
    url = site.route("/feed", body=stories(range(1, 30)), headers={"ETag": '"1"'})
    at = desk(feed(url, min_interval_s=8 * 3600))
    at.poll()
    site.route("/feed", status=304)
    start = at.now
    while at.now < start + timedelta(days=14):
        at.poll_when_due()

    times = [etag for etag in site.sent("if-none-match")[1:] if etag is None]
    assert 3 <= len(times) <= 5


def test_b12_the_first_doubt_of_a_busy_feed_comes_after_a_day(site: LocalWeb, desk: Desks) -> None:
    """A wire that stops at noon because of a broken cache would stay dark until the third day."""
    at = desk(feed(site.route("/feed", body=stories(range(1, 30)), headers={"ETag": '"1"'})))
    at.poll()
    site.route("/feed", status=304)
    while len(site.requests) < 2 or site.sent("if-none-match")[-1]:
        at.poll_when_due()

    assert timedelta(hours=24) <= at.now - (at.state().newest or at.now) <= timedelta(hours=27)


def test_b13_partial_answers_are_not_asked_for(site: LocalWeb, desk: Desks) -> None:
    """A difference (RFC 3229) cannot be told from a feed whose items slid off; it is left out on purpose."""
    at = desk(feed(site.route("/feed", body=stories([1]), status=226, headers={"IM": "feed"})))
    report = at.poll()

    assert site.sent("a-im") == [None]
    assert report.outcomes[0].detail == f"HTTP 226: {site.url('/feed')}"
