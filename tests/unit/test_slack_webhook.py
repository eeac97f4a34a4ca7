"""Slack through an incoming webhook: what arrives, what each refusal means, and what nobody may see."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from local_hook import LOST_REPLY, SECRET, LocalHook
from shift_samples import config, message, shift
from store_samples import NOON, later

from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.deliver import DeliverReport, deliver
from volteface.errors import ConfigError, DeliveryError
from volteface.secrets import Secret
from volteface.sinks import sink_for
from volteface.slack_webhook import REPEATED, SlackWebhookSink
from volteface.store import Store
from volteface.types import AlertState


@pytest.fixture
def hook() -> Iterator[LocalHook]:
    """What Slack would be."""
    with LocalHook() as running:
        yield running


@pytest.fixture
def sink(hook: LocalHook) -> SlackWebhookSink:
    """The real sink, without its pauses."""
    return SlackWebhookSink(Secret(f"http://{hook.place}"), timeout_s=2, sleep=lambda _: None)


def one_pass(store: Store, sink: SlackWebhookSink, minutes: float = 0) -> DeliverReport:
    return deliver(config(), store, sink, lambda: later(minutes=minutes), sender="test")


def test_alert_and_change_arrive_as_messages(store: Store, sink: SlackWebhookSink, hook: LocalHook) -> None:
    """A desk without a bot would get no alert, or never hear that one was walked back."""
    told = shift("a", state=AlertState.WALKED_BACK)
    change = AlertChange("a", 1, ChangeKind.WALKED_BACK, NOON, "moved back", AlertState.WALKED_BACK, "iran_president")
    store.readings.save_detection([], [], [(shift("a"), ())], NOON, [Alert(told, (change,))])

    assert one_pass(store, sink) == DeliverReport(sent=2)
    first, second = hook.taken
    assert first["blocks"][0]["type"] == "header"
    assert "*Walked back:* moved back" in second["text"]
    assert second["text"].startswith("Iran's president")


def test_lost_reply_sends_again_and_says_so(store: Store, sink: SlackWebhookSink, hook: LocalHook) -> None:
    """An alert would be lost with the reply, or an unmarked second one be taken for a second shift."""
    store.readings.save_detection([], [], [(shift("a"), ())], NOON)
    hook.answer(LOST_REPLY)

    assert one_pass(store, sink) == DeliverReport(retried=1, waiting=1)
    assert one_pass(store, sink, minutes=5) == DeliverReport(sent=1)
    assert [REPEATED in taken["text"] for taken in hook.taken] == [False, True]
    assert REPEATED in str(hook.taken[1]["blocks"][1])


@pytest.mark.parametrize(
    ("status", "body", "fields"),
    [
        (404, "no_service", {"permanent": True, "sink_wide": True}),
        (410, "channel_is_archived", {"permanent": True, "sink_wide": True}),
        (400, "invalid_payload", {"permanent": True, "sink_wide": False}),
        (429, "rate_limited", {"permanent": False, "retry_after": 7.0, "maybe_sent": False}),
        (500, "rollup_error", {"permanent": False, "maybe_sent": True}),
        (200, "<html>Log in to the hotel's network</html>", {"permanent": False, "maybe_sent": True}),
        (403, "who_knows", {"permanent": False, "maybe_sent": False}),
        (LOST_REPLY, "", {"permanent": False, "maybe_sent": True}),
    ],
    ids=["revoked", "archived", "payload", "rate", "500", "portal", "unknown", "lost"],
)
def test_each_refusal_has_its_outcome_and_shows_no_secret(
    sink: SlackWebhookSink,
    hook: LocalHook,
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: str,
    fields: dict[str, object],
) -> None:
    """A revoked webhook would drop alerts, a slow one would be hammered, or the log would hold its address."""
    caplog.set_level(logging.DEBUG)
    hook.answer(status, body)
    with pytest.raises(DeliveryError) as caught:
        sink.send(message(), check_history=False)

    error = caught.value
    assert {name: getattr(error, name) for name in fields} == fields
    assert (error.__cause__, error.__context__, hook.asked) == (None, None, 1)
    seen = [str(error), repr(vars(error)), repr(vars(sink)), caplog.text, *(repr(r.__dict__) for r in caplog.records)]
    assert SECRET not in "".join(seen)


def test_no_server_is_no_doubt(hook: LocalHook) -> None:
    """An outage would mark every later message as possibly repeated."""
    sink = SlackWebhookSink(Secret("http://127.0.0.1:1/services/x"), timeout_s=1)
    with pytest.raises(DeliveryError) as caught:
        sink.send(message(), check_history=False)

    assert (caught.value.maybe_sent, caught.value.permanent) == (False, False)


@pytest.mark.parametrize(
    "url", ["hooks.slack.com/services/T0", "http://hooks.slack.com/services/T0", "ftp://localhost"]
)
def test_unusable_address_is_told_without_showing_it(url: str) -> None:
    """A mistyped webhook would travel in clear text, or end in the log."""
    with pytest.raises(ConfigError, match="must be an https:// address") as caught:
        SlackWebhookSink(Secret(url))

    assert "services" not in str(caught.value)


def test_a_bot_goes_before_a_webhook() -> None:
    """Somebody with both would get the weaker promise."""
    hook = {"VOLTEFACE_SLACK_WEBHOOK": "https://hooks.slack.example/services/T0"}
    both = hook | {"VOLTEFACE_SLACK_TOKEN": "xoxb-1"}

    assert [sink_for(config(), env).name for env in ({}, hook, both)] == ["console", "slack webhook", "slack"]
