"""Foreign text made harmless, one case at a time."""

from __future__ import annotations

import pytest

from volteface.mrkdwn import inert, link


@pytest.mark.parametrize(
    ("url", "expected"),
    {
        "https://a.example/x?a=1&b=2": "<https://a.example/x?a=1&amp;b=2|Herald>",
        "https://a.example/a|b>c<d e": "<https://a.example/a%7Cb%3Ec%3Cd%20e|Herald>",
        "https://a.example/@here": "<https://a.example/%40here|Herald>",
        "https://a.example/خبر": "<https://a.example/%D8%AE%D8%A8%D8%B1|Herald>",
        "HTTPS://a.example/": "<HTTPS://a.example/|Herald>",
        "javascript:alert(1)": "Herald",
        "ftp://a.example/": "Herald",
        "https://reuters.com@evil.example/": "Herald",
        "https://[bad": "Herald",
        "https:///nohost": "Herald",
        "": "Herald",
        "https://a.example/" + "x" * 2000: "Herald",
    }.items(),
)
def test_links_go_to_plain_web_addresses_only(url: str, expected: str) -> None:
    """A link in an alert would run code, hide its target, or swallow the rest of the message."""
    assert link(url, "Herald") == expected


@pytest.mark.parametrize(
    ("foreign", "safe"),
    {
        "Q&A: 1 < 2 > 0": "Q&amp;A: 1 &lt; 2 &gt; 0",
        "&lt;!channel&gt;": "&amp;lt;!channel&amp;gt;",
        "<!channel> @here": "&lt;!channel&gt; @\u2060here",
        "*bold* _it_ `x` ~no~": "∗bold∗ ˍitˍ ˋxˋ ∼no∼",
        "at 12:30:45 :bomb:": "at 12꞉30:45 ꞉bomb:",
        "a\u202eb\x1b[31mc\nd\u2028e": "ab[31mc d e",
        "می‌خواهم": "می‌خواهم",
    }.items(),
)
def test_foreign_text_is_shown_and_does_nothing(foreign: str, safe: str) -> None:
    """A headline could page everybody, fake a link or change the look of the alert."""
    assert inert(foreign, 500) == safe


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("talks resume", 12, "talks resume"),
        ("talks resume", 11, "talks resu…"),
        ("talks resume", 7, "talks…"),
        ("&&&&", 19, "&amp;&amp;&amp;…"),
        ("ne\u0301e\u0301", 4, "ne\u0301…"),
        ("ab👩‍👩‍👧‍👦cd", 6, "ab…"),
        ("a🇮🇷🇺🇸b", 4, "a🇮🇷…"),
        ("a🇮🇷🇺🇸b", 5, "a🇮🇷…"),
        ("x" + "\u0300" * 100, 20, "x" + "\u0300" * 15 + "…"),
    ],
)
def test_cut_falls_between_characters_a_reader_sees(text: str, limit: int, cut: str) -> None:
    """A cut name would end in a broken accent, half a flag or half an entity."""
    assert inert(text, limit) == cut
    assert len(cut) <= limit
