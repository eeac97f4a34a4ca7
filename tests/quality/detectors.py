"""Detectors beside the ledger, on the same observations, with the same budget of alerts and of settings tried.

    python -m tests.quality.detectors [--alerts-per-week 7] [--trials 200] [--seed 0]

Each detector's settings are searched alike (`volteface.tuning`); the figures that count are out of fold. What is told
of a move is decided by the same `held_back`, and each story counts once, so that only the filters differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial, reduce
from operator import add
from pathlib import Path

import click
import numpy as np

from tests.quality.filters import KINDS, Filter, Kind
from tests.quality.observed import Period, load
from volteface.backtest import Outcome, Score, backtest
from volteface.config import Config
from volteface.detect import held_back, seeds
from volteface.tuned import seat, with_members
from volteface.tuning import (
    RANGES,
    Search,
    Trial,
    Tuned,
    Values,
    alone,
    choose,
    detect_in_memory,
    folds_of,
    scored,
    with_rules,
)
from volteface.types import AlertState, Evidence, Mode, Observation, Shift

SEATS = 7
COMMITTEE, LEDGER = f"committee of {SEATS} ledgers (ours)", "the best ledger alone"
AGAIN = timedelta(hours=6)
"""A publisher family that says the same within so long says it once."""
HARD_DAY = datetime(2026, 4, 7, tzinfo=UTC).date()
"""The US president reverses himself within ten and a half hours."""

Detect = Callable[[Values], Sequence[Shift]]


@dataclass
class _Stream:
    filter: Filter
    last: datetime
    said: dict[tuple[object, float], datetime]

    def news(self, o: Observation) -> bool:
        """Whether neither this story nor this family has just said it."""
        keys = [("story", o.origin_id), o.family]
        before = [self.said.get((key, o.stance)) for key in keys]
        for key in keys:
            self.said[key, o.stance] = o.seen
        return before[0] is None and (before[1] is None or o.seen - before[1] > AGAIN)


def run_filters(kind: Kind, config: Config, observations: Sequence[Observation], values: Values) -> list[Shift]:
    """The alerts of one filter a stream, from the config's positions on."""
    config = with_rules(config, {"cooldown_h": values["cooldown_h"]})
    streams = {(s.holder, s.axis): _started(kind, config, s.axis, s.value, s.since, values) for s in seeds(config)}
    alerts: list[Shift] = []
    for o in observations:
        if o.confidence < values["min_confidence"]:
            continue
        stream = streams.get((o.holder, o.axis))
        if stream is None:
            streams[o.holder, o.axis] = _started(kind, config, o.axis, o.stance, o.seen, values)
        elif stream.news(o):
            hours, stream.last = max(0.0, (o.seen - stream.last) / timedelta(hours=1)), o.seen
            move = stream.filter.take(hours, o.stance, weight(o, values))
            if move and held_back(config, shift := _shift(config, o, *move), alerts[-50:]) is None:
                alerts.append(shift)
    return alerts


def _started(kind: Kind, config: Config, axis: str, value: float, at: datetime, values: Values) -> _Stream:
    return _Stream(kind.start([rung.value for rung in config.axis[axis].rungs], value, values), at, {})


def weight(o: Observation, values: Values) -> float:
    """What an observation counts for, in [0, 1]."""
    mode = {Mode.ACT: 1.0, Mode.SPEECH: values["speech_weight"], Mode.REPORT: values["report_weight"]}[o.mode]
    return o.confidence * mode


def _shift(config: Config, o: Observation, before: float, after: float) -> Shift:
    direction = "towards" if after > before else "away"
    told = Evidence(o.outlet, o.url, o.quote, o.published, o.origin_id, o.mode, o.stance, o.person, o.family)
    return Shift(
        key=f"{o.holder}/{o.axis}/{o.reading_id}",
        at=o.seen,
        side=config.side_of(o.holder).id,
        holder=o.holder,
        person=o.person,
        axis=o.axis,
        direction=direction,
        before=before,
        after=after,
        since=o.seen,
        state=AlertState.PROVISIONAL,
        confidence=o.confidence,
        evidence=(told,),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """One detector's search, and what its best setting made of the hard day."""

    name: str
    tuned: Tuned
    hard_day: tuple[Outcome, ...]


def measure(period: Period, kind: Kind | None, search: Search) -> Measured:
    """Search one detector's settings; None is the ledger."""
    ranges = kind.ranges if kind else RANGES
    detect: Detect = (
        partial(run_filters, kind, period.config, period.observations) if kind else partial(_ledger, period)
    )

    def run(values: Values) -> Trial:
        return Trial(values, scored(backtest(period.config, period.timeline, detect(values)), search))

    start = {name: float(getattr(period.config.detect, name)) for name in RANGES} if kind is None else _middle(kind)
    tuned = choose(run(start), run, folds_of(period.timeline, search), search, ranges=ranges)
    outcomes = backtest(period.config, period.timeline, detect(tuned.best.values)).outcomes
    return Measured(kind.name if kind else LEDGER, tuned, tuple(o for o in outcomes if _is_hard(o)))


def committee(period: Period, search: Search, ledger: Measured) -> Measured:
    """The best settings of the ledger's search as a committee, out of the same folds."""
    config, seen = period.config, period.observations
    seated = seat(config, seen, period.timeline, search, ledger.tuned, SEATS)
    alerts = detect_in_memory(with_members(config, seated.members, seated.quorum), seen).alerts
    tuned = replace(ledger.tuned, best=Trial({}, seated.blocks), outside=seated.outside)
    hard_day = filter(_is_hard, backtest(config, period.timeline, alerts).outcomes)
    return Measured(COMMITTEE, tuned, tuple(hard_day))


def _ledger(period: Period, values: Values) -> Sequence[Shift]:
    return detect_in_memory(with_rules(alone(period.config), values), period.observations).alerts


def _middle(kind: Kind) -> Values:
    middle = {name: (r.low * r.high) ** 0.5 if r.log else (r.low + r.high) / 2 for name, r in kind.ranges.items()}
    return {name: round(value, kind.ranges[name].decimals) for name, value in middle.items()}


def _is_hard(outcome: Outcome) -> bool:
    return outcome.row.start.date() == HARD_DAY and outcome.row.sides == ("us",)


def interval(blocks: Sequence[Score], draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % interval of F1 over resamples of the weeks."""
    rng = np.random.default_rng(seed)
    drawn = (reduce(add, (blocks[i] for i in rng.integers(0, len(blocks), len(blocks)))).f1 for _ in range(draws))
    low, high = np.percentile(list(drawn), [2.5, 97.5])
    return float(low), float(high)


def table(found: Sequence[Measured]) -> str:
    """Markdown: out of fold, then in sample."""
    head = (
        "| detector | recall | precision | F1 (95 % over weeks) | alerts a week | delay, h "
        "| in sample: recall | precision | F1 | 7 April, delay of each |"
    )
    return "\n".join([head, "|" + "---|" * 10, *map(_line, found)])


def _line(m: Measured) -> str:
    out, best, (low, high) = m.tuned.out_of_fold, m.tuned.best.whole, interval(m.tuned.outside)
    hard = ", ".join("missed" if o.delay_h is None else f"{o.delay_h:.1f} h" for o in m.hard_day)
    delay = "" if out.delay_h is None else f"{out.delay_h:.1f}"
    cells = (
        m.name, f"{out.recall:.2f}", f"{out.precision:.2f}", f"{out.f1:.2f} [{low:.2f}, {high:.2f}]",
        f"{out.alerts_per_week:.1f}", delay, f"{best.recall:.2f}", f"{best.precision:.2f}", f"{best.f1:.2f}", hard,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


@click.command(help=__doc__)
@click.option("--alerts-per-week", default=7.0, show_default=True)
@click.option("--trials", default=200, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--observations", type=click.Path(dir_okay=False, path_type=Path), help="Where they are kept.")
@click.option("--only", multiple=True, help="Names (or beginnings) of the detectors to measure.")
def main(alerts_per_week: float, trials: int, seed: int, observations: Path | None, only: Sequence[str]) -> None:
    """Command line."""
    period, search = load(observations), Search(alerts_per_week, trials, seed=seed)
    found = []
    for kind in (None, *KINDS):
        name = kind.name if kind else LEDGER
        if only and not name.startswith(tuple(only)):
            continue
        found.append(measure(period, kind, search))
        click.echo(f"{name}: {dict(found[-1].tuned.best.values)}")
        if kind is None:
            found.append(committee(period, search, found[-1]))
    click.echo(table(found))


if __name__ == "__main__":
    main()
