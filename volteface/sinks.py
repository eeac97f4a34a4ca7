"""Where messages go: what a sink promises, and which one the environment asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from rich.console import Console

from volteface.config import Config
from volteface.console import ConsoleSink
from volteface.errors import ConfigError
from volteface.secrets import TOKEN, app_token, secret
from volteface.slack_render import Message
from volteface.slack_send import SlackSink
from volteface.slack_thread import Update
from volteface.slack_webhook import WEBHOOK, SlackWebhookSink


class Sink(Protocol):
    """Takes messages. At most one sender uses a sink at a time."""

    @property
    def name(self) -> str:
        """`slack`, `slack webhook` or `console`."""
        ...

    def verify(self) -> str:
        """Check that messages can be sent; say in words where they go. Raises DeliveryError with the remedy."""
        ...

    def send(self, message: Message, *, check_history: bool) -> str:
        """Show the message; the receipt. With `check_history`, a copy that already stands there is the receipt instead.

        Raises DeliveryError.
        """
        ...

    def update(self, update: Update, *, check_history: bool) -> str:
        """Tell a change of an alert where the alert was told; the receipt of what is new. `check_history` as in `send`.

        Raises DeliveryError.
        """
        ...


def sink_for(config: Config, env: Mapping[str, str] = os.environ) -> Sink:
    """Slack where VOLTEFACE_SLACK_TOKEN (or its _FILE) is set, or VOLTEFACE_SLACK_WEBHOOK; otherwise the console.

    Contacts nobody. Raises ConfigError where the secret cannot be used.
    """
    answered = app_token(env) is not None
    if token := secret(TOKEN, env):
        return SlackSink(token, config.slack, answered=answered)
    webhook = secret(WEBHOOK, env)
    return SlackWebhookSink(webhook) if webhook else _console_sink()


def slack_sink(config: Config, env: Mapping[str, str] = os.environ) -> SlackSink:
    """A bot's sink, for who needs no other. Raises ConfigError where its token is not set or cannot be used."""
    sink = sink_for(config, env)
    if not isinstance(sink, SlackSink):
        raise ConfigError(f"{TOKEN} is not set: buttons stand below the messages of a bot alone")
    return sink


@cache
def _console_sink() -> ConsoleSink:
    # One for the process: it tells only once why it is used.
    return ConsoleSink(Console(highlight=False), f"no Slack token configured ({TOKEN}): alerts are printed here")
