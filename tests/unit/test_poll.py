"""The first two steps, with a real server on loopback, real worker processes and a real store."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from feed_desk import LONG, PAGE, START, config, feed, item, rss
from local_web import LocalWeb

from volteface.config import Config
from volteface.feed_check import check_feeds
from volteface.fetch import Web
from volteface.poll import FeedOutcome, Polled, PollReport, poll
from volteface.store import Store
from volteface.texts import TextReport, fill_texts
from volteface.types import Article, TextSource
from volteface.workers import Workers


def run_poll(config: Config, sqlite_store: Store, parsers: Workers, now: datetime = START) -> PollReport:
    async def once() -> PollReport:
        async with Web(config.poll) as client:
            return await poll(config, sqlite_store, client, parsers, lambda: now)

    return asyncio.run(once())


def run_texts(config: Config, sqlite_store: Store, parsers: Workers, now: datetime = START) -> TextReport:
    async def once() -> TextReport:
        async with Web(config.poll) as client:
            return await fill_texts(config, sqlite_store, client, parsers, lambda: now)

    return asyncio.run(once())


def ready(sqlite_store: Store) -> list[Article]:
    """Articles with their text."""
    return sqlite_store.articles.wanting_reading(100)


def test_a_feed_becomes_articles(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """Nothing would ever be read."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a", LONG)), etag='"1"')))

    report = run_poll(settings, sqlite_store, parsers)

    (article,) = ready(sqlite_store)
    assert report.line() == "1 feed due: 1 new"
    assert (article.title, article.url, article.lang) == ("Envoys meet", site.url("/a"), "en")
    assert (article.text, article.text_source) == (LONG.strip(), TextSource.FEED)
    assert (article.published, article.seen) == (START - timedelta(hours=1), START)


def test_the_second_poll_is_conditional_and_only_when_due(
    site: LocalWeb, sqlite_store: Store, parsers: Workers
) -> None:
    """Publishers would get a full download from us every ten minutes."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a", LONG)), etag='"1"')))
    run_poll(settings, sqlite_store, parsers)

    early = run_poll(settings, sqlite_store, parsers, START + timedelta(minutes=1))
    due = run_poll(settings, sqlite_store, parsers, START + timedelta(hours=2))

    assert early.outcomes == ()
    assert due.outcomes == (FeedOutcome("wire", Polled.UNCHANGED),)
    assert [request.headers.get("if-none-match") for request in site.requests] == [None, '"1"']


def test_an_unchanged_body_is_not_taken_again(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """Servers without validators would have us parse and compare everything each time."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a", LONG)))))
    run_poll(settings, sqlite_store, parsers)

    report = run_poll(settings, sqlite_store, parsers, START + timedelta(hours=2))

    assert report.outcomes == (FeedOutcome("wire", Polled.UNCHANGED),)
    assert len(ready(sqlite_store)) == 1


def test_an_edited_item_is_told_as_edited(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """A headline that the outlet turns around would never be read again."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a", LONG)))))
    run_poll(settings, sqlite_store, parsers)
    site.route("/feed", body=rss(item("Envoys do not meet", "/a", LONG)))

    report = run_poll(settings, sqlite_store, parsers, START + timedelta(hours=2))

    assert report.outcomes == (FeedOutcome("wire", Polled.FRESH, edited=1),)
    assert [article.title for article in ready(sqlite_store)] == ["Envoys do not meet"]


def test_feeds_that_fail_cost_the_others_nothing(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """One dead outlet would blind us to all the others."""
    site.route("/good", body=rss(item("Envoys meet", "/a", LONG)))
    site.route("/page", body=b"<html><body>Welcome</body></html>", etag='"page"')
    site.route("/gone", status=410)
    site.route("/busy", status=429, headers={"Retry-After": "7200"})
    settings = config(*(feed(site.url(f"/{name}"), name) for name in ("good", "page", "gone", "busy", "missing")))

    report = run_poll(settings, sqlite_store, parsers)

    failed = {outcome.feed: outcome.detail for outcome in report.outcomes if outcome.status is Polled.FAILED}
    assert failed == {
        "page": "an HTML page, not a feed",
        "gone": f"HTTP 410: {site.url('/gone')}",
        "busy": f"HTTP 429: {site.url('/busy')}",
        "missing": f"HTTP 404: {site.url('/missing')}",
    }
    assert report.new == 1
    states = {state.feed: state for state in sqlite_store.feeds.all()}
    assert (states["page"].etag, states["page"].failures) == (None, 1)
    assert states["gone"].gone
    assert states["busy"].next_due - START >= timedelta(hours=2)


def test_a_feed_that_moved_is_found_at_its_new_address(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """We would lean on the old server's redirect until it is switched off."""
    site.route("/new", body=rss(item("Envoys meet", "/a", LONG)))
    settings = config(feed(site.route("/old", status=301, headers={"Location": "/new"})))

    for hours in (0, 2, 4, 6):
        run_poll(settings, sqlite_store, parsers, START + timedelta(hours=hours))

    assert site.paths() == ["/old", "/new"] * 3 + ["/new"]


@pytest.mark.parametrize(
    ("entry", "page"),
    [
        (item("Envoys meet", "/a", LONG), "auto"),
        (item("Envoys meet", "/a"), "never"),
        (item("Opinion: let them meet", "/a"), "auto"),
        (item("Envoys meet", "/opinion/a"), "auto"),
        (item("Envoys meet", "/a", age=timedelta(days=10)), "auto"),
        (item("On this day: envoys meet", "/a"), "auto"),
        (item("Envoys meet", "javascript:alert(1)"), "auto"),
    ],
)
def test_no_page_is_fetched_in_vain(
    site: LocalWeb, sqlite_store: Store, parsers: Workers, entry: str, page: str
) -> None:
    """We would load pages of which nothing is used, or articles would wait for a page that never comes."""
    settings = config(feed(site.route("/feed", body=rss(entry)), page=page))
    run_poll(settings, sqlite_store, parsers)

    texts = run_texts(settings, sqlite_store, parsers)

    assert texts == TextReport()
    assert site.paths() == ["/feed"]
    assert len(ready(sqlite_store)) == 1


def test_opinion_and_history_are_flagged(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """A columnist's wish or last year's news would raise an alert."""
    entries = (
        item("Opinion: meet", "/a"),
        item("Envoys met", "/b", age=timedelta(days=10)),
        item("Envoys meet", "/c", LONG),
    )
    run_poll(config(feed(site.route("/feed", body=rss(*entries)))), sqlite_store, parsers)

    assert sorted((article.title, article.opinion, article.stale) for article in ready(sqlite_store)) == [
        ("Envoys meet", False, False),
        ("Envoys met", False, True),
        ("Opinion: meet", True, False),
    ]


def test_a_page_replaces_a_teaser(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """Most feeds give one sentence; what officials said stands on the page."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a")))))
    site.route("/a", body=PAGE.encode(), headers={"Content-Type": "text/html"})
    run_poll(settings, sqlite_store, parsers)
    waiting = ready(sqlite_store)

    texts = run_texts(settings, sqlite_store, parsers)

    (article,) = ready(sqlite_store)
    assert (waiting, texts.line()) == ([], "1 pages read")
    assert article.text.count("Muscat") == 6
    assert article.text_source is TextSource.PAGE


def test_the_pages_date_stands_in_for_a_missing_one(site: LocalWeb, sqlite_store: Store, parsers: Workers) -> None:
    """Old articles of feeds without dates would all look like today's."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a", age=None)))))
    dated = PAGE.replace("<body>", '<head><meta property="article:published_time" content="2026-01-03"></head><body>')
    site.route("/a", body=dated.encode())
    run_poll(settings, sqlite_store, parsers)
    run_texts(settings, sqlite_store, parsers)

    (article,) = ready(sqlite_store)
    assert article.published == datetime(2026, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b""), (403, b""), (200, b"<html><body><p>We and our 842 partners store cookies.</p></body></html>")],
)
def test_a_page_without_an_article_leaves_the_feeds_text(
    site: LocalWeb, sqlite_store: Store, parsers: Workers, status: int, body: bytes
) -> None:
    """The article would be lost, or a cookie notice be read in its place."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a")))))
    site.route("/a", status=status, body=body)
    run_poll(settings, sqlite_store, parsers)

    texts = run_texts(settings, sqlite_store, parsers)

    (article,) = ready(sqlite_store)
    assert (texts.pages, texts.kept) == (0, 1)
    assert texts.reasons
    assert (article.text, article.text_source) == ("A short teaser.", TextSource.FEED)


def test_a_page_that_cannot_be_reached_is_tried_again_but_not_for_ever(
    site: LocalWeb, sqlite_store: Store, parsers: Workers
) -> None:
    """A hiccup would cost the article's text, or a dead site keep its articles from ever being read."""
    settings = config(feed(site.route("/feed", body=rss(item("Envoys meet", "/a"), item("Envoys leave", "/b")))))
    site.route("/a", status=503)
    site.route("/b", status=503)
    run_poll(settings, sqlite_store, parsers)

    first = run_texts(settings, sqlite_store, parsers)
    site.route("/a", body=PAGE.encode())
    second = run_texts(settings, sqlite_store, parsers, START + timedelta(minutes=10))
    last = run_texts(settings, sqlite_store, parsers, START + timedelta(minutes=31))

    assert (first.waiting, second.pages, second.waiting, last.kept) == (2, 1, 1, 1)
    assert len(ready(sqlite_store)) == 2


def test_a_dead_host_is_left_alone_for_the_rest_of_the_pass(
    site: LocalWeb, sqlite_store: Store, parsers: Workers
) -> None:
    """Thirty pages of a site that is down would take thirty timeouts, and the next pass start late."""
    items = [item(f"Envoys meet, part {n}", f"/{n}") for n in range(12)]
    settings = config(feed(site.route("/feed", body=rss(*items))))
    for n in range(12):
        site.route(f"/{n}", status=503)
    run_poll(settings, sqlite_store, parsers)

    report = run_texts(settings, sqlite_store, parsers)

    assert report.waiting == 12
    assert len(site.requests) - 2 == 3  # beside the feed and robots.txt


def test_feeds_check_says_what_each_feed_is(site: LocalWeb) -> None:
    """At the first start nobody could tell which of forty addresses are out of date."""
    site.route("/good", body=rss(item("Envoys meet", "/a")))
    site.route("/old", status=301, headers={"Location": "/good"})
    site.route("/page", body=b"<html><body>Welcome</body></html>")
    site.route("/bare", body=rss())
    names = ("good", "old", "page", "bare", "missing")

    found = asyncio.run(check_feeds(config(*(feed(site.url(f"/{name}"), name) for name in names))))

    assert [(f.feed, f.ok, f.status, f.entries) for f in found] == [
        ("good", True, 200, 1),
        ("old", True, 200, 1),
        ("page", False, 200, 0),
        ("bare", False, 200, 0),
        ("missing", False, 404, 0),
    ]
    assert found[1].moved_to == site.url("/good")
    assert found[2].reason == "an HTML page, not a feed"
