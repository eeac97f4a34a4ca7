"""JSON Feed (jsonfeed.org), which feedparser does not read."""

from __future__ import annotations

import json
import re
from typing import Any

from volteface.dates import parse_date
from volteface.entries import MAX_ENTRIES, clean_entry, distinct
from volteface.feed_types import Entry, ParsedFeed
from volteface.markup import plain_line


def is_json(body: bytes) -> bool:
    """Whether the bytes start like a JSON document."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def parse_json(body: bytes, url: str) -> ParsedFeed:
    """A JSON Feed: at most 2,000 entries, in the publisher's order, or the reason why it is none."""
    try:
        raw = _loaded(body)
    except (ValueError, RecursionError):
        return ParsedFeed("", reason="broken JSON, not a feed")
    items = raw.get("items") if isinstance(raw, dict) else None
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if not (isinstance(raw, dict) and _is_feed(raw, items)):
        return ParsedFeed("", reason="JSON, but not a JSON Feed")
    language = re.match(r"[a-z]{2,3}(?![a-z])", _text(raw, "language").lower())
    return ParsedFeed(
        "json",
        distinct(_item(item, url) for item in items[:MAX_ENTRIES]),
        items=len(items),
        title=plain_line(_text(raw, "title")),
        lang=language[0] if language else None,
    )


def _loaded(body: bytes) -> Any:
    """The document, with control characters and broken letters in its texts. Raises ValueError and RecursionError."""
    try:
        return json.loads(body, strict=False)
    except UnicodeDecodeError:
        return json.loads(body.decode("utf-8", "replace"), strict=False)


def _is_feed(raw: dict[str, Any], items: list[dict[str, Any]]) -> bool:
    """By its version's address, or by a bare version number beside fields that only a JSON Feed has."""
    version = _text(raw, "version")
    if "jsonfeed.org" in version:
        return True
    own = {"home_page_url", "feed_url"} & raw.keys() or any({"content_html", "content_text"} & i.keys() for i in items)
    return version in ("1", "1.0", "1.1") and bool(own)


def _item(item: dict[str, Any], base: str) -> Entry | None:
    return clean_entry(
        base,
        guid=_text(item, "id"),
        url=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        content=_text(item, "content_html") or _text(item, "content_text"),
        published=parse_date(_text(item, "date_published") or _text(item, "date_modified")),
    )


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    return str(value) if isinstance(value, str | int) else ""
