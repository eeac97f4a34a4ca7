"""The fall-back through Apprise (mail, Teams, ...): for what Slack has refused for over `slack.fallback_after_h`.

Each message goes out this way at most once, and to Slack all the same once that takes it again, with a note. It is
marked before it is sent: a crash in between leaves it to Slack, and does not tell it twice.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from volteface.alert_types import OutboxItem
from volteface.config import Config
from volteface.errors import ConfigError
from volteface.mrkdwn import spans, unescape
from volteface.secrets import Secret, secret
from volteface.slack_blocks import Block, context, time
from volteface.slack_render import Message, render
from volteface.slack_thread import update_of
from volteface.store import Store
from volteface.store.records import PendingRow
from volteface.verdicts import MUTED

if TYPE_CHECKING:
    from apprise import Apprise

URLS = "VOLTEFACE_FALLBACK_URLS"
log = logging.getLogger(__name__)


class Fallback(Protocol):
    """A way around Slack."""

    def notify(self, title: str, body: str) -> bool:
        """Whether every recipient took it."""
        ...


class AppriseFallback:
    """The addresses of VOLTEFACE_FALLBACK_URLS, separated by commas. Raises ConfigError where Apprise knows none."""

    def __init__(self, urls: Secret) -> None:
        from apprise import Apprise  # Takes a good part of a second, and most installations have no fall-back.

        # Both write addresses, which hold passwords, into their logs.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        logging.getLogger("urllib3").setLevel(logging.INFO)
        self._apprise: Apprise = Apprise()
        if not all(self._apprise.add(url) for url in urls.reveal().split(",")):
            raise ConfigError(f"{URLS}: Apprise cannot use one of these addresses; try it with the command `apprise`")

    def notify(self, title: str, body: str) -> bool:
        """Send plain text to every address."""
        return bool(self._apprise.notify(title=title, body=body))


def fallback_for(env: Mapping[str, str] = os.environ) -> Fallback | None:
    """The fall-back that the environment asks for. Contacts nobody. Raises ConfigError."""
    urls = secret(URLS, env)
    return AppriseFallback(urls) if urls else None


def tell_refused(config: Config, store: Store, fallback: Fallback, now: datetime, fault: str | None) -> int:
    """Send what has been refused for too long, the oldest first; how many. `fault`: why the pass ended, if it did.

    Stops at the first message that the fall-back does not take; it is tried again in the next pass.
    """
    told = 0
    for row in _refused(store.outbox.pending(), now, timedelta(hours=config.slack.fallback_after_h), fault):
        item = store.outbox.take_for_fallback(row.id, now)
        if item is None:
            continue
        if not fallback.notify(*_words(config, item, row.error or fault or "")):
            store.outbox.fallback_failed(row.id)
            log.warning("alert %s: the fall-back does not take it either", item.key)
            break
        told += 1
        log.warning("alert %s told by the fall-back", item.key)
    return told


def with_note(message: Message, told_at: datetime | None) -> Message:
    """The message with a line that says that the fall-back has told it already."""
    if told_at is None:
        return message
    return replace(message, blocks=(*message.blocks, context(f"Already sent by the fall-back, {time(told_at)}")))


def _refused(rows: list[PendingRow], now: datetime, after: timedelta, fault: str | None) -> Iterator[PendingRow]:
    """What failed by itself for so long and, where the sink takes nothing for so long, what waits behind it."""
    long = [row for row in rows if row.refused_since and now - row.refused_since >= after]
    behind = rows if fault and long else []
    on_purpose: set[str] = set()
    for row in rows:
        held = not row.error or row.error.startswith(MUTED)
        # What became of a held alert waits with it.
        if row.key in on_purpose or (held and row.not_before is not None and row.not_before > now):
            on_purpose.add(row.key)
        elif row.fallback_at is None and (row in long or row in behind):
            yield row


def _words(config: Config, item: OutboxItem, why: str) -> tuple[str, str]:
    message = render(item.shift, config, item.blind, item.changes)
    if item.change is not None:
        message = update_of(item, item.change, config).alone
    head, *body = message.blocks
    reason = f"This comes by the fall-back, because Slack takes no messages: {why}"
    return unescape(head["text"]["text"]), "\n\n".join([reason, *(_plain(block) for block in body)])


def _plain(block: Block) -> str:
    parts = block.get("fields") or block.get("elements") or [block["text"]]
    return "\n".join(_text(part["text"]) for part in parts)


def _text(mrkdwn: str) -> str:
    return "".join(f"{span.text} <{span.url}>" if span.url else span.text for span in spans(mrkdwn))
