"""The day in one message: what it tells, that it fits, that it comes once."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from shift_samples import FOUND, config, shift
from slack_sdk.models.blocks import Block as SlackBlock
from store_samples import NOON, later
from test_notices import ListSink

from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.blindness import Coverage
from volteface.config_messages import DigestRules
from volteface.console import as_panel
from volteface.digest import Digest, digest_of, render_digest
from volteface.digest_send import is_due, send_digest, topic_of
from volteface.errors import DeliveryError
from volteface.notices import tell
from volteface.slack_render import Message
from volteface.status import FeedHealth, Status
from volteface.store import Store
from volteface.store.records import Counts
from volteface.types import AlertState, Standing

CONFIG = config()
AT = FOUND + timedelta(hours=6)
TALKS = Standing("iran_president", "negotiation", -0.7, FOUND, FOUND)
OLD = Standing("us_gov", "negotiation", 0.4, FOUND - timedelta(days=90), FOUND)
SIGHT = Coverage("iran", "Iran", 12, 2, 1, timedelta(hours=9))
WALKED = AlertChange(
    "3f9a",
    1,
    ChangeKind.WALKED_BACK,
    FOUND,
    "moved back to “undecided on talks” 5 h later",
    AlertState.WALKED_BACK,
    "x",
)


def day(**fields: object) -> Digest:
    """A day with one shift, one restatement and a silent feed."""
    plain = Digest(
        at=AT,
        since=AT - timedelta(days=1),
        alerts=(Alert(shift()),),
        positions=(TALKS, OLD),
        coverage=(SIGHT,),
        out_of_sight=(FeedHealth("herald", "Tehran Herald", "silent", None),),
        waiting=(),
        dead=(),
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def words(message: Message) -> str:
    """All that the message's body says."""
    texts = [b["text"]["text"] for b in message.blocks if "text" in b]
    return "\n".join(texts)


def test_digest_tells_the_day() -> None:
    """A desk that reads only the digest would not learn who moved, who did not, or what nobody could see."""
    told = words(render_digest(day(), CONFIG, "digest:2025-03-11"))

    for part in (
        "Digest of 11 Mar 2025: 1 shift, 1 restatement",
        "Iran's president: from “open to talks on terms” to “rejects talks” — provisional",
        "negotiations: rejects talks, since 11 Mar 2025\n",
        "negotiations: open to talks on terms, since 11 Dec 2024, *restated 11 Mar 2025*",
        "9 of 12 sources on Iran in sight (75 %)",
        "silent: Tehran Herald",
        "Nothing: every alert has arrived.",
    ):
        assert part in told


def test_an_older_alert_that_changed_is_told_with_its_state() -> None:
    """A walk-back of yesterday's alert would be missing from the morning's digest."""
    before = shift(at=FOUND - timedelta(days=2), state=AlertState.WALKED_BACK)
    quiet = shift("other", at=FOUND - timedelta(days=3))
    status = Status((), (), (), Counts(0, 0, 0, 0, 0, (), ()), (), ())

    digest = digest_of(status, [Alert(before, (WALKED,)), Alert(quiet)], AT)
    told = words(render_digest(digest, CONFIG, "k"))

    assert [alert.shift.key for alert in digest.alerts] == [before.key]
    assert "no shifts" in told
    assert "walked back" in told
    assert WALKED.words in told


def test_quiet_day_says_so() -> None:
    """An empty part would leave open whether nothing happened or nothing works."""
    told = words(render_digest(day(alerts=(), positions=(), coverage=(), out_of_sight=()), CONFIG, "k"))

    assert "None, and no earlier alert changed." in told
    assert "No source is there to cover either side." in told


HOSTILE = st.sampled_from(
    ["<!channel>", "&" * 400, '"' * 300, "@here", "*_~`", "\u202e", "👩‍👩‍👧‍👦" * 50, "۱۲۳ می‌خواهم", "\n"]
)
NAMES = HOSTILE | st.text(max_size=200)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=70), st.integers(0, 40), st.integers(0, 80))
def test_any_digest_fits_slack_and_is_inert(names: list[str], alerts: int, feeds: int) -> None:
    """With many offices or a hostile name, Slack would refuse the digest, or page the whole channel."""
    made = day(
        positions=tuple(Standing(f"{name}{i}", name, -1.0, FOUND, FOUND) for i, name in enumerate(names)),
        alerts=tuple(Alert(shift(str(i), holder="".join(names)), (WALKED,)) for i in range(alerts)),
        out_of_sight=tuple(FeedHealth(str(i), "".join(names[i : i + 9]), "failing", None) for i in range(feeds)),
        coverage=tuple(replace(SIGHT, name=name) for name in names[:2]),
    )

    message = render_digest(made, CONFIG, "k")

    for block in message.blocks:
        SlackBlock.parse(block).validate_json()
    assert len(message.blocks) <= 50
    assert len(message.text) <= 4000
    assert len(json.dumps(message.blocks, ensure_ascii=False)) <= 12_000
    assert "<!" not in words(message) + message.text
    assert not re.search(r"@here\b", words(message) + message.text)


def test_what_does_not_fit_is_counted() -> None:
    """A cut list would pass for the whole of it."""
    many = tuple(Standing(f"office_{i}", "negotiation", 0.4, FOUND, FOUND) for i in range(200))

    assert "more lines: `volteface positions`" in words(render_digest(day(positions=many), CONFIG, "k"))


def test_console_shows_the_digest() -> None:
    """Without Slack, `volteface digest` would show nothing."""
    console = Console(width=100, record=True, file=StringIO())
    console.print(as_panel(render_digest(day(), CONFIG, "k")))

    assert "rejects talks" in console.export_text()


BERLIN = DigestRules.model_validate({"at": "07:00", "timezone": "Europe/Berlin"})


@pytest.mark.parametrize(
    ("hour", "minute", "due"), [(5, 59, False), (6, 0, True), (11, 59, True), (12, 0, False), (0, 30, False)]
)
def test_due_from_the_hour_on_and_not_all_day(hour: int, minute: int, due: bool) -> None:
    """The digest would come at the wrong hour, or at once after an installation at night."""
    assert is_due(BERLIN, datetime(2026, 11, 24, hour, minute, tzinfo=UTC)) is due


def test_day_begins_at_the_hour_of_the_digest() -> None:
    """A digest of 22:00 that is late by three hours would be sent again the next evening, or never."""
    late = DigestRules.model_validate({"at": "22:00"})
    night = datetime(2026, 11, 25, 1, tzinfo=UTC)

    assert is_due(late, night)
    assert topic_of(late, night) == "digest:2026-11-24"


def test_sent_once_a_day(store: Store) -> None:
    """Each look of the scheduler would bring another digest."""
    sink = ListSink()

    lines = [send_digest(CONFIG, store, sink, later(minutes=minute)).line() for minute in (0, 30, 60, 24 * 60)]

    assert lines == ["digest sent", *["already sent for this day, or being sent"] * 2, "digest sent"]
    assert [message.key for message in sink.shown] == [topic_of(CONFIG.digest, later(hours=h)) for h in (0, 24)]


def test_lost_reply_is_looked_up_before_it_is_sent_again(store: Store) -> None:
    """A digest whose reply was lost would stand in the channel twice, or not at all."""
    sink = ListSink(DeliveryError("no answer", permanent=False, maybe_sent=True))
    failed = send_digest(CONFIG, store, sink, NOON)
    sink.fault = None

    again = send_digest(CONFIG, store, sink, later(minutes=30))

    assert failed.line() == "NOT DELIVERED: no answer"
    assert again.sent
    assert sink.looked_up == [False, True]
    assert sink.shown[0].at == NOON


def test_watchdog_leaves_the_digest_alone(store: Store) -> None:
    """An unsent digest would go out as a notice that an outage is over."""
    sink = ListSink(DeliveryError("down", permanent=False))
    send_digest(CONFIG, store, sink, NOON)
    sink.fault = None

    report = tell(CONFIG, store, sink, (), later(minutes=10))

    assert report.line() == "healthy"
    assert sink.shown == []
