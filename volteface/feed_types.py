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
    failing_since: datetime | None = None
    """When the first of these failures was."""
    gap_s: float | None = None
    """Seconds that usually lie between two items, by their own dates; None while too few are known."""
    items: int = 0
    """Items in the last document."""
    repeats: float | None = None
    """Share of a document's items that are known already, 0 to 1, smoothed over the last documents."""
    pace: float = 1.0
    """Factor on the interval, 1/16 to 1: below 1 where items came and went faster than we asked."""
    slid: datetime | None = None
    """When a document last held no item of the one before: items may have slid off unseen."""
    skip_hours: int = 0
    """Bit h is set where the feed asks not to be polled in hour h (GMT)."""
    skip_days: int = 0
    """Bit d is set where the feed asks not to be polled on that day, Monday being 0."""


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
    skip_hours: int = 0
    skip_days: int = 0
    """When the feed asks not to be polled, as in `FeedState`."""
    whole: bool = True
    """False where the document breaks off: what it holds is taken, and the next poll must not be conditional."""
    reason: str | None = None
    items: int = 0
    """Items that the document lists; `entries` leaves out repeated and empty ones and those over the cap."""
    follow: tuple[str, ...] = ()
    """Of an index of sitemaps: those to read instead."""
    dated: bool = True
    """Of an index of sitemaps: it gives each of them a date, so that it changes when one of them does."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The article on a page, or the reason why there is none (then `text` is empty)."""

    text: str = ""
    title: str = ""
    published: datetime | None = None
    lang: str | None = None
    reason: str | None = None
    url: str = ""
    """The address that the page itself gives as its own."""
