"""Quiet hours: what waits for the morning, what does not, and that nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from shift_samples import config, evidence, shift

from volteface.config import Config
from volteface.config_messages import QuietHours
from volteface.deliver import deliver
from volteface.health import check
from volteface.quiet import ends
from volteface.slack_render import Message
from volteface.slack_thread import Update
from volteface.store import Store
from volteface.types import Mode, Shift

NIGHT = {"from": "22:00", "to": "06:00", "timezone": "Europe/Berlin", "let_through_rank": 1}
BERLIN = QuietHours.model_validate(NIGHT)
EVENING = datetime(2026, 11, 24, 20, 59, tzinfo=UTC)
"""21:59 in Berlin."""


class Channel:
    """A sink that keeps the keys of what it shows, in order."""

    name = "channel"

    def __init__(self) -> None:
        self.shown: list[str] = []

    def verify(self) -> str:
        """Nothing to check."""
        return self.name

    def send(self, message: Message, *, check_history: bool) -> str:
        """As `volteface.sinks.Sink.send`."""
        self.shown.append(message.key)
        return f"1.{len(self.shown)}"

    def update(self, update: Update, *, check_history: bool) -> str:
        """As `volteface.sinks.Sink.update`."""
        self.shown.append(update.line.key)
        return f"1.{len(self.shown)}"


def desk(**rules: object) -> Config:
    """With quiet hours, and an axis on which a refusal is not one of the lowest two rungs."""
    plain = config()
    lower = [{"value": -1.0, "name": "strikes"}, {"value": -0.9, "name": "threatens"}]
    axis = plain.axes[0].model_dump()
    axes = [axis | {"rungs": [*lower, *axis["rungs"]]}]
    return config(axes=axes, slack={"channel": "#iran-us", "quiet_hours": NIGHT | rules})


def words(key: str, **fields: Any) -> Shift:
    """A move of which there are only words."""
    return shift(key, **fields)


def raised(store: Store, *shifts: Shift) -> None:
    store.readings.save_detection([], [], [(made, ()) for made in shifts], EVENING)


def at(store: Store, sink: Channel, hours: float, settings: Config | None = None) -> list[str]:
    """What is shown after a pass so long after the evening."""
    deliver(settings or desk(), store, sink, lambda: EVENING + timedelta(hours=hours), sender="test")
    return sink.shown


DEED = (evidence(mode=Mode.ACT),)


def test_words_wait_for_the_morning_and_come_in_order(store: Store) -> None:
    """A desk would be woken by every sentence, or never read what was said at night."""
    raised(store, words("a"), words("b"))
    sink = Channel()

    nights = [list(at(store, sink, hours)) for hours in (0.1, 1, 4, 8)]

    assert nights == [[]] * 4
    assert at(store, sink, 8.1) == ["a", "b"]
    assert store.outbox.pending() == []


def test_escalation_deed_and_highest_office_pass(store: Store) -> None:
    """Strikes at midnight would be told at breakfast."""
    raised(store, words("words"), words("threat", after=-0.9), words("deed", evidence=DEED), words("leader"))
    sink = Channel()

    assert at(store, sink, 0.1) == ["threat", "deed"]
    assert at(store, sink, 0.5, desk(let_through_rank=2)) == ["threat", "deed", "words", "leader"]


def test_deed_that_joins_the_words_at_night_is_told_at_night(store: Store) -> None:
    """The message would wait for the morning although the ships have sailed."""
    raised(store, words("a"))
    sink = Channel()
    at(store, sink, 0.1)
    (waiting,) = store.outbox.pending()

    assert waiting.not_before == EVENING + timedelta(hours=0.1, minutes=15)
    assert waiting.error is None
    assert waiting.attempts == 0


def test_a_message_that_waits_on_purpose_is_no_outage(store: Store) -> None:
    """Every night the channel would be woken by the notice that alerts are undelivered."""
    raised(store, words("a"))
    at(store, Channel(), 0.1)
    for hours in range(1, 8):
        at(store, Channel(), hours)

    faults = check(desk(), store, EVENING + timedelta(hours=7.1)).faults

    assert [fault.key for fault in faults if fault.key == "delivery"] == []


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (EVENING, None),
        (EVENING + timedelta(minutes=1), datetime(2026, 11, 25, 5, tzinfo=UTC)),
        (datetime(2026, 11, 25, 4, 59, tzinfo=UTC), datetime(2026, 11, 25, 5, tzinfo=UTC)),
        (datetime(2026, 11, 25, 5, tzinfo=UTC), None),
        (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC)),
    ],
    ids=["before", "first-minute", "last-minute", "after", "clocks-go-forward"],
)
def test_hours_are_those_of_the_desk(moment: datetime, end: datetime | None) -> None:
    """After a change of the clocks, or past midnight, quiet would begin or end at the wrong hour."""
    assert ends(BERLIN, moment) == end


def test_hours_within_a_day() -> None:
    """Quiet hours from noon to two would last until the next day."""
    siesta = replace_hours(begin="12:00", end="14:00")

    assert ends(siesta, datetime(2026, 7, 1, 11, 30, tzinfo=UTC)) == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert ends(siesta, datetime(2026, 7, 1, 12, 30, tzinfo=UTC)) is None


def replace_hours(begin: str, end: str) -> QuietHours:
    """Other hours, in Berlin."""
    return QuietHours.model_validate(NIGHT | {"from": begin, "to": end})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"from": 1320}, "must be a time of day in quotes"),
        ({"to": "24:00"}, "must be a time of day in quotes"),
        ({"to": "22:00"}, "leave quiet_hours out"),
        ({"timezone": "Berlin"}, "no such time zone"),
    ],
    ids=["yaml-number", "no-hour", "no-hours", "zone"],
)
def test_wrong_hours_are_refused(wrong: dict[str, object], told: str) -> None:
    """YAML makes 1320 of 22:00 without quotes: the desk would be quiet for other hours than it wrote."""
    with pytest.raises(ValidationError, match=told):
        QuietHours.model_validate(NIGHT | wrong)
