"""Sitemaps (sitemaps.org) as a source: news sitemaps, plain ones, and the index that points to others.

A sitemap lists pages. One with dates tells what is new; titles come only with Google's news extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from heapq import nlargest
from io import BytesIO
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]

from volteface.dates import EARLIEST, parse_date
from volteface.entries import MAX_ENTRIES, clean_entry, distinct, web_link
from volteface.feed_types import Entry, ParsedFeed
from volteface.markup import local_name
from volteface.sniff import root_of

MAX_FOLLOW = 3
"""Sitemaps of an index that are read: the newest."""
_ROOTS = {"urlset": "url", "sitemapindex": "sitemap"}
_FIELDS = ("loc", "lastmod", "publication_date", "title", "language")


def is_sitemap(body: bytes) -> bool:
    """Whether the bytes start like a sitemap or an index of sitemaps."""
    return root_of(body).rpartition(":")[2].lower() in _ROOTS


def parse_sitemap(body: bytes, url: str) -> ParsedFeed:
    """The 2,000 newest pages of a sitemap, newest first; of an index, the sitemaps to follow instead."""
    kind = root_of(body).rpartition(":")[2].lower()
    whole = _closed(body[-200:], kind) > 0 or body.rstrip().endswith(b"/>")
    # The parser closes what a broken connection left open, and half an address would look like one.
    rows = list(islice(_rows(body, _ROOTS[kind]), None if whole else _closed(body, _ROOTS[kind])))
    if not (rows or whole):
        return ParsedFeed("", reason="a sitemap that breaks off before its first address")
    if kind == "sitemapindex":
        return _index(rows, url)
    newest = nlargest(MAX_ENTRIES, rows, key=lambda row: _date(row) or EARLIEST)
    lang = re.match(r"[a-z]{2,3}", next((row["language"] for row in newest if "language" in row), "").lower())
    entries = distinct(_page(row, url) for row in newest)
    return ParsedFeed("sitemap", entries, items=len(rows), lang=lang[0] if lang else None, whole=whole)


def _index(rows: list[dict[str, str]], url: str) -> ParsedFeed:
    newest = nlargest(MAX_FOLLOW, rows, key=_recency)
    follow = dict.fromkeys(filter(None, (web_link(row.get("loc", ""), url) for row in newest)))
    return ParsedFeed("sitemapindex", items=len(rows), follow=tuple(follow), dated=all(map(_date, rows)))


def _recency(row: dict[str, str]) -> tuple[datetime, bool, list[int]]:
    """Newest by date; without dates, those for news, then the highest number or date in the name."""
    name = row.get("loc", "")
    return _date(row) or EARLIEST, "news" in name.lower(), [int(number) for number in re.findall(r"\d{1,9}", name)]


def _page(row: dict[str, str], url: str) -> Entry | None:
    return clean_entry(url, url=row.get("loc", ""), title=row.get("title", ""), published=_date(row))


def _date(row: dict[str, str]) -> datetime | None:
    return parse_date(row.get("publication_date") or row.get("lastmod") or "")


def _closed(body: bytes, element: str) -> int:
    return len(re.findall(rb"</(?:[\w.-]+:)?%s\s*>" % element.encode(), body, re.IGNORECASE))


def _rows(body: bytes, element: str) -> Iterator[dict[str, str]]:
    """The fields of each address. Entities stay unexpanded, nothing outside the document is read."""
    events = etree.iterparse(
        BytesIO(body),
        events=("end",),
        tag=f"{{*}}{element}",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    try:
        for _, found in events:
            yield _fields(found)
            found.clear(keep_tail=False)
    except etree.XMLSyntaxError:
        return  # what came before the fault is good


def _fields(found: etree._Element) -> dict[str, str]:
    fields: dict[str, str] = {}
    for child in found.iter(etree.Element):
        name = local_name(child)
        # `image:image` and `video:video` have a title and a loc of their own.
        parent = child.getparent()
        if name in _FIELDS and (parent is found or local_name(parent) in ("news", "publication")):
            fields.setdefault(name, (child.text or "").strip())
    return fields
