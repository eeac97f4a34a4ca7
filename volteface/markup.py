"""Publishers' strings to plain text: no markup, no control characters, whatever they sent."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree, html  # type: ignore[import-untyped]

MAX_TITLE = 500
MAX_TEXT = 200_000
"""Characters of text that are kept of one article."""

_TAG = re.compile(r"<[a-zA-Z/!?]")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);")
# Controls, bidirectional overrides (they make a headline read otherwise than it is), byte order marks, surrogates and
# noncharacters. The zero-width non-joiner stays: Persian is spelled with it.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\uffff]"
)
_BLOCKS: Final = (
    *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td"),
    *("th", "tr", "ul"),
)
_UNSEEN: Final = ("script", "style", "noscript", "template", "iframe", "object", "svg")
_ROUNDS = 3
"""Feeds escape once, twice or thrice; a tag that shows up after that is harmless text, not markup."""


def plain_text(source: str, limit: int = MAX_TEXT) -> str:
    """Text of an HTML fragment (or of text): blocks become lines, at most `limit` characters."""
    text = without_controls(source[: 4 * limit].replace("\r", "\n"))
    for _ in range(_ROUNDS):
        if not (_TAG.search(text) or _ENTITY.search(text)):
            break
        text = without_controls(_without_tags(text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:limit].strip()


def plain_line(source: str, limit: int = MAX_TITLE) -> str:
    """Like `plain_text`, on one line: for titles."""
    return " ".join(plain_text(source, limit).split())


def without_controls(text: str) -> str:
    """The text without control characters (tabs and line ends stay), bidirectional overrides and half characters."""
    return _UNWANTED.sub("", text)


def local_name(element: etree._Element) -> str:
    """An element's name without namespace or prefix; lxml's own QName refuses the names that broken XML has."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _without_tags(text: str) -> str:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        # Wrapped, because a fragment that is only a comment or blank is no document to lxml.
        tree = html.document_fromstring(f"<div>{text}</div>".encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return re.sub(r"<[^>]*>?", " ", text)
    etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    for element in tree.iter(*_BLOCKS):
        # Cleaned again: lxml reads control characters out of references, but does not let one write them.
        element.text = "\n" + without_controls(element.text or "")
        element.tail = "\n" + without_controls(element.tail or "")
    return str(tree.text_content())
