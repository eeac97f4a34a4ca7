"""What happened to positions, feeds and deliveries, as Prefect events: for automations, webhooks and the event feed.

`volteface.shift.detected`   about `volteface.position.HOLDER.AXIS`
    key, side, holder, axis, direction, before, after, state, confidence, origins, at
`volteface.delivery.failed`  about `volteface.sink`, where messages were given up
`volteface.delivery.refused` about `volteface.sink`, in each pass in which it refuses all of them
    fault (why), dead (messages given up), waiting (messages that wait)
`volteface.feed.silent`      about `volteface.feed.ID`
    feed, outlet, newest (its last item, or null)
`volteface.outage.began`     about `volteface.outage.TOPIC`
    topic, words, since
`volteface.outage.over`      about `volteface.outage.TOPIC`
    topic, words, since, until

Times are ISO 8601 in UTC, stances -1 to +1. An event tells what happened just now, once; a server that is gone loses
it, for the store is what counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prefect.events import emit_event

from volteface.deliver import DeliverReport
from volteface.notices import NoticeReport
from volteface.status import FeedHealth
from volteface.store.notices import NoticeRow
from volteface.types import Shift


def emit_shifts(shifts: Iterable[Shift]) -> None:
    """One `volteface.shift.detected` for each."""
    for shift in shifts:
        fields = ("key", "side", "holder", "axis", "direction", "before", "after", "confidence", "origins")
        payload = {name: getattr(shift, name) for name in fields}
        payload |= {"state": shift.state.value, "at": shift.at.isoformat()}
        _emit("shift.detected", f"position.{shift.holder}.{shift.axis}", payload)


def emit_delivery(report: DeliverReport) -> None:
    """`volteface.delivery.failed` and `.refused`, if so."""
    payload = {"fault": report.fault or "", "dead": report.dead, "waiting": report.waiting}
    if report.dead:
        _emit("delivery.failed", "sink", payload)
    if report.fault:
        _emit("delivery.refused", "sink", payload)


def emit_silent(feeds: Iterable[FeedHealth]) -> None:
    """One `volteface.feed.silent` for each feed that has just become silent."""
    for feed in feeds:
        newest = feed.state.newest.isoformat() if feed.state and feed.state.newest else None
        _emit("feed.silent", f"feed.{feed.feed}", {"feed": feed.feed, "outlet": feed.outlet, "newest": newest})


def emit_outages(report: NoticeReport) -> None:
    """`volteface.outage.began` and `.over` for each outage that began or ended in this round."""
    for row in report.began:
        _emit("outage.began", f"outage.{row.topic}", _outage(row))
    for row in report.ended:
        _emit("outage.over", f"outage.{row.topic}", _outage(row) | {"until": row.last.isoformat()})


def _outage(row: NoticeRow) -> dict[str, Any]:
    return {"topic": row.topic, "words": row.words, "since": row.since.isoformat()}


def _emit(event: str, resource: str, payload: dict[str, Any]) -> None:
    name = resource.split(".", 1)[-1]
    about = {"prefect.resource.id": f"volteface.{resource}", "prefect.resource.name": name}
    emit_event(f"volteface.{event}", resource=about, payload=payload)
