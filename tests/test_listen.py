"""Buttons through the real slack-sdk: from a click over a real WebSocket to the store and back into the message."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from local_slack import TOKEN, Fault, LocalSlack
from local_socket import APP_TOKEN, BOB, TICKET, LocalSocket, pressed, wait_until
from store_samples import alerted

from deploy.cli import main
from deploy.listen import Desk, listening
from deploy.once import utc_now
from volteface.config import Config
from volteface.config_file import load_config
from volteface.deliver import deliver
from volteface.secrets import Secret
from volteface.sinks import slack_sink
from volteface.slack_socket import SocketMode
from volteface.store import Store

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@dataclass
class Channel:
    """A channel with one alert in it, and the app's side of it."""

    slack: LocalSlack
    socket: LocalSocket
    config_file: Path
    config: Config
    said: list[str] = field(default_factory=list)
    """What the listener told its terminal."""

    def press(self, label: str, user: tuple[str, str] = BOB) -> str:
        """Press a button below the alert; the envelope's id."""
        return self.socket.click(pressed(self.slack.posts[0], label, user=user))

    def shows(self, words: str) -> bool:
        """Whether the alert's own message has these words."""
        return words in str(self.slack.posts[0]["blocks"])

    def verdicts(self) -> list[str]:
        """As stored, by time."""
        with Store.open(self.config.database) as store:
            return [change.words for change in store.alerts.records(1)[0].changes]

    @contextmanager
    def listener(self, first_wait_s: float = 0.05) -> Iterator[None]:
        """The app's listener, in a thread."""
        desk, stop = Desk(self.config), threading.Event()
        socket = SocketMode(
            Secret(APP_TOKEN), self.config.slack.api_url, desk.take, prepare=desk.sink.channel, say=self.said.append,
            alarm=desk.raise_alarm, first_wait_s=first_wait_s,
        )  # fmt: skip
        thread = threading.Thread(target=socket.run, args=(stop, desk.tell))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    """One alert, delivered with its buttons."""
    monkeypatch.setenv("VOLTEFACE_SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("VOLTEFACE_SLACK_APP_TOKEN", APP_TOKEN)
    with LocalSocket() as socket, LocalSlack(socket=socket) as slack:
        config_file = tmp_path / "config.yaml"
        document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        own = {"database": f"sqlite:///{tmp_path}/desk.db", "slack": slack.config.model_dump(mode="json")}
        config_file.write_text(yaml.safe_dump(document | own), encoding="utf-8")
        config = load_config(config_file)
        with Store.open(config.database) as store:
            alerted(store, "a")
            assert deliver(config, store, slack_sink(config), utc_now, "test").sent == 1
        yield Channel(slack, socket, config_file, config)


def test_click_becomes_a_verdict_and_shows(channel: Channel) -> None:
    """An analyst would press a button and nothing would happen."""
    with channel.listener():
        wait_until(lambda: channel.socket.lines)
        envelope = channel.press("Restatement")
        wait_until(lambda: channel.shows("*Verdict:* restatement (by bob, U0BOB00001)"))
        wait_until(lambda: channel.slack.thread())

    assert channel.socket.acknowledged == [envelope]
    assert channel.socket.slowest_s < 3
    assert [line["text"] for line in channel.slack.thread()] == ["*Verdict:* restatement (by bob, U0BOB00001)"]
    assert channel.slack.posts[0]["blocks"][-1]["type"] == "actions"  # The buttons are still there.
    assert channel.said == ["buttons answer"]


def test_click_that_comes_twice_is_one_verdict(channel: Channel) -> None:
    """The thread would repeat itself whenever the network hiccups."""
    with channel.listener():
        wait_until(lambda: channel.socket.lines)
        channel.press("Old news")
        channel.socket.deliver_again()
        wait_until(lambda: len(channel.socket.acknowledged) == 2)
        wait_until(lambda: channel.slack.thread())

    assert channel.verdicts() == ["old news (by bob, U0BOB00001)"]
    assert len(channel.slack.thread()) == 1


def refresh(socket: LocalSocket) -> None:
    """As Slack does every few hours: it says so first."""
    socket.announce_end("warning")
    socket.announce_end("refresh_requested")


@pytest.mark.parametrize("end", [LocalSocket.drop, LocalSocket.close, refresh], ids=["dropped", "closed", "refresh"])
def test_ended_connection_is_opened_again(channel: Channel, end: Callable[[LocalSocket], None]) -> None:
    """After one hiccup of the network, or after Slack's routine, no button would work until somebody restarts us."""
    with channel.listener():
        for number in range(1, 3):
            wait_until(lambda: channel.socket.greeted >= number and channel.socket.lines == 1)  # noqa: B023
            end(channel.socket)
            wait_until(lambda: channel.socket.greeted > number)  # noqa: B023
        wait_until(lambda: channel.socket.lines == 1)
        channel.press("True shift")
        wait_until(lambda: channel.shows("true shift (by bob"))

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


def test_click_that_cannot_be_stored_is_not_acknowledged(channel: Channel, tmp_path: Path) -> None:
    """Slack would show that a verdict counts which is lost."""
    lock = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    with channel.listener():
        wait_until(lambda: channel.socket.lines)
        lock.execute("BEGIN IMMEDIATE")
        channel.press("Restatement")
        threading.Event().wait(3)
        assert channel.socket.acknowledged == []
        lock.execute("ROLLBACK")
        channel.socket.deliver_again()
        wait_until(lambda: channel.shows("restatement (by bob"))
    lock.close()

    assert channel.verdicts() == ["restatement (by bob, U0BOB00001)"]


KILLED = """
import os, signal, sys, threading
from pathlib import Path
from deploy.listen import Desk
from volteface.config_file import load_config
from volteface.secrets import app_token
from volteface.slack_socket import SocketMode

desk = Desk(load_config(Path(sys.argv[1])))

def take(payload):
    desk.take(payload)
    os.kill(os.getpid(), signal.SIGKILL)

SocketMode(app_token(), sys.argv[2], take, prepare=desk.sink.channel, say=print, alarm=print).run(
    threading.Event(), lambda: None
)
"""


def test_listener_killed_before_it_acknowledges_repeats_nothing(channel: Channel) -> None:
    """After a crash at the wrong moment the verdict would be lost, or told twice."""
    command = [sys.executable, "-c", KILLED, str(channel.config_file), channel.config.slack.api_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: channel.socket.lines, 60)
        channel.press("Old news")
        assert process.wait(60) == -signal.SIGKILL
    assert channel.verdicts() == ["old news (by bob, U0BOB00001)"]
    assert channel.socket.acknowledged == []

    with channel.listener():
        wait_until(lambda: channel.socket.acknowledged)
    with Store.open(channel.config.database) as store:
        deliver(channel.config, store, slack_sink(channel.config), utc_now, "the alert flow")
    assert channel.verdicts() == ["old news (by bob, U0BOB00001)"]
    assert len(channel.slack.thread()) == 1


def test_frames_that_slack_never_sends_stop_nothing(channel: Channel) -> None:
    """One broken frame would make every button dead."""
    with channel.listener():
        wait_until(lambda: channel.socket.lines)
        for raw in ("", "nonsense", "[1]", "{}", '{"type": "hello"}', '{"type": "interactive", "envelope_id": 5}'):
            channel.socket.send_raw(raw)
        for kind, payload in (("slash_commands", {}), ("interactive", {"type": "view_submission"})):
            channel.socket.click(payload, kind)
        channel.press("Seen")
        wait_until(lambda: len(channel.socket.acknowledged) == 3)

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


def test_serve_answers_where_the_token_is_set(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """`volteface serve` would post buttons that nobody answers."""
    with listening(channel.config, channel.said.append):
        wait_until(lambda: channel.socket.lines)
        channel.press("Seen")
        wait_until(lambda: channel.shows("*Desk:* seen (by bob"))
    wait_until(lambda: channel.socket.lines == 0)

    monkeypatch.delenv("VOLTEFACE_SLACK_APP_TOKEN")
    with listening(channel.config, channel.said.append):
        assert not [thread for thread in threading.enumerate() if thread.name == "listen"]


def test_command_listens_until_it_is_stopped(channel: Channel) -> None:
    """systemd would have to kill the listener, or a worker's buttons would be dead."""
    command = [sys.executable, "-m", "deploy.cli", "--config", str(channel.config_file), "listen"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        wait_until(lambda: channel.socket.lines, 60)
        channel.press("Mute for 4 h")
        wait_until(lambda: channel.shows("this office is muted on this axis until"))
        process.terminate()
        said, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert said == "buttons answer\n"


def test_command_says_which_token_is_missing(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody would wait for clicks with the wrong token, and not know why none come."""
    app, bot = "VOLTEFACE_SLACK_APP_TOKEN", "VOLTEFACE_SLACK_TOKEN"
    tried = []
    for name, value in ((app, ""), (app, "xoxb-1"), (bot, "")):
        with monkeypatch.context() as environment:
            environment.setenv(name, value)
            result = CliRunner().invoke(main, ["--config", str(channel.config_file), "listen"])
        tried.append((result.exit_code, result.output))

    codes, told = zip(*tried, strict=True)
    assert codes == (2, 2, 2)
    assert "VOLTEFACE_SLACK_APP_TOKEN is not set" in told[0]
    assert "begins with xapp-" in told[1]
    assert "VOLTEFACE_SLACK_TOKEN is not" in told[2]
    assert "xoxb-1" not in "".join(told)


def test_status_and_health_say_whether_there_are_buttons(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who misses the buttons would not know whether they are off or dead."""

    def shown(*words: str) -> str:
        return CliRunner().invoke(main, ["--config", str(channel.config_file), *words]).output

    assert "Buttons  on" in shown("status")
    assert "buttons: on" in shown("health")
    assert json.loads(shown("status", "--json"))["buttons"] is True
    monkeypatch.delenv("VOLTEFACE_SLACK_APP_TOKEN")
    assert "Buttons  off: VOLTEFACE_SLACK_APP_TOKEN is not set" in shown("status")
    assert json.loads(shown("health", "--json"))["buttons"] is False


def test_no_token_no_buttons(channel: Channel) -> None:
    """A button that nobody answers is a lie."""
    environment = {"VOLTEFACE_SLACK_TOKEN": os.environ["VOLTEFACE_SLACK_TOKEN"]}
    with Store.open(channel.config.database) as store:
        alerted(store, "b")
        deliver(channel.config, store, slack_sink(channel.config, environment), utc_now, "test")

    with_buttons, without = ([block["type"] for block in post["blocks"]] for post in channel.slack.posts)
    assert "actions" in with_buttons
    assert "actions" not in without
