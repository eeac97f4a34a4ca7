"""Negative controls: what changes the news without changing a position must not raise more alarms than chance does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from numpy.random import Generator

from tests.quality.alarms import BURN_IN, WATCHED, Rate, alarms, opposite
from tests.quality.observed import Period
from tests.quality.streams import DAY, START, Clock, Stretch, in_order, resampled
from volteface.config import Config
from volteface.types import Observation

Disturbed = Callable[[Stretch, Generator, Clock], list[Observation] | None]
"""Four weeks of a stretch's own days, then four weeks in which something changes that is no shift; None: too thin."""


def _nothing(stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation] | None:
    return resampled(stretch, BURN_IN + WATCHED, rng, clock)


def _outlets(stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation] | None:
    names = sorted({o.family for o in stretch.observations})
    first = set(rng.permutation(names)[: len(names) // 2])
    halves = [
        replace(stretch, days=tuple(tuple(o for o in day if (o.family in first) == mine) for day in stretch.days))
        for mine in (True, False)
    ]
    if any(len(half.observations) < 3 for half in halves):
        return None
    before = resampled(halves[0], BURN_IN, rng, clock)
    return before + resampled(halves[1], WATCHED, rng, clock, START + BURN_IN * DAY)


def _burst(stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation] | None:
    week = [resampled(stretch, 7, rng, clock, START + (BURN_IN + 7) * DAY) for _ in range(4)]
    return in_order([*resampled(stretch, BURN_IN + WATCHED, rng, clock), *(o for part in week for o in part)])


def _translated(stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation] | None:
    series = resampled(stretch, BURN_IN + WATCHED, rng, clock)
    late = [o for o in series if o.seen >= START + BURN_IN * DAY]
    again = (clock.alone(o, o.seen + timedelta(hours=12)) for o in late)
    return in_order([*series, *(replace(o, family=f"{o.family} in translation") for o in again)])


def _anniversary(contrary: Sequence[Observation], stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation]:
    series = resampled(stretch, BURN_IN + WATCHED, rng, clock)
    old = [
        clock.alone(contrary[int(rng.integers(len(contrary)))], START + (BURN_IN + day) * DAY + timedelta(hours=9))
        for day in range(WATCHED)
    ]
    # Under today's date, as papers print them: what the reader takes for news there is the ledger's to withstand.
    return in_order([*series, *old])


def controls(
    config: Config, period: Period, stretches: Sequence[Stretch], draws: int, rng: Generator
) -> dict[str, tuple[Rate, Rate]]:
    """Control to the rate without and with the disturbance, on the same stretches."""

    def anniversary(stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation] | None:
        contrary = opposite(period, stretch)
        return _anniversary(contrary, stretch, rng, clock) if contrary else None

    kinds: dict[str, Disturbed] = {
        "other outlets": _outlets,
        "five times the volume for a week": _burst,
        "every statement again in translation": _translated,
        "an old story every day": anniversary,
    }
    return {name: _paired(config, stretches, kind, draws, rng) for name, kind in kinds.items()}


def _paired(
    config: Config, stretches: Sequence[Stretch], kind: Disturbed, draws: int, rng: Generator
) -> tuple[Rate, Rate]:
    without, within = Rate(0, 0), Rate(0, 0)
    since = START + BURN_IN * DAY
    for stretch in stretches:
        for _ in range(draws):
            changed, plain = kind(stretch, rng, Clock()), _nothing(stretch, rng, Clock())
            if changed is not None and plain is not None:
                without += Rate(len(alarms(config, plain, since)), WATCHED)
                within += Rate(len(alarms(config, changed, since)), WATCHED)
    return without, within
