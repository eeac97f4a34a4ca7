"""A shift as one Slack message: pure, within Block Kit's limits for any input.

Slack's documented limits: 50 blocks, 150 characters in a header, 10 fields of 2,000, 3,000 in a section's or context's
text, 4,000 in the top-level text. Undocumented: all blocks together fail near 13,200
(https://github.com/slackapi/bolt-js/issues/2509). The caps below, and fewer quotes where all are long, keep them under
12,000 as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from volteface.alert_types import SAID, AlertChange, ChangeKind
from volteface.config import Config, Feed
from volteface.mrkdwn import inert
from volteface.slack_blocks import (
    NAME,
    Block,
    context,
    date,
    exhibit,
    exhibits,
    header,
    mrkdwn,
    outlet,
    quoted,
    section,
    time,
)
from volteface.slack_buttons import buttons
from volteface.types import AlertState, Shift

EVENT_TYPE = "volteface_shift"

OFFICE, RUNG, BLIND, STEP, VERDICT = 46, 36, 160, 160, 250
"""Caps in characters as sent; a header has at most OFFICE + 2 * RUNG + 29."""
QUOTES, FEWEST_QUOTES, BLIND_LINES, STEPS = 4, 2, 8, 3
LARGEST = 12_000
"""Characters of all blocks as JSON."""
SAID_WORDS = {ChangeKind.VERDICT: "Verdict", ChangeKind.ACKNOWLEDGED: "Desk"}

# The likelihood terms of US Intelligence Community Directive 203: the vocabulary of the analysts who read this.
LIKELIHOOD = (
    (0.95, "almost certainly right"),
    (0.80, "very likely right"),
    (0.55, "likely right"),
    (0.45, "about an even chance to be right"),
    (0.20, "unlikely to be right"),
    (0.05, "very unlikely to be right"),
    (0.0, "almost certainly wrong"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """What a sink shows. `blocks` is the message; `text` stands in for it in notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]
    metadata: dict[str, Any]
    """Slack's message metadata: carries the idempotency key."""
    at: datetime
    """When the shift was found: no copy of this message is older."""
    buttons: Block | None = None
    """Stands below `blocks`, only in a sink where somebody answers it."""

    @property
    def key(self) -> str:
        """The idempotency key."""
        return str(self.metadata["event_payload"]["key"])


@dataclass(frozen=True, slots=True)
class _Words:
    """What the config calls the parts of one shift, already inert."""

    office: str
    side: str
    axis: str
    before: str
    after: str
    direction: str
    state: str


def render(shift: Shift, config: Config, blind: Sequence[str], changes: Sequence[AlertChange] = ()) -> Message:
    """The message of a shift as it stands; `blind` says in words what could not be seen when it was found, `changes`
    what has become of it since, by number.

    Never raises for a holder, axis or side that the config no longer knows: an alert outlives an edit of config.yaml.
    """
    row = buttons(shift, config)
    for quotes in range(QUOTES, FEWEST_QUOTES - 1, -1):
        blocks = tuple(_blocks(shift, config, blind, changes, quotes))
        if len(json.dumps([*blocks, row], ensure_ascii=False)) <= LARGEST:
            break
    return Message(
        text=_notification(shift, _words(shift, config)),
        blocks=blocks,
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": shift.key}},
        at=shift.at,
        buttons=row,
    )


def _blocks(
    shift: Shift, config: Config, blind: Sequence[str], changes: Sequence[AlertChange], quotes: int
) -> Iterator[Block]:
    yield header(headline(shift, config))
    yield from _judged(changes)
    yield from _since_then([c for c in changes if c.kind not in SAID])
    yield {"type": "section", "fields": [mrkdwn(field) for field in _facts(shift, _words(shift, config))]}
    yield from _proof(shift, {feed.outlet: feed for feed in config.feeds}, quotes)
    yield section(f"*Coverage when this was found*\n{_blindness(blind)}")
    yield context(f"volteface · found {time(shift.at)} · alert {inert(shift.key, NAME)}")


def headline(shift: Shift, config: Config) -> str:
    """Who moved, from where to where, and how that stands; harmless, at most 150 characters."""
    words = _words(shift, config)
    return f"{words.office}: from “{words.before}” to “{words.after}” — {words.state}"


def _judged(changes: Sequence[AlertChange]) -> Iterator[Block]:
    """The latest verdict, and who has seen it last: whoever opens the message must know that somebody is at it."""
    latest = {c.kind: c for c in changes}
    told = ((label, latest.get(kind)) for kind, label in SAID_WORDS.items())
    if lines := [f"*{label}:* {inert(change.words, VERDICT)}" for label, change in told if change]:
        yield section("\n".join(lines))


def _since_then(changes: Sequence[AlertChange]) -> Iterator[Block]:
    """The latest changes, the newest first: what a reader must know before the rest."""
    latest = [f"• {time(c.at)}: {inert(c.words, STEP)}" for c in changes[: -STEPS - 1 : -1]]
    if len(changes) > STEPS:
        latest.append(f"• and {len(changes) - STEPS} more in the thread")
    if latest:
        yield section("*Since then*\n" + "\n".join(latest))


def likelihood(confidence: float) -> str:
    """A probability (0 to 1) in words."""
    return next((words for least, words in LIKELIHOOD if confidence >= least), LIKELIHOOD[-1][1])


def _words(shift: Shift, config: Config) -> _Words:
    office, axis = config.office.get(shift.holder), config.axis.get(shift.axis)
    side = config.side.get(shift.side)
    before, after = (axis.rung(value).name if axis else f"{value:+.1f}" for value in (shift.before, shift.after))
    if before == after:
        before, after = (f"{after} ({_signed(value)})" for value in (shift.before, shift.after))
    name = office.name if office else shift.holder.replace("_", " ")
    return _Words(
        office=inert(name[:1].upper() + name[1:], OFFICE) or "Unknown office",
        side=inert(side.name if side else shift.side, NAME),
        axis=inert(axis.name if axis else shift.axis, NAME),
        before=inert(before, RUNG) or "?",
        after=inert(after, RUNG) or "?",
        direction=inert(_direction(shift, config), 2 * NAME),
        state=shift.state.value.replace("_", " "),
    )


def _direction(shift: Shift, config: Config) -> str:
    """`away from the United States (against talks)`."""
    axis, away = config.axis.get(shift.axis), shift.direction == "away"
    pole = f" ({(axis.away if away else axis.towards).name})" if axis else ""
    other = config.called(config.other_side(shift.side).id) if shift.side in config.side else "the other side"
    return f"{'away from' if away else 'towards'} {other}{pole}"


def _notification(shift: Shift, words: _Words) -> str:
    lines = [f"{words.office}: from *{words.before}* to *{words.after}* — {words.state}"]
    lines.append(f"On {words.axis}, {words.direction}; {likelihood(shift.confidence)}.")
    lines += [f"{outlet(piece)}: {quoted(piece)}" for piece in exhibits(shift.evidence, 1)]
    return "\n".join(lines)


def _facts(shift: Shift, words: _Words) -> Iterator[str]:
    person = inert(shift.person, NAME)
    yield f"*Who*\n{person + ', ' if person else ''}{words.office} (side: {words.side})"
    yield f"*On*\n{words.axis}"
    yield f"*Before*\n{words.before} ({_signed(shift.before)})\nsince {date(shift.since)}"
    left = shift.state in {AlertState.WALKED_BACK, AlertState.SUPERSEDED}
    yield f"*{'Moved to' if left else 'Now'}*\n{words.after} ({_signed(shift.after)})\n{date(shift.at)}"
    yield f"*Direction*\n{words.direction}"
    yield f"*State*\n{words.state}{_because(shift)}"
    yield f"*Confidence*\n{likelihood(shift.confidence)} ({shift.confidence:.2f})"
    yield f"*Independent origins*\n{shift.origins}"


def _because(shift: Shift) -> str:
    lonely = shift.state is AlertState.PROVISIONAL and shift.origins < 2
    return ": no second independent origin yet" if lonely else ""


def _proof(shift: Shift, feeds: dict[str, Feed], quotes: int) -> Iterator[Block]:
    left = exhibits(shift.prior[::-1], 1)
    shown = exhibits(shift.evidence, quotes - len(left))
    yield section("*What shows it*" + ("" if shown else "\nNo quote is on file."))
    for piece in shown:
        yield from exhibit(piece, feeds)
    if left:
        yield section("*The position that was left*")
        yield from exhibit(left[0], feeds)


def _blindness(blind: Sequence[str]) -> str:
    lines = [f"• {inert(phrase, BLIND)}" for phrase in blind[:BLIND_LINES]]
    if len(blind) > BLIND_LINES:
        lines.append(f"• and {len(blind) - BLIND_LINES} more")
    return "\n".join(lines) or "No gap in coverage was known when this was found."


def _signed(stance: float) -> str:
    return f"{stance:+.1f}".replace("-", "−")
