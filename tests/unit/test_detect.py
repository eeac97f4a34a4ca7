"""The detect and read steps on a real store: what is told, what is held back, what is not read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from desk_samples import NOON, Desk, desk_config
from fakes import MarkedReader

from volteface.blindness import blind_spots, coverage
from volteface.config import Config, Ownership
from volteface.detect import DetectReport, rules_of
from volteface.feed_types import FeedState
from volteface.store import Store


@pytest.fixture(scope="module")
def config() -> Config:
    return desk_config()


@pytest.fixture
def reader() -> MarkedReader:
    return MarkedReader()


@pytest.fixture
def store(tmp_path: Path, config: Config) -> Store:
    store = Store.open(f"sqlite:///{tmp_path}/test.db")
    store.feeds.sync(config.feeds, NOON - timedelta(days=30))
    return store


@pytest.fixture
def desk(config: Config, store: Store, reader: MarkedReader) -> Desk:
    return Desk(config, store, reader)


STRIKES = "Bombers struck the plant before dawn. {us_president military -1.0 act 1.0}"


def test_shift_becomes_one_alert_in_the_outbox(desk: Desk) -> None:
    """A strike would be found and told to nobody."""
    desk.arrives("The president holds fire. {us_president military +0.4}", hours=-90)
    desk.arrives(STRIKES)
    desk.arrives("Witnesses saw bombs fall on it. {us_president military -1.0 act 1.0}", feed=1)
    report = desk.detect()

    found = [(s.holder, s.axis, s.direction, s.after) for s in report.shifts]
    assert found == [("us_president", "military", "away", -1.0)]
    assert [row.shift for row in desk.store.outbox.pending()] == list(report.shifts)


def test_seeded_position_is_what_a_shift_departs_from(desk: Desk) -> None:
    """The alert would not know what the Supreme Leader said before."""
    desk.arrives("The Leader approved talks with Washington. {iran_supreme_leader negotiation +0.7 act 1.0}")
    shift = desk.detect().shifts[0]

    assert (shift.before, shift.after, shift.direction, shift.side) == (-0.7, 0.7, "towards", "iran")
    assert shift.prior[0].outlet == "config"


def test_detecting_again_tells_nothing_again(desk: Desk) -> None:
    """Every run of the schedule would send the same alert."""
    desk.arrives("The Leader approved talks with Washington. {iran_supreme_leader negotiation +0.7 act 1.0}")
    first, second = desk.detect(), desk.detect(1)

    assert (first.alerts, second) == (1, DetectReport())
    assert len(desk.store.outbox.pending()) == 1


def test_second_office_saying_the_same_is_held_back_with_the_reason(desk: Desk) -> None:
    """President and government saying one thing within hours would be two alerts."""
    desk.arrives("Mr Trump called off all talks. {us_president negotiation -0.7 act 1.0}")
    desk.arrives("The US wants talks. {us_gov negotiation +0.7 act 1.0}", hours=-90)
    desk.detect()
    for feed in (1, 2):
        off = f"The US called off the meeting, hears outlet {feed}. {{us_gov negotiation -0.7 act 1.0}}"
        desk.arrives(off, hours=3, feed=feed)
    report = desk.detect(3)

    assert (report.alerts, [held.kind for held in report.held]) == (0, ["restatement"])
    assert report.held[0].reason == "same move: already alerted 3 h ago by the US president"


def test_escalation_passes_the_cool_down(desk: Desk) -> None:
    """The strike would go untold because the ultimatum was told an hour before."""
    desk.arrives("A deadline was set, with carriers on their way. {us_gov military -0.7 act 1.0}")
    first = desk.detect()
    desk.arrives("Jets hit targets on the coast. {us_gov military -1.0 act 1.0}", hours=1, feed=1)
    second = desk.detect(1)

    assert [s.after for s in (*first.shifts, *second.shifts)] == [-0.7, -1.0]


def test_reversal_by_the_same_office_passes_the_cool_down(desk: Desk) -> None:
    """A truce declared ten hours after a threat would go untold."""
    desk.arrives("A deadline was set, with carriers on their way. {us_gov military -0.7 act 1.0}")
    desk.detect()
    for feed in (1, 2):
        truce = f"A truce holds, says outlet {feed}. {{us_gov military +1.0 act 1.0}}"
        desk.arrives(truce, hours=10, feed=feed)

    assert [(s.before, s.after) for s in desk.detect(10).shifts] == [(-0.7, 1.0)]


def test_lower_office_contradicting_is_divergence(desk: Desk) -> None:
    """A backbencher's remark would be told as the country's change of course."""
    desk.arrives("Majlis members applauded offers. {iran_parliament negotiation +0.7 act 1.0}", hours=-1)
    desk.arrives("The Leader approved talks with Washington. {iran_supreme_leader negotiation +0.7 act 1.0}")
    desk.detect()
    for feed in (1, 2):
        no = f"Majlis votes down the talks, hears outlet {feed}. {{iran_parliament negotiation -0.7 act 1.0}}"
        desk.arrives(no, hours=2, feed=feed)
    report = desk.detect(2)

    assert (report.shifts, [held.kind for held in report.held]) == ((), ["divergence"])


def test_what_is_not_read_is_counted_by_reason(desk: Desk) -> None:
    """Opinion would be read as policy, and unread languages would vanish without a trace."""
    desk.arrives("Column. {us_president military -1.0}", opinion=True)
    desk.arrives("History. {us_president military -1.0}", stale=True)
    desk.arrives("Nachricht. {us_president military -1.0}", lang="de")
    desk.arrives(STRIKES)
    report = desk.analyze()

    assert report.skipped == {"language de": 1, "opinion": 1, "stale": 1}
    assert (report.read, report.readings, report.articles) == (1, 1, 4)
    assert desk.analyze().articles == 0


def test_copy_is_not_read_but_kept_with_its_origin(desk: Desk) -> None:
    """One wire report would be read, and weighed, once for each outlet that carries it."""
    story = " ".join(f"word{n}" for n in range(80)) + " {us_president military -1.0 act 1.0}"
    desk.arrives(story)
    desk.arrives(story, hours=1, feed=1)
    report = desk.analyze()

    assert (report.read, report.copies, report.skipped) == (1, 1, {"copy": 1})
    assert len(desk.reader.read_texts) == 1


def test_copies_are_known_after_a_restart(desk: Desk) -> None:
    """After each restart the first carrier of an old story would count as a new report."""
    story = " ".join(f"word{n}" for n in range(80)) + " {us_president military -1.0 act 1.0}"
    desk.arrives(story)
    desk.analyze()
    desk.arrives(story, hours=1, feed=1)

    assert desk.analyze(1).copies == 1


def test_alert_says_what_could_not_be_seen(desk: Desk) -> None:
    """Silence of the sources would pass for silence of the side."""
    silent = NOON - timedelta(hours=30)
    desk.store.feeds.save_poll(FeedState("feed_1", "https://example.org/", NOON, newest=silent), [])
    desk.store.feeds.save_poll(FeedState("feed_2", "https://example.org/", NOON, failures=5), [])
    desk.arrives("The Leader approved talks with Washington. {iran_supreme_leader negotiation +0.7 act 1.0}")

    assert desk.detect().blind == (
        "1 of 3 sources on Iran in sight (33 %): 1 cannot be read, 1 silent for 30 h or more",
    )


def test_government_feed_is_first_hand_for_its_own_side_only(config: Config) -> None:
    """The White House's account of what Tehran said would weigh as Tehran's own word."""
    house = config.feeds[0].model_copy(
        update={"id": "house", "outlet": "The House", "ownership": Ownership.GOVERNMENT, "covers": ("us",)}
    )
    rules = rules_of(config.model_copy(update={"feeds": (*config.feeds, house)}))

    assert {side: rule.first_hand for side, rule in rules.items()} == {"iran": frozenset(), "us": {"The House"}}


def test_feed_that_is_slow_by_nature_is_not_silent(config: Config) -> None:
    """A monthly bulletin would be reported as silent in every alert."""
    states = [
        FeedState(feed.id, feed.url, NOON, interval_s=86_400, newest=NOON - timedelta(hours=60))
        for feed in config.feeds
    ]

    assert blind_spots(config, states, NOON) == ()
    assert [(row.side, row.seen, row.of) for row in coverage(config, states, NOON).values()] == [("iran", 3, 3)]
