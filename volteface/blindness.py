"""What cannot be seen right now, in words: silence of sources must not pass for silence of a side. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from volteface.config import Config
from volteface.feed_types import FeedState

FAILED_POLLS = 3
"""Failed polls in a row from which a source counts as out of sight."""
_SLOW = 4
"""A feed that is due every 12 h is not silent after 24 h, only after four of its own intervals."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the sources on one side can be seen."""

    side: str
    sources: int
    failing: int
    silent: int
    silent_for: timedelta
    """The shortest silence among the silent ones."""

    @property
    def seeing(self) -> int:
        """Sources that answer and speak."""
        return self.sources - self.failing - self.silent


def coverage(config: Config, states: Iterable[FeedState], now: datetime) -> tuple[Coverage, ...]:
    """One row a side that any enabled feed is there to cover, in the order of the config."""
    by_id = {state.feed: state for state in states}
    rows = (_coverage(config, side.id, by_id, now) for side in config.sides)
    return tuple(row for row in rows if row.sources)


def blind_spots(config: Config, states: Iterable[FeedState], now: datetime) -> tuple[str, ...]:
    """Phrases such as `4 of 12 sources on Iran silent for 9 h`; `()` where everything is in sight."""
    phrases = []
    for row in coverage(config, states, now):
        of = f"of {row.sources} sources on {config.side[row.side].name}"
        if row.failing:
            phrases.append(f"{row.failing} {of} cannot be read")
        if row.silent:
            phrases.append(f"{row.silent} {of} silent for {row.silent_for / timedelta(hours=1):.0f} h or more")
    return tuple(phrases)


def _coverage(config: Config, side: str, by_id: dict[str, FeedState], now: datetime) -> Coverage:
    states = [by_id.get(feed.id) for feed in config.feeds if feed.enabled and side in feed.covers]
    failing = [s for s in states if s is None or s.gone or fails(s)]
    seen = [s for s in states if s is not None and s not in failing]
    silent = [silence(s, now) for s in seen if quiet(s, config.poll.silent_after_h, now)]
    return Coverage(side, len(states), len(failing), len(silent), min(silent, default=timedelta(0)))


def fails(state: FeedState) -> bool:
    """Whether a feed is out of sight: it keeps failing, or has never once been read."""
    return state.failures >= FAILED_POLLS or bool(state.failures and state.succeeded is None)


def silence(state: FeedState, now: datetime) -> timedelta:
    """How long the feed has brought nothing new."""
    return now - (state.newest or state.checked or now)


def quiet(state: FeedState, after_h: float, now: datetime) -> bool:
    """Whether a feed that answers has been silent for longer than is normal for it."""
    return silence(state, now) > max(timedelta(hours=after_h), timedelta(seconds=_SLOW * state.interval_s))
