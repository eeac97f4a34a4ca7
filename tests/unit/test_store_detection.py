"""From readings to the ledger, the alerts and the outbox, in one transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from store_samples import NOON, alerted, arrival, evidence, later, outcome, reading, shift, standing, stored

from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.errors import StoreError
from volteface.store import Store
from volteface.types import AlertState


def _readings(store: Store, number: int) -> list[int]:
    articles = stored(store, *(arrival(n) for n in range(number)))
    store.articles.save_read([outcome(found, reading()) for found in articles], NOON)
    return [seen.reading_id for seen in store.readings.undetected(100)]


def test_readings_come_in_order_of_arrival_then_publication(store: Store) -> None:
    """The ledger is a fold over them: another order gives other alerts."""
    articles = stored(store, arrival(1, seen=later(minutes=5)), arrival(3), arrival(2))
    store.articles.save_read(
        [outcome(found, reading(), reading(-0.5, quote="no")) for found in reversed(articles)], NOON
    )
    seen = store.readings.undetected(10)
    expected = [(found.url, quote) for found in articles for quote in ("talks may resume", "no")]
    assert [(one.url, one.quote) for one in seen] == expected
    assert store.readings.undetected(3) == seen[:3]


def test_detection_is_saved_as_one(store: Store) -> None:
    """Readings, position, alert and message belong together."""
    ids = _readings(store, 2)
    assert store.readings.save_detection(ids, [standing(0.3)], [(shift(), ("dark-feed",))], NOON) == 1
    assert store.readings.undetected(10) == []
    assert store.ledger.all() == {("iran_president", "negotiation"): standing(0.3)}
    assert store.alerts.recent(10) == [shift()]
    [row] = store.outbox.pending()
    assert (row.key, row.shift, row.created) == ("k1", shift(), NOON)


def test_a_position_is_replaced_whole(store: Store) -> None:
    """Evidence of the position that was left would be shown for the new one."""
    store.ledger.seed([standing()])
    moved = standing(0.6, since=NOON, evidence=(), pending=(), alerted=later(hours=1))
    store.readings.save_detection([], [moved], [], NOON)
    assert store.ledger.all() == {("iran_president", "negotiation"): moved}


def test_only_the_positions_that_are_asked_for_are_read(store: Store) -> None:
    """Each office keeps what its whole committee remembers: a replay would spend most of its time on reading that."""
    store.ledger.seed([standing(), standing(axis="nuclear"), standing(holder="us_gov")])
    asked = [("iran_president", "nuclear"), ("iran_president", "nuclear"), ("nobody", "nuclear")]
    assert store.ledger.of(asked) == {("iran_president", "nuclear"): standing(axis="nuclear")}
    assert store.ledger.of([]) == {}


def test_the_same_shift_found_twice_makes_one_alert(store: Store) -> None:
    """A desk would get the same message again after each restart."""
    alerted(store, "k1")
    again = [(shift("k1", confidence=0.1), ()), (shift("k2"), ()), (shift("k2"), ())]
    assert store.readings.save_detection([], [], again, later(hours=1)) == 1
    assert [row.key for row in store.outbox.pending()] == ["k1", "k2"]
    assert store.outbox.pending()[0].shift == shift("k1")


def test_a_detector_that_comes_late_writes_nothing(store: Store) -> None:
    """Its positions rest on readings that the ledger has by now: evidence would count twice."""
    first, second = _readings(store, 2)
    store.readings.save_detection([first], [standing(0.1)], [], NOON)
    with pytest.raises(StoreError, match=r"1 of 2 readings were taken.*nothing was saved; run detect again"):
        store.readings.save_detection([first, second], [standing(0.9)], [(shift(), ())], NOON)
    assert [seen.reading_id for seen in store.readings.undetected(10)] == [second]
    assert store.ledger.all()["iran_president", "negotiation"].value == 0.1
    assert store.alerts.recent(10) == []


def test_of_detectors_that_race_one_wins(store: Store) -> None:
    """The flow and a hand-started run overlap: the ledger must see each reading once."""
    ids = _readings(store, 50)
    together = Barrier(4)

    def detect(number: int) -> int | str:
        together.wait()
        try:
            return store.readings.save_detection(ids, [standing(number / 10)], [(shift(f"k{number}"), ())], NOON)
        except StoreError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(detect, range(4)))
    winner = outcomes.index(1)
    assert sum("run detect again" in str(found) for found in outcomes) == 3
    assert [found.key for found in store.alerts.recent(10)] == [f"k{winner}"]
    assert store.ledger.all()["iran_president", "negotiation"].value == winner / 10


def test_the_same_id_twice_is_one_reading(store: Store) -> None:
    """A repeated id must not look like a lost race."""
    [first] = _readings(store, 1)
    assert store.readings.save_detection([first, first], [], [], NOON) == 0


def test_a_deleted_readings_number_is_never_given_again(store: Store) -> None:
    """A detector could mark a reading that it has not seen."""
    [first] = _readings(store, 1)
    stored(store, arrival(0, text="Edited."))
    [found] = store.articles.wanting_reading(10)
    store.articles.save_read([outcome(found, reading(quote="Edited."))], NOON)
    with pytest.raises(StoreError):
        store.readings.save_detection([first], [], [], NOON)


def test_a_seed_does_not_overwrite_what_was_learnt(store: Store) -> None:
    """Every start would put the ledger back to config.yaml and alert again."""
    store.ledger.seed([standing(0.2)])
    store.ledger.seed([standing(-0.9), standing(0.7, axis="nuclear")])
    assert {key: found.value for key, found in store.ledger.all().items()} == {
        ("iran_president", "negotiation"): 0.2,
        ("iran_president", "nuclear"): 0.7,
    }


def test_recent_alerts_come_newest_first(store: Store) -> None:
    """`volteface status` shows the top of this list."""
    raised = [shift("old", at=later(days=-2)), shift("new", at=later(days=2)), shift("mid")]
    store.readings.save_detection([], [], [(one, ()) for one in raised], NOON)
    assert [found.key for found in store.alerts.recent(2)] == ["new", "mid"]


def _change(number: int, **fields: Any) -> AlertChange:
    plain = AlertChange(
        "k1",
        number,
        ChangeKind.CONFIRMED,
        later(hours=number),
        "second independent origin: Gazette",
        AlertState.CONFIRMED,
        "iran_president",
        (evidence(4),),
    )
    return replace(plain, **fields)


def _outbox(store: Store) -> list[tuple[str, str, int]]:
    return [(row.key, row.kind, row.number) for row in store.outbox.pending()]


def test_changes_are_saved_with_what_the_alert_is_now(store: Store) -> None:
    """The alert would stay provisional in every list, or its message would not be edited."""
    alerted(store, "k1")
    walked_back = shift("k1", state=AlertState.WALKED_BACK, origins=3, evidence=(evidence(1), evidence(4)))
    end = _change(2, kind=ChangeKind.WALKED_BACK, state=AlertState.WALKED_BACK, successor="k2")
    now = Alert(walked_back, (_change(1), end))

    assert store.readings.save_detection([], [], [(shift("k2", at=later(hours=2)), ())], later(hours=2), [now]) == 1

    assert store.alerts.recent(5) == [shift("k2", at=later(hours=2)), walked_back]
    assert store.alerts.open(NOON) == [Alert(shift("k2", at=later(hours=2))), now]
    assert _outbox(store) == [("k1", "post", 0), ("k2", "post", 0), ("k1", "update", 1), ("k1", "update", 2)]


def test_the_same_change_saved_twice_is_one(store: Store) -> None:
    """A thread would get each line again after a restart."""
    alerted(store, "k1")
    now = Alert(shift("k1"), (_change(1),))
    for _ in range(2):
        store.readings.save_detection([], [], [], NOON, [now])

    assert _outbox(store) == [("k1", "post", 0), ("k1", "update", 1)]
    assert store.alerts.open(NOON) == [now]


def test_new_evidence_without_news_is_kept_and_not_told(store: Store) -> None:
    """The count of origins would be wrong when it is told the next time, or each report would ring."""
    alerted(store, "k1")
    grown = shift("k1", origins=3)
    store.readings.save_detection([], [], [], NOON, [Alert(grown)])

    assert store.alerts.recent(5) == [grown]
    assert _outbox(store) == [("k1", "post", 0)]


def test_a_detector_that_comes_late_changes_no_alert(store: Store) -> None:
    """An alert would be confirmed by readings that were edited away."""
    alerted(store, "k1")
    [first] = _readings(store, 1)
    store.readings.save_detection([first], [], [], NOON)
    with pytest.raises(StoreError):
        store.readings.save_detection([first], [], [], NOON, [Alert(shift("k1", origins=9), (_change(1),))])

    assert store.alerts.recent(5) == [shift("k1")]
    assert _outbox(store) == [("k1", "post", 0)]


def test_only_alerts_since_then_are_open(store: Store) -> None:
    """Each detection would take longer the longer the desk runs."""
    raised = [shift("old", at=later(days=-8)), shift("new", at=later(days=-6)), shift("now")]
    store.readings.save_detection([], [], [(one, ()) for one in raised], NOON)

    assert [found.shift.key for found in store.alerts.open(later(days=-7))] == ["now", "new"]


def test_records_tell_how_far_each_message_has_come(store: Store) -> None:
    """`volteface alerts` would call an alert delivered whose walk-back never was."""
    alerted(store, "k1", "k2", "k3")
    store.readings.save_detection([], [], [], later(hours=1), [Alert(shift("k1"), (_change(1), _change(2)))])
    first, second, third = (store.outbox.claim("s", NOON) for _ in range(3))
    assert first
    assert second
    assert third
    store.outbox.sent(first.id, receipt="1748779200.1", now=NOON)
    store.outbox.bury(second.id, error="invalid_blocks", now=NOON)
    told = store.outbox.claim("s", NOON)
    assert told
    store.outbox.bury(told.id, error="too long", now=NOON)

    by_key = {record.shift.key: record for record in store.alerts.records(10)}

    assert list(by_key) == ["k3", "k2", "k1"]
    assert [(r.delivery, r.receipt, r.error) for r in by_key.values()] == [
        ("waiting", None, None),
        ("given up", None, "invalid_blocks"),
        ("delivered", "1748779200.1", "too long"),
    ]
    changed = by_key["k1"]
    assert (changed.updates_waiting, changed.updates_given_up, changed.updated) == (1, 1, later(hours=1))
    assert [c.number for c in changed.changes] == [1, 2]
    assert store.alerts.records(1) == [by_key["k3"]]


def test_past_leaves_a_position_that_any_ledger_has_heard_of(store: Store) -> None:
    """A backfill on a running desk would throw away what fourteen of fifteen ledgers had taken in."""
    seed = standing(evidence=(replace(evidence(), outlet="config"),), pending=())
    store.ledger.seed([seed])
    store.readings.save_detection([], [replace(seed, members=(seed, seed))], [], NOON)

    assert store.history.stand([standing(0.9)]) == 0
    assert store.ledger.all() == {("iran_president", "negotiation"): replace(seed, members=(seed, seed))}
