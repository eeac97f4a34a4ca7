"""Inputs on which something broke once: target, input, and what it did. `tests/unit/test_fuzz.py` tries them all."""

from __future__ import annotations

_ITEM = (
    "<rss version='2.0'><channel><title>T</title><item><title>Envoys meet</title><link>{}</link></item></channel></rss"
)

FINDINGS: tuple[tuple[str, object, str], ...] = (
    ("parse", _ITEM.format("&#x110000;/1").encode(), "feedparser gave up on a reference beyond Unicode"),
    ("parse", _ITEM.format("&#xd800;/1").encode(), "and on one to half a character"),
    ("parse", _ITEM.format(f"&#{'9' * 5_000};").encode(), "and on one longer than Python lets a number be"),
    ("parse", b"<urlset><url><http:>x</http:></url></urlset>", "lxml's QName refused the name of an element"),
    ("opml", b"<opml><body><:/><outline/></body></opml>", "the same in OPML"),
    ("opml", b"<:", "the same as the first element"),
    ("markup", "<p>a&#1;b<p>&#11;", "lxml read a control character and did not let it be written back"),
    ("link", "0\xa00", "a blank that is not ASCII stayed in a link"),
    (
        "opml",
        b"<opml><outline xmlUrl='https://\xc2\x80a.example/'/></opml>",
        "a control character in a link broke the row",
    ),
    ("page", b"<p>" * 3_000 + b"x", "deep nesting"),
    ("config", "? version: 1\nsides: []\n", "YAML takes a mapping for a key and cannot make a dict of it"),
    ("config", "version: 2026-13-40\n", "a day that does not exist ended in a traceback"),
    ("config", f"version: {'9' * 5_000}\n", "and a number longer than Python lets one be"),
    ("config", "version: &a [*a]\n", "and an alias within itself"),
)
