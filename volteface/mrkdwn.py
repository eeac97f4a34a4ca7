"""Slack's mrkdwn: foreign text made safe for it, and our own messages read back for a terminal or a page.

Foreign text is everything that did not come from this repository: quotes, outlets, people, links, names in config.yaml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from rich.cells import split_graphemes

JOINERS = "\u200c\u200d"
"""Persian needs the zero-width non-joiner, emoji the joiner: the only format characters that stay."""

# mrkdwn has no escape for its own marks, so a foreign one is shown by its twin.
_TWINS = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_MENTION = re.compile(r"@(?=here\b|channel\b|everyone\b|[UW][A-Z0-9]{5,})", re.IGNORECASE)
_EMOJI = re.compile(r":(?=[a-z0-9_ˍ+'-]+:)", re.IGNORECASE)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_LONGEST_GRAPHEME = 16
"""Code points. Longer ones are no writing but an attack on the screen."""

_URL_SAFE = ":/?#[]!$&'()*+,;=%-._~"
_LONGEST_URL = 1000


def clean(text: str) -> str:
    """One line without control characters, bidirectional overrides, or spaces at its ends."""
    kept = (" " if ch.isspace() else ch for ch in text if _is_writing(ch))
    return " ".join("".join(kept).split())


def _is_writing(ch: str) -> bool:
    return ch.isspace() or ch in JOINERS or unicodedata.category(ch) not in {"Cc", "Cf", "Cs", "Cn"}


def escape(text: str) -> str:
    """Slack's three entities; `&` first, or the others would be escaped twice."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The inverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def inert(text: str, limit: int) -> str:
    """Foreign text that Slack shows and nothing more: no mention, link, emoji or style can come of it.

    At most `limit` (>= 1) characters as sent, entities counted in full; cut between graphemes, then with an ellipsis.
    """
    marked = clean(text).translate(_TWINS)
    marked = _EMOJI.sub("꞉", _MENTION.sub("@\u2060", marked))
    return _clip(marked, limit)


def _clip(text: str, limit: int) -> str:
    whole = escape(text)
    if len(whole) <= limit:
        return whole
    taken, room = [], limit - 1
    for grapheme in _graphemes(text[: limit * _LONGEST_GRAPHEME]):
        piece = escape(grapheme)
        room -= len(piece)
        if room < 0:
            break
        taken.append(piece)
    return "".join(taken).rstrip() + "…"


def _graphemes(text: str) -> Iterator[str]:
    half_flag = ""
    for start, end, _ in split_graphemes(text)[0]:
        grapheme = half_flag + text[start:end][:_LONGEST_GRAPHEME]
        # rich counts the two letters of a flag one by one.
        half_flag = grapheme if len(grapheme) == 1 and ord(grapheme) in _FLAG_LETTERS else ""
        if not half_flag:
            yield grapheme
    if half_flag:
        yield half_flag


def web_url(url: str) -> str | None:
    """A link target with nothing left that could end it early, or None where it is no plain http(s) address.

    An address with a user name before the host is refused: it is made to look like another.
    """
    try:
        parts = urlsplit(url)
        plain = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    target = escape(quote(url, safe=_URL_SAFE, errors="replace"))
    return target if plain and len(target) <= _LONGEST_URL else None


def link(url: str, label: str) -> str:
    """`<url|label>`, or the label alone where there is no safe address; `label` is already inert and not empty."""
    target = web_url(url)
    return f"<{target}|{label.replace('|', '¦')}>" if target else label


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style, without entities."""

    text: str
    bold: bool = False
    italic: bool = False
    url: str = ""


_STYLED = re.compile(
    r"<(?P<url>https?://[^|>]+)\|(?P<label>[^>]+)>|\*(?P<bold>[^*\n]+)\*|_(?P<italic>[^_\n]+)_", re.IGNORECASE
)


def spans(mrkdwn: str) -> list[Span]:
    """The runs of one of our own messages, in order: links, bold, italic and plain text."""
    runs, at = [], 0
    for match in _STYLED.finditer(mrkdwn):
        runs += [Span(unescape(mrkdwn[at : match.start()])), _styled(match)]
        at = match.end()
    return [run for run in [*runs, Span(unescape(mrkdwn[at:]))] if run.text]


def _styled(match: re.Match[str]) -> Span:
    if match["url"]:
        return Span(unescape(match["label"]), url=unescape(match["url"]))
    return Span(unescape(match["bold"] or match["italic"]), bold=bool(match["bold"]), italic=bool(match["italic"]))
