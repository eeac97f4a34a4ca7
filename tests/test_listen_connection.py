"""The connection over which clicks come: what ends it, what refuses it, and what it must not give away."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from button_desk import Channel, button_channel
from local_slack import TOKEN, Fault, LocalSlack
from local_socket import APP_TOKEN, TICKET, LocalSocket, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    """One alert, delivered with its buttons."""
    with button_channel(tmp_path) as made:
        yield made


def refresh(socket: LocalSocket) -> None:
    """As Slack does every few hours: it says so first."""
    socket.announce_end("warning")
    socket.announce_end("refresh_requested")


@pytest.mark.parametrize("end", [LocalSocket.drop, LocalSocket.close, refresh], ids=["dropped", "closed", "refresh"])
def test_ended_connection_is_opened_again(channel: Channel, end: Callable[[LocalSocket], None]) -> None:
    """After one hiccup of the network, or after Slack's routine, no button would work until somebody restarts us."""
    with channel.listener():
        wait_until(lambda: channel.said)
        for number in range(1, 3):
            wait_until(lambda: channel.socket.greeted >= number and channel.socket.lines == 1)  # noqa: B023
            end(channel.socket)
            wait_until(lambda: channel.socket.greeted > number)  # noqa: B023
        wait_until(lambda: channel.socket.lines == 1)
        channel.press("True shift")
        wait_until(lambda: channel.shows("true shift (by bob"))

    assert channel.said == ["buttons answer"]


def test_hiccup_is_not_told(channel: Channel) -> None:
    """Whoever reads the log would see an outage where Slack changed a machine."""
    with channel.listener():
        wait_until(lambda: channel.said)
        channel.slack.fail("apps.connections.open", "internal_error")
        channel.socket.drop()
        wait_until(lambda: channel.socket.greeted == 2)
        channel.press("Seen")
        wait_until(lambda: channel.shows("seen (by bob"))

    assert channel.said == ["buttons answer"]


def test_click_made_while_nobody_listened_counts_later(channel: Channel) -> None:
    """A click during a restart would be lost without a word."""
    channel.press("Wrong speaker")
    with channel.listener():
        wait_until(lambda: channel.shows("wrong speaker (by bob"))

    assert channel.socket.acknowledged


# The SDK leaves the socket of a refused handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_outage_is_told_once_and_ended_once(channel: Channel) -> None:
    """A night without Slack would fill the log with one line every second."""
    channel.socket.broken = True
    channel.slack.fail("apps.connections.open", "internal_error", Fault.RESET)
    with channel.listener():
        wait_until(lambda: [call.method for call in channel.slack.calls].count("apps.connections.open") >= 5)
        channel.socket.broken = False
        wait_until(lambda: len(channel.said) == 2)
    gc.collect()  # Here, where the warning is expected, and not in somebody else's test.

    assert channel.said == ["buttons do not answer: Slack failed: internal_error, status 200", "buttons answer again"]


def test_refused_token_is_told_once_and_not_tried_on_and_on(channel: Channel) -> None:
    """A revoked token would be tried every second for ever, or nobody would learn why no button works."""
    channel.slack.app_tokens.clear()
    with channel.listener():
        wait_until(lambda: len(channel.slack.posts) == 2)
        threading.Event().wait(1.5)

    assert [call.method for call in channel.slack.calls].count("apps.connections.open") == 1
    (told,) = channel.said
    assert "invalid_auth; make a new app-level token (xapp-...) and set VOLTEFACE_SLACK_APP_TOKEN" in told
    assert "The buttons do not answer: Slack refuses the app: invalid" in channel.slack.posts[1]["text"]
    assert channel.slack.posts[1]["blocks"][-1]["type"] == "context"


def test_notice_of_a_refused_token_is_not_repeated_by_a_restart(channel: Channel) -> None:
    """systemd would put the same notice into the channel every ten seconds."""
    channel.slack.app_tokens.clear()
    for number in range(1, 3):
        with channel.listener():
            wait_until(lambda: len(channel.said) == number)  # noqa: B023

    assert len(channel.slack.posts) == 2


def test_wait_that_slack_asks_for_is_kept(channel: Channel) -> None:
    """Slack would bar an app that does not wait."""
    channel.slack.retry_after = 2
    channel.slack.fail("apps.connections.open", Fault.RATE_LIMIT)
    with channel.listener():
        wait_until(lambda: channel.socket.lines)

    first, second = (call.at for call in channel.slack.calls if call.method == "apps.connections.open")
    assert second - first >= 2


def test_frames_that_slack_never_sends_stop_nothing(channel: Channel) -> None:
    """One broken frame would make every button dead."""
    with channel.listener():
        wait_until(lambda: channel.socket.lines)
        for raw in ("", "nonsense", "[1]", "{}", '{"type": "hello"}', '{"type": "interactive", "envelope_id": 5}'):
            channel.socket.send_raw(raw)
        for kind, payload in (("slash_commands", {}), ("interactive", {"type": "view_submission"})):
            channel.socket.click(payload, kind)
        channel.press("Seen")
        wait_until(lambda: len(channel.socket.acknowledged) == 2)

    assert channel.verdicts() == ["seen (by bob, U0BOB00001)"]


class Eavesdropper(LocalSocket):
    """Hands out an address on which the SDK would speak plainly."""

    def address(self) -> str:
        """Not on this machine, and not on the port of TLS."""
        return super().address().replace("ws://127.0.0.1", "wss://socket.example")


def test_socket_that_is_not_encrypted_is_not_used(channel: Channel) -> None:
    """Clicks, and the ticket, could be read on the way."""
    with Eavesdropper() as socket, LocalSlack(socket=socket) as slack:
        settings = channel.config.slack.model_copy(update={"api_url": slack.config.api_url})
        elsewhere = Channel(slack, socket, channel.config_file, channel.config.model_copy(update={"slack": settings}))
        with elsewhere.listener():
            wait_until(lambda: elsewhere.said)

    assert elsewhere.said == ["buttons do not answer: Slack names a socket that is not encrypted"]
    assert socket.greeted == 0


def test_no_secret_in_any_log(channel: Channel, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Whoever reads a log could listen in the app's place."""
    caplog.set_level(logging.DEBUG)
    channel.slack.fail("apps.connections.open", Fault.RATE_LIMIT, Fault.PROXY_PAGE, "internal_error", "new_to_us")
    channel.slack.retry_after = 1
    with channel.listener():
        wait_until(lambda: channel.socket.lines)
        channel.press("Seen")
        channel.socket.send_raw("{")
        wait_until(lambda: channel.shows("seen (by bob"))
        channel.socket.drop()
        wait_until(lambda: channel.socket.greeted == 2)
        channel.slack.app_tokens.clear()
        channel.socket.close()
        wait_until(lambda: "invalid_auth" in str(channel.said))

    records = [record for record in caplog.records if not record.name.startswith("websockets")]  # The other side's.
    shown = "".join([*channel.said, *(repr(record.__dict__) for record in records)])
    assert "invalid_auth" in shown
    files = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in (TOKEN, APP_TOKEN, TICKET):
        assert secret not in shown
        assert secret.encode() not in files
