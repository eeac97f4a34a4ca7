"""Outages as messages: one when it begins and one when it is over, through the sink that alerts take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from volteface.config import Config
from volteface.errors import DeliveryError
from volteface.mrkdwn import inert
from volteface.slack_blocks import context, header, section, time
from volteface.slack_render import EVENT_TYPE, Message
from volteface.store import Store
from volteface.store.notices import NoticeRow

WORDS = 600
"""Cap in characters, as sent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A fault of this moment."""

    key: str
    """What it is about, such as `poll` or `coverage-iran`: at most one outage of a key goes on at a time."""
    words: str
    since: datetime


@dataclass(frozen=True, slots=True)
class NoticeReport:
    """One round of notices."""

    outages: tuple[NoticeRow, ...] = ()
    """Going on."""
    began: tuple[NoticeRow, ...] = ()
    ended: tuple[NoticeRow, ...] = ()
    sent: int = 0
    fault: str | None = None
    """Why a message could not be sent, with the remedy; it is tried again in the next round."""

    def line(self) -> str:
        """`2 outages: poll, coverage-iran; 1 notice sent`."""
        names = ", ".join(row.topic for row in self.outages)
        count = len(self.outages)
        stand = f"{count} outage{'' if count == 1 else 's'}: {names}" if count else "healthy"
        sent = f"{self.sent} notice{'' if self.sent == 1 else 's'} sent" if self.sent else ""
        return "; ".join(filter(None, (stand, sent, f"NOT DELIVERED: {self.fault}" if self.fault else "")))


class Sender(Protocol):
    """What is needed of a sink (`volteface.sinks.Sink`)."""

    def send(self, message: Message, *, check_history: bool) -> str:
        """Show the message; the receipt. Raises DeliveryError."""
        ...


def tell(config: Config, store: Store, sink: Sender, faults: Sequence[Notice], now: datetime) -> NoticeReport:
    """Take note of the faults, and send what is unsent, each message once. Raises StoreError."""
    settle = timedelta(minutes=config.health.settle_min)
    turns = store.notices.observe({fault.key: (fault.words, fault.since) for fault in faults}, now, settle)
    sent, fault = 0, None
    while fault is None and (row := store.notices.claim(now)):
        fault = send_claimed(store, sink, row, render_notice(row), now)
        sent += fault is None
    return NoticeReport(tuple(store.notices.outages()), turns.began, turns.ended, sent, fault)


def send_claimed(store: Store, sink: Sender, row: NoticeRow, message: Message, now: datetime) -> str | None:
    """Send the message of a claimed row, and write down what became of it; why it could not be sent, or None.

    Raises StoreError.
    """
    try:
        receipt = sink.send(message, check_history=row.maybe_sent)
    except DeliveryError as error:
        store.notices.failed(row.id, error=str(error), maybe_sent=error.maybe_sent)
        return str(error)
    store.notices.sent(row.id, receipt=receipt, now=now)
    return None


def tell_storeless(sink: Sender, fault: Notice, now: datetime) -> NoticeReport:
    """Tell of a fault without a store that remembers it: at most once a day, through a sink that can look back."""
    row = storeless_row(fault.key, fault.words, fault.since, now)
    refused = send_storeless(sink, row)
    return NoticeReport((row,), sent=refused is None, fault=refused)


def storeless_row(topic: str, words: str, since: datetime, last: datetime, *, over: bool = False) -> NoticeRow:
    """A notice that no store holds. Its idempotency key is that of the topic on the day on which the outage began."""
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    return NoticeRow(0, topic, over, words, since, last, day, True, None, None)


def send_storeless(sink: Sender, row: NoticeRow) -> str | None:
    """Send it, unless the channel has it; why it could not be sent, or None."""
    try:
        sink.send(render_notice(row), check_history=True)
    except DeliveryError as error:
        return str(error)
    return None


def render_notice(row: NoticeRow) -> Message:
    """The message of a notice. Its idempotency key is its own for ever: at most one is written of a topic at a time."""
    head = "volteface is in order again" if row.over else "volteface needs attention"
    words = inert(row.words, WORDS)
    times = f"{time(row.since)} to {time(row.last)}" if row.over else f"since {time(row.since)}"
    body = f"*Over:* {words}" if row.over else words
    key = f"notice {row.topic} {row.at.isoformat()} {'over' if row.over else 'began'}"
    blocks = (header(head), section(body), context(f"{times} · `volteface health`"))
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
    return Message(f"{head}: {words}", blocks, metadata, row.at)
