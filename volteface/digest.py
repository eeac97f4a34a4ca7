"""The digest of a day: where everybody stands, what moved and how that stands now, what could not be seen. Pure.

It is a message like any other, within Block Kit's limits for any input: each part has room for so many characters as
JSON, and says how much did not fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from volteface.alert_types import Alert
from volteface.blindness import Coverage
from volteface.config import Config
from volteface.mrkdwn import inert
from volteface.slack_blocks import NAME, Block, context, date, header, section, time
from volteface.slack_render import EVENT_TYPE, OFFICE, RUNG, STEP, Message, headline
from volteface.status import HEALTHY, FeedHealth, Status
from volteface.store.records import PendingRow
from volteface.types import Standing

DAY = timedelta(days=1)
SECTION = 2900
"""Characters in one section; Slack takes 3,000."""
SHIFTS_ROOM, POSITIONS_ROOM, SIGHT_ROOM, UNDELIVERED_ROOM = 2600, 5400, 1700, 700
"""Characters as JSON: together with what is around them under the 12,000 that a message may have."""
OUTLETS = 15


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest tells."""

    at: datetime
    since: datetime
    """The day that it tells of begins here."""
    alerts: tuple[Alert, ...]
    """Raised or changed since then, the newest first."""
    positions: tuple[Standing, ...]
    """Everybody's, in the config's order."""
    coverage: tuple[Coverage, ...]
    out_of_sight: tuple[FeedHealth, ...]
    """Feeds that are silent, failing, gone or were never read."""
    waiting: tuple[PendingRow, ...]
    dead: tuple[PendingRow, ...]

    def restated(self, standing: Standing) -> bool:
        """Whether the holder said again in that day what had been the position before it."""
        return standing.since < self.since <= standing.confirmed


def digest_of(status: Status, alerts: Sequence[Alert], now: datetime) -> Digest:
    """The digest of the day before `now`; `alerts` from whatever time on, the newest first."""
    since = now - DAY
    recent = (a for a in alerts if a.shift.at >= since or any(c.at >= since for c in a.changes))
    unseen = tuple(feed for feed in status.feeds if feed.health != HEALTHY)
    return Digest(
        now, since, tuple(recent), status.positions, status.coverage, unseen, status.waiting, status.dead
    )  # fmt: skip


def render_digest(digest: Digest, config: Config, key: str) -> Message:
    """The message of a digest; `key` is its idempotency key."""
    counts = _counts(digest)
    blocks: list[Block] = [
        header(f"Digest of {date(digest.at)}: {counts}"),
        *_part("Shifts since " + time(digest.since), list(_shifts(digest, config)), SHIFTS_ROOM, "volteface alerts"),
        *_part("Positions", list(_positions(digest, config)), POSITIONS_ROOM, "volteface positions"),
        *_part("Coverage", list(_sight(digest)), SIGHT_ROOM, "volteface feeds"),
        *_part("Undelivered", list(_undelivered(digest)), UNDELIVERED_ROOM, "volteface status"),
        context(f"volteface · digest of {time(digest.since)} to {time(digest.at)}"),
    ]
    seen = "; ".join(inert(row.words, STEP) for row in digest.coverage)
    return Message(
        text=f"Digest of {date(digest.at)}: {counts}" + (f"\n{seen}" if seen else ""),
        blocks=tuple(blocks),
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
        at=digest.at,
    )


def _counts(digest: Digest) -> str:
    shifts = sum(alert.shift.at >= digest.since for alert in digest.alerts)
    restated = sum(map(digest.restated, digest.positions))
    return ", ".join((_number(shifts, "shift"), _number(restated, "restatement")))


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _shifts(digest: Digest, config: Config) -> Iterator[str]:
    for alert in digest.alerts:
        yield f"• *{headline(alert.shift, config)}*, {time(alert.shift.at)}"
        for change in alert.changes[-1:]:
            yield f"   {time(change.at)}: {inert(change.words, STEP)}"
    if not digest.alerts:
        yield "None, and no earlier alert changed."


def _positions(digest: Digest, config: Config) -> Iterator[str]:
    for holder, standings in groupby(digest.positions, lambda standing: standing.holder):
        name = config.office[holder].name if holder in config.office else holder
        yield f"_{inert(name[:1].upper() + name[1:], OFFICE) or 'Unnamed office'}_"
        for standing in standings:
            yield _position(standing, digest, config)
    if not digest.positions:
        yield "None known yet."


def _position(standing: Standing, digest: Digest, config: Config) -> str:
    axis = config.axis.get(standing.axis)
    name, rung = (axis.name, axis.rung(standing.value).name) if axis else (standing.axis, f"{standing.value:+.1f}")
    again = f", *restated {date(standing.confirmed)}*" if digest.restated(standing) else ""
    return f"• {inert(name, OFFICE)}: {inert(rung, RUNG)}, since {date(standing.since)}{again}"


def _sight(digest: Digest) -> Iterator[str]:
    yield from (f"• {inert(row.words, STEP)}" for row in digest.coverage)
    for health, feeds in groupby(sorted(digest.out_of_sight, key=lambda f: (f.health, f.outlet)), lambda f: f.health):
        outlets = [inert(feed.outlet, NAME) for feed in feeds]
        more = f" and {len(outlets) - OUTLETS} more" if len(outlets) > OUTLETS else ""
        yield f"• {health}: {', '.join(outlets[:OUTLETS])}{more}"
    if not digest.coverage:
        yield "No source is there to cover either side."


def _undelivered(digest: Digest) -> Iterator[str]:
    for what, rows in (("waiting", digest.waiting), ("given up", digest.dead)):
        if rows:
            why = next((f": {inert(row.error, STEP)}" for row in reversed(rows) if row.error), "")
            yield f"• {len(rows)} {what}{why}"
    if not digest.waiting and not digest.dead:
        yield "Nothing: every alert has arrived."


def _part(title: str, lines: Sequence[str], room: int, command: str) -> Iterator[Block]:
    """A title and as many lines as there is room for, in as many sections as they need."""
    shown = _fitting(lines, room)
    if len(shown) < len(lines):
        shown = [*shown, f"and {len(lines) - len(shown)} more lines: `{command}`"]
    text = f"*{title}*"
    for line in shown:
        if len(text) + len(line) >= SECTION:
            yield section(text)
            text = line
        else:
            text = f"{text}\n{line}"
    yield section(text)


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    taken: list[str] = []
    for line in lines:
        room -= len(json.dumps(line, ensure_ascii=False))
        if room < 0:
            break
        taken.append(line)
    return taken
