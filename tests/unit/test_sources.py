"""Sitemaps and folders behind the seam that feeds have, with a real server, real processes and a real store."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from feed_desk import LONG, PAGE, START, config, feed, item, rss
from local_web import LocalWeb

from volteface.errors import FetchError
from volteface.feed_check import check
from volteface.feed_types import Fetched, ParsedFeed
from volteface.fetch import Web
from volteface.folder import DocumentFile
from volteface.poll import poll
from volteface.schedule import body_hash
from volteface.sources import Asked, Reach, read_source
from volteface.store import Store
from volteface.texts import fill_texts
from volteface.types import Article
from volteface.workers import Workers

T = TypeVar("T")
RULES = config(feed("https://a.example/rss")).poll


def read(parsers: Workers, asked: Asked) -> tuple[Fetched, ParsedFeed | None]:
    async def once() -> tuple[Fetched, ParsedFeed | None]:
        async with Web(RULES) as client:
            return await read_source(asked, Reach(client, parsers))

    return asyncio.run(once())


def sitemap(*urls: str, date: str = "2026-02-10T11:00:00Z") -> bytes:
    rows = "".join(f"<url><loc>{url}</loc>{date and f'<lastmod>{date}</lastmod>'}</url>" for url in urls)
    return f"<urlset>{rows}</urlset>".encode()


def index(*urls: str, date: str = "2026-02-10") -> bytes:
    rows = "".join(f"<sitemap><loc>{url}</loc>{date and f'<lastmod>{date}</lastmod>'}</sitemap>" for url in urls)
    return f"<sitemapindex>{rows}</sitemapindex>".encode()


def poll_and_read(sqlite_store: Store, parsers: Workers, url: str, later: timedelta = timedelta(0)) -> list[Article]:
    """A pass with one source; the articles that wait to be read."""
    settings, now = config(feed(url)), START + later

    async def once() -> None:
        async with Web(settings.poll) as client:
            await poll(settings, sqlite_store, client, parsers, lambda: now)
            await fill_texts(settings, sqlite_store, client, parsers, lambda: now)

    asyncio.run(once())
    return sqlite_store.articles.wanting_reading(100)


def test_a_sitemap_becomes_articles_with_the_text_of_their_pages(
    sqlite_store: Store, parsers: Workers, site: LocalWeb
) -> None:
    """An outlet that has only a sitemap would be in the config and never give a text to read."""
    pages = [site.route(f"/{n}", body=PAGE.encode(), headers={"Content-Type": "text/html"}) for n in (1, 2)]
    url = site.route("/sitemap.xml", body=gzip.compress(sitemap(*pages)), headers={"Content-Type": "application/gzip"})

    articles = poll_and_read(sqlite_store, parsers, url)

    assert [article.url for article in articles] == pages
    assert all("Muscat" in article.text for article in articles)
    assert {article.published for article in articles} == {START - timedelta(hours=1)}


def test_old_pages_of_a_sitemap_are_not_fetched(sqlite_store: Store, parsers: Workers, site: LocalWeb) -> None:
    """The first poll would fetch a site's whole archive."""
    old = site.route("/old", body=PAGE.encode())
    url = site.route("/sitemap.xml", body=sitemap(old, date="2025-02-10"))

    poll_and_read(sqlite_store, parsers, url)

    assert site.paths() == ["/sitemap.xml"]


def test_a_sitemap_without_dates_is_refused(parsers: Workers, site: LocalWeb) -> None:
    """Every page of a site, from all years, would count as news of today."""
    url = site.route("/sitemap.xml", body=sitemap(site.url("/1"), date=""))

    _, parsed = read(parsers, Asked(url))

    assert parsed
    assert parsed.reason == "a sitemap without dates, so that new pages cannot be told from old ones"


def test_an_index_is_read_as_one_source(parsers: Workers, site: LocalWeb) -> None:
    """A user would have to find and name the sitemap of each month."""
    children = [
        site.route("/a.xml", body=sitemap(site.url("/1"), site.url("/2"), date="2026-02-09")),
        site.route("/b.xml", body=gzip.compress(sitemap(site.url("/2"), site.url("/3")))),
    ]
    url = site.route("/index.xml", body=index(*children), headers={"ETag": '"x"'})

    fetched, parsed = read(parsers, Asked(url))

    assert parsed
    assert [entry.url.rpartition("/")[2] for entry in parsed.entries] == ["3", "1", "2"]
    assert fetched.headers["etag"] == '"x"'


def test_an_index_whose_sitemaps_did_not_change_is_not_parsed_again(parsers: Workers, site: LocalWeb) -> None:
    """Thousands of addresses would be compared with the store at every poll."""
    url = site.route("/index.xml", body=index(site.route("/a.xml", body=sitemap(site.url("/1")))))
    fetched, _ = read(parsers, Asked(url))
    known = body_hash(fetched.body)

    assert read(parsers, Asked(url, body_hash=known))[1] is None
    site.route("/a.xml", body=sitemap(site.url("/1"), site.url("/2")))
    assert read(parsers, Asked(url, body_hash=known))[1] is not None


@pytest.mark.parametrize("fault", ["no dates", "a sitemap fails"])
def test_an_index_that_may_hide_news_is_asked_in_full_next_time(fault: str, parsers: Workers, site: LocalWeb) -> None:
    """The server would answer "not modified" for the index while its sitemaps change, and the source go blind."""
    good = site.route("/a.xml", body=sitemap(site.url("/1")))
    body = index(good, date="") if fault == "no dates" else index(good, site.url("/missing.xml"))
    url = site.route("/index.xml", body=body, headers={"ETag": '"x"', "Last-Modified": "Tue, 10 Feb 2026 10:00:00 GMT"})

    fetched, parsed = read(parsers, Asked(url))

    assert parsed
    assert len(parsed.entries) == 1
    assert not {"etag", "last-modified"} & fetched.headers.keys()


def test_an_index_without_one_sitemap_that_answers_fails(parsers: Workers, site: LocalWeb) -> None:
    """A dead site would count as healthy and empty."""
    url = site.route("/index.xml", body=index(site.url("/missing.xml")))

    with pytest.raises(FetchError, match="HTTP 404"):
        read(parsers, Asked(url))


def test_a_folder_is_polled_like_a_feed(sqlite_store: Store, parsers: Workers, tmp_path: Path) -> None:
    """Texts that come by another way than the web could not be watched."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "feed.xml").write_bytes(rss(item("From a feed", "https://a.example/1", LONG)))
    (folder / "page.html").write_text(
        PAGE.replace("<h1>T<", "<h1>From a page<").replace("<html>", "<html><head>"
                     "<link rel='canonical' href='https://a.example/2'></head>")
    )  # fmt: skip
    (folder / "note.txt").write_text(f"From a text\n\n{LONG}")
    (folder / ".half-written.txt").write_text("not yet")
    (folder / "picture.png").write_bytes(b"\x89PNG....")
    for file in folder.iterdir():
        os.utime(file, (START.timestamp() - 60,) * 2)

    articles = poll_and_read(sqlite_store, parsers, f"path:{folder}")

    assert {article.title for article in articles} == {"From a feed", "From a page", "From a text"}
    assert {article.url for article in articles} == {"https://a.example/1", "https://a.example/2", ""}
    assert all("Muscat" in article.text for article in articles)


def test_a_document_written_anew_is_an_edit(sqlite_store: Store, parsers: Workers, tmp_path: Path) -> None:
    """A corrected text would be a second article, and its story have two origins."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "note.txt").write_text(f"Envoys meet\n{LONG}")
    url = f"path:{folder}"

    (before,) = poll_and_read(sqlite_store, parsers, url)
    (folder / "note.txt").write_text(f"Envoys meet\n{LONG}And a correction.")
    (after,) = poll_and_read(sqlite_store, parsers, url, timedelta(hours=2))

    assert (before.id, before.revision + 1) == (after.id, after.revision)
    assert "correction" in after.text


def test_a_folder_that_did_not_change_is_not_read_again(parsers: Workers, tmp_path: Path) -> None:
    """Thousands of files would be parsed at every poll."""
    (tmp_path / "note.txt").write_text("Envoys meet")
    asked = Asked(f"path:{tmp_path}")
    fetched, parsed = read(parsers, asked)

    assert parsed
    assert read(parsers, Asked(asked.url, body_hash=body_hash(fetched.body)))[1] is None


class Vanishing(Workers):
    """Processes before which documents called `gone` vanish as they are about to be read."""

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """As `Workers.run`."""
        if isinstance(args[0], DocumentFile) and args[0].name.startswith("gone"):
            Path(args[0].path).unlink()
        return await super().run(function, *args)


def test_a_document_that_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    """One that was too much for a busy machine would be lost in silence, and a folder of them be called healthy."""
    for name in ("gone.txt", "gone2.txt"):
        (tmp_path / name).write_text("Half\nA text.")
    with Vanishing() as pool:
        _, nothing = read(pool, Asked(f"path:{tmp_path}"))
        (tmp_path / "gone.txt").write_text("Half\nA text.")
        (tmp_path / "note.txt").write_text("Whole\nA text.")
        _, some = read(pool, Asked(f"path:{tmp_path}"))

    assert nothing
    assert "FileNotFoundError" in str(nothing.reason)
    assert some
    assert ([entry.title for entry in some.entries], some.reason, some.whole) == (["Whole"], None, False)


def test_a_folder_that_is_not_there_fails(parsers: Workers, tmp_path: Path) -> None:
    """A typing error in a path would look like a quiet source."""
    with pytest.raises(FetchError, match="No such file"):
        read(parsers, Asked(f"path:{tmp_path / 'nowhere'}"))


def test_links_out_of_the_folder_are_not_followed(parsers: Workers, tmp_path: Path) -> None:
    """Whoever may put files there could have us read any file of the machine."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "innocent.txt").symlink_to(secret)

    _, parsed = read(parsers, Asked(f"path:{folder}"))

    assert parsed
    assert parsed.entries == ()


def test_feeds_check_knows_every_kind(parsers: Workers, site: LocalWeb, tmp_path: Path) -> None:
    """`feeds check` would call a working source broken."""
    (tmp_path / "note.txt").write_text("Envoys meet")
    site.route("/a.xml", body=sitemap(site.url("/1"), site.url("/2")))
    urls = [
        f"path:{tmp_path}",
        site.route("/index.xml", body=index(site.url("/a.xml"))),
        f"path:{tmp_path / 'nowhere'}",
    ]
    feeds = [feed(url, f"f{n}") for n, url in enumerate(urls)]

    async def once() -> list[tuple[bool, int]]:
        async with Web(RULES) as client:
            return [(found.ok, found.entries) for found in await check(feeds, client, parsers)]

    assert asyncio.run(once()) == [(True, 1), (True, 2), (False, 0)]
