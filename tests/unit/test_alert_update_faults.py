"""Whatever goes wrong while a change of an alert is told: it is told once, and in order."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fakes import Crash, CrashingSink
from local_slack import CHANNEL, TOKEN, Fault, LocalSlack
from shift_samples import config
from store_samples import NOON
from story_samples import change, header, one_pass, save, story

from volteface.alert_types import ChangeKind
from volteface.deliver import DeliverReport, deliver
from volteface.secrets import Secret
from volteface.slack_send import SlackSink
from volteface.store import Store


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    """A Slack with one channel, #iran-us."""
    with LocalSlack() as running:
        yield running


@pytest.fixture
def sink(slack: LocalSlack) -> SlackSink:
    """The real sink, without its pauses."""
    return SlackSink(Secret(TOKEN), slack.config, timeout_s=4, sleep=lambda _: None)


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.RESET, Fault.ERROR_500, "fatal_error"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_doubtful_call_ends_as_one_line(
    store: Store, sink: SlackSink, slack: LocalSlack, method: str, fault: Fault | str
) -> None:
    """A lost reply would repeat a line in the thread, or lose it."""
    save(store, story("a"))
    one_pass(store, sink)
    save(store, story("a", change(1)))
    slack.fail(method, fault)

    assert one_pass(store, sink, 1) == DeliverReport(retried=1, waiting=1)
    assert one_pass(store, sink, 9) == DeliverReport(sent=1)
    assert slack.all_keys == ["a", "a#1"]
    assert header(slack.posts[0]).endswith("confirmed")


def test_rate_limit_on_an_edit_holds_everything_until_it_is_over(
    store: Store, sink: SlackSink, slack: LocalSlack
) -> None:
    """Slack may switch off an app that goes on while it was asked to wait."""
    slack.retry_after = 60
    save(store, story("a", change(1)))
    save(store, story("b"))
    slack.fail("chat.update", Fault.RATE_LIMIT)

    first = one_pass(store, sink)

    assert (first.sent, first.retried, first.waiting) == (1, 1, 2)
    assert one_pass(store, sink, 0.9).sent == 0
    assert one_pass(store, sink, 1.1) == DeliverReport(sent=2)
    assert slack.all_keys == ["a", "b", "a#1"]


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed", "invalid_blocks", "msg_too_long"])
def test_message_that_cannot_be_edited_is_left_and_the_thread_tells(
    store: Store, sink: SlackSink, slack: LocalSlack, code: str
) -> None:
    """A workspace that forbids late edits would never hear of a walk-back."""
    save(store, story("a", change(1)))
    slack.fail("chat.update", code)

    assert one_pass(store, sink) == DeliverReport(sent=2)
    assert slack.keys == ["a"]
    assert [line["metadata"]["event_payload"]["key"] for line in slack.thread()] == ["a#1"]


def test_change_of_a_deleted_message_stands_on_its_own(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """Somebody tidies the channel, and from then on nobody hears what became of the alert."""
    save(store, story("a"))
    one_pass(store, sink)
    slack.channels[CHANNEL].delete(slack.posts[0]["ts"])
    save(store, story("a", change(1)))
    slack.fail("chat.postMessage", Fault.LOST_REPLY)

    assert one_pass(store, sink, 1) == DeliverReport(retried=1, waiting=1)
    assert one_pass(store, sink, 9) == DeliverReport(sent=1)
    assert slack.all_keys == ["a#1"]
    assert header(slack.posts[0]) == "Iran's president: from “open to talks on terms” to “rejects talks” — confirmed"
    assert "step 1" in json.dumps(slack.posts[0]["blocks"])


def test_thread_that_takes_no_reply_does_not_swallow_the_change(
    store: Store, sink: SlackSink, slack: LocalSlack
) -> None:
    """A thread locked by an administrator would silence the alert."""
    save(store, story("a", change(1)))
    slack.fail("chat.postMessage", "", "restricted_action_thread_locked")

    assert one_pass(store, sink) == DeliverReport(sent=2)
    assert slack.keys == ["a", "a#1"]


def test_changes_of_a_buried_alert_stand_on_their_own(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """An alert that Slack refuses would take its confirmation and its walk-back with it."""
    save(store, story("a", change(1), change(2, ChangeKind.EVIDENCE)))
    slack.fail("chat.postMessage", "invalid_blocks")

    assert one_pass(store, sink) == DeliverReport(sent=2, dead=1)
    assert slack.keys == ["a#1", "a#2"]
    assert slack.channels[CHANNEL].threads == {}


def test_buried_change_does_not_stop_the_next(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """One malformed line would end the thread for ever."""
    save(store, story("a", change(1), change(2, ChangeKind.EVIDENCE)))
    slack.fail("chat.postMessage", "", "invalid_blocks")

    assert one_pass(store, sink) == DeliverReport(sent=2, dead=1)
    assert slack.all_keys == ["a", "a#2"]
    assert [(row.key, row.kind, row.number) for row in store.outbox.dead()] == [("a", "update", 1)]


def test_line_is_found_far_back_in_a_long_thread(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """In a thread with much talk the line would not be found again, and told twice."""
    slack.page = 2
    save(store, story("a", *(change(n, ChangeKind.EVIDENCE) for n in range(1, 6))))
    slack.fail("chat.postMessage", *[""] * 5, Fault.LOST_REPLY)

    one_pass(store, sink)
    one_pass(store, sink, 9)

    assert slack.all_keys == ["a", "a#1", "a#2", "a#3", "a#4", "a#5"]


@pytest.mark.parametrize("after", [True, False])
def test_crash_around_a_change_neither_loses_nor_repeats(
    store: Store, sink: SlackSink, slack: LocalSlack, after: bool
) -> None:
    """A restart at the wrong moment would repeat a line of the thread, or swallow it."""
    save(store, story("a", change(1), change(2, ChangeKind.EVIDENCE)))
    dying = CrashingSink(Secret(TOKEN), slack.config, sleep=lambda _: None)
    dying.at, dying.after = "update", after

    with pytest.raises(Crash):
        one_pass(store, dying)

    assert one_pass(store, sink, 1) == DeliverReport(waiting=2)  # The lease of the dead sender still holds.
    assert one_pass(store, sink, 3) == DeliverReport(sent=2)
    assert slack.all_keys == ["a", "a#1", "a#2"]


def test_two_senders_keep_the_order_of_a_thread(store: Store, slack: LocalSlack) -> None:
    """A second instance would overtake the first within one story."""
    save(store, story("a", change(1), change(2, ChangeKind.EVIDENCE)), story("b", change(1, key="b")))
    sinks = [SlackSink(Secret(TOKEN), slack.config, sleep=lambda _: None) for _ in "12"]

    for n in range(5):
        deliver(config(), store, sinks[n % 2], lambda: NOON, sender=f"s{n % 2}", limit=1)

    assert sorted(slack.all_keys) == ["a", "a#1", "a#2", "b", "b#1"]
    assert [line["metadata"]["event_payload"]["key"] for line in slack.thread(0)] == ["a#1", "a#2"]
