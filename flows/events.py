"""What happened to positions, alerts, feeds and deliveries, as Prefect events: for automations, webhooks, the feed.

`docs/events.md` has each event with its payload. An event tells what happened just now, once; a server that is gone
loses it, for the store is what counts. Times are ISO 8601 in UTC, stances -1 to +1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from prefect.events import emit_event

from volteface.alert_types import AlertChange
from volteface.deliver import DeliverReport
from volteface.notices import NoticeReport
from volteface.status import FeedHealth
from volteface.store.notices import NoticeRow
from volteface.types import Shift


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, as it is emitted."""

    event: str
    resource: str
    """What it is about."""
    payload: dict[str, Any]
    """Ready for JSON."""

    def emit(self) -> None:
        """Send it; whether it arrives is not known."""
        name = self.resource.split(".", 2)[-1]
        about = {"prefect.resource.id": self.resource, "prefect.resource.name": name}
        emit_event(self.event, resource=about, payload=self.payload)


def shift_detected(shift: Shift) -> Happening:
    """A new alert."""
    fields = ("key", "side", "holder", "axis", "direction", "before", "after", "confidence", "origins")
    payload = {name: getattr(shift, name) for name in fields}
    payload |= {"state": shift.state.value, "at": shift.at.isoformat()}
    return Happening("volteface.shift.detected", f"volteface.position.{shift.holder}.{shift.axis}", payload)


def alert_changed(change: AlertChange) -> Happening:
    """Something became of an alert that was raised earlier."""
    fields = ("key", "number", "words", "holder", "successor")
    payload = {name: getattr(change, name) for name in fields}
    payload |= {"kind": change.kind.value, "state": change.state.value, "at": change.at.isoformat()}
    return Happening("volteface.alert.changed", f"volteface.alert.{change.key}", payload)


def delivery(report: DeliverReport) -> tuple[Happening, ...]:
    """What went wrong with messages in one pass, if anything."""
    payload = {"fault": report.fault or "", "dead": report.dead, "waiting": report.waiting}
    kinds = (("failed", report.dead), ("refused", report.fault))
    return tuple(Happening(f"volteface.delivery.{kind}", "volteface.sink", payload) for kind, so in kinds if so)


def feed_silent(feed: FeedHealth) -> Happening:
    """A feed that answers has brought nothing new for longer than is normal for it."""
    newest = feed.state.newest.isoformat() if feed.state and feed.state.newest else None
    payload = {"feed": feed.feed, "outlet": feed.outlet, "newest": newest}
    return Happening("volteface.feed.silent", f"volteface.feed.{feed.feed}", payload)


def outages(report: NoticeReport) -> tuple[Happening, ...]:
    """The outages that began or ended in one round."""
    began = (_outage("began", row, {}) for row in report.began)
    ended = (_outage("over", row, {"until": row.last.isoformat()}) for row in report.ended)
    return (*began, *ended)


def _outage(turn: str, row: NoticeRow, more: dict[str, str]) -> Happening:
    payload = {"topic": row.topic, "words": row.words, "since": row.since.isoformat()} | more
    return Happening(f"volteface.outage.{turn}", f"volteface.outage.{row.topic}", payload)


def emit(happenings: Iterable[Happening]) -> None:
    """Send each of them."""
    for happening in happenings:
        happening.emit()
