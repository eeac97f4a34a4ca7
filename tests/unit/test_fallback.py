"""The fall-back: what goes out when Slack refuses for too long, over a real Apprise to a real HTTP server."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from local_hook import SECRET, LocalHook
from local_slack import TOKEN, Fault, LocalSlack
from shift_samples import config, shift
from store_samples import NOON, later
from story_samples import change

from volteface.alert_types import Alert
from volteface.deliver import DeliverReport, deliver
from volteface.errors import ConfigError
from volteface.fallback import URLS, fallback_for
from volteface.secrets import Secret
from volteface.slack_send import SlackSink
from volteface.store import Store
from volteface.verdicts import Mute

# Of a module that Apprise imports, or of one that it imports.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    """A Slack with one channel, #iran-us."""
    with LocalSlack() as running:
        yield running


@pytest.fixture
def hook() -> Iterator[LocalHook]:
    """Where the fall-back leads."""
    with LocalHook() as running:
        yield running


def one_pass(store: Store, slack: LocalSlack, hook: LocalHook, hours: float = 0) -> DeliverReport:
    sink = SlackSink(Secret(TOKEN), slack.config, timeout_s=1, sleep=lambda _: None)
    fallback = fallback_for({URLS: f"json://{hook.place}"})
    return deliver(config(), store, sink, lambda: later(hours=hours), sender="test", fallback=fallback)


def alerts(store: Store, *keys: str) -> None:
    store.readings.save_detection([], [], [(shift(key), ()) for key in keys], NOON)


def test_long_refusal_goes_out_once_and_to_slack_in_the_end(store: Store, slack: LocalSlack, hook: LocalHook) -> None:
    """With a token revoked on a Friday the desk would hear nothing till Monday, or the same every five minutes."""
    alerts(store, "a", "b")
    slack.fail("chat.postMessage", *["token_revoked"] * 4)

    told = [one_pass(store, slack, hook, hours).by_fallback for hours in (0, 1.9, 2.1, 2.3)]
    back = one_pass(store, slack, hook, 2.5)

    assert told == [0, 0, 2, 0]
    assert len(hook.taken) == 2
    assert hook.taken[0]["title"] == "Iran's president: from “open to talks on terms” to “rejects talks” — provisional"
    assert hook.taken[0]["message"].startswith("This comes by the fall-back, because Slack takes no messages: ")
    assert "token_revoked" in hook.taken[0]["message"]
    assert "The president said he would not talk under threats." in hook.taken[0]["message"]
    assert back == DeliverReport(sent=2)
    assert slack.keys == ["a", "b"]
    assert "Already sent by the fall-back, 1 Jun 2025, 14:06 UTC" in str(slack.posts[0]["blocks"])


def test_short_refusal_needs_no_fallback(store: Store, slack: LocalSlack, hook: LocalHook) -> None:
    """Each hiccup of Slack would ring a second time elsewhere."""
    alerts(store, "a")
    slack.fail("chat.postMessage", Fault.ERROR_500)

    assert one_pass(store, slack, hook).by_fallback == 0
    assert one_pass(store, slack, hook, 3) == DeliverReport(sent=1)
    assert hook.asked == 0
    assert "fall-back" not in str(slack.posts[0]["blocks"])


def test_fallback_that_fails_is_tried_again(store: Store, slack: LocalSlack, hook: LocalHook) -> None:
    """Where both ways fail for a moment, the alert would be taken for told."""
    alerts(store, "a")
    slack.fail("chat.postMessage", *["is_archived"] * 3)
    hook.answer(500)

    assert [one_pass(store, slack, hook, hours).by_fallback for hours in (0, 3, 4)] == [0, 0, 1]


def test_muted_alert_does_not_go_around(store: Store, slack: LocalSlack, hook: LocalHook) -> None:
    """What a desk has muted would come by mail instead."""
    store.verdicts.mute(Mute("iran_president", "negotiation", later(hours=24), "Ann", NOON))
    alerts(store, "loud")
    muted = shift("muted", before=-0.7, after=0.4, direction="towards")
    store.readings.save_detection([], [], [(muted, ())], NOON, [Alert(muted, (change(1, key="muted"),))])
    slack.fail("chat.postMessage", "", *["is_archived"] * 2)
    alerts(store, "later")

    assert [one_pass(store, slack, hook, hours).by_fallback for hours in (0, 3)] == [0, 1]
    assert len(hook.taken) == 1


@pytest.mark.parametrize("url", ["nothing", f"unknown://{SECRET}@host"])
def test_unusable_address_is_told_without_showing_it(url: str) -> None:
    """A mistyped address would show only when it is needed; or its password would be in the log."""
    with pytest.raises(ConfigError, match="Apprise cannot use one of these addresses") as caught:
        fallback_for({URLS: f"json://localhost,{url}"})

    assert url not in str(caught.value)


def test_no_address_shows_in_the_log(
    store: Store, slack: LocalSlack, hook: LocalHook, caplog: pytest.LogCaptureFixture
) -> None:
    """The passwords in addresses would end in a log that somebody mails around, or in a backup."""
    caplog.set_level(logging.DEBUG)
    alerts(store, "a")
    slack.fail("chat.postMessage", *["is_archived"] * 3)
    hook.answer(500)
    for hours in (0, 3, 4):
        one_pass(store, slack, hook, hours)

    assert hook.asked == 2
    assert SECRET not in "".join(
        [caplog.text, repr(store.outbox.pending()), *(repr(r.__dict__) for r in caplog.records)]
    )
