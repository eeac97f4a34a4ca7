"""Real streams of observations (a holder on an axis), cut into quiet stretches and put together again by chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from numpy.random import Generator

from tests.quality.observed import Period
from volteface.backtest import EARLY, LATE
from volteface.types import Observation

DAY = timedelta(days=1)
START = datetime(2030, 1, 1, tzinfo=UTC)
"""Where simulated time begins."""
BLOCK_DAYS = 2
"""Days drawn together: a story lives about so long."""
SHORTEST = 5 * DAY
FEWEST = 8
"""Observations below which a stretch says nothing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one holder, or a whole side, said in a time in which the timeline knows of no shift of the side there."""

    holder: str
    """An office, or the side where all its offices are taken together."""
    axis: str
    start: datetime
    days: tuple[tuple[Observation, ...], ...]
    """What was observed, by day from `start` on; days of silence are empty."""

    @property
    def observations(self) -> list[Observation]:
        """All of them, in order."""
        return [o for day in self.days for o in day]

    @property
    def stance(self) -> float:
        """The middle of what was observed."""
        return median(o.stance for o in self.observations)


def quiet(period: Period) -> list[Stretch]:
    """Every quiet stretch of every stream: at least five days with at least eight observations."""
    return _stretches(period, lambda o: o.holder)


def quiet_sides(period: Period) -> list[Stretch]:
    """The same for all offices of a side on an axis together, as detection sees them: a move of one holds back the
    same move of another."""
    return _stretches(period, lambda o: period.config.side_of(o.holder).id)


def _stretches(period: Period, owner: Callable[[Observation], str]) -> list[Stretch]:
    streams: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for o in period.observations:
        streams[owner(o), o.axis].append(o)
    found = []
    for (name, axis), observations in sorted(streams.items()):
        side = period.config.side_of(observations[0].holder).id
        for low, high in gaps(period, side, axis):
            within = [o for o in observations if low <= o.seen < high]
            if len(within) >= FEWEST:
                found.append(Stretch(name, axis, low, _by_day(within, low, high)))
    return found


def gaps(period: Period, side: str, axis: str) -> Iterable[tuple[datetime, datetime]]:
    """Times of at least five days in which the timeline has no row of that side and axis."""
    rows = [row for row in period.timeline.rows if side in row.sides and row.axis == axis]
    first, last = period.observations[0].seen, period.observations[-1].seen
    low = first
    for row in [*rows, None]:
        high = row.start - EARLY if row else last
        if high - low >= SHORTEST:
            yield low, high
        low = max(low, row.end + LATE) if row else last


def _by_day(observations: Sequence[Observation], low: datetime, high: datetime) -> tuple[tuple[Observation, ...], ...]:
    days: list[list[Observation]] = [[] for _ in range((high - low) // DAY + 1)]
    for o in observations:
        days[(o.seen - low) // DAY].append(o)
    return tuple(map(tuple, days))


class Clock:
    """Gives real observations another time and an origin of their own, so that a day drawn twice is two stories."""

    def __init__(self) -> None:
        self._drawn = 0

    def day(self, observations: Iterable[Observation], source: datetime, target: datetime) -> list[Observation]:
        """The observations of the day from `source` on, as if it were the day from `target` on."""
        self._drawn += 1
        return [self._moved(o, target - source, self._drawn * 10**7) for o in observations]

    def alone(self, observation: Observation, seen: datetime) -> Observation:
        """One observation as a statement of its own at another time; its age when seen stays what it was."""
        self._drawn += 1
        return self._moved(observation, seen - observation.seen, self._drawn * 10**7)

    @staticmethod
    def _moved(o: Observation, by: timedelta, number: int) -> Observation:
        return replace(
            o,
            seen=o.seen + by,
            published=o.published + by,
            reading_id=o.reading_id + number,
            article_id=o.article_id + number,
            origin_id=o.origin_id + number,
        )


def resampled(stretch: Stretch, days: int, rng: Generator, clock: Clock, start: datetime = START) -> list[Observation]:
    """So many days of the stretch, drawn in blocks with replacement, from `start` on."""
    drawn: list[Observation] = []
    for first in range(0, days, BLOCK_DAYS):
        source = int(rng.integers(0, max(1, len(stretch.days) - BLOCK_DAYS + 1)))
        for n, day in enumerate(stretch.days[source : source + BLOCK_DAYS]):
            if first + n < days:
                drawn += clock.day(day, stretch.start + (source + n) * DAY, start + (first + n) * DAY)
    return in_order(drawn)


def thinned(
    pool: Sequence[Observation], per_week: float, days: float, rng: Generator, clock: Clock, start: datetime
) -> list[Observation]:
    """Statements drawn from a pool at random times, `per_week` of them a week."""
    number = int(rng.poisson(per_week * days / 7))
    times = sorted(start + float(t) * DAY for t in rng.uniform(0, days, number))
    return in_order(clock.alone(pool[int(rng.integers(len(pool)))], at) for at in times)


def in_order(observations: Iterable[Observation]) -> list[Observation]:
    """As detection takes them."""
    return sorted(observations, key=lambda o: (o.seen, o.published, o.article_id, o.reading_id))
