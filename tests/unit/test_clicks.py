"""Clicks in the store: each counts once, however often and however late it is delivered."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from local_slack import CHANNEL
from local_socket import ANN, BOB, Payload, pressed
from shift_samples import message, shift
from store_samples import NOON, later

from volteface.clicks import Clicks, Outcome
from volteface.errors import StoreError
from volteface.store import Store
from volteface.verdicts import Mute, VerdictKind

NEW, KNOWN, REFUSED = Outcome


def pressing(label: str, *, minutes: float = 0, user: tuple[str, str] = ANN, key: str = "a") -> Payload:
    post = {"ts": "1748772000.000100", "channel": CHANNEL, "blocks": [message(key).buttons]}
    return pressed(post, label, user=user, at=later(minutes=minutes).timestamp())


@pytest.fixture
def clicks(store: Store, database_url: str) -> Clicks:
    """With one alert in the store."""
    store.readings.save_detection([], [], [(shift("a"), ())], NOON)
    return Clicks(lambda: Store.open(database_url), lambda: CHANNEL, lambda: NOON)


def said(store: Store) -> list[str]:
    """What the alert's story tells, by time."""
    (record,) = store.alerts.records(5)
    return [change.words for change in record.changes]


def test_click_is_a_verdict_with_name_and_id(store: Store, clicks: Clicks) -> None:
    """Nobody would know who judged, or a click would count for less than `volteface verdict`."""
    assert clicks.take(pressing("Wrong speaker", user=BOB)) is NEW

    ((_, verdict),) = store.verdicts.judged()
    assert (verdict.kind, verdict.by, verdict.at) == (VerdictKind.WRONG_SPEAKER, "bob, U0BOB00001", NOON)
    assert len(store.outbox.pending()) == 2


def test_click_that_comes_again_counts_once(store: Store, clicks: Clicks) -> None:
    """Slack delivers what was not acknowledged again: the thread would repeat itself."""
    assert [clicks.take(pressing("Restatement")) for _ in range(3)] == [NEW, KNOWN, KNOWN]
    assert said(store) == ["restatement (by ann, U0ANN00001)"]


def test_click_that_comes_again_late_undoes_nothing(store: Store, clicks: Clicks) -> None:
    """A second delivery of yesterday's word would bury today's correction."""
    first, second = pressing("Restatement"), pressing("True shift", minutes=1)

    assert [clicks.take(payload) for payload in (first, second, first)] == [NEW, NEW, KNOWN]
    assert said(store) == ["restatement (by ann, U0ANN00001)", "true shift (by ann, U0ANN00001)"]


def test_click_that_overtakes_another_stays_the_last_word(store: Store, clicks: Clicks) -> None:
    """The order of deliveries, and not of clicks, would decide which label the quality figures see."""
    clicks.take(pressing("True shift", minutes=1))
    clicks.take(pressing("Restatement"))

    ((_, verdict),) = store.verdicts.judged()
    assert verdict.kind is VerdictKind.TRUE_SHIFT
    assert said(store)[-1] == "true shift (by ann, U0ANN00001)"


def test_seen_does_not_replace_a_verdict(store: Store, clicks: Clicks) -> None:
    """Whoever acknowledges an alert would take a colleague's verdict off its message."""
    clicks.take(pressing("Old news"))
    clicks.take(pressing("Seen", minutes=1, user=BOB))
    item = store.outbox.claim("test", NOON)

    assert item
    assert [change.kind.value for change in item.changes] == ["verdict", "acknowledged"]
    ((_, verdict),) = store.verdicts.judged()
    assert verdict.kind is VerdictKind.OLD_NEWS


def test_mute_by_click_holds_from_the_click_on(store: Store, clicks: Clicks) -> None:
    """A mute would last longer with each delivery, or nobody would see who muted what until when."""
    late = pressing("Mute for 12 h", minutes=5)

    assert [clicks.take(late) for _ in range(2)] == [NEW, KNOWN]
    assert store.verdicts.mutes(NOON) == [
        Mute("iran_president", "negotiation", later(hours=12, minutes=5), "ann, U0ANN00001", later(minutes=5))
    ]
    (words,) = said(store)
    assert words.startswith("seen (by ann, U0ANN00001): this office is muted on this axis until 2025-06-02 00:05 UTC")


def test_ended_mute_is_not_begun_again_by_a_late_delivery(store: Store, clicks: Clicks) -> None:
    """A desk that ended a mute would be deaf once more without knowing."""
    click = pressing("Mute for 12 h")
    clicks.take(click)
    store.verdicts.mute(Mute("iran_president", "negotiation", later(minutes=10), "Bob", later(minutes=10)))
    clicks.take(click)

    assert store.verdicts.mutes(later(minutes=11)) == []


HOSTILE: dict[str, Payload] = {
    "null byte": {"value": "a\0"},
    "unknown action": {"action_id": "volteface_delete"},
    "no such alert": {"value": "zzz"},
    "too long": {"value": "k" * 10_000},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_hostile_click_changes_nothing_and_is_logged_once(
    store: Store, clicks: Clicks, change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody could write into the database, or fill the disk with log lines."""
    caplog.set_level(logging.INFO)
    payload = pressing("Restatement")
    payload["actions"][0] |= change

    assert [clicks.take(payload) for _ in range(5)] == [REFUSED] * 5
    assert said(store) == []
    assert [record.message[:21] for record in caplog.records if "clicks" in record.name] == ["a click was refused: "]
    assert len(caplog.text) < 400


def test_refusals_are_logged_up_to_a_number(clicks: Clicks, caplog: pytest.LogCaptureFixture) -> None:
    """A different invented alert with each click would fill the disk all the same."""
    for number in range(150):
        payload = pressing("Restatement")
        payload["actions"][0]["value"] = f"alert-{number}"
        clicks.take(payload)

    assert len([record for record in caplog.records if "clicks" in record.name]) == 100


def test_click_that_cannot_be_stored_is_told_so() -> None:
    """A verdict given while the database was away would be acknowledged and lost."""
    away = Clicks(lambda: Store.open("sqlite:////nowhere/at/all.db", create=False), lambda: CHANNEL, lambda: NOON)

    with pytest.raises(StoreError):
        away.take(pressing("Restatement"))


def test_time_of_a_click_may_lie_a_little_ahead(store: Store, clicks: Clicks) -> None:
    """A clock that is a minute slow would refuse every click."""
    assert clicks.take(pressing("Seen", minutes=1)) is NEW
    assert store.alerts.records(1)[0].changes[0].at == NOON + timedelta(minutes=1)
