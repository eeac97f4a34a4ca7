"""From a change of an alert to the edited message and the line in its thread, over real HTTP and on the real store."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from local_slack import TOKEN, Fault, LocalSlack
from rich.console import Console
from shift_samples import config, shift
from slack_methods import Channel
from story_samples import change, header, one_pass, save, story

from volteface.alert_types import Alert, ChangeKind
from volteface.console import ConsoleSink
from volteface.deliver import DeliverReport
from volteface.secrets import Secret
from volteface.slack_render import render
from volteface.slack_send import SlackSink
from volteface.store import Store
from volteface.types import AlertState


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    """A Slack with one channel, #iran-us."""
    with LocalSlack() as running:
        yield running


@pytest.fixture
def sink(slack: LocalSlack) -> SlackSink:
    """The real sink, without its pauses."""
    return SlackSink(Secret(TOKEN), slack.config, timeout_s=4, sleep=lambda _: None)


def test_change_edits_the_message_and_adds_a_line_to_its_thread(
    store: Store, sink: SlackSink, slack: LocalSlack
) -> None:
    """An analyst would read `provisional` under an alert that was walked back hours ago."""
    save(store, Alert(shift("a")))
    assert one_pass(store, sink) == DeliverReport(sent=1)
    assert header(slack.posts[0]).endswith("provisional")

    save(store, story("a", change(1)))
    assert one_pass(store, sink, 1) == DeliverReport(sent=1)

    assert slack.keys == ["a"]
    assert header(slack.posts[0]).endswith("confirmed")
    assert "step 1" in json.dumps(slack.posts[0]["blocks"])
    assert "a feed is silent" in json.dumps(slack.posts[0]["blocks"])
    [line] = slack.thread()
    assert line["text"].startswith("*Confirmed:* step 1\n")
    assert "Quote of step 1." in json.dumps(line["blocks"])
    assert line["metadata"]["event_payload"]["key"] == "a#1"
    assert one_pass(store, sink, 2) == DeliverReport()


def test_changes_that_wait_are_each_told_in_order_and_the_message_shows_the_newest(
    store: Store, sink: SlackSink, slack: LocalSlack
) -> None:
    """After an outage the thread would tell the story backwards, or the message would end in an old state."""
    steps = (
        change(1),
        change(2, ChangeKind.EVIDENCE),
        change(3, ChangeKind.WALKED_BACK, state=AlertState.WALKED_BACK, successor="b"),
    )
    save(store, story("a", *steps), story("b"))

    assert one_pass(store, sink) == DeliverReport(sent=5)
    assert slack.keys == ["a", "b"]
    assert [post["metadata"]["event_payload"]["key"] for post in slack.thread()] == ["a#1", "a#2", "a#3"]
    assert header(slack.posts[0]).endswith("walked back")
    assert "told in alert b" in json.dumps(slack.thread()[2]["blocks"])


def test_no_change_goes_before_its_alert(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """A thread would begin before there is a message, while the alert waits for another try."""
    save(store, story("a", change(1)), story("b"))
    slack.fail("chat.postMessage", Fault.ERROR_500)

    assert one_pass(store, sink) == DeliverReport(sent=1, retried=1, waiting=2)
    assert slack.all_keys == ["b"]
    assert one_pass(store, sink, 1) == DeliverReport(sent=2)
    assert slack.all_keys == ["b", "a", "a#1"]


def test_change_after_a_move_to_another_channel_stands_on_its_own(store: Store, slack: LocalSlack) -> None:
    """The desk would edit slack.channel and lose every later change of the alerts that are open."""
    slack.channels["C0OTHER001"] = Channel("C0OTHER001", "other")
    settings = [slack.config, slack.config.model_copy(update={"channel": "#other"})]
    old, new = (SlackSink(Secret(TOKEN), one, sleep=lambda _: None) for one in settings)
    save(store, story("a"))
    one_pass(store, old)
    save(store, story("a", change(1)))

    assert one_pass(store, new) == DeliverReport(sent=1)
    assert len(slack.channels["C0OTHER001"].posts) == 1


def test_divergence_shows_in_the_channel_and_other_changes_do_not(
    store: Store, sink: SlackSink, slack: LocalSlack
) -> None:
    """Nobody who does not follow the thread would learn that the parliament contradicts, or each step would ring."""
    split = change(2, ChangeKind.DIVERGENCE, holder="iran_majlis")
    own = change(3, ChangeKind.DIVERGENCE, holder="iran_fm", successor="b")
    save(store, story("a", change(1), split, own))
    one_pass(store, sink)

    assert slack.keys == ["a", "a#2"]
    assert len(slack.thread()) == 3


def test_console_tells_a_change_in_lines(store: Store) -> None:
    """Without Slack nobody would hear what became of an alert, or each change would fill the screen again."""
    out = io.StringIO()
    terminal = ConsoleSink(Console(file=out, width=100, no_color=True, highlight=False), "notice")
    save(store, story("a", change(1)))

    assert one_pass(store, terminal) == DeliverReport(sent=2)

    told = out.getvalue().split("Update on ")[1]
    flat = " ".join(told.split())
    assert flat == (
        "Iran's president: from “open to talks on terms” to “rejects talks” — confirmed "
        "Confirmed: step 1 Tehran Herald: “Quote of step 1.”"
    )


def test_receipt_of_the_console_is_no_message_of_slack(store: Store, sink: SlackSink, slack: LocalSlack) -> None:
    """After the token is set, changes of alerts that the terminal showed would fail for ever."""
    save(store, story("a"))
    one_pass(store, ConsoleSink(Console(file=io.StringIO()), "notice"))
    save(store, story("a", change(1)))

    assert one_pass(store, sink) == DeliverReport(sent=1)
    assert slack.keys == ["a#1"]
    assert "chat.update" not in [call.method for call in slack.calls]


def test_message_says_what_happened_since_newest_first() -> None:
    """A reader would have to search the thread for what became of the alert."""
    steps = [change(n, ChangeKind.EVIDENCE, words=f"step {n} <!channel>") for n in range(1, 6)]

    text = render(shift(), config(), (), steps).blocks[1]["text"]["text"]

    assert text == (
        "*Since then*\n"
        "• 11 Mar 2025, 12:40 UTC: step 5 &lt;!channel&gt;\n"
        "• 11 Mar 2025, 12:40 UTC: step 4 &lt;!channel&gt;\n"
        "• 11 Mar 2025, 12:40 UTC: step 3 &lt;!channel&gt;\n"
        "• and 2 more in the thread"
    )
