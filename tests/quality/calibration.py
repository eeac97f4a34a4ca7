"""What the detector does where the truth is known: false alarms on quiet stretches, injected shifts, controls.

    python -m tests.quality.calibration [--draws 20] [--seed 0]

Real observations of quiet stretches are drawn in blocks of two days with replacement (block bootstrap), so that the
rates of statements, the bursts and the reader's errors are real; only the order of days is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import click
import numpy as np
from numpy.random import Generator

from tests.quality.observed import Period, load
from tests.quality.perfect import ablation, readable
from tests.quality.streams import DAY, START, Clock, Stretch, in_order, quiet, quiet_sides, resampled, thinned
from volteface.backtest import Score
from volteface.config import Config
from volteface.tuning import detect_in_memory
from volteface.types import Observation, Shift, sign_of

BURN_IN = 28
"""Days in which the ledger finds the stretch's own position; alarms in them do not count."""
WATCHED = 28
YEAR = 365.25
MIXES = (0.0, 0.1, 0.25, 0.5, 1.0)
PER_WEEK = (0.5, 1.0, 3.0, 20.0)


@dataclass(frozen=True, slots=True)
class Rate:
    """Alarms over simulated stream-time."""

    alarms: int
    stream_days: float

    @property
    def per_year(self) -> float:
        """Alarms a stream-year."""
        return self.alarms / self.stream_days * YEAR if self.stream_days else 0.0

    @property
    def error(self) -> float:
        """Standard error of `per_year` if alarms come singly (Poisson)."""
        return max(1.0, self.alarms) ** 0.5 / self.stream_days * YEAR if self.stream_days else 0.0

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.alarms + other.alarms, self.stream_days + other.stream_days)


def _blank(config: Config) -> Config:
    """Without starting positions: each simulated stream takes its own first one."""
    return config.model_copy(update={"positions": ()})


def _alarms(config: Config, observations: Sequence[Observation], since: datetime) -> list[Shift]:
    return [alert for alert in detect_in_memory(config, observations).alerts if alert.at >= since]


def false_alarms(config: Config, stretches: Sequence[Stretch], draws: int, rng: Generator) -> dict[str, Rate]:
    """Stream (`holder/axis`, or `side/axis`) to its rate on its own quiet days, a year drawn each time."""
    found: dict[str, Rate] = defaultdict(lambda: Rate(0, 0))
    for stretch in stretches:
        for _ in range(draws):
            series = resampled(stretch, BURN_IN + 365, rng, Clock())
            alarms = _alarms(config, series, START + BURN_IN * DAY)
            found[f"{stretch.holder}/{stretch.axis}"] += Rate(len(alarms), 365)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Detection:
    """One cell: how often an injected shift was found within four weeks, and when."""

    mix: float
    per_week: float
    trials: int
    delays_d: tuple[float, ...]

    @property
    def probability(self) -> float:
        """Share found."""
        return len(self.delays_d) / self.trials if self.trials else 0.0


def injected(
    config: Config, period: Period, stretches: Sequence[Stretch], draws: int, rng: Generator
) -> list[Detection]:
    """Streams thinned to some statements a week, from a day on mixed with real statements of the opposite sign."""
    clear = [stretch for stretch in stretches if sign_of(stretch.stance)]
    cells = []
    for per_week in PER_WEEK:
        for mix in MIXES:
            delays = [
                _injected(config, stretch, _opposite(period, stretch), per_week, mix, rng)
                for stretch in clear
                for _ in range(draws)
            ]
            cells.append(Detection(mix, per_week, len(delays), tuple(d for d in delays if d is not None)))
    return cells


def _opposite(period: Period, stretch: Stretch) -> list[Observation]:
    """Real readings on the axis of the other sign, as this holder's."""
    away = -sign_of(stretch.stance)
    found = (o for o in period.observations if o.axis == stretch.axis and sign_of(o.stance) == away)
    return [replace(o, holder=stretch.holder) for o in found]


def _injected(
    config: Config, stretch: Stretch, opposite: Sequence[Observation], per_week: float, mix: float, rng: Generator
) -> float | None:
    clock, turn = Clock(), START + BURN_IN * DAY
    same = [o for o in stretch.observations if sign_of(o.stance) == sign_of(stretch.stance)]
    before = thinned(same, max(per_week, 2.0), BURN_IN, rng, clock, START)
    after = [
        clock.alone(opposite[int(rng.integers(len(opposite)))], o.seen) if rng.uniform() < mix else o
        for o in thinned(same, per_week, WATCHED, rng, clock, turn)
    ]
    way = "towards" if sign_of(stretch.stance) < 0 else "away"
    hits = [alert for alert in _alarms(config, in_order([*before, *after]), turn) if alert.direction == way]
    return (hits[0].at - turn) / DAY if hits else None


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


def _anniversary(opposite: Sequence[Observation], stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation]:
    series = resampled(stretch, BURN_IN + WATCHED, rng, clock)
    old = [
        clock.alone(opposite[int(rng.integers(len(opposite)))], START + (BURN_IN + day) * DAY + timedelta(hours=9))
        for day in range(WATCHED)
    ]
    # Under today's date, as papers print them: what the reader takes for news there is the ledger's to withstand.
    return in_order([*series, *old])


def controls(
    config: Config, period: Period, stretches: Sequence[Stretch], draws: int, rng: Generator
) -> dict[str, tuple[Rate, Rate]]:
    """Control to the rate without and with the disturbance, on the same stretches."""

    def anniversary(stretch: Stretch, rng: Generator, clock: Clock) -> list[Observation] | None:
        opposite = _opposite(period, stretch)
        return _anniversary(opposite, stretch, rng, clock) if opposite else None

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
                without += Rate(len(_alarms(config, plain, since)), WATCHED)
                within += Rate(len(_alarms(config, changed, since)), WATCHED)
    return without, within


def report(period: Period, draws: int, seed: int) -> str:
    """All of it as Markdown."""
    config, stretches = _blank(period.config), quiet(period)
    rng = np.random.default_rng(seed)
    sides = quiet_sides(period)
    few = max(1, draws // 4)
    parts = [
        _false_alarm_table(false_alarms(config, stretches, few, rng), len(stretches)),
        _together(false_alarms(config, sides, few, rng), len(sides)),
        _injection_table(injected(config, period, stretches, few, rng)),
        _control_table(controls(config, period, stretches, draws, rng)),
        _ablation_table(ablation(period), readable(period)),
    ]
    return "\n\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _false_alarm_table(rates: dict[str, Rate], stretches: int) -> str:
    total = sum(rate.per_year for rate in rates.values())
    rows = sorted(rates.items(), key=lambda item: -item[1].per_year)
    shown = [(name, f"{rate.per_year:.1f} ± {rate.error:.1f}") for name, rate in rows[:8]]
    mean = sum(rates.values(), Rate(0, 0))
    middle = median(rate.per_year for rate in rates.values())
    intro = (
        f"False alarms on {stretches} quiet stretches of {len(rates)} streams, each by itself: {mean.per_year:.1f} a "
        f"stream-year in the mean, {middle:.1f} in the middle stream, {total / YEAR * 14:.1f} a fortnight summed over "
        "all streams. The worst:"
    )
    return f"{intro}\n\n" + _table(("stream", "false alarms a year"), shown)


def _together(rates: dict[str, Rate], stretches: int) -> str:
    total = sum(rate.per_year for rate in rates.values())
    rows = [(name, f"{rate.per_year:.1f} ± {rate.error:.1f}") for name, rate in sorted(rates.items())]
    intro = (
        f"The same for all offices of a side together, on {stretches} quiet stretches, as a desk hears it (the move of "
        f"one office holds back that of the next): {total / YEAR * 14:.1f} a fortnight in all."
    )
    return f"{intro}\n\n" + _table(("side and axis", "false alarms a year"), rows)


def _injection_table(cells: Sequence[Detection]) -> str:
    rows = []
    for per_week in PER_WEEK:
        row = [f"{per_week:g} a week"]
        for cell in (c for c in cells if c.per_week == per_week):
            delay = f", {median(cell.delays_d):.0f} d" if cell.delays_d else ""
            row.append(f"{cell.probability:.2f}{delay}")
        rows.append(row)
    head = ("statements", *(f"{mix:.0%} opposite" for mix in MIXES))
    intro = f"Injected shifts found within {WATCHED} days (share, median delay); 0 % is what chance finds:"
    return f"{intro}\n\n" + _table(head, rows)


def _control_table(found: dict[str, tuple[Rate, Rate]]) -> str:
    rows = []
    for name, (without, within) in found.items():
        error = (without.error**2 + within.error**2) ** 0.5
        verdict = "nominal" if within.per_year - without.per_year <= 2 * error else "ABOVE nominal"
        rows.append((name, f"{without.per_year:.1f}", f"{within.per_year:.1f}", f"± {error:.1f}", verdict))
    head = ("control", "alarms a stream-year without", "with", "standard error of the difference", "")
    return "Negative controls:\n\n" + _table(head, rows)


def _ablation_table(found: dict[str, Score], share: float) -> str:
    rows = [
        (
            name,
            f"{s.recall:.2f}",
            f"{s.precision:.2f}",
            f"{s.f1:.2f}",
            f"{s.alerts_per_week:.1f}",
            "" if s.delay_h is None else f"{s.delay_h:.1f}",
        )
        for name, s in found.items()
    ]
    intro = f"Ablation; of {share:.0%} of the shifts at least one right reading exists in time:"
    return f"{intro}\n\n" + _table(("input", "recall", "precision", "F1", "alerts a week", "delay, h"), rows)


@click.command(help=__doc__)
@click.option("--draws", default=20, show_default=True, help="Simulated series of each stretch.")
@click.option("--seed", default=0, show_default=True)
@click.option("--observations", type=click.Path(dir_okay=False, path_type=Path), help="Where they are kept.")
def main(draws: int, seed: int, observations: Path | None) -> None:
    """Command line."""
    click.echo(report(load(observations), draws, seed))


if __name__ == "__main__":
    main()
