"""From outbox row to one visible message, over real HTTP and on the real store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import Crash, CrashingSink
from local_slack import TOKEN, Fault, LocalSlack
from shift_samples import config, message, shift
from store_samples import NOON, later

from volteface.deliver import DeliverReport, deliver, wait_s
from volteface.errors import DeliveryError
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
    return SlackSink(Secret(TOKEN), slack.config, timeout_s=1, sleep=lambda _: None)


def alerts(store: Store, *keys: str) -> None:
    """One waiting alert for each key, in this order."""
    store.readings.save_detection([], [], [(shift(key), ("a feed is silent",)) for key in keys], NOON)


def one_pass(store: Store, sink: SlackSink, minutes: float = 0, **limits: int) -> DeliverReport:
    return deliver(config(), store, sink, lambda: later(minutes=minutes), sender="test", **limits)


def test_alerts_arrive_once_and_in_order(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """An analyst would miss an alert, see one twice, or read them in the wrong order."""
    alerts(store, "a", "b", "c")

    assert one_pass(store, sink) == DeliverReport(sent=3)
    assert one_pass(store, sink) == DeliverReport()
    assert slack.keys == ["a", "b", "c"]
    assert "a feed is silent" in str(slack.posts[0]["blocks"])


def test_limit_leaves_the_rest_for_the_next_pass(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """A large burst would hold up the schedule, or its tail would be dropped."""
    alerts(store, "a", "b", "c")

    assert one_pass(store, sink, limit=2) == DeliverReport(sent=2, waiting=1)
    assert one_pass(store, sink, limit=2) == DeliverReport(sent=1)
    assert slack.keys == ["a", "b", "c"]


@pytest.mark.parametrize("after", [True, False])
def test_crash_around_the_send_neither_loses_nor_repeats(
    store: Store, sink: SlackSink, slack: LocalSlack, after: bool
) -> None:
    """A restart at the wrong moment would repeat an alert, or swallow it."""
    alerts(store, "a", "b")
    dying = CrashingSink(Secret(TOKEN), slack.config)
    dying.after = after

    with pytest.raises(Crash):
        one_pass(store, dying)

    assert one_pass(store, sink, minutes=1) == DeliverReport(sent=1, waiting=1)
    assert one_pass(store, sink, minutes=3) == DeliverReport(sent=1)
    assert sorted(slack.keys) == ["a", "b"]


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SILENCE, Fault.RESET, Fault.ERROR_500, "fatal_error"])
def test_doubtful_send_ends_as_one_message(
    store: Store, sink: SlackSink, slack: LocalSlack, fault: Fault | str
) -> None:
    """A lost reply would become a second message, or a lost alert."""
    slack.silence_s = 1.2
    slack.fail("chat.postMessage", fault)
    alerts(store, "a")

    assert one_pass(store, sink) == DeliverReport(retried=1, waiting=1)
    assert one_pass(store, sink, minutes=5) == DeliverReport(sent=1)
    assert slack.keys == ["a"]


def test_doubt_survives_a_failed_look(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """After a lost reply and an outage, the third attempt would post again without looking."""
    alerts(store, "a")
    slack.fail("chat.postMessage", Fault.LOST_REPLY)
    slack.fail("conversations.history", Fault.ERROR_500, Fault.RATE_LIMIT)

    reports = [one_pass(store, sink, minutes=10 * n) for n in range(4)]

    assert [report.sent for report in reports] == [0, 0, 0, 1]
    assert slack.keys == ["a"]


def test_rate_limit_holds_the_channel_until_it_is_over(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """A later alert would overtake an earlier one, and Slack might switch off an app that does not wait."""
    slack.retry_after = 120
    slack.fail("chat.postMessage", "", Fault.RATE_LIMIT)
    alerts(store, "a", "b", "c")

    first = one_pass(store, sink)
    asked = len(slack.calls)
    alerts(store, "d")
    early = one_pass(store, sink, minutes=1.9)

    assert (first.sent, first.retried, first.waiting) == (1, 1, 2)
    assert "120 s" in str(first.fault)
    assert (early.sent, early.waiting, early.fault) == (0, 3, f"all messages held: {first.fault}")
    assert len(slack.calls) == asked
    assert one_pass(store, sink, minutes=2.1) == DeliverReport(sent=3)
    assert slack.keys == ["a", "b", "c", "d"]


def test_burst_against_the_rate_limit_arrives_in_order(store: Store, slack: LocalSlack) -> None:
    """On the day of a crisis alerts would be dropped, shuffled or asked for too early."""
    keys = [f"k{number:02}" for number in range(25)]
    alerts(store, *keys)
    with LocalSlack(per_second=8, burst=3, retry_after=1) as busy:
        hasty = SlackSink(Secret(TOKEN), busy.config, sleep=lambda _: None)
        passes, minutes = 0, 0.0
        while one_pass(store, hasty, minutes).waiting:
            passes, minutes = passes + 1, minutes + 1 / 60
        refused = [call for call in busy.calls if call.status == 429]

        assert busy.keys == keys
    assert passes >= len(refused) > 0


def test_impossible_message_is_buried_and_the_others_go_on(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """One malformed alert would block every later one."""
    slack.fail("chat.postMessage", "", "invalid_blocks")
    alerts(store, "a", "b", "c")

    assert one_pass(store, sink) == DeliverReport(sent=2, dead=1)
    assert slack.keys == ["a", "c"]
    assert [(row.key, row.error) for row in store.outbox.dead()] == [
        ("b", "Slack cannot take this message: invalid_blocks")
    ]


@pytest.mark.parametrize("code", ["token_revoked", "is_archived", "not_in_channel"])
def test_refused_channel_keeps_every_alert_until_somebody_acts(
    store: Store, sink: SlackSink, slack: LocalSlack, code: str
) -> None:
    """A token that lapses at night would cost the alerts of that night."""
    slack.fail("chat.postMessage", code)
    alerts(store, "a", "b")

    refused = one_pass(store, sink)

    assert (refused.sent, refused.retried, refused.dead, refused.waiting) == (0, 1, 0, 2)
    assert code in str(refused.fault)
    assert [call.method for call in slack.calls].count("chat.postMessage") == 1
    assert one_pass(store, sink, minutes=2) == DeliverReport(sent=2)
    assert slack.keys == ["a", "b"]


def test_one_failing_message_does_not_stop_the_others(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """A message at which Slack stumbles each time would hold up all others."""
    slack.fail("chat.postMessage", Fault.ERROR_500)
    alerts(store, "a", "b")

    assert one_pass(store, sink) == DeliverReport(sent=1, retried=1, waiting=1)
    assert one_pass(store, sink, minutes=1) == DeliverReport(sent=1)
    assert slack.keys == ["b", "a"]


def test_outage_ends_the_pass_early(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """With Slack down, a pass would spend fifteen seconds on each of two hundred alerts."""
    slack.fail("chat.postMessage", *[Fault.ERROR_500] * 3)
    alerts(store, *"abcde")

    down = one_pass(store, sink)

    assert (down.retried, down.waiting) == (3, 5)
    assert "status 500" in str(down.fault)
    assert one_pass(store, sink, minutes=60) == DeliverReport(sent=5)


def test_two_senders_share_the_work(store: Store, slack: LocalSlack) -> None:
    """A second instance would send everything a second time."""
    alerts(store, *"abcdef")
    sinks = [SlackSink(Secret(TOKEN), slack.config, sleep=lambda _: None) for _ in "12"]

    reports = [deliver(config(), store, sinks[n % 2], lambda: NOON, sender=f"s{n % 2}", limit=1) for n in range(6)]

    assert [report.sent for report in reports] == [1] * 6
    assert slack.keys == list("abcdef")


def test_alert_of_a_deleted_office_is_still_delivered(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """An edit of config.yaml would crash every pass while the alert waits."""
    store.readings.save_detection([], [], [(shift("a", holder="gone", axis="gone"), ())], NOON)

    assert one_pass(store, sink) == DeliverReport(sent=1)


def test_waits_double_up_to_half_an_hour() -> None:
    """An outage would be hammered, or a short one would delay an alert by hours."""
    doubtful = DeliveryError("x", permanent=False, maybe_sent=True)

    assert [wait_s(n, doubtful) for n in (1, 2, 3, 7, 5000)] == [30, 60, 120, 1800, 1800]
    assert wait_s(9, DeliveryError("x", permanent=False, retry_after=3)) == 3
    assert wait_s(9, DeliveryError("x", permanent=True, sink_wide=True)) == 60


def test_delivered_alert_is_found_by_its_key(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """A later edit of the alert, or a second look after a crash, could not find its message."""
    alerts(store, "a")
    one_pass(store, sink)

    assert sink.send(message("a"), check_history=True) == slack.posts[0]["ts"]
