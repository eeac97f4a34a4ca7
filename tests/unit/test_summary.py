"""What the steps' lines and pages say: a run's name is all that most operators ever read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from shift_samples import FOUND, config, evidence, shift

from volteface.deliver import DeliverReport
from volteface.detect import DetectReport
from volteface.notices import NoticeReport
from volteface.poll import FeedOutcome, Polled, PollReport
from volteface.store.notices import NoticeRow
from volteface.summary import SHOWN, alert_page, poll_line, poll_page
from volteface.summary_care import watchdog_line
from volteface.texts import TextReport

NOON = datetime(2025, 3, 11, 12, tzinfo=UTC)
OUTAGE = NoticeRow(1, "poll", False, "no feed was read", NOON, NOON, NOON, False, None, None)
STATE = "sees 1 of 2 feeds, reads, delivers"


def test_name_of_a_poll_tells_of_silent_feeds() -> None:
    """Sources that dry up one by one would be seen only by who asks for them."""
    report = PollReport((FeedOutcome("herald", Polled.FRESH, new=3), FeedOutcome("wire", Polled.FAILED)))

    assert poll_line(report, TextReport(pages=2), silent=4) == "2 feeds due: 3 new; 1 failed; 2 pages read; 4 silent"
    assert poll_line(PollReport(), TextReport()) == "no feed due"


def test_page_of_a_poll_links_its_feeds_and_not_their_words() -> None:
    """An operator would have to look up the address; or a feed's error would make a link of its own."""
    why = "HTTP 404: http://evil.example/ [click](javascript:alert(1))"
    outcomes = (FeedOutcome("herald", Polled.FAILED, detail=why), FeedOutcome("wire", Polled.FRESH, new=1))
    page = poll_page(PollReport(outcomes), TextReport(), config())

    assert (
        "- **[Tehran Herald](https://herald.example/feed)** (herald): HTTP 404: http\\://evil.example/ \\[click" in page
    )
    assert "| [Gulf Wire](https://wire.example/feed) | wire | 1 |  |  |" in page


@pytest.mark.parametrize(("direction", "words"), [("towards", "towards the other"), ("away", "away from the other")])
def test_page_of_a_shift_says_where_it_goes(direction: str, words: str) -> None:
    """`away the other side` can be read either way."""
    found = DetectReport(1, (shift(direction=direction),), 1)

    assert words in alert_page(found, DeliverReport(), config())


def test_page_of_a_shift_is_bounded() -> None:
    """A story that hundreds carry would be a page without end."""
    many = tuple(evidence(quote=f"Quote {number}. " * 500, outlet=f"o{number}") for number in range(300))
    page = alert_page(DetectReport(1, (shift(evidence=many, at=FOUND),), 1), DeliverReport(), config())

    assert page.count("\n- “Quote") == SHOWN
    assert len(page) < 30_000


@pytest.mark.parametrize(
    ("report", "line"),
    [
        (NoticeReport(), STATE),
        (NoticeReport(sent=1), f"{STATE}; 1 notice sent"),
        (NoticeReport(outages=(OUTAGE,)), f"{STATE}; 1 outage: poll"),
        (NoticeReport(outages=(OUTAGE,), fault="revoked"), f"{STATE}; 1 outage: poll; NOT DELIVERED: revoked"),
    ],
)
def test_name_of_a_watchdog_run_begins_with_the_state(report: NoticeReport, line: str) -> None:
    """Whether the system sees, reads and delivers would be a click away in every row of the runs."""
    assert watchdog_line(report, STATE) == line
