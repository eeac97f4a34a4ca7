"""From readings to the ledger, the alerts and the outbox, in one transaction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from store_samples import NOON, alerted, arrival, later, outcome, reading, shift, standing, stored

from volteface.errors import StoreError
from volteface.store import Store


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
