"""OPML out and in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from feed_desk import feed

from volteface.config import Feed
from volteface.config_file import load_config
from volteface.opml import OpmlError, config_rows, read_opml, write_opml

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)


def opml(body: str) -> bytes:
    return f"<?xml version='1.0'?><opml version='2.0'><head/><body>{body}</body></opml>".encode()


def rows(body: bytes, known: list[Feed] | None = None) -> list[str]:
    return [row.line for row in config_rows(read_opml(body), known or [])]


def test_the_shipped_feeds_survive_the_way_out_and_back() -> None:
    """Somebody who moves feeds between two installations would lose owners, countries or whole feeds."""
    shipped = load_config(Path(__file__).parents[2] / "config.yaml").feeds

    written = write_opml(shipped, title="Feeds", now=NOW)
    back = [Feed.model_validate(yaml.safe_load(line)[0]) for line in rows(written)]

    assert {f.id: f for f in back} == {f.id: f.model_copy(update={"enabled": True}) for f in shipped}


def test_odd_names_survive_too() -> None:
    """A quote, a colon or a Persian name in an outlet's name would break the configuration."""
    odd = [
        feed("https://a.example/?a=1&b={2}", "odd_one", outlet="The: 'Odd' \"One\" # <&> {x}", family="yes"),
        feed("https://b.example/rss", "odd_two", outlet="خبرگزاری", family="null", page="never", covers=("us",)),
        feed("https://c.example/rss", "odd_three", outlet="[Wire] {One}", min_interval_s=120.5, max_interval_s=86_400),
    ]

    back = [Feed.model_validate(yaml.safe_load(line)[0]) for line in rows(write_opml(odd, title="T", now=NOW))]

    assert back == odd


def test_feeds_of_another_reader_become_rows_with_gaps() -> None:
    """A list of subscriptions would have to be typed in again, or be taken with an invented owner."""
    body = opml(
        "<outline text='World'><outline text='Middle East'>"
        "<outline title='News &amp; Views' xmlUrl='https://n.example/rss' language='en-GB'/></outline></outline>"
        "<outline xmlurl='feed://b.example/atom.xml'/>"
    )

    named, bare = config_rows(read_opml(body), [])

    assert yaml.safe_load(named.line) == [
        {"id": "news_views", "url": "https://n.example/rss", "outlet": "News & Views", "country": None,
         "ownership": None, "language": "en"}
    ]  # fmt: skip
    assert named.unfilled == ("country", "ownership")
    assert bare.line.startswith('- {id: b_example_atom_xml, url: "http://b.example/atom.xml", outlet: "b.example"')
    assert read_opml(body)[0].folders == ("World", "Middle East")


def test_known_and_repeated_feeds_are_left_out() -> None:
    """A second import would double every feed."""
    known = [feed("https://www.n.example/rss/", "news")]
    body = opml(
        "<outline text='a' xmlUrl='http://n.example/rss'/><outline text='news' xmlUrl='https://m.example/'/>"
        "<outline text='again' xmlUrl='https://m.example'/>"
    )

    (line,) = rows(body, known)

    assert yaml.safe_load(line)[0]["id"] == "news_2"


def test_outlines_without_an_address_are_told() -> None:
    """A feed that was lost on the way would not be missed."""
    body = opml("<outline text='Empty'/><outline text='F'><outline text='Bad' xmlUrl='javascript:alert(1)'/></outline>")

    assert [(s.title, s.url, s.folders) for s in read_opml(body)] == [("Empty", "", ()), ("Bad", "", ("F",))]
    assert rows(body) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not an OPML file"),
        (b"\x89PNG", "not an OPML file"),
        (b"<rss version='2.0'/>", "its first element is not opml"),
        (opml("").replace(b"<opml", b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml", 1), "declares entities"),
        (
            opml("").decode().replace("<opml", "<!DOCTYPE o [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml", 1)
            .replace("?>", " encoding='utf-16'?>", 1).encode("utf-16"),
            "declares entities",
        ),
        (b"<opml>" + b" " * 5_000_000, "more than 5,000,000 bytes"),
    ],
    ids=["empty", "binary", "rss", "entities", "entities in utf-16", "huge"],
)  # fmt: skip
def test_what_is_no_opml_is_refused(body: bytes, message: str) -> None:
    """A file from a stranger could take all memory, or the user read a traceback."""
    with pytest.raises(OpmlError, match=message):
        read_opml(body)


def test_deep_nesting_and_broken_xml_are_read_as_far_as_they_go() -> None:
    """A file cut short, or built to exhaust the stack, would end the command with a traceback."""
    deep = opml("<outline text='f'>" * 5_000 + "<outline xmlUrl='https://n.example/'/>")
    cut = opml("<outline text='a' xmlUrl='https://a.example/'/><outline text='b' xmlUrl='https://b.ex")

    assert len(read_opml(deep)) <= 1
    assert [s.url for s in read_opml(cut[: cut.index(b"</body>")])][:1] == ["https://a.example/"]
