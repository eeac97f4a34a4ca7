"""What the detector does where the truth is known: false alarms on quiet stretches, injected shifts, controls.

    python -m tests.quality.calibration [--draws 20] [--seed 0]

Real observations of quiet stretches are drawn in blocks of two days with replacement (block bootstrap), so that the
rates of statements, the bursts and the reader's errors are real; only the order of days is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click
import numpy as np
from numpy.random import Generator

from tests.quality.alarms import BURN_IN, WATCHED, YEAR, Rate, alarms, blank, opposite
from tests.quality.controls import controls
from tests.quality.observed import Period, load
from tests.quality.perfect import ablation, readable
from tests.quality.streams import DAY, START, Clock, Stretch, gaps, in_order, quiet, quiet_sides, resampled, thinned
from volteface.backtest import Score
from volteface.config import Config
from volteface.tuning import detect_in_memory
from volteface.types import Observation, sign_of

MIXES = (0.0, 0.1, 0.25, 0.5, 1.0)
PER_WEEK = (0.5, 1.0, 3.0, 20.0)


def false_alarms(config: Config, stretches: Sequence[Stretch], draws: int, rng: Generator) -> dict[str, Rate]:
    """Stream (`holder/axis`, or `side/axis`) to its rate on its own quiet days, a year drawn each time."""
    found: dict[str, Rate] = defaultdict(lambda: Rate(0, 0))
    for stretch in stretches:
        for _ in range(draws):
            series = resampled(stretch, BURN_IN + 365, rng, Clock())
            heard = alarms(config, series, START + BURN_IN * DAY)
            found[f"{stretch.holder}/{stretch.axis}"] += Rate(len(heard), 365)
    return dict(found)


def as_it_happened(period: Period) -> dict[str, Rate]:
    """`side/axis` to the alarms on its quiet days in their real order, from the config's positions on."""
    found: dict[str, Rate] = defaultdict(lambda: Rate(0, 0))
    raised = detect_in_memory(period.config, period.observations).alerts
    for side in period.config.side:
        for axis in period.config.axis:
            for low, high in gaps(period, side, axis):
                heard = [a for a in raised if a.side == side and a.axis == axis and low <= a.at < high]
                found[f"{side}/{axis}"] += Rate(len(heard), (high - low) / DAY)
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
                _injected(config, stretch, opposite(period, stretch), per_week, mix, rng)
                for stretch in clear
                for _ in range(draws)
            ]
            cells.append(Detection(mix, per_week, len(delays), tuple(d for d in delays if d is not None)))
    return cells


def _injected(
    config: Config, stretch: Stretch, contrary: Sequence[Observation], per_week: float, mix: float, rng: Generator
) -> float | None:
    clock, turn = Clock(), START + BURN_IN * DAY
    same = [o for o in stretch.observations if sign_of(o.stance) == sign_of(stretch.stance)]
    before = thinned(same, max(per_week, 2.0), BURN_IN, rng, clock, START)
    after = [
        clock.alone(contrary[int(rng.integers(len(contrary)))], o.seen) if rng.uniform() < mix else o
        for o in thinned(same, per_week, WATCHED, rng, clock, turn)
    ]
    way = "towards" if sign_of(stretch.stance) < 0 else "away"
    hits = [alert for alert in alarms(config, in_order([*before, *after]), turn) if alert.direction == way]
    return (hits[0].at - turn) / DAY if hits else None


def report(period: Period, draws: int, seed: int) -> str:
    """All of it as Markdown."""
    config, stretches = blank(period.config), quiet(period)
    rng = np.random.default_rng(seed)
    sides = quiet_sides(period)
    few = max(1, draws // 4)
    parts = [
        _false_alarm_table(false_alarms(config, stretches, few, rng), len(stretches)),
        _together(false_alarms(config, sides, few, rng), len(sides)),
        _in_order_table(as_it_happened(period)),
        _injection_table(injected(config, period, stretches, few, rng)),
        _control_table(controls(config, period, stretches, draws, rng)),
        _ablation_table(ablation(period), readable(period)),
    ]
    return "\n\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _fortnight(rates: dict[str, Rate]) -> str:
    return f"{sum(rate.per_year for rate in rates.values()) / YEAR * 14:.1f} a fortnight"


def _rows(rates: dict[str, Rate]) -> list[tuple[str, str]]:
    """The worst first."""
    ordered = sorted(rates.items(), key=lambda item: -item[1].per_year)
    return [(name, f"{rate.per_year:.1f} ± {rate.error:.1f}") for name, rate in ordered]


def _false_alarm_table(rates: dict[str, Rate], stretches: int) -> str:
    mean = sum(rates.values(), Rate(0, 0))
    middle = median(rate.per_year for rate in rates.values())
    intro = (
        f"False alarms on {stretches} quiet stretches of {len(rates)} streams, each by itself: {mean.per_year:.1f} a "
        f"stream-year in the mean, {middle:.1f} in the middle stream, {_fortnight(rates)} summed over all streams. "
        "The worst:"
    )
    return f"{intro}\n\n" + _table(("stream", "false alarms a year"), _rows(rates)[:8])


def _together(rates: dict[str, Rate], stretches: int) -> str:
    intro = (
        f"The same for all offices of a side together, on {stretches} quiet stretches, as a desk hears it (the move of "
        f"one office holds back that of the next): {_fortnight(rates)} in all."
    )
    return f"{intro}\n\n" + _table(("side and axis", "false alarms a year"), _rows(rates))


def _in_order_table(rates: dict[str, Rate]) -> str:
    intro = f"On the same quiet days in the order in which they really came: {_fortnight(rates)} in all."
    return f"{intro}\n\n" + _table(("side and axis", "false alarms a year"), _rows(rates))


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
