"""What is fuzzed, and what must hold whatever comes in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.fuzz import inputs
from volteface.config import Config
from volteface.config_file import parse_config
from volteface.dates import EARLIEST, clean_published, is_opinion, looks_back, parse_date
from volteface.entries import MAX_ENTRIES, MAX_URL, web_link
from volteface.errors import ConfigError
from volteface.markup import MAX_TEXT, MAX_TITLE, plain_line, plain_text
from volteface.mrkdwn import inert, link
from volteface.opml import OpmlError, config_rows, read_opml
from volteface.page import extract_page
from volteface.parse import parse_feed

URL = "https://a.example/feed.xml"
SEEN = datetime(2026, 2, 10, tzinfo=UTC)
CPU_S = 5.0
"""A small input that takes longer is a finding: the worker's limit is 20 s for one of 15 MB."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads foreign input."""

    name: str
    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], None]
    """Raises AssertionError where a promise is broken; whatever else is raised is a finding, too."""


def _is_text(text: str) -> bool:
    text.encode()
    return not any((ord(char) < 32 and char != "\n") or ord(char) == 127 for char in text)


def check_parse(body: bytes) -> None:
    """A feed is taken or refused with a reason; what is taken is clean, bounded and of its own identity."""
    feed = parse_feed(body, URL)

    assert bool(feed.format) != bool(feed.reason)
    assert len(feed.entries) <= min(MAX_ENTRIES, feed.items)
    assert len({entry.guid for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert all(map(_is_text, (entry.guid, entry.url, entry.title, entry.summary, entry.content)))
        assert 0 < len(entry.guid) <= MAX_URL
        assert not entry.url or entry.url.startswith(("http://", "https://"))
        assert entry.published is None or entry.published >= EARLIEST
        assert len(entry.title) <= MAX_TITLE
    assert all(url.startswith("http") for url in feed.follow)


def check_page(body: bytes) -> None:
    """A page has a text or a reason, never both, and the text is clean."""
    page = extract_page(body, URL)

    assert bool(page.text) != bool(page.reason)
    assert _is_text(page.text)
    assert _is_text(page.title)
    assert len(page.text) <= MAX_TEXT
    assert page.published is None or page.published >= EARLIEST


def check_markup(text: str) -> None:
    """What comes out is text within its limits, and what stands before a fault is not lost to it."""
    clean, line = plain_text(text), plain_line(text)

    assert _is_text(clean)
    assert _is_text(line)
    assert "\n" not in line
    assert len(clean) <= MAX_TEXT
    assert len(line) <= MAX_TITLE
    assert plain_text(f"<p>envoys</p>{text}").startswith("envoys")


def check_dates(text: str) -> None:
    """A date is a plausible moment in UTC or none, and what is stored of it is never in the future."""
    when = parse_date(text)

    assert when is None or (when >= EARLIEST and when.utcoffset() == timedelta(0))
    assert EARLIEST <= clean_published(when, seen=SEEN) <= SEEN
    assert isinstance(looks_back(text), bool)
    assert isinstance(is_opinion(text, text), bool)


def check_link(url: str) -> None:
    """A link is an absolute web address without blanks or controls, or none."""
    found = web_link(url, URL)

    assert not found or re.fullmatch(r"https?://[^\s\x00-\x1f]+", found)


def check_config(text: str) -> None:
    """A configuration is taken or explained."""
    with suppress(ConfigError):
        assert isinstance(parse_config(text), Config)


def check_opml(body: bytes) -> None:
    """Subscriptions are read or refused, and every row is YAML of one feed with an id and an address."""
    try:
        rows = list(config_rows(read_opml(body), ()))
    except OpmlError:
        return
    ids = [yaml.safe_load(row.line)[0]["id"] for row in rows]
    assert len(set(ids)) == len(ids)


def check_slack(pair: tuple[str, str]) -> None:
    """Foreign text in a message mentions nobody, styles nothing and stays within its limit."""
    text, url = pair
    shown = inert(text, 150)

    assert len(shown) <= 150
    assert _is_text(shown)
    assert not re.search(r"@(?:here|channel|everyone)\b|<[!@#]|[<>*_~`]", shown, re.IGNORECASE)
    assert link(url, "x").count("<") <= 1


def timed(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """The check, with a limit on what it may compute (processor time, so that a busy machine is no finding)."""

    def checked(value: Any) -> None:
        started = time.process_time()
        check(value)
        took = time.process_time() - started
        assert took < CPU_S, f"{took:.1f} s of processor time"

    return checked


TARGETS = (
    Target("parse", inputs.markup, timed(check_parse)),
    Target("page", inputs.markup, timed(check_page)),
    Target("markup", inputs.texts | inputs.faulty(inputs.DOCUMENTS, inputs.TAGS + inputs.HOSTILE), timed(check_markup)),
    Target("dates", inputs.texts | st.sampled_from(inputs.DATES), timed(check_dates)),
    Target("link", inputs.urls, timed(check_link)),
    Target("config", inputs.configs, timed(check_config)),
    Target("opml", inputs.markup, timed(check_opml)),
    Target("slack", st.tuples(inputs.texts, inputs.urls), timed(check_slack)),
)
