"""JSON Feed (jsonfeed.org), which feedparser does not read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from volteface.dates import parse_date
from volteface.feed_types import Entry, ParsedFeed
from volteface.markup import plain_line

MAX_ENTRIES = 2_000


def is_json(body: bytes) -> bool:
    """Whether the bytes start like a JSON document."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def parse_json(body: bytes, url: str, entry: Callable[..., Entry | None]) -> ParsedFeed:
    """A JSON Feed; `entry(base, **raw strings)` cleans one item, or returns None for an empty one."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return ParsedFeed("", reason="broken JSON, not a feed")
    if not (isinstance(raw, dict) and "jsonfeed.org" in _text(raw, "version")):
        return ParsedFeed("", reason="JSON, but not a JSON Feed")
    items = raw.get("items")
    items = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    entries = (_item(item, url, entry) for item in items[:MAX_ENTRIES])
    kept = {found.guid: found for found in entries if found}
    return ParsedFeed("json", tuple(kept.values()), title=plain_line(_text(raw, "title")))


def _item(item: dict[str, Any], base: str, entry: Callable[..., Entry | None]) -> Entry | None:
    return entry(
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
