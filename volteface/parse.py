"""A feed's bytes to entries, or to the reason why they are none. Runs in a worker process: input is hostile.

feedparser is the parser of record; it gets a stream and never bytes or a string, which it would take for the name of a
file to open or a URL to fetch. It is lenient by design, so `version` decides what is a feed, and text, links and dates
are cleaned here.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from volteface.dates import parse_date
from volteface.feed_types import Entry, ParsedFeed
from volteface.json_feed import is_json, parse_json
from volteface.markup import plain_line, plain_text

MAX_BODY = 15_000_000
MAX_ENTRIES = 2_000
MAX_URL = 2_048
_PERIODS_S = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
_BOT_CHECK = re.compile(
    rb"just a moment\.\.\.|checking (?:your browser|if the site connection)|attention required!|cf-chl|captcha"
    rb"|ddos protection|access denied|verify (?:that )?you are (?:a )?human|enable javascript and cookies",
    re.IGNORECASE,
)
_ROOT = re.compile(rb"<(?![?!])([\w.:-]{1,60})")


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> ParsedFeed:
    """Entries in the publisher's order, at most 2,000, each identity once.

    `url` is the address that the body came from; relative links are resolved against it.
    """
    reason = _refusal_by_size(body)
    if reason:
        return ParsedFeed("", reason=reason)
    if is_json(body):
        return parse_json(body, url, _entry)
    headers = {"content-location": url}
    text = _by_byte_order_mark(body)
    if text is not None:
        headers["content-type"] = "application/xml; charset=utf-8"
    elif content_type:
        headers["content-type"] = content_type
    raw = feedparser.parse(
        BytesIO(body if text is None else text),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not raw.version:
        return ParsedFeed("", reason=_what_else(body))
    if not raw.entries and raw.bozo and not _closes(body):
        return ParsedFeed("", reason="a feed that breaks off before its first item")
    feed = raw.feed
    return ParsedFeed(
        format=str(raw.version),
        entries=_distinct(_from_feedparser(item, url) for item in raw.entries[:MAX_ENTRIES]),
        title=plain_line(_string(feed, "title")),
        lang=_language(_string(feed, "language")),
        ttl_s=_wished_interval(feed),
    )


def _entry(
    base: str, *, guid: str, url: str, title: str, summary: str, content: str, published: datetime | None
) -> Entry | None:
    """One clean entry, or None where there is nothing to read."""
    link = web_link(url, base)
    title, summary, content = plain_line(title), plain_text(summary), plain_text(content)
    if not (title or summary or content):
        return None
    guid = guid.strip() or link or sha256(f"{title}\n{published}".encode()).hexdigest()
    if len(guid) > MAX_URL:
        guid = sha256(guid.encode("utf-8", "surrogatepass")).hexdigest()
    if not title:
        title = plain_line(summary or content, 120)
    return Entry(plain_line(guid, MAX_URL), link, title, summary, content, published)


def web_link(url: str, base: str) -> str:
    """The absolute http(s) URL of a link, without control characters; empty where it is none."""
    url = re.sub(r"[\x00-\x20\x7f]+", lambda gap: "%20" if gap[0] == " " else "", url.strip())
    try:
        link = urljoin(base, url)
        parts = urlsplit(link)
        usable = parts.scheme in ("http", "https") and parts.hostname and len(link) <= MAX_URL
    except ValueError:
        return ""
    return link.encode("utf-8", "ignore").decode() if url and usable else ""


def _from_feedparser(item: Mapping[str, Any], base: str) -> Entry | None:
    content = max((_string(part, "value") for part in item.get("content", ())), key=len, default="")
    fallback = item.get("published_parsed") or item.get("updated_parsed")
    return _entry(
        base,
        guid=_string(item, "id"),
        url=_string(item, "link"),
        title=_string(item, "title"),
        summary=_string(item, "summary"),
        content=content,
        published=parse_date(_string(item, "published") or _string(item, "updated"), fallback),
    )


def _string(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _distinct(entries: Iterable[Entry | None]) -> tuple[Entry, ...]:
    kept: dict[str, Entry] = {}
    for entry in entries:
        if entry is not None:
            kept.setdefault(entry.guid, entry)
    return tuple(kept.values())


def _language(tag: str) -> str | None:
    found = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", tag)
    return found[0].lower() if found else None


def _wished_interval(feed: Mapping[str, Any]) -> float | None:
    """Seconds between polls by `ttl` (minutes) or the syndication module; None without a usable wish."""
    wishes = [_number(_string(feed, "ttl")) * 60]
    period = _PERIODS_S.get(_string(feed, "sy_updateperiod").strip().lower())
    if period:
        wishes.append(period / max(_number(_string(feed, "sy_updatefrequency")), 1.0))
    longest = max(wishes)
    return longest if longest > 0 else None


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", text) else 0.0


def _refusal_by_size(body: bytes) -> str | None:
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return "empty body"
    if len(body) > MAX_BODY:
        return f"more than {MAX_BODY:,} bytes"
    return None


def _closes(body: bytes) -> bool:
    tail = body[-2_000:].replace(b"\0", b"")  # without the zeros, UTF-16 markup reads like ASCII
    return bool(re.search(rb"</\s*(?:[\w-]+:)?(?:rss|feed|rdf|channel)\s*>", tail, re.IGNORECASE))


def _by_byte_order_mark(body: bytes) -> bytes | None:
    """The body in UTF-8 where a byte order mark tells its encoding: it is right more often than servers are."""
    if body.startswith((BOM_UTF32_LE, BOM_UTF32_BE)):
        return body.decode("utf-32", "replace").encode()
    if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return body.decode("utf-16", "replace").encode("utf-8", "replace")
    return body[len(BOM_UTF8) :] if body.startswith(BOM_UTF8) else None


def _what_else(body: bytes) -> str:
    """What the bytes are, seeing that they are not a feed, in words for the user."""
    head = body[:200_000].replace(b"\0", b"")  # without the zeros, UTF-16 markup reads like ASCII
    lowered = head[:2_000].lower()
    html = b"<html" in lowered or b"<!doctype html" in lowered
    if html and _BOT_CHECK.search(head):
        return "a bot check page, not a feed"
    if html:
        return "an HTML page, not a feed"
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        return "a binary file, not a feed"
    root = _ROOT.search(head)
    if root is None or not head.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n").startswith(b"<"):
        return "not XML"
    return f"XML, but not a feed (its first element is {root[1].decode('ascii', 'replace')})"
