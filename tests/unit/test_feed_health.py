"""What polls tell of a feed's health, and how much of each side is in sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from feed_desk import START, Desk, config, feed, item, rss, stories
from local_web import LocalWeb
from store_samples import arrival, state, stored

from volteface.blindness import Coverage, blind_spots, coverage
from volteface.config_file import load_config
from volteface.feed_health import FASTEST, FeedNotice, expected_gap, notices, with_items
from volteface.feed_types import FeedState
from volteface.poll import Polled
from volteface.skip_times import next_open, skip_times
from volteface.status import HEALTHY, SILENT, health
from volteface.store import Store

Desks = Callable[..., Desk]
FRESH = FeedState("wire", "https://wire.example/feed", START)
KNOWN = replace(FRESH, items=10, checked=START, succeeded=START)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("ages_h", "gap_h"),
    [
        ([0, 1, 2, 3, 4], 1),
        ([0, 1, 2, 3, 4, 9_000], 1),  # one old item at the end of the list
        ([0, 1, 2, 60, 61, 62], 1),  # a weekend
        ([0, 0, 0, 24, 24, 24], 4.8),  # dates without a time of day
        ([0, 1], None),
        ([5, 5, 5], None),
        ([], None),
    ],
)
def test_the_usual_gap_is_not_moved_by_one_item(ages_h: list[float], gap_h: float | None) -> None:
    """A pinned item from last year would make a wire look like a monthly, and its silence look normal."""
    gap = expected_gap(START - age * HOUR for age in ages_h)

    assert gap == (None if gap_h is None else pytest.approx(gap_h * 3600))


def test_repeats_prove_that_nothing_was_missed(site: LocalWeb, desk: Desks) -> None:
    """Nobody could say whether the feed was asked often enough."""
    at = desk(feed(site.route("/feed", body=stories(range(5, 15)))))
    at.poll()
    first = at.state()
    site.route("/feed", body=stories(range(3, 13)))
    report = at.poll_when_due()

    assert (first.repeats, first.items, first.gap_s) == (None, 10, 3600)
    assert (at.state().repeats, at.state().slid, at.state().pace) == (0.8, None, 1.0)
    assert report.outcomes[0].detail == ""


def test_items_that_slid_off_are_told_and_the_feed_is_asked_more_often(site: LocalWeb, desk: Desks) -> None:
    """Items that came and went between two polls would be lost, today and every day, without a trace."""
    at = desk(feed(site.route("/feed", body=stories(range(40, 50)))))
    at.poll()
    usual = at.state().interval_s
    site.route("/feed", body=stories(range(20, 30)))
    (outcome,) = at.poll_when_due().outcomes
    slid = at.now
    site.route("/feed", body=stories(range(19, 29)))
    at.poll_when_due()

    assert outcome.status is Polled.FRESH
    assert outcome.detail == "no item of the last poll left: some may have been missed, asked more often from now on"
    assert at.state().slid == slid
    assert at.state().interval_s < usual
    assert at.state().repeats == pytest.approx(0.27)


def test_the_pace_quickens_to_a_bound_and_comes_back() -> None:
    """One rebuilt site would have us ask every minute for ever, or one lucky poll make us slow again."""
    state = KNOWN
    for _ in range(10):
        state = with_items(state, [], 10, 0, START)
    fastest = state.pace
    for _ in range(3):
        state = with_items(state, [], 10, 5, START)
    steady = state.pace
    for _ in range(20):
        state = with_items(state, [], 10, 9, START)

    assert (fastest, steady, state.pace) == (FASTEST, FASTEST, 1.0)
    assert with_items(KNOWN, [], 10, 2, START).pace == 0.75


@pytest.mark.parametrize(
    ("state", "items", "known"),
    [(FRESH, 10, 0), (replace(KNOWN, items=0), 10, 0), (KNOWN, 0, 0)],
    ids=["first", "after-an-empty-one", "empty"],
)
def test_nothing_slides_off_where_there_was_nothing(state: FeedState, items: int, known: int) -> None:
    """Every new feed would begin with a false alarm."""
    after = with_items(state, [], items, known, START)

    assert (after.slid, after.pace, after.items) == (None, 1.0, items)


def test_an_outage_is_not_the_intervals_fault() -> None:
    """A server that was down for a week would be asked all the more often when it is back."""
    after = with_items(replace(KNOWN, failures=9), [], 10, 0, START)

    assert (after.slid, after.pace) == (START, 1.0)


def test_edits_and_dropped_duplicates_count_as_known(store: Store) -> None:
    """A feed that edits its headlines would look like one that loses items."""
    stored(store, arrival(1), arrival(2))
    store.feeds.save_poll(state(), [])

    assert store.feeds.known("gazette", [arrival(1, title="Changed"), arrival(2, guid="new"), arrival(3)]) == 2
    assert store.feeds.known("gazette", []) == 0


FAILING = replace(KNOWN, failures=7, failing_since=START, error="HTTP 503: https://wire.example/feed")


def test_a_long_failure_is_one_notice_with_its_reason() -> None:
    """A source would be lost for good and nobody know, or the channel be told at every poll."""
    found = [notices([FAILING], START + timedelta(hours=h)) for h in (1, 71, 72, 96, 500)]

    assert [len(notice) for notice in found] == [0, 0, 1, 1, 1]
    assert {(n.key, n.since) for notice in found for n in notice} == {("feed-wire", START)}
    assert found[3] == (
        FeedNotice(
            "feed-wire",
            f"Feed wire has failed for 4 days ({FAILING.error}). It is still tried, ever more seldom.",
            START,
        ),
    )


def test_a_feed_that_is_gone_is_told_at_once_with_the_remedy() -> None:
    """The publisher took the feed away, and the desk waits three days to hear of it."""
    (notice,) = notices([replace(FAILING, gone=True, failures=1), KNOWN], START)

    assert notice.key == "feed-wire"
    assert "removed for good (410)" in notice.words
    assert "config.yaml" in notice.words


def test_coverage_is_a_number_for_each_side() -> None:
    """An alert could not say how much of a side was in sight when it was raised."""
    both = config(
        *(feed("https://x.example/", f"feed_{n}", covers=["iran"]) for n in range(4)),
        feed("https://x.example/", "us_feed", covers=["us"]),
        feed("https://x.example/", "off", covers=["us"], enabled=False),
    )
    seen = replace(KNOWN, newest=START)
    states = [
        replace(seen, feed="feed_0"),
        replace(seen, feed="feed_1", failures=3),
        replace(seen, feed="feed_2", newest=START - 30 * HOUR),
        replace(seen, feed="us_feed"),
    ]

    found = coverage(both, states, START)

    assert {side: (row.seen, row.of, row.share) for side, row in found.items()} == {
        "iran": (1, 4, 0.25),
        "us": (1, 1, 1.0),
    }
    assert found["iran"].words == "1 of 4 sources on Iran in sight (25 %)"
    assert blind_spots(both, states, START) == (
        "1 of 4 sources on Iran in sight (25 %): 2 cannot be read, 1 silent for 30 h or more",
        "1 of 1 sources on US in sight (100 %)",
    )


def test_source_that_has_told_nothing_yet_is_not_in_sight() -> None:
    """Before the first poll, or with a feed that is empty or in an unread language, all would be said to be seen."""
    three = config(
        feed("https://x.example/", "new", covers=["iran"]),
        feed("https://x.example/", "empty", covers=["iran"]),
        feed("https://x.example/", "persian", covers=["iran"], language="fa"),
    )
    states = [
        replace(KNOWN, feed="new", checked=None, newest=None),
        replace(KNOWN, feed="empty", checked=START, succeeded=START, newest=None),
        replace(KNOWN, feed="persian", newest=START),
    ]

    assert blind_spots(three, states, START) == (
        "0 of 3 sources on Iran in sight (0 %): nothing came of 2 so far, 1 in a language that is not read",
    )


def test_gaps_are_said_as_people_say_them() -> None:
    """An alert would tell of sources on "United States", silent for 449 h."""
    row = Coverage("us", load_config(Path(__file__).parents[2] / "config.yaml").called("us"), 6, 0, 1, 449 * HOUR)

    assert row.words == "5 of 6 sources on the United States in sight (83 %)"
    assert row.gaps == ("1 silent for 19 days or more",)


def test_a_weekly_is_not_silent_after_a_day() -> None:
    """A bulletin that comes every Friday would be called silent from Saturday on."""
    one = config(feed("https://x.example/", "wire", covers=["iran"]))
    weekly = replace(KNOWN, gap_s=7 * 86_400.0, newest=START - timedelta(days=9))
    wire = replace(weekly, gap_s=600.0)

    assert [health(one, "wire", state, START).health for state in (weekly, wire)] == [HEALTHY, SILENT]


@pytest.mark.parametrize(
    ("body", "hours", "days"),
    [
        ("<skipHours><hour>0</hour><hour> 5 </hour><hour>23</hour></skipHours>", (0, 5, 23), ()),
        ("<skipHours><hour>24</hour><hour>25</hour><hour>x</hour></skipHours>", (0,), ()),
        ("<SKIPDAYS><DAY>sunday</DAY><day>Monday</day><day>Someday</day></SKIPDAYS>", (), (0, 6)),
        ("<hour>3</hour><skipHours/>", (), ()),
        ("<skipHours>" + "<hour>1</hour>" * 1000, (), ()),
    ],
)
def test_hours_and_days_to_skip_are_read(body: str, hours: tuple[int, ...], days: tuple[int, ...]) -> None:
    """The parser of record keeps only the last hour: a feed that rests at night would be asked nearly all night."""
    found = skip_times(rss(item("A", "/a"), channel=body))

    assert found == (sum(1 << hour for hour in hours), sum(1 << day for day in days))


@pytest.mark.parametrize(
    ("hours", "days", "wait_h"),
    [(0, 0, 0), (1 << 13, 0, 0), (1 << 12 | 1 << 13, 0, 1.5), (0, 1 << 1, 11.5), (2**24 - 1, 0, 0), (0, 127, 0)],
)
def test_the_next_hour_that_is_open(hours: int, days: int, wait_h: float) -> None:
    """A feed that skips everything would never be asked again."""
    half_past = datetime(2026, 2, 10, 12, 30, tzinfo=UTC)

    assert next_open(half_past, hours, days) == half_past + wait_h * HOUR
