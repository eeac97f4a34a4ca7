"""A shift as one Slack message: pure, within Block Kit's limits for any input.

Slack's documented limits: 50 blocks, 150 characters in a header, 10 fields of 2,000, 3,000 in a section's or context's
text, 4,000 in the top-level text. Undocumented: all blocks together fail near 13,200
(https://github.com/slackapi/bolt-js/issues/2509). The caps below keep them under 12,000 as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from volteface.config import Config, Feed
from volteface.mrkdwn import clean, inert, link, web_url
from volteface.types import AlertState, Evidence, Mode, Shift

Block = dict[str, Any]
"""A Block Kit block, ready for JSON."""

EVENT_TYPE = "volteface_shift"

OFFICE, RUNG, NAME, QUOTE, BLIND = 46, 36, 80, 700, 200
"""Caps in characters as sent; a header has at most OFFICE + 2 * RUNG + 29."""
QUOTES, BLIND_LINES = 4, 8

MODE_WORDS = {Mode.SPEECH: "statement", Mode.ACT: "act", Mode.REPORT: "report"}
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


def render(shift: Shift, config: Config, blind: Sequence[str]) -> Message:
    """The message of a shift; `blind` says in words what could not be seen when it was found.

    Never raises for a holder, axis or side that the config no longer knows: an alert outlives an edit of config.yaml.
    """
    words = _words(shift, config)
    blocks = [
        _header(f"{words.office}: from “{words.before}” to “{words.after}” — {words.state}"),
        {"type": "section", "fields": [_mrkdwn(field) for field in _facts(shift, words)]},
        *_proof(shift, {feed.outlet: feed for feed in config.feeds}),
        _section(f"*Could not be seen*\n{_blindness(blind)}"),
        _context(f"volteface · found {_time(shift.at)} · alert {inert(shift.key, NAME)}"),
    ]
    return Message(
        text=_notification(shift, words),
        blocks=tuple(blocks),
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": shift.key}},
        at=shift.at,
    )


def exhibits(evidence: Sequence[Evidence], count: int) -> tuple[Evidence, ...]:
    """At most `count` pieces to show: one of each origin first, no quote twice, otherwise in the order given."""
    by_quote: dict[str, Evidence] = {}
    for piece in evidence:
        by_quote.setdefault(clean(piece.quote), piece)
    first_of: dict[int, Evidence] = {}
    for piece in by_quote.values():
        first_of.setdefault(piece.origin_id, piece)
    others = [piece for piece in by_quote.values() if first_of[piece.origin_id] is not piece]
    return tuple([*first_of.values(), *others][:count])


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
    other = _called(config, shift.side) if shift.side in config.side else "the other side"
    return f"{'away from' if away else 'towards'} {other}{pole}"


def _called(config: Config, side: str) -> str:
    """The other side as a sentence names it: its catch-all office has the article, as in `the United States`."""
    other = config.other_side(side)
    return next((o.name for o in config.offices if o.side == other.id and o.catch_all), other.name)


def _notification(shift: Shift, words: _Words) -> str:
    lines = [f"{words.office}: from *{words.before}* to *{words.after}* — {words.state}"]
    lines.append(f"On {words.axis}, {words.direction}; {likelihood(shift.confidence)}.")
    lines += [f"{_outlet(piece)}: {_quote(piece)}" for piece in exhibits(shift.evidence, 1)]
    return "\n".join(lines)


def _facts(shift: Shift, words: _Words) -> Iterator[str]:
    person = inert(shift.person, NAME)
    yield f"*Who*\n{person + ', ' if person else ''}{words.office} (side: {words.side})"
    yield f"*On*\n{words.axis}"
    yield f"*Before*\n{words.before} ({_signed(shift.before)})\nsince {_date(shift.since)}"
    yield f"*Now*\n{words.after} ({_signed(shift.after)})\n{_date(shift.at)}"
    yield f"*Direction*\n{words.direction}"
    yield f"*State*\n{words.state}{_because(shift)}"
    yield f"*Confidence*\n{likelihood(shift.confidence)} ({shift.confidence:.2f})"
    yield f"*Independent origins*\n{shift.origins}"


def _because(shift: Shift) -> str:
    lonely = shift.state is AlertState.PROVISIONAL and shift.origins < 2
    return ": no second independent origin yet" if lonely else ""


def _proof(shift: Shift, feeds: dict[str, Feed]) -> Iterator[Block]:
    left = exhibits(shift.prior[::-1], 1)
    shown = exhibits(shift.evidence, QUOTES - len(left))
    yield _section("*What shows it*" + ("" if shown else "\nNo quote is on file."))
    for piece in shown:
        yield from _exhibit(piece, feeds)
    if left:
        yield _section("*The position that was left*")
        yield from _exhibit(left[0], feeds)


def _exhibit(piece: Evidence, feeds: dict[str, Feed]) -> Iterator[Block]:
    yield _section(f"> {_quote(piece)}")
    yield _context(_source(piece, feeds.get(piece.outlet)))


def _quote(piece: Evidence) -> str:
    """In quotation marks only what a reader can look up: a starting position of config.yaml is in our own words."""
    quote = inert(piece.quote, QUOTE) or "(empty)"
    return f"“{quote}”" if web_url(piece.url) else quote


def _source(piece: Evidence, feed: Feed | None) -> str:
    if not piece.url:
        return f"starting position in config.yaml, {_date(piece.published)}"
    ownership = f"{feed.ownership.value}, {feed.country}" if feed else "ownership not on record"
    person = inert(piece.person, NAME)
    mode = MODE_WORDS[piece.mode] + (f": {person}" if person else "")
    return " · ".join((link(piece.url, _outlet(piece)), ownership, mode, _time(piece.published)))


def _outlet(piece: Evidence) -> str:
    return inert(piece.outlet, NAME) or "unnamed outlet"


def _blindness(blind: Sequence[str]) -> str:
    lines = [f"• {inert(phrase, BLIND)}" for phrase in blind[:BLIND_LINES]]
    if len(blind) > BLIND_LINES:
        lines.append(f"• and {len(blind) - BLIND_LINES} more")
    return "\n".join(lines) or "No gap in coverage was known when this was found."


def _signed(stance: float) -> str:
    return f"{stance:+.1f}".replace("-", "−")


def _date(when: datetime) -> str:
    return f"{when.astimezone(UTC):%d %b %Y}".lstrip("0")


def _time(when: datetime) -> str:
    return f"{_date(when)}, {when.astimezone(UTC):%H:%M} UTC"


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack makes no link or mention of its own accord.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
