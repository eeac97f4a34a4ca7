"""Buttons through the real slack-sdk: from a click over a real WebSocket to the store and back into the message."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from button_desk import ROOT, Channel, button_channel
from click.testing import CliRunner
from local_socket import pressed, wait_until
from store_samples import alerted

from deploy.cli import main
from deploy.listen import listening
from deploy.once import utc_now
from volteface.deliver import deliver
from volteface.errors import ConfigError
from volteface.sinks import slack_sink
from volteface.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Channel]:
    """One alert, delivered with its buttons."""
    with button_channel(tmp_path) as made:
        yield made


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


def test_click_on_an_alert_that_is_gone_is_not_acknowledged(channel: Channel) -> None:
    """A verdict on an alert of another database would seem to count."""
    payload = pressed(channel.slack.posts[0], "Old news")
    payload["actions"][0]["value"] = "of-another-database"
    with channel.listener():
        wait_until(lambda: channel.socket.lines)
        channel.socket.click(payload)
        counts = channel.press("Old news")
        wait_until(lambda: channel.shows("old news (by bob"))

    assert channel.socket.acknowledged == [counts]


KILLED = """
import os, signal, sys, threading
from pathlib import Path
from deploy.listen import Desk
from volteface.config_file import load_config
from volteface.secrets import app_token
from volteface.slack_socket import SocketMode

desk = Desk(load_config(Path(sys.argv[1])))

def take(payload):
    assert desk.take(payload)
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


def test_serve_says_at_its_start_that_nobody_can_answer(channel: Channel) -> None:
    """The thread would die alone, and buttons stand below alerts that nobody answers."""
    plain = channel.config.slack.model_copy(update={"api_url": "http://slack.example/api/"})

    with (
        pytest.raises(ConfigError, match="unencrypted"),
        listening(channel.config.model_copy(update={"slack": plain}), channel.said.append),
    ):
        pass


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
