"""The detect step on alerts that are open: what is told as a change of them, and what is an alert of its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from desk_samples import NOON, Desk, desk_config
from fakes import MarkedReader

from volteface.config import Config
from volteface.deliver import DeliverReport
from volteface.detect import detect
from volteface.store import Store
from volteface.summary import alert_line, alert_page


@pytest.fixture(scope="module")
def config() -> Config:
    return desk_config()


@pytest.fixture
def desk(config: Config, tmp_path: Path) -> Desk:
    store = Store.open(f"sqlite:///{tmp_path}/test.db")
    store.feeds.sync(config.feeds, NOON - timedelta(days=30))
    return Desk(config, store, MarkedReader())


def says(who: str, stance: str, mode: str = "act", axis: str = "military") -> str:
    """An article's text with one reading."""
    return f"News of {who}. {{{who} {axis} {stance} {mode} 1.0}}"


def stories(desk: Desk) -> list[tuple[str, str, list[str]]]:
    """Holder, state and changes of every alert, the oldest first."""
    found = reversed(desk.store.alerts.records(50))
    return [(r.shift.holder, r.shift.state.value, [c.kind.value for c in r.changes]) for r in found]


def messages(desk: Desk) -> list[str]:
    return [row.kind for row in desk.store.outbox.pending()]


def test_second_origin_confirms_the_alert_and_raises_none(desk: Desk) -> None:
    """The desk would get a second alert, or never learn that the first one holds."""
    desk.arrives(says("us_gov", "-0.7"))
    first = desk.detect()
    desk.arrives(says("us_gov", "-0.7", "speech"), hours=2, feed=1)
    second = desk.detect(2)

    assert (first.alerts, second.alerts) == (1, 0)
    assert [c.words for c in second.changes] == ["second independent origin: Sample Post"]
    assert stories(desk) == [("us_gov", "confirmed", ["confirmed"])]
    assert messages(desk) == ["post", "update"]


def test_run_page_tells_what_became_of_open_alerts(desk: Desk) -> None:
    """Somebody who reads the run in the control room would see that nothing happened while an alert was confirmed."""
    desk.arrives(says("us_gov", "-0.7"))
    desk.detect()
    desk.arrives(says("us_gov", "-0.7", "speech"), hours=2, feed=1)
    report = desk.detect(2)

    assert alert_line(report, DeliverReport(sent=1)) == "1 reading: 0 shifts, 1 change; 1 sent"
    assert "second independent origin: Sample Post" in alert_page(report, DeliverReport(sent=1), desk.config)


def test_restatement_by_the_same_house_refreshes_and_tells_nothing(desk: Desk) -> None:
    """Each repetition of a position would ring."""
    desk.arrives(says("us_gov", "-0.7"))
    desk.detect()
    for hours in (1, 2, 30):
        desk.arrives(says("us_gov", "-0.7"), hours=hours)
        report = desk.detect(hours)

        assert (report.alerts, report.changes, report.held) == (0, (), ())
    assert messages(desk) == ["post"]
    assert desk.store.ledger.all()["us_gov", "military"].confirmed == NOON + timedelta(hours=30)


def test_walk_back_is_an_alert_of_its_own_and_marks_the_first(desk: Desk) -> None:
    """A reader of the first alert would take a threat for standing that was withdrawn the same day."""
    desk.arrives(says("us_gov", "-0.7"))
    desk.detect()
    for feed in (1, 2):
        desk.arrives(says("us_gov", "+1.0"), hours=10, feed=feed)
    report = desk.detect(10)

    assert report.alerts == 1
    assert stories(desk)[0] == ("us_gov", "walked_back", ["walked_back"])
    [change] = report.changes
    assert change.successor == report.shifts[0].key
    assert change.words.endswith("10 h later")
    assert messages(desk) == ["post", "post", "update"]


def test_escalation_passes_the_cool_down_and_supersedes(desk: Desk) -> None:
    """The strike would go untold, or the ultimatum stand beside it as the last word."""
    desk.arrives(says("us_gov", "-0.7"))
    desk.detect()
    desk.arrives(says("us_gov", "-1.0"), hours=1, feed=1)

    assert desk.detect(1).alerts == 1
    assert stories(desk) == [("us_gov", "superseded", ["superseded"]), ("us_gov", "provisional", [])]


def test_higher_office_passes_the_cool_down(desk: Desk) -> None:
    """The president's order would be taken for a repetition of what an official said an hour before."""
    desk.arrives(says("us_state", "+0.7", axis="negotiation"), hours=-1)
    desk.arrives(says("us_state", "-0.7", axis="negotiation"))
    desk.arrives(says("us_state", "-0.7", axis="negotiation"), feed=1)
    lower = desk.detect()
    desk.arrives(says("us_president", "-0.7", axis="negotiation"), hours=1)
    desk.arrives(says("us_president", "-0.7", axis="negotiation"), hours=1, feed=1)
    higher = desk.detect(1)

    assert [s.holder for s in (*lower.shifts, *higher.shifts)] == ["us_state", "us_president"]
    assert higher.held == ()


def test_word_of_the_country_gets_a_name_without_a_second_alert(desk: Desk) -> None:
    """`US threatens` and `the president threatens`, ten minutes apart, would be told twice."""
    desk.arrives(says("us_gov", "+0.7", axis="negotiation"), hours=-1)
    for feed in (0, 1):
        desk.arrives(says("us_gov", "-0.7", axis="negotiation"), feed=feed)
    first = desk.detect()
    for feed in (0, 1):
        desk.arrives(says("us_president", "-0.7", axis="negotiation"), hours=1, feed=feed)
    second = desk.detect(1)

    assert [s.holder for s in first.shifts] == ["us_gov"]
    assert [(held.shift.holder, held.kind) for held in second.held] == [("us_president", "restatement")]
    assert second.alerts == 0


def test_deed_after_words_is_told_at_once_within_the_cool_down(desk: Desk) -> None:
    """Bombs would fall and the desk would still read that they were only talked about."""
    for feed in (0, 1):
        desk.arrives(says("us_gov", "-1.0", "speech"), feed=feed)
    assert desk.detect().alerts == 1
    desk.arrives(says("us_gov", "-1.0"), hours=1, feed=2)
    report = desk.detect(1)

    assert (report.alerts, [c.words for c in report.changes]) == (0, ["a deed after the words: Specimen News"])


def test_divergence_is_told_in_the_alert_it_departs_from(desk: Desk) -> None:
    """A parliament's no would pass in silence, or be told as the Leader's change of mind."""
    desk.arrives(says("iran_parliament", "+0.7", axis="negotiation"), hours=-1)
    desk.arrives(says("iran_supreme_leader", "+0.7", axis="negotiation"))
    desk.detect()
    for feed in (1, 2):
        desk.arrives(says("iran_parliament", "-0.7", axis="negotiation"), hours=2, feed=feed)
    report = desk.detect(2)

    assert (report.alerts, [h.kind for h in report.held]) == (0, ["divergence"])
    [change] = report.changes
    assert (change.kind.value, change.holder, change.successor) == ("divergence", "iran_parliament", "")
    assert change.evidence[0].quote == "News of iran_parliament."
    assert stories(desk)[-1] == ("iran_supreme_leader", "provisional", ["divergence"])


def test_strikes_after_a_superiors_truce_are_an_alert_of_their_own(desk: Desk) -> None:
    """The truce is broken by those who carry arms, and the desk would find it in a thread, or nowhere."""
    desk.arrives(says("iran_military", "+0.7"), hours=-1)
    desk.arrives(says("iran_supreme_leader", "-0.7"), hours=-90)
    for feed in (0, 1):
        desk.arrives(says("iran_supreme_leader", "+1.0"), feed=feed)
    assert desk.detect().alerts == 1
    for feed in (1, 2):
        desk.arrives(says("iran_military", "-0.4"), hours=2, feed=feed)
    threats = desk.detect(2)
    for feed in (0, 1, 2):
        desk.arrives(says("iran_military", "-1.0"), hours=6, feed=feed)
    strikes = desk.detect(6)

    assert (threats.alerts, [h.kind for h in threats.held]) == (0, ["divergence"])
    assert [(s.holder, s.after) for s in strikes.shifts] == [("iran_military", -1.0)]
    assert stories(desk)[0][2] == ["divergence", "divergence"]


def test_named_office_moves_back_from_what_was_told_of_its_country(desk: Desk) -> None:
    """The president breaks the truce that was told of "the US", and its alert would go on saying confirmed."""
    desk.arrives(says("us_president", "+1.0"), hours=-200)
    for feed in (0, 1):
        desk.arrives(says("us_gov", "-0.7"), hours=-190, feed=feed)
        desk.arrives(says("us_gov", "+1.0"), feed=feed)
    desk.detect()
    for feed in (0, 1, 2):
        desk.arrives(says("us_president", "-1.0"), hours=9, feed=feed)
    desk.detect(9)

    assert stories(desk)[-2:] == [
        ("us_gov", "walked_back", ["walked_back"]),
        ("us_president", "confirmed", []),
    ]


def test_deed_of_another_office_shows_in_the_alert_of_the_words(desk: Desk) -> None:
    """The generals would carry out what the president announced, and nobody at the desk would hear of it."""
    desk.arrives(says("us_military", "+0.7"), hours=-1)
    desk.arrives(says("us_president", "+0.7"), hours=-90)
    for feed in (0, 1, 2):
        desk.arrives(says("us_president", "-1.0", "speech"), feed=feed)
    assert desk.detect().alerts == 1
    for feed in (0, 1, 2):
        desk.arrives(says("us_military", "-1.0"), hours=5, feed=feed)
    report = desk.detect(5)

    assert (report.alerts, [h.kind for h in report.held]) == (0, ["restatement"])
    assert [(c.kind.value, c.holder) for c in report.changes] == [("evidence", "us_military")]
    assert report.changes[0].words.startswith("the same move by the US armed forces; a deed after the words: ")


def test_clock_that_ran_ahead_silences_nothing(desk: Desk) -> None:
    """One alert stamped next year would hold back every like it until then."""
    desk.arrives(says("us_gov", "-0.7"), hours=24 * 300)
    assert desk.detect().alerts == 1
    desk.arrives(says("us_military", "+0.7"))
    for feed in (0, 1):
        desk.arrives(says("us_military", "-0.7"), hours=1, feed=feed)

    assert [s.holder for s in desk.detect(1).shifts] == ["us_military"]


def test_old_alert_is_left_alone(desk: Desk) -> None:
    """A report of next week would reopen a thread that nobody reads, and detection would look at all alerts ever."""
    desk.arrives(says("us_gov", "-0.7"))
    desk.detect()
    desk.arrives(says("us_gov", "-0.7"), hours=169, feed=1)

    assert desk.detect(169).changes == ()
    assert messages(desk) == ["post"]


def test_what_the_config_no_longer_watches_stops_nothing(desk: Desk, config: Config) -> None:
    """Removing an office from config.yaml would crash every pass while its readings and alerts are fresh."""
    desk.arrives(says("us_state", "+0.7", axis="negotiation"), hours=-1)
    for feed in (0, 2):
        desk.arrives(says("us_state", "-1.0", axis="negotiation"), feed=feed)
    assert desk.detect().alerts == 1
    desk.arrives(says("us_state", "+0.7", axis="negotiation"), hours=1, feed=1)
    desk.arrives(says("us_gov", "-0.7"), hours=1, feed=2)
    desk.analyze(1)
    offices = [office for office in config.offices if office.id != "us_state"]
    positions = [position for position in config.positions if position.holder != "us_state"]
    fields = {name: getattr(config, name) for name in Config.model_fields}
    smaller = Config.model_validate(fields | {"offices": offices, "positions": positions})

    report = detect(smaller, desk.store, NOON + timedelta(hours=1))

    assert [(s.holder, s.axis) for s in report.shifts] == [("us_gov", "military")]
    assert desk.store.readings.undetected(9) == []
