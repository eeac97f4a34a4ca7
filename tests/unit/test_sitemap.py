"""Sitemaps: what they list, newest first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from volteface.entries import MAX_ENTRIES
from volteface.parse import parse_feed

URL = "https://news.example/sitemap.xml"
SPACES = (
    "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9' "
    "xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'"
)


def sitemap(*rows: str, root: str = "urlset", row: str = "url") -> bytes:
    inner = "".join(f"<{row}>{fields}</{row}>" for fields in rows)
    return f"<?xml version='1.0'?><{root} {SPACES}>{inner}</{root}>".encode()


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("utf-8-sig", "windows-1251"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-8"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("utf-32", "utf-32"),
        ("windows-1251", "windows-1251"),
    ],
)
def test_a_sitemap_may_come_in_any_charset(charset: str, declared: str) -> None:
    """A sitemap in UTF-16 would be called healthy and never list a page."""
    row = "<loc>https://news.example/1</loc><news:news><news:title>Встреча</news:title></news:news>"
    body = sitemap(row).decode().replace("?>", f" encoding='{declared}'?>", 1).encode(charset)

    assert [entry.title for entry in parse_feed(body, URL).entries] == ["Встреча"]


def test_a_news_sitemap_has_titles_dates_and_a_language() -> None:
    """An outlet without a feed, but with the sitemap that search engines want, could not be watched."""
    news = (
        "<loc>https://news.example/1?a=1&amp;b=2</loc><image:image><image:loc>https://news.example/p.jpg</image:loc>"
        "<image:title>A picture</image:title></image:image><news:news><news:publication><news:name>N</news:name>"
        "<news:language>en</news:language></news:publication><news:publication_date>2026-02-10T10:00:00+01:00"
        "</news:publication_date><news:title>Envoys &amp; threats</news:title></news:news>"
    )

    parsed = parse_feed(sitemap(news), URL)

    (entry,) = parsed.entries
    assert (parsed.format, parsed.lang, parsed.items) == ("sitemap", "en", 1)
    assert (entry.url, entry.title) == ("https://news.example/1?a=1&b=2", "Envoys & threats")
    assert entry.published == datetime(2026, 2, 10, 9, tzinfo=UTC)
    assert entry.guid == entry.url


def test_the_newest_pages_are_kept() -> None:
    """A site with its whole archive in the sitemap would show its oldest pages, and never the news."""
    rows = [
        f"<loc>/{n}</loc><lastmod>20{n // 336:02}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}</lastmod>" for n in range(8_000)
    ]

    parsed = parse_feed(sitemap(*rows), URL)

    assert (len(parsed.entries), parsed.items) == (MAX_ENTRIES, 8_000)
    assert parsed.entries[0].url == "https://news.example/7999"


def test_an_index_points_to_its_newest_sitemaps() -> None:
    """The pages of a large site would stay unseen, or all of its hundreds of sitemaps be fetched."""
    rows = [f"<loc>https://news.example/{n}.xml</loc><lastmod>2026-0{n}-01</lastmod>" for n in (1, 4, 2, 5, 3)]

    parsed = parse_feed(sitemap(*rows, root="sitemapindex", row="sitemap"), URL)

    assert parsed.follow == tuple(f"https://news.example/{n}.xml" for n in (5, 4, 3))
    assert (parsed.format, parsed.items, parsed.entries, parsed.dated) == ("sitemapindex", 5, (), True)


def test_an_index_without_dates_points_to_news_and_to_the_highest_number() -> None:
    """The oldest part of the archive would be read instead of the newest."""
    rows = [f"<loc>/{name}.xml</loc>" for name in ("posts-1", "posts-2", "posts-10", "news", "pages")]

    parsed = parse_feed(sitemap(*rows, root="sitemapindex", row="sitemap"), URL)

    assert parsed.follow == tuple(f"https://news.example/{name}.xml" for name in ("news", "posts-10", "posts-2"))
    assert not parsed.dated


@pytest.mark.parametrize(
    ("cut", "entries"), [(b"</urlset>", 2), (b"<lastmod>2026-02-02</lastmod></url></urlset>", 1), (b"<url>", 0)]
)
def test_a_sitemap_that_breaks_off_gives_what_is_whole(cut: bytes, entries: int) -> None:
    """A connection that ends early would cost every page of the sitemap, or add half an address."""
    whole = sitemap(*(f"<loc>/{n}</loc><lastmod>2026-02-0{n}</lastmod>" for n in (1, 2)))

    parsed = parse_feed(whole[: whole.index(cut)], URL)

    assert len(parsed.entries) == entries
    assert (parsed.reason is None) == bool(entries)


def test_entities_stay_unread() -> None:
    """A kilobyte of entities would take all memory, or a file of the machine become a headline."""
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    body = sitemap("<loc>/1</loc><news:title>&l9;&x;</news:title>").decode().split("?>", 1)[1]
    hostile = f"<!DOCTYPE urlset [{lol}<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{body}"

    parsed = parse_feed(hostile.encode(), URL)

    assert all(len(entry.title) < 100 and "root:" not in entry.title for entry in parsed.entries)
