"""The parts that Slack messages are made of: pure, each within Block Kit's limits for any input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from volteface.config import Feed
from volteface.mrkdwn import clean, inert, link, web_url
from volteface.types import Evidence, Mode

Block = dict[str, Any]
"""A Block Kit block, ready for JSON."""

NAME, QUOTE = 80, 700
"""Caps in characters as sent."""

MODE_WORDS = {Mode.SPEECH: "statement", Mode.ACT: "act", Mode.REPORT: "report"}


def exhibits(evidence: Sequence[Evidence], count: int) -> tuple[Evidence, ...]:
    """At most `count` pieces to show: one of each origin first, no quote twice, otherwise in the order given."""
    by_quote: dict[str, Evidence] = {}
    for piece in evidence:
        by_quote.setdefault(clean(piece.quote), piece)
    first_of: dict[int, Evidence] = {}
    for piece in by_quote.values():
        first_of.setdefault(piece.origin_id, piece)
    others = [piece for piece in by_quote.values() if first_of[piece.origin_id] is not piece]
    return tuple([*first_of.values(), *others][:count])


def exhibit(piece: Evidence, feeds: dict[str, Feed]) -> Iterator[Block]:
    """A quote, and below it where it comes from; `feeds` by outlet."""
    yield section(f"> {quoted(piece)}")
    yield context(_source(piece, feeds.get(piece.outlet)))


def quoted(piece: Evidence) -> str:
    """In quotation marks only what a reader can look up: a starting position of config.yaml is in our own words."""
    quote = inert(piece.quote, QUOTE) or "(empty)"
    return f"“{quote}”" if web_url(piece.url) else quote


def outlet(piece: Evidence) -> str:
    """The outlet's name, harmless and never empty."""
    return inert(piece.outlet, NAME) or "unnamed outlet"


def _source(piece: Evidence, feed: Feed | None) -> str:
    if not piece.url:
        return f"starting position in config.yaml, {date(piece.published)}"
    ownership = f"{feed.ownership.value}, {feed.country}" if feed else "ownership not on record"
    person = inert(piece.person, NAME)
    mode = MODE_WORDS[piece.mode] + (f": {person}" if person else "")
    return " · ".join((link(piece.url, outlet(piece)), ownership, mode, time(piece.published)))


def date(when: datetime) -> str:
    """`11 Mar 2025`, in UTC."""
    return f"{when.astimezone(UTC):%d %b %Y}".lstrip("0")


def time(when: datetime) -> str:
    """`11 Mar 2025, 12:40 UTC`."""
    return f"{date(when)}, {when.astimezone(UTC):%H:%M} UTC"


def header(text: str) -> Block:
    """Plain text, at most 150 characters."""
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def section(text: str) -> Block:
    """At most 3,000 characters of mrkdwn."""
    return {"type": "section", "text": mrkdwn(text)}


def context(text: str) -> Block:
    """Small print: at most 3,000 characters of mrkdwn."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def mrkdwn(text: str) -> Block:
    """A text object of which Slack makes no link or mention of its own accord."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
