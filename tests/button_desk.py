"""A channel on a local Slack with one alert in it, and the listener that answers its buttons."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from local_slack import TOKEN, LocalSlack
from local_socket import APP_TOKEN, BOB, LocalSocket, pressed
from store_samples import alerted

from deploy.listen import Desk
from deploy.once import utc_now
from volteface.config import Config
from volteface.config_file import load_config
from volteface.deliver import deliver
from volteface.secrets import Secret
from volteface.sinks import slack_sink
from volteface.slack_socket import SocketMode
from volteface.store import Store

ROOT = Path(__file__).parents[1]


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


@contextmanager
def button_channel(folder: Path) -> Iterator[Channel]:
    """One alert, delivered with its buttons; both tokens are in the environment meanwhile."""
    with LocalSocket() as socket, LocalSlack(socket=socket) as slack, pytest.MonkeyPatch.context() as environment:
        environment.setenv("VOLTEFACE_SLACK_TOKEN", TOKEN)
        environment.setenv("VOLTEFACE_SLACK_APP_TOKEN", APP_TOKEN)
        config_file = folder / "config.yaml"
        document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        own = {"database": f"sqlite:///{folder}/desk.db", "slack": slack.config.model_dump(mode="json")}
        config_file.write_text(yaml.safe_dump(document | own), encoding="utf-8")
        config = load_config(config_file)
        with Store.open(config.database) as store:
            alerted(store, "a")
            assert deliver(config, store, slack_sink(config), utc_now, "test").sent == 1
        yield Channel(slack, socket, config_file, config)
