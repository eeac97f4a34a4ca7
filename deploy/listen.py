"""`volteface listen`: answers the buttons below alerts; `serve` does the same in a thread of its own."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from volteface.config import Config
    from volteface.secrets import Secret
    from volteface.slack_socket import SocketMode

LOCK_WAIT_S = 2.0
"""Slack gives a click three seconds: what is not stored by then is better not stored at all."""
STOP_S = 10.0

log = logging.getLogger(__name__)


@click.command()
@click.pass_obj
def listen(config_file: Path) -> None:
    """Answer the buttons below alerts until stopped. `serve` does so by itself; this is for workers and cron."""
    from volteface.config_file import load_config
    from volteface.errors import ConfigError
    from volteface.secrets import APP_TOKEN, app_token

    config, token = load_config(config_file), app_token()
    if token is None:
        raise ConfigError(f"{APP_TOKEN} is not set: docs/install/slack.md says where to get the app-level token")
    stop = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda *_: stop.set())
    answer(config, token, click.echo, stop)


@contextmanager
def listening(config: Config, say: Callable[[str], None]) -> Iterator[None]:
    """Answer buttons for as long as the context lasts, where VOLTEFACE_SLACK_APP_TOKEN is set. Raises ConfigError."""
    from volteface.secrets import app_token

    token = app_token()
    if token is None:
        yield
        return
    stop, (socket, desk) = threading.Event(), _connectable(config, token, say)
    thread = threading.Thread(target=socket.run, args=(stop, desk.tell), name="listen", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_S)


def answer(config: Config, token: Secret, say: Callable[[str], None], stop: threading.Event) -> None:
    """Store clicks, and bring their messages up to date at once, until `stop`. Raises ConfigError."""
    socket, desk = _connectable(config, token, say)
    socket.run(stop, desk.tell)


def _connectable(config: Config, token: Secret, say: Callable[[str], None]) -> tuple[SocketMode, Desk]:
    from volteface.slack_socket import SocketMode

    desk = Desk(config)
    alarm, prepare = desk.raise_alarm, desk.sink.channel
    return SocketMode(token, config.slack.api_url, desk.take, prepare=prepare, say=say, alarm=alarm), desk


class Desk:
    """What a click sets off. Raises ConfigError where the bot's token is missing."""

    def __init__(self, config: Config) -> None:
        from deploy.once import utc_now
        from volteface.clicks import Clicks
        from volteface.sinks import slack_sink
        from volteface.store import Store

        self.sink, self._config, self._now = slack_sink(config), config, utc_now
        self._clicked = threading.Event()
        opened = partial(Store.open, config.database, create=False, lock_wait_s=LOCK_WAIT_S)
        self._clicks = Clicks(opened, self.sink.channel, utc_now)

    def take(self, payload: dict[str, Any]) -> bool:
        """Store a click; whether it counts. Raises StoreError or DeliveryError."""
        from volteface.clicks import Outcome

        outcome = self._clicks.take(payload)
        if outcome is Outcome.NEW:
            self._clicked.set()
        return outcome is not Outcome.REFUSED

    def tell(self) -> None:
        """After a click, the next message of the outbox: whoever pressed a button wants to see at once that it counts.

        One message at a time, for meanwhile nobody looks after the connection.
        """
        from volteface.deliver import deliver
        from volteface.errors import StoreError
        from volteface.store import Store

        if not self._clicked.is_set():
            return
        self._clicked.clear()
        try:
            with Store.open(self._config.database, create=False) as store:
                report = deliver(self._config, store, self.sink, self._now, sender="volteface-listen", limit=1)
            if report.sent:
                self._clicked.set()
        except StoreError as error:
            log.warning("the next pass will tell of a click, for this one could not: %s", error)

    def raise_alarm(self, words: str) -> None:
        """Tell the channel, once a day at most, that its buttons are dead. Lets the sink's refusal be."""
        from volteface.notices import Notice, tell_storeless

        now = self._now()
        report = tell_storeless(self.sink, Notice("buttons", f"The buttons do not answer: {words}", now), now)
        if report.fault:
            log.warning("the channel does not know that its buttons do not answer: %s", report.fault)
