"""What the targets are fed: whole documents with faults worked into them, and pieces thrown together."""

from __future__ import annotations

from hypothesis import strategies as st

HOSTILE = (
    "<!channel>", "<@U12345678>", "@here", "*_~`", ":bomb:", "\n", "|", "\u202e", "\u2066", "\x1b[31m", "\0",
    "\u200b", "\ud800", "e\u0301" * 40, "🇮🇷🇺🇸", "]]>", "<https://evil.example|wire>", "می‌خواهم", "&#0;",
    "&#x110000;", "&amp;lt;b", "%00", "http://[", "//", "javascript:alert(1)", "\ufeff", "\uffff", "9" * 400,
    "-" * 400, "{", "}", "\\", '"', "'",
)  # fmt: skip
DATES = (
    "Wed, 10 Jun 2026 10:00:00 CEST", "2026-02-30", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-23:59",
    "1136214245", "2026-02-10T25:61:61Z", "Jan 2, 2006 3:04 PM", "Mon, 00 Zzz 0000 00:00:00 +9999",
    "2006年01月02日", "today", "-1", "0001-01-01T00:00:00+14:00", "99999999999999", "2026-W07-2",
    "20260210T100000Z", "10 Feb 26 10:00 IRST",
)  # fmt: skip
TAGS = (
    "<?xml version='1.0' encoding='utf-16'?>",
    "<!DOCTYPE rss [<!ENTITY a 'b'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>", "<rss version='2.0'>",
    "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "<link href='", "<guid>",
    "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "<content type='xhtml'>", "<updated>",
    "</updated>", "<a:b>", "<rdf:RDF", "<urlset>", "<url><loc>", "</loc></url>", "<sitemapindex>", "<lastmod>",
    "<!--", "-->", "<![CDATA[", "]]>", "&a;", "&c;", "&lt;", "<html><body>", "<p>", "</p>", "<div>",
    "<article>", "<script>", "<style>", "<table><tr><td>", "<meta charset='utf-7'>", "<base href='file:///'>",
    "<opml><body>", "<outline xmlUrl='", "text='", "'/>", ">", "<",
    '{"version": "https://jsonfeed.org/version/1", "items": [', '{"id": 1e999, "url": ', "]}", "null", ",",
    "\\ud800",
)  # fmt: skip
_ITEMS = "".join(
    f"<item><title>Envoys {n} &amp; talks</title><link>/{n}</link><guid>{n}</guid><pubDate>{date}</pubDate>"
    f"<description>&lt;p&gt;A teaser.&lt;/p&gt;</description></item>"
    for n, date in enumerate(DATES[:4])
)
_PROSE = "".join(
    f"<p>Paragraph {n} says that envoys of both countries would meet again next week, without conditions.</p>"
    for n in range(6)
)
DOCUMENTS = (
    f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title><ttl>60</ttl>{_ITEMS}</channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://a.example/'><title>T</title><entry><id>tag:1</id>"
    "<title type='html'>One</title><link href='x'/><updated>2026-02-10T10:00:00Z</updated><content type='xhtml'>"
    "<div xmlns='http://www.w3.org/1999/xhtml'><p>First.</p></div></content></entry></feed>",
    "<urlset xmlns:news='n'><url><loc>https://a.example/1</loc><lastmod>2026-02-10</lastmod><news:news><news:title>One"
    "</news:title></news:news></url></urlset>",
    "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-02-10</lastmod></sitemap></sitemapindex>",
    '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "language": "en", "items": [{"id": "1", '
    '"url": "/1", "title": "One", "content_html": "<p>Text</p>", "date_published": "2026-02-10T10:00:00Z"}]}',
    f"<html><head><title>T</title><meta property='article:published_time' content='2026-02-10T10:00:00Z'></head><body>"
    f"<nav><a href='/'>Home</a></nav><article><h1>Envoys to meet</h1>{_PROSE}</article></body></html>",
    "<opml version='2.0'><body><outline text='F'><outline text='A' xmlUrl='https://a.example/' language='en'/>"
    "</outline></body></opml>",
)
CONFIG = """
version: 1
sides: [{id: iran, name: Iran}, {id: us, name: United States}]
offices: [{id: iran_gov, side: iran, name: Iran, rank: 8, catch_all: true, people: [{person: A, from: 2024-01-01, head: true}]}]
axes:
  - id: negotiation
    name: Talks
    topic: talks
    towards: {name: Yes, hypothesis: h, exemplars: [a, b]}
    away: {name: No, hypothesis: h, exemplars: [a, b]}
    rungs: [{value: -1, name: a}, {value: 0, name: b}, {value: 1, name: c}]
positions: [{holder: iran_gov, axis: negotiation, value: 0.5, since: 2024-01-01, statement: s, evidence: e}]
feeds: [{id: wire, url: "https://a.example/rss", outlet: Wire, country: INT, ownership: independent, language: en}]
poll: {min_interval_s: 300, timeout_s: 30}
slack: {channel: "#x"}
"""  # noqa: E501
YAML = (
    "&a", "*a", "!!python/object:os.system", "!!binary", "- ", ": ", "? ", "{", "}", "[", "]", "|", ">", "# ",
    "\t", "---", "...", "<<: *a", "0x", ".inf", ".nan", "1e999", "2024-13-99", "~", "'", '"', "%YAML 9.9",
    "\x85", "\u2028", "feeds:", "9" * 5_000,
)  # fmt: skip

texts = st.lists(st.sampled_from(HOSTILE + DATES) | st.text(max_size=60), max_size=6).map("".join)
urls = texts | st.builds("https://a.example/{}".format, texts)
_pieces = st.sampled_from(TAGS + HOSTILE + DATES) | st.text(max_size=30)


@st.composite
def faulty(draw: st.DrawFn, documents: tuple[str, ...], pieces: tuple[str, ...]) -> str:
    """A document with some of its parts cut out, doubled many times, or replaced by a piece."""
    text = draw(st.sampled_from(documents))
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 80)))
        piece = draw(st.sampled_from(pieces) | texts)
        times = draw(st.sampled_from((0, 1, 1, 1, 3, 300)))
        text = text[:start] + (text[start:end] if draw(st.booleans()) else piece) * times + text[end:]
    return text


def _encoded(text: str, charset: str) -> bytes:
    return text.encode(charset, "surrogatepass" if "utf" in charset and charset != "utf-7" else "replace")


_charsets = st.sampled_from(
    ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1256", "gb18030")
)
markup = (
    st.builds(_encoded, faulty(DOCUMENTS, TAGS + HOSTILE + DATES), _charsets)
    | st.builds(_encoded, st.lists(_pieces, max_size=40).map("".join), _charsets)
    | st.binary(max_size=300)
)
configs = faulty((CONFIG,), YAML + HOSTILE).map(lambda text: text.encode("utf-8", "replace").decode())
