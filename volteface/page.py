"""A page's HTML to the article on it, or to the reason why there is none. Runs in a worker process: input is hostile.

Walls come back as articles ("we and our partners store...", "enable JavaScript"): a text is taken only when it is long
enough and does not read like one of them.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from datetime import datetime, timedelta
from typing import Any

import py3langid
import trafilatura

from volteface.dates import parse_date
from volteface.entries import web_link
from volteface.feed_types import PageText
from volteface.inflate import BodyError
from volteface.markup import plain_line, plain_text
from volteface.parse import inflated
from volteface.sniff import root_of

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
_TOO_SHORT = "too short for an article"
_NO_TEXT = "no article text on the page"
_TOO_LITTLE = (_TOO_SHORT, _NO_TEXT)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।")
_META_HEAD = 200_000
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta\s[^<>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{1,40})", re.IGNORECASE)
_READ_AS = dict.fromkeys(("iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "windows-1252")
"""What pages say and what they mean, as browsers read them: curly quotes are not in the former."""
_FRAGMENTS = frozenset({"article", "body", "div", "h1", "h2", "head", "main", "meta", "p", "section", "table", "title"})
_PUBLISHED = rb"[\"'](?:article:published_time|datePublished|og:published_time|parsely-pub-date)[\"']"
_ISO = rb"[\"'](\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.+Zz-]{0,20})[\"']"
_TIME_META = re.compile(rb"%s\s*(?:content=|:)\s*%s|content=%s[^<>]{0,80}%s" % (_PUBLISHED, _ISO, _ISO, _PUBLISHED))


def extract_page(html: bytes, url: str, content_type: str | None = None) -> PageText:
    """The main text of a page (paragraphs are lines), with its title, date and language.

    Precision comes first; what it leaves nothing of is read once more, less strictly, and then has to be prose.
    """
    try:
        html = inflated(html)
    except BodyError as error:
        return PageText(reason=f"compressed: {error}")
    if len(html) > MAX_HTML:
        return PageText(reason=f"a page of more than {MAX_HTML:,} bytes")
    if not html.strip():
        return PageText(reason="an empty page")
    source = _decoded(_document(html), content_type)
    found, text = _read(source, url, fast=False)
    reason = wall(text) if text else _wall_of_empty(html)
    if reason and reason.startswith(_TOO_LITTLE):
        found, more = _read(source, url, fast=True)
        if more and wall(more) is None and _is_prose(more):
            text, reason = more, None
    if reason:
        return PageText(reason=reason)
    return PageText(
        text,
        plain_line(found.title or ""),
        _published(html, found.date),
        language(text),
        url=web_link(found.url or "", url),
    )


def _document(html: bytes) -> bytes:
    """The page with the tags around it that HTML lets one leave out, and the extractor wants."""
    if b"<html" in html[:_META_HEAD].lower() or root_of(html).lower() not in _FRAGMENTS:
        return html
    return b"<html><body>" + html + b"</body></html>"


def _read(source: bytes | str, url: str, *, fast: bool) -> tuple[Any, str]:
    """What the extractor found (None where it found no document) and its text; `fast` is the less strict reading."""
    found: Any = trafilatura.bare_extraction(
        source,
        url=url or None,
        fast=fast,
        favor_precision=not fast,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
    )
    return found, plain_text(found.text) if found is not None and found.text else ""


def language(text: str) -> str:
    """ISO 639-1 code of the language of a text."""
    return str(py3langid.classify(text[:5_000])[0])


def wall(text: str) -> str | None:
    """Why a text is not an article, or None."""
    words = count_words(text)
    head = text[:_HEAD]
    hits = [(reason, len(pattern.findall(head))) for reason, pattern in _WALL_PATTERNS]
    reason, count = max(hits, key=lambda hit: hit[1])
    if count and (words < _SHORT or count > 1):
        return reason
    return f"{_TOO_SHORT} ({words} words)" if words < MIN_WORDS else None


def count_words(text: str) -> int:
    """Words of a text; of scripts that put no blanks between words, two characters count as one."""
    return len(_UNSPACED.sub(" ", text).split()) + len(_UNSPACED.findall(text)) // 2


def _is_prose(text: str) -> bool:
    """Whether at least half of a text stands in lines that end like sentences: lists of headlines do not."""
    lines = [line.rstrip("\"'”’»)] ") for line in text.split("\n")]
    return 2 * sum(len(line) for line in lines if line.endswith(_SENTENCE_ENDS)) >= len(text)


def _wall_of_empty(html: bytes) -> str:
    """What an article-less page is: its raw text tells, where it is short."""
    visible = plain_text(html[:100_000].decode("utf-8", "replace"), 5_000)
    reason = wall(visible)
    return reason if reason and not reason.startswith(_TOO_SHORT) else _NO_TEXT


def _decoded(html: bytes, content_type: str | None) -> bytes | str:
    """Text where the server, or else the page, names the charset; else the bytes, and the extractor guesses."""
    told = _CHARSET.search(content_type or "")
    name, faults = (told[1], "replace") if told else (_own_charset(html), "strict")
    try:
        return html.decode(_READ_AS.get(name.lower(), name), faults) if name else html
    except (LookupError, UnicodeError):
        return html


def _own_charset(html: bytes) -> str:
    """The charset that the page names, where it is not UTF-8 whatever it says; or nothing."""
    try:
        getincrementaldecoder("utf-8")().decode(html)
    except UnicodeDecodeError:
        named = _META_CHARSET.search(html[:_META_HEAD])
        return named[1].decode("ascii") if named else ""
    return ""


def _published(html: bytes, day: str | None) -> datetime | None:
    """The page's date; with its time, where the head tells one that falls on that day or beside it."""
    found = parse_date(day) if day else None
    told = _TIME_META.search(html[:_META_HEAD])
    exact = parse_date((told[1] or told[2]).decode("ascii", "replace")) if told else None
    if found is None or exact is None:
        return found or exact
    return exact if abs(exact - found) < timedelta(days=2) else found
