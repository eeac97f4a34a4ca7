"""Behaviours 14 to 26 of docs/feed_behaviours.md: when a feed is asked, against a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from feed_desk import PAGE, START, Desk, config, feed, item, reopened, rss, stories
from local_web import LocalWeb
from paced import Clock, resolve_to_loopback

from volteface.feed_types import FeedState
from volteface.fetch import Web
from volteface.poll import poll
from volteface.schedule import rules_for
from volteface.texts import fill_texts

Desks = Callable[..., Desk]
HOUR, DAY = 3600, 86_400
BUSY = stories(range(60), timedelta(minutes=1))


def wait_after(site: LocalWeb, desk: Desks, headers: dict[str, str], body: bytes = BUSY, status: int = 200) -> float:
    """Seconds until the feed is due after one answer."""
    at = desk(feed(site.route("/feed", body=body, headers=headers, status=status)))
    at.poll()
    return at.wait_s()


@pytest.mark.parametrize(
    ("control", "least"),
    [
        ("max-age=7200", 7200),
        ("public, max-age=7200, must-revalidate", 7200),
        ("max-age=99999999", DAY),
        ("max-age=7200, no-cache", 300),
        ("no-store, max-age=7200", 300),
        ("max-age=soon", 300),
    ],
)
def test_b14_never_earlier_than_max_age(site: LocalWeb, desk: Desks, control: str, least: float) -> None:
    """Readers that ignore max-age are blocked; one typing error of a server must not silence its feed for years."""
    assert least <= wait_after(site, desk, {"Cache-Control": control}) <= least * 1.1


def test_b14_a_304_may_ask_for_time_too(site: LocalWeb, desk: Desks) -> None:
    """Most answers are 304s: without this the publisher's wish would hold for one poll only."""
    at = desk(feed(site.route("/feed", body=BUSY, etag='"1"', headers={"Cache-Control": "max-age=7200"})))
    at.poll()
    at.poll_when_due()

    assert at.wait_s() >= 7200


AT_NINE = {"Date": "Tue, 10 Feb 2026 09:00:00 GMT", "Expires": "Tue, 10 Feb 2026 10:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        (AT_NINE, HOUR),
        (AT_NINE | {"Cache-Control": "max-age=600"}, 600),
        ({"Expires": "0"}, 300),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 300),
        ({"Expires": "in a while"}, 300),
    ],
    ids=["by-its-own-date", "max-age-wins", "zero", "past", "garbage"],
)
def test_b15_expires_counts_only_without_max_age(
    site: LocalWeb, desk: Desks, headers: dict[str, str], least: float
) -> None:
    """A server whose clock is wrong would be asked too early or not for hours."""
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 200 OK\r\n{raw}Content-Length: {len(BUSY)}\r\n\r\n".encode()  # the server's own Date left out
    at = desk(feed(site.route("/feed", body=[head, BUSY], raw=True)))
    at.poll()

    assert least <= at.wait_s() <= least * 1.1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("wish", "least"),
    [("7200", 7200), ("Tue, 10 Feb 2099 12:00:00 GMT", DAY), ("99999999", DAY), ("-5", None), ("whenever", None)],
)
def test_b16_retry_after_is_kept(site: LocalWeb, desk: Desks, status: int, wish: str, least: float | None) -> None:
    """Whoever answers "too many" with more is blocked for good; a bad header must not end polling."""
    usual = HOUR if status == 429 else 900
    wait = wait_after(site, desk, {"Retry-After": wish}, status=status)

    assert (least or usual) <= wait <= (least or usual) * 1.1


def test_b17_429_without_a_time_means_an_hour_then_two_then_four(site: LocalWeb, desk: Desks) -> None:
    """Five-minute polling through 429s is how readers get their whole network banned."""
    at = desk(feed(site.route("/feed", status=429)))
    waits = []
    for _ in range(6):
        at.poll_when_due()
        waits.append(at.wait_s())

    assert waits == pytest.approx([HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY], rel=0.1)
    assert len(site.requests) == 6  # no second try within a poll


SY = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"


@pytest.mark.parametrize(
    ("channel", "least"),
    [
        ("<ttl>120</ttl>", 7200),
        ("<ttl>0.1</ttl>", 300),
        ("<ttl>0</ttl>", 300),
        ("<ttl>often</ttl>", 300),
        ("<ttl>999999</ttl>", DAY),
        (f"<sy:updatePeriod {SY}>hourly</sy:updatePeriod><sy:updateFrequency {SY}>2</sy:updateFrequency>", 1800),
        (f"<sy:updatePeriod {SY}>never</sy:updatePeriod>", 300),
    ],
)
def test_b18_the_feeds_own_interval_is_a_floor(site: LocalWeb, desk: Desks, channel: str, least: float) -> None:
    """The publisher's wish stands in the feed itself where its server cannot be set; junk in it must do no harm."""
    body = BUSY.replace(b"<title>T</title>", f"<title>T</title>{channel}".encode(), 1)

    assert least <= wait_after(site, desk, {}, body) <= least * 1.1


def test_b19_hours_and_days_to_skip_are_kept(site: LocalWeb, desk: Desks) -> None:
    """A publisher that rests at night and at the weekend says so, and is asked nevertheless."""
    hours = "".join(f"<hour>{hour}</hour>" for hour in (12, 13, 14, 15))
    skip = f"<skipHours>{hours}</skipHours><skipDays><day>Wednesday</day><day>Thursday</day></skipDays>"
    body = BUSY.replace(b"<title>T</title>", f"<title>T</title>{skip}".encode(), 1)
    at = desk(feed(site.route("/feed", body=body, etag='"1"')))
    at.poll()  # on Tuesday at noon
    first = at.state().next_due
    at.now = START + timedelta(hours=11, minutes=58)
    at.poll()  # answered by 304, which does not repeat the wish

    assert first == START + timedelta(hours=4)
    assert at.state().next_due == START + timedelta(days=2, hours=12)


def test_b20_the_interval_follows_the_feed_within_its_bounds(site: LocalWeb, desk: Desks) -> None:
    """A wire would be read hours late, a dead feed asked every few minutes, or one feed's bounds bind them all."""
    old = stories(range(1, 4), timedelta(days=200))
    site.route("/busy", body=BUSY)
    site.route("/old", body=old)
    at = desk(
        feed(site.url("/busy"), "busy"),
        feed(site.url("/old"), "old"),
        feed(site.url("/busy"), "calm", min_interval_s=3600),
        feed(site.url("/old"), "eager", max_interval_s=600),
        feed(site.url("/busy"), "keen", max_interval_s=120),
    )
    at.poll()

    waits = {state.feed: at.wait_s(state.feed) for state in at.store.feeds.all()}
    assert waits == pytest.approx({"busy": 300, "old": DAY, "calm": 3600, "eager": 600, "keen": 120}, rel=0.1)
    assert rules_for(at.config.feed["busy"], at.config.poll) is at.config.poll


def test_b21_feeds_that_start_together_do_not_stay_together(site: LocalWeb, desk: Desks) -> None:
    """Five hundred feeds of one server would be asked in the same second, again and again."""
    at = desk(*(feed(site.route(f"/{n}", body=rss()), f"wire_{n}") for n in range(40)))
    at.poll()

    seconds = sorted(at.wait_s(f"wire_{n}") for n in range(40))
    assert len(set(seconds)) == 40
    assert seconds[0] >= 900
    assert seconds[-1] - seconds[0] > 60


def test_b22_after_sleep_each_feed_is_asked_once(site: LocalWeb, desk: Desks) -> None:
    """A laptop that wakes up would send the publisher all the polls that it missed."""
    at = desk(feed(site.route("/feed", body=BUSY, etag='"1"')))
    at.poll()
    at.poll(hours=6)
    at.poll(minutes=1)

    assert len(site.requests) == 2


def test_b22_a_clock_that_was_ahead_does_not_stop_polling(site: LocalWeb, desk: Desks) -> None:
    """One start with the clock in 2099 would put every feed off until then."""
    at = desk(feed(site.route("/feed", body=BUSY, etag='"1"')))
    at.poll(days=20_000)
    at.poll(days=-20_000)
    early = at.poll(minutes=1)

    assert len(site.requests) == 2
    assert early.outcomes == ()
    assert at.state().checked == at.now - timedelta(minutes=1)


def test_b23_one_host_is_asked_with_a_pause_over_feeds_and_pages(site: LocalWeb, desk: Desks) -> None:
    """Two feeds, their robots.txt and forty article pages of one outlet would reach it within a second."""
    site.route("/one", body=rss(*(item(f"Envoys meet, part {n}", f"/{n}") for n in range(3))))
    site.route("/two", body=rss(*(item(f"Ministers meet, part {n}", f"/{n}") for n in range(3, 6))))
    for n in range(6):
        site.route(f"/{n}", body=PAGE.replace("Muscat", f"Muscat {n}").encode())
    at = desk(feed(site.url("/one"), "one"), feed(site.url("/two"), "two"), host_gap_s=5.0)
    clock = Clock()

    async def once() -> int:
        async with Web(at.config.poll, clock=clock, sleep=clock.sleep) as web:
            await poll(at.config, at.store, web, at.workers, lambda: START)
            return (await fill_texts(at.config, at.store, web, at.workers, lambda: START)).pages

    assert asyncio.run(once()) == 6
    assert len(site.requests) == 9
    assert clock.slept == [5.0] * 8
    assert site.at_once == 1


def test_b24_no_more_at_once_than_allowed(site: LocalWeb) -> None:
    """Two thousand feeds would open two thousand connections."""
    rules = config(feed("https://x.example/"), concurrency=3).poll
    site.route("/feed", body=BUSY, delay=0.1)
    port = site.address.rsplit(":", 1)[1]

    async def all_at_once() -> None:
        async with Web(rules, resolver=resolve_to_loopback) as web:
            await asyncio.gather(*(web.get(f"http://host{n}.example:{port}/feed") for n in range(9)))

    asyncio.run(all_at_once())
    assert (len(site.requests), site.at_once) == (9, 3)


def test_b25_backing_off_survives_a_restart_and_ends_with_success(site: LocalWeb, desk: Desks, tmp_path: Path) -> None:
    """A server in trouble would be asked anew at every restart, or a feed that came back stay slow."""
    at = desk(feed(site.route("/feed", status=503)))
    for _ in range(4):
        at.poll_when_due()
    before = at.state()

    again = reopened(at, tmp_path / "desk.db")
    with again.store:
        assert again.state() == before
        assert 4 * 900 <= again.wait_s() <= 4 * 900 * 1.1
        site.route("/feed", body=BUSY)
        again.poll_when_due()
        assert again.wait_s() <= 330


def test_b26_a_dead_feed_is_slowed_reported_once_and_never_dropped(site: LocalWeb, desk: Desks) -> None:
    """A reader that stops after three errors loses a country for a week; one that says nothing loses it for good."""
    at = desk(feed(site.route("/feed", status=404)))
    told: dict[str, set[FeedState | str]] = {}
    while at.now < START + timedelta(days=42):
        at.poll_when_due()
        for notice in at.store.feeds.notices(at.now):
            told.setdefault(f"{notice.key} {notice.since}", set()).add(f"{at.now - START > timedelta(hours=72)}")
    polls = len(site.requests)
    site.route("/feed", body=BUSY)
    at.poll_when_due()

    assert 40 < polls < 60
    assert told == {f"feed-wire {START}": {"True"}}
    assert len(at.articles()) == 60
    assert at.store.feeds.notices(at.now) == ()


def test_dates_of_this_file_are_what_they_say() -> None:
    """START is a Tuesday at noon: the tests of skipped hours and of Expires lean on it."""
    assert format_datetime(START, usegmt=True) == "Tue, 10 Feb 2026 12:00:00 GMT"
