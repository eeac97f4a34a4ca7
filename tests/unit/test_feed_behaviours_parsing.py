"""Behaviours 44 to 50 of docs/feed_behaviours.md: what is an item, which item it is, and which pages are read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from feed_desk import LONG, PAGE, START, Desk, config, feed, item, rss, stories
from local_web import LocalWeb
from paced import Clock

from volteface.errors import FetchError
from volteface.fetch import Web
from volteface.poll import Polled

Desks = Callable[..., Desk]
PERSIAN = "مذاکرات در مسقط"
GERMAN = "Gespräche über Öl"


def entry(inner: str) -> str:
    """An RSS item with this inside, its text complete."""
    return f"<item>{inner}<description>{LONG}</description></item>"


@pytest.mark.parametrize(
    ("title", "charset", "declared", "header"),
    [
        (PERSIAN, "utf-8", "", "text/xml"),
        (PERSIAN, "utf-8", 'encoding="utf-8"', "text/xml; charset=utf-8"),
        (PERSIAN, "windows-1256", 'encoding="windows-1256"', "text/xml"),
        (PERSIAN, "windows-1256", "", "text/xml; charset=windows-1256"),
        (GERMAN, "iso-8859-1", 'encoding="iso-8859-1"', "application/xml"),
        (PERSIAN, "utf-8-sig", "", "text/xml; charset=iso-8859-1"),
        (PERSIAN, "utf-16", 'encoding="utf-8"', "text/xml"),
        (PERSIAN, "utf-8", 'encoding="utf-16"', "text/xml; charset=utf-8"),
    ],
    ids=["plain", "all-say-so", "declared", "by-header", "latin-1", "mark", "utf-16-mark", "wrong-utf-16"],
)
def test_b44_any_declared_charset_gives_the_same_text(
    site: LocalWeb, desk: Desks, title: str, charset: str, declared: str, header: str
) -> None:
    """Persian and Arabic headlines would arrive as noise, and nobody would be quoted."""
    title = title.replace("ک", "ك") if charset == "windows-1256" else title
    document = f'<?xml version="1.0" {declared}?>' + rss(entry(f"<title>{title}</title>")).decode()
    at = desk(feed(site.route("/feed", body=document.encode(charset), headers={"Content-Type": header})))
    at.poll()

    assert [article.title for article in at.articles()] == [title]


def titles_of_two_polls(site: LocalWeb, desk: Desks, first: str, second: str) -> list[tuple[str, int]]:
    """(title, revision) of the articles after a feed showed one item, then another."""
    at = desk(feed(site.route("/feed", body=rss(first))))
    at.poll()
    site.route("/feed", body=rss(second))
    at.poll_when_due()
    return [(article.title, article.revision) for article in at.articles()]


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("<guid>1</guid><title>A</title><link>/a</link>", "<guid>1</guid><title>B</title><link>/b</link>", [("B", 1)]),
        ("<guid>1</guid><title>A</title><link>/a</link>", "<guid>2</guid><title>A</title><link>/a</link>", [("A", 0)]),
        ("<title>A</title><link>/a</link>", "<title>B</title><link>/a</link>", [("B", 1)]),
        ("<title>A</title>", "<title>B</title>", [("A", 0), ("B", 0)]),
        ("<title>A</title>", "<title>A</title>", [("A", 0)]),
    ],
    ids=["guid", "link-under-a-new-guid", "link", "title", "same-title"],
)
def test_b45_an_item_is_its_guid_or_its_link_or_its_title(
    site: LocalWeb, desk: Desks, first: str, second: str, found: list[tuple[str, int]]
) -> None:
    """Each repaired headline would be told twice, or two items be taken for one."""
    assert titles_of_two_polls(site, desk, entry(first), entry(second)) == found


def test_b45_the_same_guid_in_two_feeds_is_two_items(site: LocalWeb, desk: Desks) -> None:
    """`1` is a guid in many feeds: all but one outlet's story would be lost."""
    for name in ("one", "two"):
        site.route(f"/{name}", body=rss(entry(f"<guid>1</guid><title>{name}</title>")))
    at = desk(feed(site.url("/one"), "one"), feed(site.url("/two"), "two"))
    at.poll()

    assert sorted(article.title for article in at.articles()) == ["one", "two"]


def test_b46_relative_links_start_from_the_document(site: LocalWeb, desk: Desks) -> None:
    """The page could not be read, and the link in Slack would lead nowhere."""
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/rss/"><title>T</title><entry>'
        f'<id>1</id><title>A</title><link href="../a"/><summary>{LONG}</summary></entry></feed>'
    )
    site.route("/based", body=atom.encode())
    site.route("/moved", status=302, headers={"Location": "/deep/feed.xml"})
    site.route("/deep/feed.xml", body=rss(entry("<guid>2</guid><title>B</title><link>b</link>")))
    at = desk(feed(site.url("/based"), "based"), feed(site.url("/moved"), "moved"))
    at.poll()

    links = {article.title: article.url for article in at.articles()}
    assert links == {"A": "https://base.example/a", "B": site.url("/deep/b")}


NOON = "2026-02-10T09:00:00+00:00"


@pytest.mark.parametrize(
    ("claimed", "published"),
    [
        ("Tue, 10 Feb 2026 09:00:00 GMT", NOON),
        ("Tue, 10 Feb 2026 14:30:00 IST", NOON),
        ("Tue, 10 Feb 2026 12:30:00 +0330", NOON),
        ("Tue, 10 Feb 2026 10:00:00 CET", NOON),
        ("2026-02-10T09:00:00", NOON),
        ("1770714000", NOON),
        ("", START.isoformat()),
        ("Wed, 11 Feb 2026 12:00:01 GMT", START.isoformat()),
        ("Fri, 10 Feb 3000 09:00:00 GMT", START.isoformat()),
        ("Thu, 01 Jan 1970 00:00:00 GMT", START.isoformat()),
        ("0000-00-00 00:00:00", START.isoformat()),
        ("yesterday", START.isoformat()),
    ],
)
def test_b47_a_date_is_believed_within_reason(site: LocalWeb, desk: Desks, claimed: str, published: str) -> None:
    """An item from the year 3000 would stay the newest for ever, one from 1970 never be news."""
    body = rss(entry(f"<guid>1</guid><title>A</title><pubDate>{claimed}</pubDate>"))
    at = desk(feed(site.route("/feed", body=body)))
    at.poll()

    assert [article.published.isoformat() for article in at.articles()] == [published]
    assert (at.state().newest or START) <= START


def test_b48_feeds_of_any_size_are_taken_within_bounds(site: LocalWeb, desk: Desks) -> None:
    """An empty feed would count as broken; a whole archive, or one huge item, would flood the store."""
    items = (f"<item><guid>{n}</guid><title>t{n}</title></item>" for n in range(3_000))
    site.route("/none", body=rss())
    site.route("/many", body=rss(*items))
    site.route("/huge", body=rss(item("A", "/a", "word " * 2_000_000)))
    site.route("/same", body=rss(*[item("A", "/a", LONG)] * 50))
    at = desk(*(feed(site.url(f"/{name}"), name) for name in ("none", "many", "huge", "same")))
    found = {outcome.feed: (outcome.status, outcome.new) for outcome in at.poll().outcomes}

    assert found["none"] == (Polled.UNCHANGED, 0)
    assert found["many"] == (Polled.FRESH, 2000)
    assert found["huge"] == found["same"] == (Polled.FRESH, 1)
    assert max(len(article.text) for article in at.articles()) <= 200_000


def test_b48_an_edited_item_is_updated_and_a_deleted_one_stays(site: LocalWeb, desk: Desks) -> None:
    """A headline that is turned around would be told as it was first, or a withdrawn item take its evidence along."""
    at = desk(feed(site.route("/feed", body=rss(item("Envoys meet", "/a", LONG), item("Envoys leave", "/b", LONG)))))
    at.poll()
    site.route("/feed", body=rss(item("Envoys do not meet", "/a", LONG)))
    report = at.poll_when_due()

    assert (report.new, report.edited) == (0, 1)
    assert sorted(article.title for article in at.articles()) == ["Envoys do not meet", "Envoys leave"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><html><body>Welcome</body></html>", "an HTML page, not a feed"),
        (b"", "empty body"),
        (b'{"error": "quota"}', "JSON, but not a JSON Feed"),
        (b"<html><head><title>Just a moment...</title></head></html>", "a bot check page, not a feed"),
    ],
)
def test_b49_what_is_no_feed_is_a_failure_and_not_an_empty_feed(
    site: LocalWeb, desk: Desks, body: bytes, reason: str
) -> None:
    """`0 new` day after day would look like calm, while the outlet shows us a wall."""
    at = desk(feed(site.route("/feed", body=body)))
    (outcome,) = at.poll().outcomes

    assert (outcome.status, outcome.detail) == (Polled.FAILED, reason)


def test_b50_pages_ask_robots_txt_once_a_day_and_feeds_never(site: LocalWeb, desk: Desks) -> None:
    """We would read what a site asks robots not to, or lose every feed of a site whose rules are for crawlers."""
    site.route("/robots.txt", body=b"User-agent: *\nDisallow: /\n")
    at = desk(feed(site.route("/feed", body=stories([1]))))
    at.poll()
    assert (site.paths(), len(at.articles())) == (["/feed"], 1)
    site.route("/robots.txt", body=b"User-agent: *\nDisallow: /private\n\nUser-agent: otherbot\nDisallow: /\n")
    site.route("/a", body=PAGE.encode())
    clock = Clock()

    async def pages() -> None:
        async with Web(config(feed(site.url("/feed"))).poll, clock=clock, sleep=clock.sleep) as web:
            await web.page(site.url("/a"), 10_000)
            await web.page(site.url("/a"), 10_000)
            with pytest.raises(FetchError, match=r"robots\.txt asks us not to read this"):
                await web.page(site.url("/private/b"), 10_000)
            clock.now += timedelta(hours=25).total_seconds()
            await web.page(site.url("/a"), 10_000)

    asyncio.run(pages())
    assert site.paths()[1:] == ["/robots.txt", "/a", "/a", "/robots.txt", "/a"]


def test_a_wall_is_known_by_its_third_appearance(site: LocalWeb, desk: Desks) -> None:
    """A notice in place of every article would be read as what officials said (feeds §4.2)."""
    at = desk(feed(site.route("/feed", body=rss(*(item(f"Envoys meet, part {n}", f"/{n}") for n in range(5))))))
    for n in range(5):
        site.route(f"/{n}", body=PAGE.encode())
    at.poll()
    texts = at.fill()

    assert (texts.pages, texts.kept) == (2, 3)
    assert texts.reasons == (("the same text as at other addresses of the feed", 3),)


def test_dates_of_this_file_are_what_they_say() -> None:
    """The dates above are three hours before START."""
    assert datetime.fromisoformat(NOON) == START - timedelta(hours=3)
    assert START.tzinfo is UTC
