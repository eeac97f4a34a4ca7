"""Pages: the article, or why there is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from volteface.page import MAX_HTML, extract_page, wall

URL = "https://news.example/world/1"
SENTENCE = "The foreign ministry said on Monday that envoys of both countries would meet again in Muscat next week. "
PARAGRAPHS = [f"{SENTENCE}Paragraph number {n} adds that neither side has set conditions so far." for n in range(6)]


def html(*paragraphs: str, head: str = "") -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<html><head><title>Envoys to meet</title>{head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>Envoys to meet</h1>{body}</article><footer>All rights reserved</footer></body></html>"
    ).encode()


def test_the_article_without_its_furniture() -> None:
    """Menus and footers would be read as somebody's words."""
    page = extract_page(
        html(*PARAGRAPHS, head='<meta property="article:published_time" content="2026-02-09T10:00:00Z">'), URL
    )

    assert page.reason is None
    assert page.text.count("Muscat") == 6
    assert "rights reserved" not in page.text
    assert (page.lang, page.title) == ("en", "Envoys to meet")
    assert page.published is not None
    assert page.published.date() == datetime(2026, 2, 9, tzinfo=UTC).date()


def test_the_language_is_that_of_the_text() -> None:
    """A Persian page would be read by English rules."""
    persian = (
        "وزارت امور خارجه روز دوشنبه اعلام کرد که فرستادگان دو کشور هفته آینده دوباره در مسقط دیدار خواهند کرد. " * 3
    )

    assert extract_page(html(*[f"{persian} {n}" for n in range(4)]), URL).lang == "fa"


def test_the_servers_charset_is_believed() -> None:
    """Names would arrive garbled from servers that declare the charset only in the header."""
    text = [f"{paragraph} Señor Núñez agreed." for paragraph in PARAGRAPHS]
    page = extract_page(html(*text).decode().encode("latin-1"), URL, "text/html; charset=ISO-8859-1")

    assert "Señor Núñez" in page.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Checking your browser before you reach the news. " * 4, "a bot check page"),
        ("Please enable JavaScript to use this site. We need your browser to run it. " * 5, "a JavaScript wall"),
        ("We and our 842 partners store cookies on your device. Accept all cookies to read on. " * 5, "a cookie wall"),
        (SENTENCE * 2 + "Subscribe now to continue reading. Already a subscriber? Log in.", "a paywall stub"),
        ("Sorry, the page you requested was not there. Error 404. " * 3, "an error page"),
        (SENTENCE, "too short for an article (18 words)"),
    ],
)
def test_walls_are_named(text: str, reason: str) -> None:
    """A cookie notice would be stored as the article, for every article of that outlet."""
    assert wall(text) == reason
    assert extract_page(html(text), URL).reason is not None


def test_an_article_may_speak_of_cookies() -> None:
    """News about data protection would be refused."""
    assert wall("The regulator said that the site's cookie policy breaks the law. " + SENTENCE * 10) is None


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"", "an empty page"),
        (b"  \n", "an empty page"),
        (b"x" * (MAX_HTML + 1), "a page of more than 3,000,000 bytes"),
        (b"<html><body><noscript>Please enable JavaScript.</noscript><div id='app'></div></body></html>", None),
        (b"\x00\xff\xfe garbage \x80", None),
        (b"<html><body>" + b"<div>" * 5000, None),
        (b"%PDF-1.7 ...", None),
    ],
)
def test_pages_without_an_article_have_a_reason(page: bytes, reason: str | None) -> None:
    """The report could not say why an outlet's articles stay short."""
    found = extract_page(page, URL, "text/html; charset=no-such-charset")

    assert found.text == ""
    assert found.reason
    assert reason in (None, found.reason)
