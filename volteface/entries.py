"""One item of any source, cleaned: plain text, an absolute link, an identity. Runs in a worker process."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urljoin, urlsplit

from volteface.feed_types import Entry
from volteface.markup import plain_line, plain_text, without_controls

MAX_ENTRIES = 2_000
MAX_URL = 2_048


def clean_entry(
    base: str,
    *,
    guid: str = "",
    url: str = "",
    title: str = "",
    summary: str = "",
    content: str = "",
    published: datetime | None = None,
) -> Entry | None:
    """One clean entry, or None where there is nothing to read and no page to read it on.

    `base` is the address that the source came from; a relative link is resolved against it.
    """
    link = web_link(url, base)
    title, summary, content = plain_line(title), plain_text(summary), plain_text(content)
    if not (title or summary or content or link):
        return None
    guid = guid.strip() or link or sha256(f"{title}\n{published}".encode()).hexdigest()
    if len(guid) > MAX_URL:
        guid = sha256(guid.encode("utf-8", "surrogatepass")).hexdigest()
    if not title:
        title = plain_line(summary or content, 120)
    return Entry(plain_line(guid, MAX_URL), link, title, summary, content, published)


def distinct(entries: Iterable[Entry | None]) -> tuple[Entry, ...]:
    """The first entry of each identity, in order."""
    kept: dict[str, Entry] = {}
    for entry in entries:
        if entry is not None:
            kept.setdefault(entry.guid, entry)
    return tuple(kept.values())


def web_link(url: str, base: str) -> str:
    """The absolute http(s) URL of a link, without control characters; empty where it is none."""
    url = re.sub(r"[\t\n]", "", without_controls(url.strip()))
    url = re.sub(r"\s", lambda blank: quote(blank[0]), url)
    try:
        link = urljoin(base, url)
        parts = urlsplit(link)
        usable = parts.scheme in ("http", "https") and parts.hostname and len(link) <= MAX_URL
    except ValueError:
        return ""
    return link.encode("utf-8", "ignore").decode() if url and usable else ""
