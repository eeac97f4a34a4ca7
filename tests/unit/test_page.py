"""Pages: the article, or why there is none."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from volteface.page import MAX_HTML, count_words, extract_page, wall

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
    ("charset", "named", "words"),
    [
        ("windows-1252", '<meta charset="iso-8859-1">', "The minister’s “last” word"),
        (
            "windows-1250",
            '<meta content="text/html; charset=windows-1250">',
            "Přišel “včera”",
        ),
        ("windows-1256", "<meta charset=windows-1256 />", "قال المتحدث باسم وزارة الخارجية"),
        ("utf-8", '<meta charset="iso-8859-1">', "The minister’s “last” word"),
        ("utf-8", '<meta charset="undefined">', "The minister’s “last” word"),
    ],
)
def test_the_pages_own_charset_is_believed_where_it_can_be(charset: str, named: str, words: str) -> None:
    """Quotation marks of saved pages would be letters, and Arabic names noise."""
    page = html(f"{words} was heard. {SENTENCE}", *PARAGRAPHS, head=named).decode().encode(charset)

    assert words in extract_page(page, URL).text


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


def test_words_are_counted_in_scripts_without_blanks() -> None:
    """Every Japanese or Chinese page would be refused as too short."""
    japanese = (
        "外務省は月曜日、両国の特使が来週マスカットで再び会談すると発表した。どちらの側もこれまでに条件を示していない。"
    )

    assert count_words("One two three") == 3
    assert extract_page(html(*[f"{japanese}{n}回目の協議となる。" for n in range(6)]), URL).reason is None


def test_lists_of_headlines_are_no_article() -> None:
    """The page of a video, with its related headlines, would be read as what somebody said."""
    headlines = "".join(f"<li><a href='/{n}'>Ministry says round {n} of talks is near</a></li>" for n in range(40))
    page = f"<html><body><h1>Watch</h1><p>A short caption.</p><ul>{headlines}</ul></body></html>"

    assert extract_page(page.encode(), URL).reason is not None


def test_pages_without_the_tags_that_one_may_leave_out() -> None:
    """HTML that is valid and terse would count as empty."""
    fragment = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)

    assert extract_page(f"<title>T</title><main>{fragment}</main>".encode(), URL).text.count("Muscat") == 6


def test_saved_pages_may_be_compressed() -> None:
    """An archive of pages would have to be unpacked first, and a bomb would fill the memory."""
    assert extract_page(gzip.compress(html(*PARAGRAPHS)), URL).reason is None
    assert "inflated" in str(extract_page(gzip.compress(b" " * 20_000_000), URL).reason)


@pytest.mark.parametrize(
    ("head", "when"),
    [
        ('<meta property="article:published_time" content="2026-02-09T10:30:00+03:30">', "2026-02-09T07:00:00+00:00"),
        ('<meta content="2026-02-09T10:30:00Z" property="article:published_time">', "2026-02-09T10:30:00+00:00"),
        ('<script type="application/ld+json">{"@type": "Article", "datePublished": "2026-02-09T10:30:00Z"}</script>',
         "2026-02-09T10:30:00+00:00"),
        ('<meta property="article:published_time" content="2026-02-09">', "2026-02-09T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_a_page_that_tells_the_time_is_believed(head: str, when: str) -> None:
    """A page without a feed's date would count from midnight, and its alert come hours late by the books."""
    published = extract_page(html(*PARAGRAPHS, head=head), URL).published

    assert published
    assert published.isoformat() == when


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
