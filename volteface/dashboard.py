"""The control room's dashboard: the state in one line, and a page each for feeds, coverage, positions and alerts. Pure.

What each page holds is in `dashboard_pages.py`; `flows/` publishes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from volteface import dashboard_pages as pages
from volteface.chart import Picture
from volteface.config import Config
from volteface.errors import StoreError
from volteface.health import Health, Snapshot, judge, unreachable
from volteface.markdown import cut, inert, listed, moment, picture
from volteface.status import HEALTHY, FeedHealth
from volteface.store.records import AlertRecord

KEYS = tuple(f"dashboard-{name}" for name in ("feeds", "coverage", "positions", "alerts"))
CHART = "dashboard-chart"
"""Key of the page that holds the pictures of the latest shifts."""
ALERTS = 30
"""Alerts on their page."""
REASON = 120
"""Characters of what is wrong, in the state's line."""
PICTURES = 4
"""Of one run's shifts that are drawn: each is about 40 kB."""

_SIGHT, _READING, _DELIVERY = ("poll", "coverage-"), ("texts", "reading"), ("delivery", "dead-letters")


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the dashboard."""

    key: str
    """The same for ever: under it the control room keeps the page's history."""
    line: str
    """What the page says, in plain words."""
    page: str
    """Markdown."""


def state_line(health: Health, feeds: Sequence[FeedHealth]) -> str:
    """`sees 58 of 72 feeds, reads, delivers`; in capitals what it does not do, and why.

    A database that cannot be asked hides all three.
    """
    if why := _wrong(health, ("database",)):
        return f"CANNOT BE TOLD: {why}"
    seen = f"sees {sum(feed.health == HEALTHY for feed in feeds)} of {len(feeds)} feeds"
    blind = _wrong(health, _SIGHT)
    parts = [f"{seen}, TOO LITTLE: {blind}" if blind else seen]
    for does, does_not, keys in (("reads", "READS TOO LATE", _READING), ("delivers", "DOES NOT DELIVER", _DELIVERY)):
        why = _wrong(health, keys)
        parts.append(f"{does_not}: {why}" if why else does)
    return (", " if health.healthy else "; ").join(parts)


def _wrong(health: Health, keys: tuple[str, ...]) -> str:
    """The gravest fault of these kinds, cut short; empty where there is none."""
    words = next((fault.words for fault in health.faults if fault.key.startswith(keys)), "")
    return cut(words, REASON)


def boards(config: Config, seen: Snapshot, alerts: Sequence[AlertRecord], now: datetime) -> tuple[Board, ...]:
    """The four pages, in the order of KEYS; `alerts` the newest first."""
    health, status = judge(config, seen, now), seen.status
    head = _head(health, state_line(health, status.feeds), now)
    bodies = (
        (pages.feeds_line(status.feeds), pages.feeds_page(status.feeds, config, now)),
        (pages.coverage_line(status.coverage), pages.coverage_page(status, config, now)),
        (pages.positions_line(status.positions, now), pages.positions_page(status.positions, config)),
        (pages.alerts_line(alerts, status, now), pages.alerts_page(alerts, status, config, now)),
    )
    return tuple(Board(key, line, f"{head}\n\n{page}") for key, (line, page) in zip(KEYS, bodies, strict=True))


def unknown(error: StoreError, now: datetime) -> tuple[Board, ...]:
    """The four pages where the database cannot be asked: old ones would look as if all were well."""
    health = unreachable(error, now)
    line = state_line(health, ())
    return tuple(Board(key, line, _head(health, line, now)) for key in KEYS)


def chart_board(pictures: Sequence[Picture], shifts: int) -> Board:
    """The page of the pictures, at least one, of a run that found so many shifts."""
    shown = "\n\n".join(picture(one) for one in pictures)
    more = f"\n\n{shifts - len(pictures)} more, not drawn." if shifts > len(pictures) else ""
    return Board(CHART, pictures[0].words, shown + more)


def _head(health: Health, line: str, now: datetime) -> str:
    head = f"**{inert(line[:1].upper() + line[1:])}** (as of {moment(now)} UTC)"
    faults = listed(f"{fault.words} (since {moment(fault.since)})" for fault in health.faults)
    return f"{head}\n\n{faults}".rstrip()
