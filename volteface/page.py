"""A page's HTML to the article on it, or to the reason why there is none. Runs in a worker process: input is hostile.

Walls come back as articles ("we and our partners store...", "enable JavaScript"): a text is taken only when it is long
enough and does not read like one of them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import py3langid
import trafilatura

from volteface.dates import parse_date
from volteface.feed_types import PageText
from volteface.markup import plain_line, plain_text

MAX_HTML = 3_000_000
"""Bytes. The extractor is quadratic on hostile pages; real articles stay far below."""
MIN_WORDS = 60
_HEAD = 1_500
"""Characters in which a wall gives itself away; further down an article may well speak of cookies."""
_WALLS = (
    (
        "a bot check page",
        r"just a moment|checking (?:your browser|if the site connection)|verify(?:ing)? (?:that )?you are (?:a )?human"
        r"|unusual (?:traffic|activity)|are you a robot|attention required|ddos protection|ray id",
    ),
    (
        "a JavaScript wall",
        r"(?:enable|turn on|requires?|need) (?:to enable )?java ?script|javascript is (?:disabled|required)"
        r"|browser (?:is not|isn't) supported|ad ?block(?:er)? (?:is )?(?:detected|enabled)",
    ),
    (
        "a cookie wall",
        r"\d{2,4} partners|(?:we|our partners) (?:and our (?:\d+ )?partners )?(?:use|store) (?:and/or access |cookies)"
        r"|accept (?:all )?cookies|manage (?:your )?(?:cookie )?preferences|cookie (?:policy|consent)",
    ),
    (
        "a paywall stub",
        r"subscribe (?:now )?to (?:continue|read|unlock|keep)|subscribers? only|already (?:a )?subscriber"
        r"|(?:sign|log) in to (?:continue|read)|this (?:article|content|story) is (?:for|only|reserved|exclusive)"
        r"|create (?:a free|an) account to (?:continue|read)|you have reached your (?:free )?(?:article )?limit",
    ),
    (
        "an error page",
        r"page (?:not found|cannot be found|you requested)|error 404|404 (?:error|not found)|access denied"
        r"|temporarily unavailable",
    ),
)
_WALL_PATTERNS = tuple((reason, re.compile(pattern, re.IGNORECASE)) for reason, pattern in _WALLS)
_SHORT = 150
"""Words. A text below this that has one wall phrase is the wall; a longer one needs two."""


def extract_page(html: bytes, url: str, content_type: str | None = None) -> PageText:
    """The main text of a page (paragraphs are lines), with its title, date (a day) and language."""
    if len(html) > MAX_HTML:
        return PageText(reason=f"a page of more than {MAX_HTML:,} bytes")
    if not html.strip():
        return PageText(reason="an empty page")
    found: Any = trafilatura.bare_extraction(
        _decoded(html, content_type),
        url=url,
        favor_precision=True,
        include_comments=False,
        include_tables=False,
        with_metadata=True,
    )
    if found is None or not found.text:
        return PageText(reason=_wall_of_empty(html))
    text = plain_text(found.text)
    reason = wall(text)
    if reason:
        return PageText(reason=reason)
    return PageText(text, plain_line(found.title or ""), _day(found.date), language(text))


def language(text: str) -> str:
    """ISO 639-1 code of the language of a text."""
    return str(py3langid.classify(text[:5_000])[0])


def wall(text: str) -> str | None:
    """Why a text is not an article, or None."""
    words = len(text.split())
    head = text[:_HEAD]
    hits = [(reason, len(pattern.findall(head))) for reason, pattern in _WALL_PATTERNS]
    reason, count = max(hits, key=lambda hit: hit[1])
    if count and (words < _SHORT or count > 1):
        return reason
    return f"too short for an article ({words} words)" if words < MIN_WORDS else None


def _wall_of_empty(html: bytes) -> str:
    """What an article-less page is: its raw text tells, where it is short."""
    visible = plain_text(html[:100_000].decode("utf-8", "replace"), 5_000)
    reason = wall(visible)
    return reason if reason and not reason.startswith("too short") else "no article text on the page"


def _decoded(html: bytes, content_type: str | None) -> bytes | str:
    """Text where the server names the charset; else the bytes, and the extractor guesses."""
    charset = re.search(r"charset=[\"']?([\w-]+)", content_type or "", re.IGNORECASE)
    if charset:
        try:
            return html.decode(charset[1], "replace")
        except LookupError:
            return html
    return html


def _day(date: str | None) -> datetime | None:
    return parse_date(date) if date else None
