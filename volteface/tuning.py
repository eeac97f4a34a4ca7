"""The detection rules that would have served best on a past period: search, and what it is honestly worth.

Detection runs in memory over observations that were made once (`volteface.replay`), with the ledger's own functions, so
a setting costs a second and gives exactly the alerts of a replay. The figure of the best of many settings on the period
on which it was chosen is too good; so the period is cut into blocks of weeks, and each block is scored by the setting
that was best on the others (out of fold).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
from numpy.random import Generator

from volteface.backtest import WEEK, Backtest, Score, Timeline, backtest
from volteface.committee import advance
from volteface.config import Config
from volteface.config_detect import DetectRules
from volteface.detect import Held, committees_of, held_back, seeds
from volteface.errors import VoltefaceError
from volteface.types import Observation, Shift

Values = Mapping[str, float]
"""Keys of `detect:` with their values."""
Progress = Callable[[int, int], None]
"""Called with (settings tried, settings in all)."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a rule may be. `decimals`: to how many places it is drawn, for people read it."""

    low: float
    high: float
    decimals: int
    log: bool = False

    def draw(self, rng: Generator) -> float:
        """Any value, each as likely (on a logarithmic scale, each ratio)."""
        return self._at(rng.uniform())

    def near(self, value: float, rng: Generator, spread: float = 0.12) -> float:
        """A value not far from another; `spread` is the standard deviation as a share of the range."""
        return self._at(float(np.clip(self.share(value) + rng.normal(0, spread), 0, 1)))

    def _at(self, share: float) -> float:
        if self.log:
            return round(self.low * math.exp(share * math.log(self.high / self.low)), self.decimals)
        return round(self.low + (self.high - self.low) * share, self.decimals)

    def share(self, value: float) -> float:
        """Where the value lies in the range, from 0 to 1."""
        if self.log:
            return math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


RANGES: Mapping[str, Range] = {
    "min_confidence": Range(0.3, 0.95, 3),
    "act_confidence": Range(0.3, 0.95, 3),
    "min_move": Range(0.2, 1.1, 1),
    "window_h": Range(6, 168, 0, log=True),
    "strength": Range(0.4, 4, 2, log=True),
    "half_life_h": Range(3, 96, 0, log=True),
    "half_depth": Range(500, 10_000, 0, log=True),
    "speech_weight": Range(0.2, 1, 2),
    "report_weight": Range(0, 0.8, 2),
    "resistance": Range(0, 1, 2),
    "min_share": Range(0, 0.9, 2),
    "relax_h": Range(12, 336, 0, log=True),
    "cooldown_h": Range(3, 72, 0, log=True),
}
"""The rules that are searched; the others keep the config's value."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What detection over observations came to."""

    alerts: tuple[Shift, ...]
    held: tuple[Held, ...]


def detect_in_memory(config: Config, observations: Sequence[Observation]) -> Detected:
    """The alerts that `volteface.detect` would raise, and what it would hold back, from the config's positions on.

    Observations come in the order in which detection saw them. Nothing is stored.
    """
    committees, standings = committees_of(config), {(s.holder, s.axis): s for s in seeds(config)}
    side = {office.id: office.side for office in config.offices}
    alerts: list[Shift] = []
    held: list[Held] = []
    for observation in observations:
        key = (observation.holder, observation.axis)
        standing, shift = advance(
            standings.get(key), observation, committees[side[observation.holder]], side[observation.holder]
        )
        if standing is not None:
            standings[key] = standing
        if standing is None or shift is None:
            continue
        hold = held_back(config, shift, _recent(config, alerts, shift))
        if hold is None:
            standings[key] = replace(standing, alerted=shift.at)
            alerts.append(shift)
        else:
            held.append(hold)
    return Detected(tuple(alerts), tuple(held))


def _recent(config: Config, alerts: Sequence[Shift], shift: Shift) -> list[Shift]:
    horizon = shift.at - timedelta(hours=config.detect.cooldown_h)
    return [alert for alert in alerts if alert.at >= horizon]


def with_rules(config: Config, values: Values) -> Config:
    """The config with other detection rules. Raises pydantic.ValidationError where a value is out of its range."""
    rules = DetectRules.model_validate({**dict(config.detect), **values})
    return config.model_copy(update={"detect": rules})


def alone(config: Config) -> Config:
    """The config with its first ledger only, which decides by itself."""
    detect = config.detect.model_copy(update={"committee": (), "quorum": None})
    return config.model_copy(update={"detect": detect})


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting, and its figures in each block of weeks."""

    values: Values
    blocks: tuple[Score, ...]

    def over(self, blocks: Sequence[int]) -> Score:
        """The figures over some of the blocks, at least one."""
        return reduce(add, (self.blocks[b] for b in blocks))

    @property
    def whole(self) -> Score:
        """The figures over all of them."""
        return self.over(range(len(self.blocks)))


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a search came to."""

    best: Trial
    """Best on the whole period: the one to use."""
    present: Trial
    """The config as it is."""
    outside: tuple[Score, ...]
    """Each block as scored by the setting that was best without its fold."""
    trials: int
    ranked: tuple[tuple[Trial, ...], ...] = ()
    """The settings tried, the best first: on the whole period, then without each fold in turn."""

    @property
    def out_of_fold(self) -> Score:
        """Over all blocks: what to expect of the best on other weeks."""
        return reduce(add, self.outside)


@dataclass(frozen=True, slots=True)
class Search:
    """How to search."""

    alerts_per_week: float
    """No more than so many, on the weeks that a setting is chosen on."""
    trials: int = 200
    folds: int = 5
    seed: int = 0
    block_weeks: int = 1


def tune(
    config: Config,
    observations: Sequence[Observation],
    timeline: Timeline,
    search: Search,
    progress: Progress | None = None,
) -> Tuned:
    """Search the rules of `RANGES`: 60 % of the trials at random, the rest near the best so far of each fold.

    Equal input and seed give equal output. Raises VoltefaceError where the period is shorter than two blocks.
    """
    folds = folds_of(timeline, search)

    def trial(values: Values, tried: Config) -> Trial:
        return Trial(values, blocks_of(tried, observations, timeline, search))

    def run(values: Values) -> Trial:
        return trial(values, with_rules(one_ledger, values))

    one_ledger, now = alone(config), {name: float(getattr(config.detect, name)) for name in RANGES}
    return replace(choose(run(now), run, folds, search, progress), present=trial(now, config))


def choose(
    present: Trial, run: Callable[[Values], Trial], folds: Sequence[Sequence[int]], search: Search,
    progress: Progress | None = None, ranges: Mapping[str, Range] = RANGES,
) -> Tuned:  # fmt: skip
    """The search itself, for any detector: `run` scores a setting. See `tune`."""
    rng = np.random.default_rng(search.seed)
    everywhere = tuple(range(len(present.blocks)))
    chosen_on = [everywhere, *(tuple(b for b in everywhere if b not in fold) for fold in folds)]
    pool = [present]
    for values in _random(ranges, int(0.6 * search.trials), rng):
        pool.append(run(values))
        _tell(progress, len(pool) - 1, search.trials)
    # Each fold refines its own best, so that the block it is scored on has no say in what is tried.
    own: list[list[Trial]] = [[] for _ in chosen_on]
    for n in range(search.trials - len(pool) + 1):
        blocks, mine = chosen_on[n % len(chosen_on)], own[n % len(chosen_on)]
        mine.append(run(_neighbour(ranked([*pool, *mine], blocks, search)[0].values, ranges, rng)))
        _tell(progress, len(pool) + n, search.trials)
    orders = tuple(ranked([*pool, *mine], blocks, search) for blocks, mine in zip(chosen_on, own, strict=True))
    by_block = {b: tried[0].blocks[b] for tried, fold in zip(orders[1:], folds, strict=True) for b in fold}
    return Tuned(orders[0][0], present, tuple(by_block[b] for b in everywhere), search.trials, orders)


def _tell(progress: Progress | None, done: int, of: int) -> None:
    if progress:
        progress(done, of)


def _random(ranges: Mapping[str, Range], number: int, rng: Generator) -> Iterator[Values]:
    for _ in range(number):
        yield {name: within.draw(rng) for name, within in ranges.items()}


def _neighbour(values: Values, ranges: Mapping[str, Range], rng: Generator) -> Values:
    """Two or three of the rules moved a little: all at once would leave the place that was found good."""
    moved = rng.choice(sorted(ranges), size=min(len(ranges), int(rng.integers(1, 4))), replace=False)
    return {name: ranges[name].near(value, rng) if name in moved else value for name, value in values.items()}


def ranked(trials: Sequence[Trial], blocks: Sequence[int], search: Search) -> tuple[Trial, ...]:
    """Highest F1 within the budget first; then what is nearest to it."""

    def merit(trial: Trial) -> tuple[float, float, float]:
        score = trial.over(blocks)
        over = max(0.0, score.alerts_per_week - search.alerts_per_week)
        return -over, score.f1, -(score.delay_h or 0.0)

    return tuple(sorted(trials, key=merit, reverse=True))


def folds_of(timeline: Timeline, search: Search) -> tuple[tuple[int, ...], ...]:
    """The blocks of each fold: every fold takes blocks from all over the period, as calm and stormy weeks alternate."""
    number = len(_edges(timeline, search))
    if number < 2:
        raise VoltefaceError(f"a period of {timeline.weeks:.1f} weeks is too short to be cut into blocks")
    count = min(search.folds, number)
    return tuple(tuple(range(fold, number, count)) for fold in range(count))


def blocks_of(
    config: Config, observations: Sequence[Observation], timeline: Timeline, search: Search
) -> tuple[Score, ...]:
    """The figures of a config's alerts over these observations, block by block."""
    return scored(backtest(config, timeline, detect_in_memory(config, observations).alerts), search)


def scored(result: Backtest, search: Search) -> tuple[Score, ...]:
    """The figures of each block: shifts by their own date, alerts by theirs."""
    edges = _edges(result.timeline, search)
    return tuple(_block(result, low, high, high == edges[-1][1]) for low, high in edges)


def _block(result: Backtest, low: datetime, high: datetime, last: bool) -> Score:
    # Alerts in the two days after the period belong to its last block.
    return result.part(
        lambda row: low <= row.start < high,
        lambda alert: low <= alert.at and (alert.at < high or last),
        (high - low) / WEEK,
    )


def _edges(timeline: Timeline, search: Search) -> list[tuple[datetime, datetime]]:
    """First and last moment of each block; what remains of less than half a block goes to the last one."""
    start = datetime.combine(timeline.start, time(), UTC)
    end = datetime.combine(timeline.end, time(), UTC) + timedelta(days=1)
    size = search.block_weeks * WEEK
    number = max(1, round((end - start) / size))
    cuts = [start + n * size for n in range(number)] + [end]
    return list(pairwise(cuts))
