"""What polls tell of a feed's health: how often it speaks, what it repeats, what slid off unseen, what to report. Pure.

Repeats are the proof of completeness: a document that holds an item of the poll before shows everything that came in
between. One that holds none shows that items may have come and gone; then the feed is asked more often.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from volteface.feed_types import FeedState

FEW_DATES = 3
"""With fewer dated items nothing is said of the gap between them."""
MANY_DATES = 50
SMOOTHING = 0.3
"""Weight of the newest document in the share of repeats."""
FEW_REPEATS, MANY_REPEATS = 1 / 3, 2 / 3
FASTEST = 1 / 16
"""Least factor on a feed's interval, however much slides off: the configured minimum holds anyway."""
LONG_FAILURE = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class FeedNotice:
    """Something about a feed that a person should be told once."""

    key: str
    """`feed-` and the feed's id: the same for as long as the fault lasts, and a feed has one fault at a time."""
    words: str
    since: datetime
    """When it began; the same in every poll."""


def expected_gap(dates: Iterable[datetime]) -> float | None:
    """Seconds that usually lie between two items; None for fewer than three.

    The median, which one old item or one pause does not move; the mean where most items share a date.
    """
    newest = sorted(dates)[-MANY_DATES:]
    if len(newest) < FEW_DATES:
        return None
    gaps = [(b - a).total_seconds() for a, b in pairwise(newest)]
    return median(gaps) or sum(gaps) / len(gaps) or None


def with_items(state: FeedState, dates: Sequence[datetime], items: int, known: int, now: datetime) -> FeedState:
    """The state after a document of `items` items, `known` of them taken before.

    `pace` halves where items slid off, falls where little is repeated, and comes back where most is.
    """
    gap = expected_gap(dates) or state.gap_s
    if not items:
        return replace(state, items=0)
    if not state.items:  # the first document, or the first after an empty one: there is nothing that it could repeat
        return replace(state, items=items, gap_s=gap)
    share = known / items
    smooth = share if state.repeats is None else state.repeats + SMOOTHING * (share - state.repeats)
    slid = now if known == 0 else state.slid
    return replace(state, items=items, gap_s=gap, repeats=smooth, slid=slid, pace=_pace(state, share))


def _pace(state: FeedState, share: float) -> float:
    if state.failures:  # it was the outage that let items slide off, not the interval
        return state.pace
    if share == 0:
        return max(state.pace / 2, FASTEST)
    if share < FEW_REPEATS:
        return max(state.pace * 0.75, FASTEST)
    return min(state.pace * 1.25, 1.0) if share >= MANY_REPEATS else state.pace


def notices(states: Iterable[FeedState], now: datetime, after: timedelta = LONG_FAILURE) -> tuple[FeedNotice, ...]:
    """One for each feed that is gone for good (410), and for each that has failed for `after` or longer."""
    found = (_notice(state, now, after) for state in states)
    return tuple(notice for notice in found if notice)


def _notice(state: FeedState, now: datetime, after: timedelta) -> FeedNotice | None:
    since = state.failing_since
    if since is None:
        return None
    if state.gone:
        words = (
            f"Feed {state.feed} is gone: its server says that it was removed for good (410), and it is not polled any "
            "more. Give it its new address in config.yaml, or disable and enable it again to have it tried once more."
        )
        return FeedNotice(f"feed-{state.feed}", words, since)
    if now - since < after:
        return None
    days = (now - since) / timedelta(days=1)
    words = f"Feed {state.feed} has failed for {days:.0f} days ({state.error}). It is still tried, ever more seldom."
    return FeedNotice(f"feed-{state.feed}", words, since)
