"""The nouns of polling: what is known of a feed, what an answer held, what a feed or page says. All frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FeedState:
    """What we know of one feed between polls."""

    feed: str
    """The feed's id in config.yaml."""
    url: str
    next_due: datetime
    etag: str | None = None
    modified: str | None = None
    body_hash: str | None = None
    interval_s: float = 900.0
    checked: datetime | None = None
    succeeded: datetime | None = None
    newest: datetime | None = None
    """Publication time of the newest item ever taken."""
    failures: int = 0
    """Failed polls in a row."""
    error: str | None = None
    moved_to: str | None = None
    moves: int = 0
    """Identical permanent redirects in a row."""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """An HTTP answer, already inflated and bounded."""

    status: int
    url: str
    """The final URL, after redirects."""
    body: bytes
    headers: dict[str, str]
    """Lower-case names."""
    moved_to: str | None = None
    """Target of a permanent redirect of the first hop, if there was one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed, as text (no markup, no control characters), links absolute."""

    guid: str
    url: str
    title: str
    summary: str
    content: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's content, or the reason why the bytes are not a feed (then `entries` is empty)."""

    format: str
    entries: tuple[Entry, ...] = ()
    title: str = ""
    lang: str | None = None
    ttl_s: float | None = None
    """The feed's own wish for the interval between polls."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PageText:
    """The article on a page, or the reason why there is none (then `text` is empty)."""

    text: str = ""
    title: str = ""
    published: datetime | None = None
    lang: str | None = None
    reason: str | None = None
