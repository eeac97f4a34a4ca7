"""Plain news of a shift, told by two outlets, with the shipped reader and the shipped rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from reader_samples import shipped
from store_samples import arrival, feed, state

import extractors
from tests.soak.stories import STORIES, Story
from volteface.analyze import analyze
from volteface.config import Config
from volteface.detect import detect
from volteface.store import Store
from volteface.types import Extractors, Standing

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
OUTLETS = ("gazette", "herald")
DEEDS = (
    Story(
        "us_gov", "military", 0.4, "away",
        (
            (
                "American strikes destroy Iranian nuclear plant",
                "The United States attacked Iran's nuclear plant at dawn with bombers.",
            ),
            (
                "US strikes Iran's nuclear sites",
                "American bombers hit three nuclear sites in Iran overnight, officials said.",
            ),
        ),
    ),
    Story(
        "iran_gov", "nuclear", 0.4, "away",
        (
            (
                "Iran suspends cooperation with UN nuclear watchdog",
                "Iran suspended its cooperation with the nuclear inspectors after a vote in parliament.",
            ),
            (
                "Iran expels nuclear inspectors",
                "Iran ordered all inspectors of the nuclear agency to leave the country by Friday.",
            ),
        ),
    ),
)  # fmt: skip
"""Of these the reader is less sure."""
TWO_DEEDS = DEEDS[-1]
"""One outlet tells of a suspension, the next of an expulsion, which is a rung further: it must be told, in an alert of
its own or in the one that tells of both."""


@pytest.fixture(scope="module")
def config() -> Config:
    """As it is shipped, without positions: each story brings its own."""
    return shipped().model_copy(update={"positions": ()})


@pytest.fixture(scope="module")
def instruments(config: Config) -> Extractors:
    """What `volteface poll` runs with."""
    return extractors.build(config)


@pytest.mark.parametrize("story", [*STORIES, *DEEDS], ids=lambda story: f"{story.holder}-{story.axis}")
def test_plain_shift_is_told(store: Store, config: Config, instruments: Extractors, story: Story) -> None:
    """Rules tuned on a past period could be deaf to what everybody else reads in the headlines."""
    since = NOW - timedelta(days=30)
    store.ledger.seed([Standing(story.holder, story.axis, story.standing, since, since)])
    store.feeds.sync([feed(outlet) for outlet in OUTLETS], NOW)
    for outlet, (title, text) in zip(OUTLETS, story.tellings, strict=True):
        article = arrival(feed=outlet, title=title, text=text, published=NOW, seen=NOW)
        store.feeds.save_poll(state(outlet), [article])
    analyze(config, store, instruments, NOW)

    shifts = detect(config, store, NOW).shifts

    told = [(shift.holder, shift.axis, shift.direction) for shift in shifts]
    assert set(told) == {(story.holder, story.axis, story.direction)}
    rungs = [abs(shift.after) for shift in shifts]
    assert rungs == sorted(set(rungs)), "told again without going further"
    if story is TWO_DEEDS:
        assert rungs[-1] == 1.0, "the deed that goes further is hidden"
    else:
        assert len(told) == 1
