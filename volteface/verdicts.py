"""What people say of alerts, and what follows from it: pure.

A verdict shows in the alert's message and labels the readings behind it. A mute holds an alert's message back for a
time; it drops nothing, and never holds an escalation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from volteface.config import Config
from volteface.types import Evidence, Shift, sign_of

MUTED = "muted until "
"""Begins the stored reason of a message that a mute holds."""
LONGEST_MUTE = timedelta(days=14)
LONGEST_NAME, LONGEST_NOTE = 80, 1000
"""Characters of who gives a verdict, and of why."""
LOWEST_RUNGS = 2
"""So many steps from the bottom of an axis, a move away is an escalation."""

_DURATION = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class VerdictKind(StrEnum):
    """What somebody found an alert to be."""

    TRUE_SHIFT = "true_shift"
    RESTATEMENT = "restatement"
    """The words are the holder's, and nothing new."""
    WRONG_SPEAKER = "wrong_speaker"
    """The words are not the holder's."""
    OLD_NEWS = "old_news"
    """It happened, and was no news when it was told."""
    ACKNOWLEDGED = "acknowledged"
    """Seen; says nothing of whether it is right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one person said of one alert."""

    key: str
    """The alert's key."""
    kind: VerdictKind
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """No message of alerts of this holder on this axis before `until`."""

    holder: str
    axis: str
    until: datetime
    by: str
    at: datetime


def duration(text: str) -> timedelta:
    """`90m`, `12h` or `3d` as a time span, at most LONGEST_MUTE. Raises ValueError with the remedy."""
    found = _DURATION.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise ValueError(f"{text!r} is no time span: write for example 90m, 12h or 3d")
    span = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if span > LONGEST_MUTE:
        raise ValueError(f"{text} is longer than {LONGEST_MUTE.days} days: nobody remembers a mute for so long")
    return span


def escalates(shift: Shift, config: Config) -> bool:
    """Whether a move away ends on one of the lowest rungs of its axis; false where the axis is gone."""
    axis = config.axis.get(shift.axis)
    if axis is None or shift.direction != "away":
        return False
    lowest = [rung for rung in axis.rungs[:LOWEST_RUNGS] if sign_of(rung.value) < 0]
    return axis.rung(shift.after) in lowest


def held_by(shift: Shift, mutes: Sequence[Mute], config: Config, now: datetime) -> Mute | None:
    """The mute that holds the message of this shift now; None for an escalation."""
    mine = (m for m in mutes if (m.holder, m.axis) == (shift.holder, shift.axis) and m.until > now)
    mute = next(mine, None)
    return None if mute is None or escalates(shift, config) else mute


def reason(mute: Mute) -> str:
    """Why a message waits: `muted until 2025-03-12 00:40 UTC by Ann`."""
    return f"{MUTED}{mute.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC{f' by {mute.by}' if mute.by else ''}"


def words(verdict: Verdict) -> str:
    """`restatement (by Ann): said so on Monday`."""
    by = f" (by {verdict.by})" if verdict.by else ""
    found = "seen" if verdict.kind is VerdictKind.ACKNOWLEDGED else verdict.kind.value.replace("_", " ")
    return f"{found}{by}{f': {verdict.note}' if verdict.note else ''}"


def label_rows(shift: Shift, verdict: Verdict, titles: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The readings behind a judged alert as rows of labelled data, in the form of the gold file; `titles` by URL.

    A wrong speaker denies the reading: the row has none. The other verdicts are about news, not about reading, and
    confirm it. What was merely acknowledged labels nothing, and a starting position of the config is nobody's text.
    """
    if verdict.kind is VerdictKind.ACKNOWLEDGED:
        return
    for number, piece in enumerate(e for e in shift.evidence if e.url):
        yield _label_row(shift, verdict, piece, number) | {"title": titles.get(piece.url, "")}


def _label_row(shift: Shift, verdict: Verdict, piece: Evidence, number: int) -> dict[str, Any]:
    right = verdict.kind is not VerdictKind.WRONG_SPEAKER
    reading = {"holder": shift.holder, "axis": shift.axis, "stance": piece.stance, "mode": piece.mode.value}
    return {
        "id": f"{shift.key}-{number}",
        "published": piece.published.isoformat(),
        "outlet": piece.outlet,
        "kind": "sentence",
        "text": piece.quote,
        "readings": [reading] if right else [],
        "judged": reading | {"person": piece.person, "confidence": piece.confidence},
        "verdict": verdict.kind.value,
        "by": verdict.by,
        "note": verdict.note,
        "url": piece.url,
    }
