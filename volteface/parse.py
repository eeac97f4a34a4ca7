"""A feed's bytes to entries, or to the reason why they are none. Runs in a worker process: input is hostile.

feedparser is the parser of record; it gets a stream and never bytes or a string, which it would take for the name of a
file to open or a URL to fetch. It is lenient by design, so `version` decides what is a feed, and text, links and dates
are cleaned here. JSON Feeds and sitemaps, which it does not read, are told by their content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from xml.sax import SAXException

import feedparser

from volteface.dates import parse_date
from volteface.entries import MAX_ENTRIES, clean_entry, distinct
from volteface.feed_types import Entry, ParsedFeed
from volteface.inflate import BodyError, Inflater
from volteface.json_feed import is_json, parse_json
from volteface.markup import plain_line
from volteface.sitemap import is_sitemap, parse_sitemap
from volteface.skip_times import skip_times
from volteface.sniff import by_byte_order_mark, root_of, what_else, without_chatter

MAX_BODY = 15_000_000
GZIP = b"\x1f\x8b"
_FORMATS = {
    "rss20": "rss2.0", "rss090": "rdf", "rss10": "rdf", "rss091n": "rss0.91", "rss091u": "rss0.91", "rss092": "rss0.92",
    "rss093": "rss0.93", "rss094": "rss0.94", "atom10": "atom1.0", "atom03": "atom0.3",
}  # fmt: skip
_PERIODS_S = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
_RSS_IN_RDF = re.compile(rb"xmlns(?::\w+)?\s*=\s*[\"']http://(?:purl\.org/rss/|(?:channel|my)\.netscape\.com/rdf/)")
_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);?")
_PREFIXED_ITEM = re.compile(rb"<([A-Za-z][\w.-]{0,30}):(?:item|entry)[\s>]")


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> ParsedFeed:
    """Entries in the publisher's order (a sitemap's: newest first), at most 2,000, each identity once.

    `url` is the address that the body came from, or empty; relative links are resolved against it.
    """
    try:
        body = inflated(body)
    except BodyError as error:
        return ParsedFeed("", reason=f"compressed: {error}")
    reason = _refusal_by_size(body)
    if reason:
        return ParsedFeed("", reason=reason)
    text = by_byte_order_mark(body)
    if is_json(body if text is None else text):
        return parse_json(body if text is None else text, url)
    markup = without_chatter(body if text is None else text)
    if markup is None:
        return ParsedFeed("", reason=what_else(body))
    if is_sitemap(markup):
        return parse_sitemap(markup, url)
    if text is not None:
        content_type = "application/xml; charset=utf-8"
    return _parse_xml(markup, url, content_type)


def inflated(body: bytes) -> bytes:
    """The body, out of its gzip wrapping where it has one (`sitemap.xml.gz`). Raises BodyError over 15 MB."""
    if not body.startswith(GZIP):
        return body
    inflater = Inflater("gzip", MAX_BODY)
    inflater.feed(body)
    return inflater.finish()


def _parse_xml(body: bytes, url: str, content_type: str | None) -> ParsedFeed:
    parsed = _feedparser(body, url, content_type)
    prefix = None if parsed.items else _PREFIXED_ITEM.search(body)
    if prefix is None:
        return parsed
    # Broken XML is read without namespaces, and then `rss:item` is no item.
    plain = re.sub(rb"<(/?)" + re.escape(prefix[1]) + rb":", rb"<\1", body)
    again = _feedparser(plain, url, content_type)
    return again if again.items else parsed


def _feedparser(body: bytes, url: str, content_type: str | None) -> ParsedFeed:
    headers = {"content-location": url, "content-type": content_type}
    raw = feedparser.parse(
        BytesIO(_REFERENCE.sub(_known_character, body)),
        response_headers={name: value for name, value in headers.items() if value},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    version = str(raw.version) or _by_root(body)
    if not version:
        return ParsedFeed("", reason=what_else(body))
    whole = not isinstance(raw.get("bozo_exception"), SAXException) or _closes(body)
    if not (raw.entries or whole):
        return ParsedFeed("", reason="a feed that breaks off before its first item")
    feed, (skip_hours, skip_days) = raw.feed, skip_times(body)
    return ParsedFeed(
        format=_FORMATS.get(version, version),
        entries=distinct(_from_feedparser(item, url) for item in raw.entries[:MAX_ENTRIES]),
        items=len(raw.entries),
        title=plain_line(_string(feed, "title")),
        lang=_language(_string(feed, "language")),
        ttl_s=_wished_interval(feed),
        skip_hours=skip_hours,
        skip_days=skip_days,
        whole=whole,
    )


def _known_character(reference: re.Match[bytes]) -> bytes:
    """A character reference, or nothing where no such character exists: feedparser gives up on the feed then."""
    base = 16 if reference[1][:1] in b"xX" else 10
    digits = reference[1].lstrip(b"xX").lstrip(b"0") or b"0"
    number = int(digits, base) if len(digits) < 8 else -1
    return reference[0] if 0 <= number < 0xD800 or 0xE000 <= number <= 0x10FFFF else b""


def _by_root(body: bytes) -> str:
    """The format of what feedparser reads without naming it: CDF, and RSS 0.9 or 1.0 that has no items yet."""
    root = root_of(body)
    if root == "CHANNEL":
        return "cdf"
    return "rdf" if root.endswith("RDF") and _RSS_IN_RDF.search(body[:5_000]) else ""


def _from_feedparser(item: Mapping[str, Any], base: str) -> Entry | None:
    content = max((_string(part, "value") for part in item.get("content", ())), key=len, default="")
    fallback = item.get("published_parsed") or item.get("updated_parsed")
    return clean_entry(
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
    return bool(re.search(rb"</\s*(?:[\w-]+:)?(?:rss|feed|rdf|channel)\s*(?:>|$)", tail, re.IGNORECASE))
