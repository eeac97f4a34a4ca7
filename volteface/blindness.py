"""What cannot be seen right now, in words: silence of sources must not pass for silence of a side. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from volteface.config import Config, Side
from volteface.feed_types import FeedState

FAILED_POLLS = 3
"""Failed polls in a row from which a source counts as out of sight."""
_SLOW = 4
"""A feed that is due every 12 h is not silent after 24 h, only after four of its own intervals, or four usual gaps."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the sources on one side can be seen: `seen` of `of`."""

    side: str
    name: str
    """Of the side, as a sentence has it."""
    of: int
    """Enabled feeds that are there to cover the side."""
    failing: int
    silent: int
    silent_for: timedelta
    """The shortest silence among the silent ones."""
    foreign: int = 0
    """In a language that is not read."""
    unheard: int = 0
    """Nothing came of them yet: not polled so far, or they answer and never had an item."""

    @property
    def seen(self) -> int:
        """Sources that answer and speak, in a language that is read."""
        return self.of - self.failing - self.silent - self.foreign - self.unheard

    @property
    def share(self) -> float:
        """`seen` of `of`, 0 to 1."""
        return self.seen / self.of

    @property
    def gaps(self) -> tuple[str, ...]:
        """`4 cannot be read` and the like; `()` where all are in sight."""
        phrases = []
        if self.failing:
            phrases.append(f"{self.failing} cannot be read")
        if self.silent:
            hours = self.silent_for / timedelta(hours=1)
            lasting = f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
            phrases.append(f"{self.silent} silent for {lasting} or more")
        if self.unheard:
            phrases.append(f"nothing came of {self.unheard} so far")
        if self.foreign:
            phrases.append(f"{self.foreign} in a language that is not read")
        return tuple(phrases)

    @property
    def words(self) -> str:
        """`9 of 12 sources on Iran in sight (75 %)`."""
        return f"{self.seen} of {self.of} sources on {self.name} in sight ({self.share:.0%})".replace("%", " %")


def coverage(config: Config, states: Iterable[FeedState], now: datetime) -> dict[str, Coverage]:
    """By side, in the order of the config: those that any enabled feed is there to cover."""
    by_id = {state.feed: state for state in states}
    rows = (_coverage(config, side, by_id, now) for side in config.sides)
    return {row.side: row for row in rows if row.of}


def blind_spots(config: Config, states: Iterable[FeedState], now: datetime) -> tuple[str, ...]:
    """A phrase for each side, such as `8 of 12 sources on Iran in sight (67 %): 4 silent for 9 h or more`.

    `()` where everything is in sight; where anything is not, the sides in full sight are told too.
    """
    rows = coverage(config, states, now).values()
    if not any(row.gaps for row in rows):
        return ()
    return tuple(": ".join(filter(None, (row.words, ", ".join(row.gaps)))) for row in rows)


def _coverage(config: Config, side: Side, by_id: dict[str, FeedState], now: datetime) -> Coverage:
    feeds = [feed for feed in config.feeds if feed.enabled and side.id in feed.covers]
    states = [by_id.get(feed.id) for feed in feeds if feed.language in config.models.languages]
    answering = [s for s in states if s is not None and not (s.gone or fails(s))]
    heard = [s for s in answering if s.newest is not None]
    silent = [silence(s, now) for s in heard if quiet(s, config.poll.silent_after_h, now)]
    return Coverage(
        side=side.id,
        name=config.called(side.id),
        of=len(feeds),
        failing=len(states) - len(answering),
        silent=len(silent),
        silent_for=min(silent, default=timedelta(0)),
        foreign=len(feeds) - len(states),
        unheard=len(answering) - len(heard),
    )


def fails(state: FeedState) -> bool:
    """Whether a feed is out of sight: it keeps failing, or has never once been read."""
    return state.failures >= FAILED_POLLS or bool(state.failures and state.succeeded is None)


def silence(state: FeedState, now: datetime) -> timedelta:
    """How long the feed has brought nothing new."""
    return now - (state.newest or state.checked or now)


def quiet(state: FeedState, after_h: float, now: datetime) -> bool:
    """Whether a feed that answers has been silent for longer than is normal for it."""
    usual_s = max(state.interval_s, state.gap_s or 0.0)
    return silence(state, now) > max(timedelta(hours=after_h), timedelta(seconds=_SLOW * usual_s))
