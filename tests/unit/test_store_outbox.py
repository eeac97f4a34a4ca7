"""Each message is held by one sender at a time, and none is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from store_samples import NOON, alerted, later, shift

from volteface.alert_types import OutboxItem
from volteface.store import Store


def _claim(store: Store, **delta: float) -> OutboxItem:
    item = store.outbox.claim("sender", later(**delta))
    assert item is not None
    return item


def test_a_claim_gives_the_oldest_message_whole(store: Store) -> None:
    """Alerts out of order tell a wrong story."""
    alerted(store, "k1", "k2")
    item = _claim(store)
    assert item == OutboxItem(item.id, "k1", shift("k1"), ("dark-feed",), attempts=1, maybe_sent=False)


def test_a_claimed_message_is_nobody_elses(store: Store) -> None:
    """Two senders would post it twice."""
    alerted(store, "k1", "k2")
    assert [_claim(store).key, _claim(store).key] == ["k1", "k2"]
    assert store.outbox.claim("other", NOON) is None
    assert [row.claimed_by for row in store.outbox.pending()] == ["sender", "sender"]


def test_a_lease_that_ran_out_comes_back_in_doubt(store: Store) -> None:
    """A sender may have died after Slack took the message: the next must look first."""
    alerted(store, "k1")
    store.outbox.claim("dead", NOON, lease_s=60)
    assert store.outbox.claim("next", later(seconds=59)) is None
    again = _claim(store, seconds=60)
    assert (again.attempts, again.maybe_sent) == (2, True)


def test_a_sent_message_is_done(store: Store) -> None:
    """It would be sent again."""
    alerted(store, "k1")
    item = _claim(store)
    store.outbox.sent(item.id, receipt="1748779200.1", now=NOON)
    assert store.outbox.claim("other", later(days=1)) is None
    assert store.outbox.pending() == store.outbox.dead() == []


def test_a_retry_waits_for_its_time(store: Store) -> None:
    """Slack asks for a pause by Retry-After."""
    alerted(store, "k1")
    item = _claim(store)
    store.outbox.retry(item.id, error="429", maybe_sent=False, not_before=later(minutes=5), now=later(minutes=1))
    [row] = store.outbox.pending()
    assert (row.error, row.failed_at, row.not_before, row.claimed_by) == (
        "429",
        later(minutes=1),
        later(minutes=5),
        None,
    )
    assert store.outbox.claim("sender", later(minutes=4)) is None
    again = _claim(store, minutes=5)
    assert (again.attempts, again.maybe_sent) == (2, False)


def test_a_message_that_waits_does_not_hold_up_the_next(store: Store) -> None:
    """One message that Slack refuses for now would silence the desk."""
    alerted(store, "k1", "k2")
    item = _claim(store)
    store.outbox.retry(item.id, error="503", maybe_sent=False, not_before=later(hours=1), now=NOON)
    assert _claim(store).key == "k2"


def test_doubt_stays_until_the_message_is_found(store: Store) -> None:
    """A later plain failure says nothing of the earlier attempt."""
    alerted(store, "k1")
    item = _claim(store)
    store.outbox.retry(item.id, error="reply lost", maybe_sent=True, not_before=NOON, now=NOON)
    item = _claim(store)
    store.outbox.retry(item.id, error="no network", maybe_sent=False, not_before=NOON, now=NOON)
    assert _claim(store).maybe_sent


def test_a_buried_message_stays_visible(store: Store) -> None:
    """An alert that cannot be delivered must not vanish."""
    alerted(store, "k1", "k2")
    item = _claim(store)
    store.outbox.bury(item.id, error="channel_not_found", now=later(minutes=1))
    [row] = store.outbox.dead()
    assert (row.key, row.error, row.dead_at) == ("k1", "channel_not_found", later(minutes=1))
    assert [row.key for row in store.outbox.pending()] == ["k2"]
    assert _claim(store, days=1).key == "k2"


def test_a_late_failure_does_not_undo_a_success(store: Store) -> None:
    """A sender that was given up reports: the message stands in the channel already."""
    alerted(store, "k1")
    item = _claim(store)
    store.outbox.sent(item.id, receipt="1", now=NOON)
    store.outbox.retry(item.id, error="timeout", maybe_sent=True, not_before=NOON, now=NOON)
    store.outbox.bury(item.id, error="timeout", now=NOON)
    assert store.outbox.claim("other", later(days=1)) is None
    assert store.outbox.dead() == []


def test_a_late_sender_does_not_free_what_another_holds(store: Store) -> None:
    """A third sender would post beside the second."""
    alerted(store, "k1")
    slow = _claim(store)
    _claim(store, minutes=5)
    store.outbox.retry(
        slow.id, error="late", maybe_sent=True, not_before=NOON, now=later(minutes=5), attempt=slow.attempts
    )
    assert store.outbox.claim("third", later(minutes=5)) is None
    store.outbox.bury(slow.id, error="late", now=later(minutes=5), attempt=slow.attempts)
    assert store.outbox.dead() == []


def _drain(store: Store, sender: str) -> list[str]:
    keys = []
    while item := store.outbox.claim(sender, NOON):
        keys.append(item.key)
    return keys


def test_threads_never_hold_the_same_message(store: Store) -> None:
    """Prefect runs tasks in threads: each alert must reach the channel once."""
    keys = [f"k{number:02}" for number in range(40)]
    alerted(store, *keys)
    together = Barrier(4)

    def drain(number: int) -> list[str]:
        together.wait()
        return _drain(store, f"thread {number}")

    with ThreadPoolExecutor(4) as pool:
        drained = list(pool.map(drain, range(4)))
    assert sorted(key for taken in drained for key in taken) == keys
    assert all(taken == sorted(taken) for taken in drained)
