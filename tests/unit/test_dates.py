"""Dates that feeds claim, and what headlines and URLs say about them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volteface.dates import clean_published, is_opinion, is_stale, looks_back, parse_date

SEEN = datetime(2026, 2, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("claimed", "utc"),
    [
        ("Tue, 10 Feb 2026 10:00:00 GMT", "2026-02-10T10:00"),
        ("Tue, 10 Feb 2026 10:00:00 +0330", "2026-02-10T06:30"),
        ("Tue, 10 Feb 2026 10:00:00 EST", "2026-02-10T15:00"),
        ("Wed, 10 Jun 2026 10:00:00 CEST", "2026-06-10T08:00"),
        ("Tue, 10 Feb 2026 10:00:00 IST", "2026-02-10T04:30"),
        ("Tue, 10 Feb 2026 10:00:00 IRST", "2026-02-10T06:30"),
        ("10 Feb 26 10:00 GMT", "2026-02-10T10:00"),
        ("Tue, 10 Feb 2026 10:00:00", "2026-02-10T10:00"),
        ("2026-02-10T10:00:00Z", "2026-02-10T10:00"),
        ("2026-02-10T10:00:00.123+02:00", "2026-02-10T08:00"),
        ("2026-02-10 10:00:00", "2026-02-10T10:00"),
        ("2026-02-10 10:00:00 UTC", "2026-02-10T10:00"),
        ("2026-02-10", "2026-02-10T00:00"),
        ("1770717600", "2026-02-10T10:00"),
        ("1770717600000", "2026-02-10T10:00"),
        ("Feb 10, 2026 3:04 PM", "2026-02-10T15:04"),
        ("February 10, 2026", "2026-02-10T00:00"),
    ],
)
def test_reads_the_forms_that_publishers_use(claimed: str, utc: str) -> None:
    """An article would be dated hours off, and shifts would be put in the wrong order."""
    when = parse_date(claimed)

    assert when is not None
    assert when.replace(second=0, microsecond=0) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "claimed",
    ["", "0", "today", "yesterday 3 PM", "0000-00-00T00:00:00", "1970-01-01T00:00:00Z", "2024-02-30", "Thu, 01 Jan 1970"
     " 00:00:00 GMT", "31 Feb 2026 10:00:00 GMT", "Tue, 10 Feb 0026 99:99:99", "12:00", "9999999999999999999"],
)  # fmt: skip
def test_a_date_that_names_no_moment_is_no_date(claimed: str) -> None:
    """Epoch zero or a guess would make fresh news look decades old, and it would be skipped."""
    assert parse_date(claimed) is None


def test_takes_the_other_parsers_reading_for_unknown_forms() -> None:
    """Feeds with dates in rare forms would all be dated by our clock."""
    assert parse_date("10. Februar 2026", time.struct_time((2026, 2, 10, 0, 0, 0, 1, 41, 0))) == datetime(
        2026, 2, 10, tzinfo=UTC
    )


def test_survives_the_other_parsers_year_minus_one() -> None:
    """One bad date would throw away the whole feed."""
    assert parse_date("0000-00-00", time.struct_time((-1, 11, 30, 0, 0, 0, 0, 334, 0))) is None


@given(st.text(max_size=60))
def test_any_text_gives_a_sane_date_or_none(text: str) -> None:
    """A hostile date string would crash the parser process."""
    when = parse_date(text)

    assert when is None or when.tzinfo is UTC


@pytest.mark.parametrize(
    ("claimed", "published"),
    [
        (None, SEEN),
        (datetime(1970, 1, 1, tzinfo=UTC), SEEN),
        (datetime(3000, 1, 1, tzinfo=UTC), SEEN),
        (SEEN + timedelta(minutes=1), SEEN),
        (SEEN - timedelta(hours=3), SEEN - timedelta(hours=3)),
        (datetime(2026, 2, 10, 9), datetime(2026, 2, 10, 9, tzinfo=UTC)),  # noqa: DTZ001 - feeds send such
    ],
)
def test_published_is_never_missing_nor_later_than_seen(claimed: datetime | None, published: datetime) -> None:
    """News from the year 3000 would stay newest for ever and hide what comes after it."""
    assert clean_published(claimed, seen=SEEN) == published


def test_stale_is_older_than_the_limit() -> None:
    """A feed that puts its archive back on line would raise alerts on last year's positions."""
    assert is_stale(SEEN - timedelta(hours=73), seen=SEEN, max_age=timedelta(hours=72))
    assert not is_stale(SEEN - timedelta(hours=72), seen=SEEN, max_age=timedelta(hours=72))


@pytest.mark.parametrize(
    "title",
    ["On this day: the embassy is stormed", "Ten years ago the deal was signed", "40 years on, the wound is open",
     "Nuclear deal anniversary passes quietly", "Timeline: US sanctions on Iran", "A brief history of enrichment",
     "The talks in Muscat: a look back", "A timeline of strikes in the Gulf"],
)  # fmt: skip
def test_headlines_that_look_back(title: str) -> None:
    """An anniversary piece would be taken for today's change of position."""
    assert looks_back(title)


@pytest.mark.parametrize(
    "title",
    ["Iran agrees to talks for the first time in years", "Trump says deal is weeks away", "Tehran makes history",
     "US gives Iran ten days to answer", "Khamenei rules out talks as sanctions bite"],
)  # fmt: skip
def test_news_headlines_do_not_look_back(title: str) -> None:
    """News would be put aside as history, and the alert would never come."""
    assert not looks_back(title)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://a.example/opinion/2026/talks", "Talk to them"),
        ("https://a.example/world/commentisfree/x", "Talk to them"),
        ("https://a.example/news/1", "Opinion: talk to them"),
        ("https://a.example/news/1", "Analysis | What Tehran wants"),
        ("https://a.example/news/1", "What Tehran wants | Editorial"),
        ("https://a.example/news/1", "Op-Ed – Talk to them"),
    ],
)
def test_opinion_by_section_or_label(url: str, title: str) -> None:
    """A columnist's wish would count as the government's position."""
    assert is_opinion(url, title)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://a.example/news/analysis-of-uranium-begins", "Analysis of uranium samples begins"),
        ("https://a.example/news/1", "Iran declines to comment: ministry"),
        ("https://opinion.example/news/1", "Iran: no comment"),
        ("http://[broken", "Iran accepts talks"),
    ],
)
def test_reports_are_not_opinion(url: str, title: str) -> None:
    """A report would be skipped because a word of its headline is also the name of a section."""
    assert not is_opinion(url, title)
