"""A change of an alert as Slack shows it: the first message edited, and a line in its thread. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from volteface.alert_types import AlertChange, ChangeKind, OutboxItem
from volteface.config import Config
from volteface.mrkdwn import inert
from volteface.slack_blocks import NAME, Block, context, exhibit, exhibits, header, outlet, quoted, section, time
from volteface.slack_render import EVENT_TYPE, SAID_WORDS, Message, headline, render
from volteface.types import Shift

WORDS, QUOTES = 300, 2
"""Caps: characters as sent, and quotes in one line."""

KIND_WORDS = {
    ChangeKind.CONFIRMED: "Confirmed",
    ChangeKind.EVIDENCE: "New evidence",
    ChangeKind.WALKED_BACK: "Walked back",
    ChangeKind.SUPERSEDED: "Superseded",
    ChangeKind.DIVERGENCE: "Divergence inside the side",
    **SAID_WORDS,
}


@dataclass(frozen=True, slots=True)
class Update:
    """A change of an alert, in every form that a sink may need."""

    message: Message
    """The alert's own message as it should read now."""
    line: Message
    """For the message's thread."""
    alone: Message
    """The same as a message of its own, for where the alert's own does not stand; same key as `line`."""
    parent: str | None
    """The receipt of the alert's own message; None if that was given up."""
    loud: bool
    """Everybody in the channel must see it, not only those who follow the thread."""


def update_of(item: OutboxItem, change: AlertChange, config: Config) -> Update:
    """The forms of one change. The message is the alert as it is now: an old change never undoes a newer one."""
    line = thread_line(item.key, change, config)
    return Update(
        message=render(item.shift, config, item.blind, item.changes),
        line=line,
        alone=_alone(line, item.shift, config),
        parent=item.parent,
        # A move that raised an alert of its own is in the channel already.
        loud=change.kind is ChangeKind.DIVERGENCE and not change.successor,
    )


def thread_line(key: str, change: AlertChange, config: Config) -> Message:
    """One change for a thread; `key` is its idempotency key."""
    words = f"*{KIND_WORDS[change.kind]}:* {inert(change.words, WORDS)}"
    shown = exhibits(change.evidence, QUOTES)
    feeds = {feed.outlet: feed for feed in config.feeds}
    blocks: list[Block] = [section(words)]
    for piece in shown:
        blocks += exhibit(piece, feeds)
    if change.successor:
        blocks.append(context(f"told in alert {inert(change.successor, NAME)}"))
    return Message(
        text="\n".join([words, *(f"{outlet(piece)}: {quoted(piece)}" for piece in shown[:1])]),
        blocks=tuple(blocks),
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        at=change.at,
    )


def _alone(line: Message, shift: Shift, config: Config) -> Message:
    head = headline(shift, config)
    found = context(f"volteface · change of an alert found {time(shift.at)} · alert {inert(shift.key, NAME)}")
    return Message(f"{head}\n{line.text}", (header(head), *line.blocks, found), line.metadata, line.at)
