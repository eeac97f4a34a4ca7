"""Alerts with what became of them, and passes of the sender over them."""

from __future__ import annotations

from shift_samples import FOUND, config, evidence, shift
from store_samples import NOON, later

from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.deliver import DeliverReport, deliver
from volteface.sinks import Sink
from volteface.store import Store
from volteface.types import AlertState


def change(number: int, kind: ChangeKind = ChangeKind.CONFIRMED, key: str = "a", **fields: object) -> AlertChange:
    """The `number`-th change of an alert."""
    plain = {
        "at": FOUND,
        "words": f"step {number}",
        "state": AlertState.CONFIRMED,
        "holder": "iran_president",
        "evidence": (evidence(f"Quote of step {number}."),),
    }
    return AlertChange(key=key, number=number, kind=kind, **(plain | fields))  # type: ignore[arg-type]


def story(key: str, *changes: AlertChange) -> Alert:
    """An alert as it stands after these changes."""
    state = changes[-1].state if changes else AlertState.PROVISIONAL
    return Alert(shift(key, state=state), changes)


def save(store: Store, *stories: Alert) -> None:
    """What a detection would save: each alert as first found, and then what became of it."""
    raised = [(shift(one.shift.key), ("a feed is silent",)) for one in stories]
    store.readings.save_detection([], [], raised, NOON, stories)


def one_pass(store: Store, sink: Sink, minutes: float = 0, **limits: int) -> DeliverReport:
    return deliver(config(), store, sink, lambda: later(minutes=minutes), sender="test", **limits)


def header(post: dict[str, object]) -> str:
    """The headline of a post."""
    blocks = post["blocks"]
    assert isinstance(blocks, list)
    return str(blocks[0]["text"]["text"])
