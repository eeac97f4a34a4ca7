"""docs/events.md and the events themselves: what an automation may rely on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import chain

import pytest
from documented_events import documented
from store_samples import shift, state

from flows.events import Happening, alert_changed, delivery, feed_silent, outages, shift_detected
from volteface.alert_types import AlertChange, ChangeKind
from volteface.deliver import DeliverReport
from volteface.notices import NoticeReport
from volteface.status import SILENT, FeedHealth
from volteface.store.notices import NoticeRow
from volteface.types import AlertState

NOON = datetime(2025, 3, 11, 12, tzinfo=UTC)
ROW = NoticeRow(1, "coverage-iran", False, "only 1 of 3 can be seen", NOON, NOON, NOON, False, None, None)
CHANGE = AlertChange("k1", 1, ChangeKind.CONFIRMED, NOON, "a second origin", AlertState.CONFIRMED, "iran_president")
PAGE = documented()


def every_event() -> list[Happening]:
    """One or more of each that can be emitted."""
    silent = [FeedHealth("herald", "Herald", SILENT, one) for one in (None, state(newest=NOON))]
    return [
        shift_detected(shift("k1")),
        alert_changed(CHANGE),
        *delivery(DeliverReport(dead=1, fault="token_revoked", waiting=2)),
        *map(feed_silent, silent),
        *outages(NoticeReport(began=(ROW,), ended=(ROW,))),
    ]


def test_every_event_has_its_section() -> None:
    """An event would have to be found out by reading code; or an automation would wait for one that never comes."""
    assert {happening.event for happening in every_event()} == set(PAGE)


@pytest.mark.parametrize("name", sorted(PAGE))
def test_payload_is_as_documented(name: str) -> None:
    """The text of somebody's automation would have a hole where a field was promised."""
    for happening in (one for one in every_event() if one.event == name):
        sent = json.loads(json.dumps(happening.payload))

        assert PAGE[name].faults(sent) == []
        assert PAGE[name].is_about(happening.resource)


@pytest.mark.parametrize("name", sorted(PAGE))
def test_example_is_as_documented(name: str) -> None:
    """Whoever tries out an automation with the example would be misled."""
    assert PAGE[name].faults(PAGE[name].example) == []


def test_healthy_pass_is_no_event() -> None:
    """A webhook would ring every five minutes although all is well."""
    quiet = chain(delivery(DeliverReport(sent=3, waiting=1)), outages(NoticeReport(outages=(ROW,))))

    assert list(quiet) == []
