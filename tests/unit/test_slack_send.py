"""One message into one channel through the real slack-sdk, and what becomes of every failure."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from local_slack import CHANNEL, TOKEN, Fault, LocalSlack
from rich.console import Console
from shift_samples import config, evidence, message
from slack_methods import Channel
from slack_sdk import WebClient

from volteface.console import ConsoleSink
from volteface.errors import DeliveryError
from volteface.secrets import Secret
from volteface.sinks import sink_for
from volteface.slack_faults import RETRY_AFTER_S
from volteface.slack_send import SlackSink

TIMEOUT_S = 4
"""A busy machine answers late; only the test of a silent Slack waits it out."""


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    """A Slack with one channel, #iran-us."""
    with LocalSlack() as running:
        yield running


def sink_of(slack: LocalSlack, channel: str = "#iran-us", token: str = TOKEN) -> SlackSink:
    settings = slack.config.model_copy(update={"channel": channel})
    return SlackSink(Secret(token), settings, timeout_s=TIMEOUT_S, sleep=lambda _: None)


def failure(sink: SlackSink, *, check_history: bool = False) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sink.send(message(), check_history=check_history)
    return caught.value


@pytest.mark.parametrize("channel", ["#iran-us", "iran-us", CHANNEL])
def test_message_is_posted_once_and_whole(slack: LocalSlack, channel: str) -> None:
    """An alert would miss its blocks or its key, or unfurl five news pages into the channel."""
    receipt = sink_of(slack, channel).send(message(), check_history=False)

    (post,) = slack.posts
    assert (post["ts"], post["channel"]) == (receipt, CHANNEL)
    assert post["blocks"] == list(message().blocks)
    assert post["text"] == message().text
    assert post["metadata"]["event_payload"]["key"] == "3f9a"
    assert (post["unfurl_links"], post["unfurl_media"], post["parse"]) == (False, False, "none")


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SILENCE])
def test_lost_reply_is_found_in_the_channel(slack: LocalSlack, fault: Fault) -> None:
    """The analyst would see the same alert twice, as with the SDK's own retry."""
    slack.silence_s = TIMEOUT_S + 0.5
    slack.fail("chat.postMessage", fault)
    sink = sink_of(slack)

    error = failure(sink)
    receipt = sink.send(message(), check_history=True)

    assert error.maybe_sent
    assert not error.permanent
    assert slack.keys == ["3f9a"]
    assert receipt == slack.posts[0]["ts"]


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.ERROR_500, Fault.PROXY_PAGE, Fault.JSON_LIST, "internal_error"])
def test_doubtful_failure_is_sent_after_looking(slack: LocalSlack, fault: Fault | str) -> None:
    """An alert of which Slack took nothing would be lost, or sent without looking first."""
    slack.fail("chat.postMessage", fault)
    sink = sink_of(slack)

    error = failure(sink)
    sink.send(message(), check_history=True)

    assert (error.maybe_sent, error.permanent, error.retry_after) == (True, False, None)
    assert slack.keys == ["3f9a"]


def test_copy_is_found_on_a_later_page_and_others_are_not_taken_for_it(slack: LocalSlack) -> None:
    """In a busy channel the earlier copy would be missed, and the alert repeated."""
    slack.page = 2
    sink = sink_of(slack)
    first = sink.send(message("wanted"), check_history=False)
    for number in range(5):
        sink.send(message(f"other {number}"), check_history=False)

    assert sink.send(message("wanted"), check_history=True) == first
    sink.send(message("new"), check_history=True)
    assert slack.keys == ["wanted", *(f"other {number}" for number in range(5)), "new"]


def test_refused_connection_was_never_sent() -> None:
    """Every outage of the network would cost a search through the channel."""
    with LocalSlack() as slack:
        gone = sink_of(slack, CHANNEL)

    error = failure(gone)

    assert (error.permanent, error.maybe_sent) == (False, False)
    assert "ConnectionRefusedError" in str(error)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT, "ratelimited"])
def test_rate_limit_tells_how_long_to_wait(slack: LocalSlack, fault: Fault | str) -> None:
    """Slack may switch off an app that asks again too early."""
    slack.retry_after = 7
    slack.fail("chat.postMessage", fault)

    error = failure(sink_of(slack))

    assert error.retry_after == (7 if fault is Fault.RATE_LIMIT else RETRY_AFTER_S)
    assert (error.permanent, error.maybe_sent) == (False, False)


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": (SECTION,)}, "invalid_blocks"),
        ({"blocks": ({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},)}, "invalid_blocks"),
        ({"blocks": ({"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11},)}, "invalid_blocks"),
        ({"blocks": ({"type": "divider"},) * 51}, "invalid_blocks"),
        ({"blocks": (SECTION,) * 5}, "msg_blocks_too_long"),
        ({"metadata": {"event_type": "x", "event_payload": {"key": "x" * 8000}}}, "metadata_too_large"),
    ],
)
def test_unacceptable_message_is_given_up_alone(slack: LocalSlack, change: dict[str, object], code: str) -> None:
    """One malformed alert would be tried for ever, or would stop all others."""
    with pytest.raises(DeliveryError, match=code) as caught:
        sink_of(slack).send(replace(message(), **change), check_history=False)  # type: ignore[arg-type]

    assert (caught.value.permanent, caught.value.sink_wide) == (True, False)
    assert slack.posts == []


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("invalid_auth", "VOLTEFACE_SLACK_TOKEN"),
        ("token_revoked", "VOLTEFACE_SLACK_TOKEN"),
        ("channel_not_found", "slack.channel"),
        ("is_archived", "unarchive"),
        ("not_in_channel", "/invite @volteface"),
        ("missing_scope", "channels:history"),
        ("restricted_action", "administrators"),
    ],
)
def test_refusal_names_the_remedy_and_concerns_all(slack: LocalSlack, code: str, remedy: str) -> None:
    """The operator would read `not_in_channel` and not know what to do, or lose the alerts until it is done."""
    slack.fail("chat.postMessage", code)

    error = failure(sink_of(slack))

    assert (error.permanent, error.sink_wide) == (True, True)
    assert remedy in str(error)


def test_unknown_code_is_tried_again(slack: LocalSlack) -> None:
    """A code that Slack invents next year would bury alerts."""
    slack.fail("chat.postMessage", "code_of_next_year")

    error = failure(sink_of(slack))

    assert (error.permanent, error.maybe_sent) == (False, False)
    assert "code_of_next_year" in str(error)


def test_foreign_page_is_not_repeated_in_the_error(slack: LocalSlack) -> None:
    """A captive portal's page would fill the log."""
    slack.fail("chat.postMessage", Fault.PROXY_PAGE)

    assert "sign in" not in str(failure(sink_of(slack)))


def test_failed_look_is_no_post(slack: LocalSlack) -> None:
    """When the history cannot be read, the alert would be repeated blindly."""
    slack.fail("conversations.history", Fault.ERROR_500)

    error = failure(sink_of(slack), check_history=True)

    assert not error.maybe_sent
    assert slack.posts == []


def break_token(slack: LocalSlack) -> None:
    slack.tokens.clear()


def break_channel(slack: LocalSlack) -> None:
    slack.channels = {"C0OTHER001": Channel("C0OTHER001", "other")}


def break_membership(slack: LocalSlack) -> None:
    slack.channels[CHANNEL].member = False


def break_history(slack: LocalSlack) -> None:
    slack.scopes.remove("channels:history")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (break_token, "invalid_auth"),
        (break_channel, "channel_not_found"),
        (break_membership, "/invite @volteface"),
        (break_history, "missing_scope.*channels:history"),
    ],
)
def test_verify_finds_what_would_fail_later(slack: LocalSlack, broken: Callable[[LocalSlack], None], told: str) -> None:
    """A wrong token or channel would be found out at the first alert, at night."""
    broken(slack)

    with pytest.raises(DeliveryError, match=told):
        sink_of(slack).verify()


def test_verify_says_who_posts_where(slack: LocalSlack) -> None:
    """The operator could not tell one workspace from another."""
    slack.channels = {f"C0MANY{n:04}": Channel(f"C0MANY{n:04}", f"c{n}") for n in range(250)} | slack.channels

    assert sink_of(slack).verify() == "Slack: volteface posts to #iran-us of Desk"
    assert slack.posts == []


def test_messages_keep_a_second_apart(slack: LocalSlack) -> None:
    """A burst of alerts would run into Slack's rate limit."""
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    sink = SlackSink(Secret(TOKEN), slack.config, clock=lambda: now[0], sleep=sleep)
    for key in "abc":
        sink.send(message(key), check_history=False)

    assert slept == [1.0, 1.0]


def test_update_replaces_what_is_shown(slack: LocalSlack) -> None:
    """The local Slack could not prove that an edit is no second message."""
    sink_of(slack).send(message("a"), check_history=False)

    WebClient(TOKEN, base_url=slack.config.api_url).chat_update(
        channel=CHANNEL, ts=slack.posts[0]["ts"], text="corrected"
    )

    assert [post["text"] for post in slack.posts] == ["corrected"]


def test_without_a_token_the_console_is_the_sink(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who forgot the token would see no alert and not know why."""
    sink = sink_for(config(), {})

    for key in ("first", "second"):
        assert sink.send(message(key), check_history=False) == "console"

    out = capsys.readouterr().out
    assert out.count("no Slack token configured (VOLTEFACE_SLACK_TOKEN): alerts are printed here") == 1
    assert "alert first" in out
    assert "alert second" in out


@pytest.mark.parametrize("width", [40, 80, 200])
def test_console_shows_what_slack_shows(width: int) -> None:
    """On a narrow terminal or without colour parts of the alert would be missing."""
    out = io.StringIO()
    sink = ConsoleSink(Console(file=out, width=width, no_color=True, highlight=False), "notice")

    sink.send(message(evidence=(evidence("[red]Q&A <now>"),)), check_history=False)

    lines = out.getvalue().splitlines()
    flat = " ".join(line.strip("│ ") for line in lines)
    assert max(map(len, lines)) <= width
    assert "\x1b" not in out.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", "")
    for part in (
        "open to talks",
        "rejects talks",
        "provisional",
        "“[red]Q&A <now>”",
        "Tehran Herald",
        "0.86",
        "Coverage",
    ):
        assert part in flat or part.replace(" ", "") in flat.replace(" ", "")
