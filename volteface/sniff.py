"""What bytes are, before anybody parses them: their encoding, junk before the markup, and what they are if no feed."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE

_JUNK = 2_000
"""Bytes of a server's own chatter (warnings of a script) that may stand before the markup."""
_BLANK = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"
_START = re.compile(rb"^[ \t]*(?=<(?:\?xml|rss|feed|rdf:RDF|urlset|sitemapindex)[\s>])", re.MULTILINE)
_MARKS = (
    (BOM_UTF32_LE, "utf-32"), (BOM_UTF32_BE, "utf-32"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"),
    (BOM_UTF8, "utf-8"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)  # fmt: skip
_DECLARED = re.compile(rb"\A(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*')", re.IGNORECASE)
_BEFORE_DECLARATION = re.compile(rb"\A(?:[ \t\r\n]|<!--.*?-->)+(?=<\?xml\s)", re.DOTALL)
_ROOT = re.compile(rb"<(?![?!])([\w.:-]{1,60})")
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_BOT_CHECK = re.compile(
    rb"just a moment\.\.\.|checking (?:your browser|if the site connection)|attention required!|cf-chl|captcha"
    rb"|ddos protection|access denied|verify (?:that )?you are (?:a )?human|enable javascript and cookies",
    re.IGNORECASE,
)


def by_byte_order_mark(body: bytes) -> bytes | None:
    """The body in UTF-8 where its first bytes tell its encoding: they are right more often than servers are.

    They are a byte order mark, or those of UTF-16 and UTF-32 markup without one. What the XML declares is dropped.
    """
    charset = next((charset for mark, charset in _MARKS if body.startswith(mark)), None)
    if charset is None:
        return None
    text = body[len(BOM_UTF8) :] if charset == "utf-8" else body.decode(charset, "replace").encode("utf-8", "replace")
    return _DECLARED.sub(rb"\1", text, count=1)


def without_chatter(body: bytes) -> bytes | None:
    """The body from its markup on; None where it is not markup: a text that quotes a feed is not one.

    What stands before an XML declaration goes, for a declaration that is not at the start declares no encoding.
    """
    before = _BEFORE_DECLARATION.match(body[:_JUNK])
    if before:
        return body[before.end() :]
    if body.lstrip(_BLANK).startswith(b"<"):
        return body
    start = _START.search(body[:_JUNK])
    return body[start.end() :] if start else None


def root_of(body: bytes) -> str:
    """The name of the first element, with its prefix; empty where there is none."""
    head = _COMMENT.sub(b"", body[:200_000].replace(b"\0", b""))  # without the zeros, UTF-16 markup reads like ASCII
    found = _ROOT.search(head)
    return found[1].decode("ascii", "replace") if found else ""


def what_else(body: bytes) -> str:
    """What the bytes are, seeing that they are not a feed, in words for the user."""
    head = body[:200_000].replace(b"\0", b"")
    lowered = head[:2_000].lower()
    html = b"<html" in lowered or b"<!doctype html" in lowered
    if html and _BOT_CHECK.search(head):
        return "a bot check page, not a feed"
    if html:
        return "an HTML page, not a feed"
    if head.startswith((b"\x1f\x8b", b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        return "a binary file, not a feed"
    root = root_of(body)
    if not root or not head.lstrip(_BLANK).startswith(b"<"):
        return "not XML"
    return f"XML, but not a feed (its first element is {root})"
