"""Bytes that claim to be feeds."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volteface.entries import MAX_ENTRIES, web_link
from volteface.feed_types import Entry, ParsedFeed
from volteface.markup import plain_line, plain_text
from volteface.parse import MAX_BODY, parse_feed

URL = "https://news.example/rss/feed.xml"


def rss(*items: str, channel: str = "") -> bytes:
    """An RSS feed with these items' inner XML."""
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{channel}{inner}</channel></rss>'.encode()


def only(parsed: ParsedFeed) -> Entry:
    assert parsed.reason is None, parsed.reason
    (entry,) = parsed.entries
    return entry


def test_an_rss_item() -> None:
    """Nothing would be read from the most common kind of feed."""
    item = (
        "<title>Envoys meet</title><link>/a?x=1&amp;y=2</link><guid isPermaLink='false'>g1</guid>"
        "<pubDate>Wed, 10 Jun 2026 10:00:00 CEST</pubDate><description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;"
        "</description>"
    )

    entry = only(parse_feed(rss(item), URL, "text/xml"))

    assert entry == Entry(
        guid="g1",
        url="https://news.example/a?x=1&y=2",
        title="Envoys meet",
        summary="One.\nTwo.",
        content="",
        published=datetime(2026, 6, 10, 8, tzinfo=UTC),
    )


def test_an_atom_entry_with_content() -> None:
    """Feeds with full text would be read by their teaser alone."""
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example/"><title>T</title><entry>
      <id>tag:1</id><title type="html">Talks &amp;amp; &lt;b&gt;threats&lt;/b&gt;</title><link href="x"/>
      <updated>2026-02-10T10:00:00Z</updated><summary>Teaser</summary>
      <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>First.</p><p>Second.</p></div></content>
      </entry></feed>"""

    entry = only(parse_feed(body, URL))

    assert (entry.guid, entry.url, entry.title) == ("tag:1", "https://atom.example/x", "Talks & threats")
    assert (entry.summary, entry.content) == ("Teaser", "First.\nSecond.")


def test_a_json_feed() -> None:
    """Feeds in JSON would be refused although they are feeds."""
    items = [
        {"id": 7, "url": "/a", "title": "Envoys meet", "content_html": "<p>One.</p>", "date_published": "2026-02-10"}
    ]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [*items, "junk", {}]})

    entry = only(parse_feed(body.encode(), URL))

    assert (entry.guid, entry.url, entry.content) == ("7", "https://news.example/a", "One.")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty body"),
        (b" \r\n\0 ", "empty body"),
        (b"<!DOCTYPE html><html><body>Welcome</body></html>", "an HTML page, not a feed"),
        (b"<html><title>Just a moment...</title></html>", "a bot check page, not a feed"),
        (b"/etc/passwd", "not XML"),
        (b"https://news.example/other.xml", "not XML"),
        (b"Service unavailable", "not XML"),
        (b'{"error": "no"}', "JSON, but not a JSON Feed"),
        (b'{"error": ', "broken JSON, not a feed"),
        (b"[" * 100_000, "broken JSON, not a feed"),
        (b"<opml version='2.0'/>", "XML, but not a feed (its first element is opml)"),
        (b"\x89PNG\r\n\x1a\n...", "a binary file, not a feed"),
        (gzip.compress(b"<note/>", mtime=0), "XML, but not a feed (its first element is note)"),
        (gzip.compress(b"<rss/>", mtime=0)[:-9], "compressed: a compressed body that breaks off"),
        (gzip.compress(b"<" * (MAX_BODY + 1), mtime=0), "compressed: more than 15,000,000 bytes inflated"),
        (b"import feedparser\nfeedparser.parse('<rss version=\"2.0\"><channel><item>')", "not XML"),
        (b'{"version": "2.0", "items": [{"title": "another project\'s result"}]}', "JSON, but not a JSON Feed"),
        (b"<rss version='2.0'><channel><title>T", "a feed that breaks off before its first item"),
        (b"<" * (MAX_BODY + 1), "more than 15,000,000 bytes"),
    ],
)
def test_what_is_no_feed_is_refused_in_words(body: bytes, reason: str) -> None:
    """`feeds check` would say "0 entries", and the user would have to find out why."""
    parsed = parse_feed(body, URL, "application/xml")

    assert (parsed.reason, parsed.entries) == (reason, ())


def test_a_body_that_names_a_file_is_not_opened(tmp_path: Path) -> None:
    """A feed could have us read any file of the machine and treat it as news."""
    secret = tmp_path / "secret.xml"
    secret.write_bytes(rss("<title>secret</title>"))

    assert parse_feed(str(secret).encode(), URL).reason == "not XML"


def test_a_stray_ampersand_does_not_cost_the_feed() -> None:
    """Every twentieth real feed is not well-formed and would be lost."""
    entry = only(parse_feed(rss("<title>Talks & threats</title><guid>1</guid>"), URL))

    assert entry.title == "Talks & threats"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("&lt;script&gt;alert(1)&lt;/script&gt;Envoys meet", "Envoys meet"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Envoys meet", "Envoys meet"),
        ("&lt;img src=x onerror=alert(1)&gt;Envoys &lt;b&gt;meet", "Envoys meet"),
        ("<![CDATA[Envoys <i>meet</i>\n in Muscat]]>", "Envoys meet in Muscat"),
        ("Envoys\u202e meet\u200b&#x85;", "Envoys meet"),
        ("AT&amp;amp;T", "AT&T"),
        ("&lt;!channel&gt; Envoys meet", "Envoys meet"),
        ("3 &lt; 4 and R&amp;D", "3 < 4 and R&D"),
        ("می\u200cخواهد", "می\u200cخواهد"),
        ("&lt;!-- --&gt;", "body"),
    ],
)
def test_titles_are_plain_text(title: str, text: str) -> None:
    """A headline could run script in a report, page a whole channel, or read otherwise than it is."""
    entry = only(parse_feed(rss(f"<title>{title}</title><guid>1</guid><description>body</description>"), URL))

    assert entry.title == text


def test_nul_and_control_characters_are_dropped() -> None:
    """PostgreSQL refuses NUL, and one character would cost the whole poll."""
    entry = only(parse_feed(rss("<title>En\0voys\x07 meet</title><guid>1</guid>"), URL))

    assert entry.title == "Envoys meet"


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_no_text_keeps_markup_or_controls(text: str) -> None:
    """Some combination of characters would get past the cleaning, or crash it."""
    for clean in (plain_text(text), plain_text(f"<p>{text}</p>"), plain_line(text)):
        assert not any(ord(c) < 32 and c != "\n" for c in clean)
        clean.encode()


def test_long_texts_are_cut() -> None:
    """One item of 10 MB would go through every later step."""
    huge = "word " * 2_000_000

    entry = only(parse_feed(rss(f"<title>{huge[:50_000]}</title><guid>1</guid><description>{huge}</description>"), URL))

    assert len(entry.title) <= 500
    assert len(entry.summary) <= 200_000


def test_entries_are_capped_and_distinct() -> None:
    """A feed with its whole archive, or one item a thousand times over, would flood the store."""
    items = [f"<title>t{n}</title><guid>{n}</guid>" for n in range(MAX_ENTRIES + 50)]

    assert len(parse_feed(rss(*items), URL).entries) == MAX_ENTRIES
    assert len(parse_feed(rss(*[items[0]] * 5), URL).entries) == 1


def test_entries_without_guid_or_link_have_an_identity() -> None:
    """Such items would all be one, and only the first ever be seen."""
    items = ["<title>one</title>", "<title>two</title>"]

    first, again = parse_feed(rss(*items), URL), parse_feed(rss(*items), URL)

    assert len({entry.guid for entry in first.entries}) == 2
    assert first.entries == again.entries


def test_an_item_without_text_counts_only_where_it_has_a_page() -> None:
    """Empty articles would be stored and read, or a feed of bare links would never be read."""
    empty, linked = "<guid>1</guid>", "<link>https://news.example/1</link>"

    assert parse_feed(rss(empty.replace("<guid>", "<guid isPermaLink='false'>")), URL).entries == ()
    assert [entry.url for entry in parse_feed(rss(linked), URL).entries] == ["https://news.example/1"]


def test_items_are_counted_as_the_feed_lists_them() -> None:
    """`feeds parse` would show fewer entries than the feed has, and nobody could tell why."""
    parsed = parse_feed(rss("<title>a</title>", "<title>a</title>", "<author>nobody</author>"), URL)

    assert (parsed.items, len(parsed.entries)) == (3, 1)


def test_gzip_is_unpacked() -> None:
    """`sitemap.xml.gz` and feeds served as gzip files would be refused as binary."""
    body = gzip.compress(rss("<title>Envoys meet</title>"), mtime=0)

    assert only(parse_feed(body, URL, "application/gzip")).title == "Envoys meet"


def test_chatter_of_the_server_before_the_feed_is_passed_over() -> None:
    """One warning of a publisher's script would cost the feed."""
    body = b"Warning: Undefined index in /var/www/feed.php on line 3\n" + rss("<title>Envoys meet</title>")

    assert only(parse_feed(body, URL)).title == "Envoys meet"


def test_prefixed_elements_of_broken_xml_are_items() -> None:
    """A feed with a prefix on every element and one fault in its XML would be taken with no entries, for ever."""
    plain = rss("<title>Envoys meet</title><link>https://news.example/1</link>").decode().split("?>", 1)[1]
    body = "<?xml?xml version='1.0'?>" + plain.replace("</", "</n:").replace("<", "<n:").replace("<n:/n:", "</n:")

    assert only(parse_feed(body.encode(), URL)).title == "Envoys meet"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (rss(), "rss2.0"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title></feed>", "atom1.0"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><link href='/'/></feed", "atom1.0"),
        (b"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'/>", "rdf"),
        (b"<CHANNEL><ITEM HREF='/1'><TITLE>t</TITLE></ITEM></CHANNEL>", "cdf"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "json"),
        (b'{"version": "1.0", "items": [{"content_text": "t"}]}', "json"),
        (b'\xef\xbb\xbf{"version": "1", "feed_url": "https://news.example/f", "items": []}', "json"),
    ],
)
def test_every_kind_of_feed_is_named(body: bytes, name: str) -> None:
    """A feed of an old or young kind would be refused, or be backed off until its first item."""
    parsed = parse_feed(body, URL)

    assert (parsed.reason, parsed.format) == (None, name)


@pytest.mark.parametrize(
    ("link", "clean"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("  //b.example/y ", "https://b.example/y"),
        ("java\nscript:alert(1)", ""),
        ("ftp://a.example/", ""),
        ("http://[broken", ""),
        ("", ""),
        ("/a b", "https://news.example/a%20b"),
        ("https://a.example/" + "x" * 3000, ""),
    ],
)
def test_links_are_web_links_or_nothing(link: str, clean: str) -> None:
    """A reader who clicks in Slack would run script, or the page step would open files."""
    assert web_link(link, URL) == clean


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ("<ttl>60</ttl>", 3600),
        ("<ttl>0</ttl>", None),
        ("<ttl>0.1</ttl>", 6),
        ("<ttl>often</ttl>", None),
        ("", None),
        (
            "<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>daily</sy:updatePeriod>"
            "<sy:updateFrequency xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>4</sy:updateFrequency>",
            21_600,
        ),
    ],
)
def test_the_feeds_own_wish_for_an_interval(channel: str, seconds: float | None) -> None:
    """We would poll more often than the publisher asks, or junk would stop polling."""
    assert parse_feed(rss("<title>t</title>", channel=channel), URL).ttl_s == seconds


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<?xml version='1.0' encoding='windows-1256'?>", "text/xml"),
        ("\n \n<?xml version='1.0' encoding='windows-1256'?>", "text/xml"),
        ("<!-- served from a cache -->\n<?xml version='1.0' encoding='windows-1256'?>", "text/xml"),
        ("", "text/xml; charset=windows-1256"),
        ("<?xml version='1.0' encoding='utf-16'?>", "text/xml; charset=utf-8"),
    ],
)
def test_charset_by_declaration_and_by_header(body: str, content_type: str) -> None:
    """Persian and Arabic headlines would arrive as question marks."""
    charset = "utf-8" if "utf-8" in content_type else "windows-1256"
    feed = rss("<title>سلام</title><guid>1</guid>").decode().split("?>", 1)[1]

    assert only(parse_feed((body + feed).encode(charset), URL, content_type)).title == "سلام"


def test_billion_laughs_and_external_entities_are_inert() -> None:
    """A kilobyte of entities would take all memory, or a file of the machine become a headline."""
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    laughs = f"<?xml version='1.0'?><!DOCTYPE rss [{lol}]>" + rss("<title>&l9;</title>").decode().split("?>", 1)[1]
    xxe = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
    xxe += rss("<title>a &x;</title><guid>1</guid>").decode().split("?>", 1)[1]

    titles = [entry.title for body in (laughs, xxe) for entry in parse_feed(body.encode(), URL).entries]

    assert all(len(title) < 600 and "root:" not in title for title in titles)


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_believed_before_the_server(charset: str) -> None:
    """Persian headlines of a server with a wrong setting would be noise."""
    body = rss("<title>سلام</title><guid>1</guid>").decode().split("?>", 1)[1].encode(charset)

    assert only(parse_feed(body, URL, "text/xml; charset=iso-8859-1")).title == "سلام"


@pytest.mark.parametrize(
    ("old", "new"), [(b"content_text", b"content_text"), (b"first", b"fir\tst"), (b"first", b"first \xff")]
)
def test_a_json_feed_with_a_fault_in_a_text_is_read(old: bytes, new: bytes) -> None:
    """One tab or one broken letter of an editor would cost every item."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "title": "Envoys meet", "content_text": "The first day."}],
    }

    assert only(parse_feed(json.dumps(document).encode().replace(old, new), URL)).title == "Envoys meet"


def test_a_feed_in_utf_16_without_items_is_a_feed() -> None:
    """A young feed would be counted as failing, and be backed off, until its first item."""
    body = rss().decode().replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16")

    parsed = parse_feed(body, URL, "text/xml; charset=utf-8")

    assert (parsed.reason, parsed.entries) == (None, ())
