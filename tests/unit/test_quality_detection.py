"""The instruments that measure detection: the filters beside ours, the bootstrap, the perfect readings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from observation_samples import NEW_YEAR, observation
from plain_rules import plainly_ruled

from tests.quality import calibration, detectors, perfect, streams
from tests.quality.filters import KINDS, Kind
from tests.quality.observed import Period
from volteface.backtest import Row, Score, Timeline, backtest
from volteface.config import Config
from volteface.tuning import Values, detect_in_memory
from volteface.types import Observation

RUNGS = (-1.0, -0.7, -0.4, 0.0, 0.4, 0.7, 1.0)
KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
PLAIN: dict[str, float] = {
    "min_confidence": 0.5, "speech_weight": 0.7, "report_weight": 0.3, "cooldown_h": 24, "min_move": 0.5,
    "per_day": 0.05, "reliability": 0.9, "width": 0.2, "mild": 0.5, "slack": 0.3, "height": 0.8, "half_life_h": 48,
    "noise": 0.3, "young": 3, "memory": 20, "least": 0.3,
}  # fmt: skip


def values(kind: Kind) -> Values:
    alarm = {"sticky HMM (Shiryaev)": 0.8, "BOCPD": 0.5}.get(kind.name, 0.8)
    return {name: {**PLAIN, "alarm": alarm}[name] for name in kind.ranges}


@pytest.fixture(scope="module")
def config() -> Config:
    return plainly_ruled()


def steady(stance: float = -0.4, days: int = 40, start: int = 0) -> list[Observation]:
    """Three stories a day that all say the same."""
    return [observation(3 * d + n, stance, 24 * d + 6 * n) for d in range(start, start + days) for n in range(3)]


@KIND
def test_filter_finds_a_turn_and_nothing_else(config: Config, kind: Kind) -> None:
    """A baseline that does not work would make the ledger look good."""
    observations = [*steady(0.7, 20), *steady(-1.0, 20, start=20)]
    found = detectors.run_filters(kind, config, observations, values(kind))
    turned = [alert for alert in found if alert.at > NEW_YEAR + timedelta(days=5)]

    assert [(alert.direction, alert.at - NEW_YEAR < timedelta(days=23)) for alert in turned] == [("away", True)]


@KIND
def test_filter_counts_a_story_once(config: Config, kind: Kind) -> None:
    """A story in forty outlets would be forty observations for a baseline, and one for the ledger."""
    one = observation(900, 1.0, 24 * 20)
    copies = [replace(one, reading_id=901 + n, outlet=f"Copy {n}", family=f"Copy {n}") for n in range(40)]
    quiet = steady(-0.4, 20)

    def alerts(observations: list[Observation]) -> int:
        return len(detectors.run_filters(kind, config, observations, values(kind)))

    assert alerts([*quiet, one, *copies]) == alerts([*quiet, one])


def test_interval_holds_the_figure() -> None:
    """The table would claim a certainty that seventeen weeks do not give."""
    rng = np.random.default_rng(0)
    blocks = [Score(3, int(found), 5, int(found) + 1, 1.0) for found in rng.integers(0, 4, 17)]
    low, high = detectors.interval(blocks)
    whole = Score(sum(b.shifts for b in blocks), sum(b.found for b in blocks), sum(b.alerts for b in blocks),
                  sum(b.fitting for b in blocks), 17.0)  # fmt: skip

    assert low < whole.f1 < high
    assert high - low > 0.1


def period(config: Config, observations: list[Observation], *turns: float) -> Period:
    rows = tuple(
        Row(at, at, ("us",), "military", "away", "shift", "", "")
        for at in (NEW_YEAR + timedelta(hours=hours) for hours in turns)
    )
    return Period(config, observations, Timeline(NEW_YEAR.date(), NEW_YEAR.date() + timedelta(days=69), rows))


def test_quiet_stretches_lie_between_the_known_shifts(config: Config) -> None:
    """True shifts would be counted as false alarms."""
    found = streams.quiet(period(config, steady(days=40), 24 * 12.0, 24 * 30.0, 24 * 33.0))

    bounds = [(s.start, s.observations[0].seen, s.observations[-1].seen) for s in found]
    hours = [tuple((at - NEW_YEAR) / timedelta(hours=1) for at in bound) for bound in bounds]
    assert hours == [(0, 0, 24 * 12 - 12), (24 * 14, 24 * 14, 24 * 30 - 12)]


def test_resampled_days_are_real_days_in_new_order(config: Config) -> None:
    """The bootstrap would lose the bursts of real days, or count one story drawn twice as one."""
    stretch = streams.quiet(period(config, steady(days=40)))[0]
    drawn = streams.resampled(stretch, 100, np.random.default_rng(0), streams.Clock())

    assert len({o.origin_id for o in drawn}) == len(drawn)
    assert drawn == streams.in_order(drawn)
    assert [(o.seen - streams.START) // streams.DAY for o in drawn[::3]] == list(range(100))
    assert {(o.seen - o.published, o.stance) for o in drawn} == {(timedelta(0), -0.4)}


def test_calm_stream_has_no_false_alarms_and_an_erratic_one_has(config: Config) -> None:
    """The rate of false alarms would be an artefact of the bootstrap."""
    erratic = [replace(o, stance=(1.0 if n % 9 < 4 else -1.0)) for n, o in enumerate(steady(days=40))]
    rates = []
    for observations in (steady(days=40), erratic):
        stretches = streams.quiet(period(config, observations))
        found = calibration.false_alarms(config, stretches, 1, np.random.default_rng(0))
        rates.append(sum(rate.alarms for rate in found.values()))

    assert rates[0] == 0
    assert rates[1] > 10


def test_offices_that_turn_together_alarm_a_desk_once(config: Config) -> None:
    """Three offices quoted on the same days would count as three alarms, where a desk gets one alert."""
    steps = [replace(o, stance=(0.7 if n % 30 < 15 else -0.7), confidence=1.0) for n, o in enumerate(steady(days=40))]
    both = [
        replace(o, holder=h, origin_id=o.origin_id + i) for o in steps for i, h in enumerate(("us_president", "us_gov"))
    ]
    whole, rates = period(config, streams.in_order(both)), []
    for stretches in (streams.quiet(whole), streams.quiet_sides(whole)):
        found = calibration.false_alarms(config, stretches, 1, np.random.default_rng(0))
        rates.append(sum(rate.per_year for rate in found.values()))

    assert [s.holder for s in streams.quiet_sides(whole)] == ["us"]
    assert 0 < rates[1] < 0.7 * rates[0]


def test_alarms_of_quiet_days_are_counted_in_their_real_order(config: Config) -> None:
    """An alarm that a row of the timeline explains would count as false, or the days around a row as quiet."""
    steps = [replace(o, stance=(-0.7 if n < 60 else 0.7), confidence=1.0) for n, o in enumerate(steady(days=40))]
    listed, unlisted = (calibration.as_it_happened(period(config, steps, hour)) for hour in (24 * 20.0, 24 * 10.0))

    assert unlisted["us/military"].alarms == 1
    assert listed["us/military"].alarms == 0
    assert listed["us/military"].stream_days == pytest.approx(40 - 1 / 3 - 2.25, abs=0.5)


def test_injected_shift_is_found_the_sooner_the_clearer(config: Config) -> None:
    """The table would promise a delay that has nothing to do with the mix."""
    other = [replace(o, holder="us_gov", stance=0.7) for o in steady(days=40)]
    whole = period(config, streams.in_order([*steady(days=40), *other]))
    stretches = [s for s in streams.quiet(whole) if s.holder == "us_president"]
    cells = calibration.injected(config, whole, stretches, 6, np.random.default_rng(0))
    found = {(cell.per_week, cell.mix): cell.probability for cell in cells}

    assert found[20.0, 0.0] == 0
    assert found[20.0, 1.0] == 1
    assert found[0.5, 0.1] < 0.5


def test_perfect_readings_are_found(config: Config) -> None:
    """The ablation would blame the detector for what its input lacks."""
    rows = period(config, []).timeline
    at = [NEW_YEAR + timedelta(days=days) for days in (1, 8, 15)]
    ways = ("away", "towards", "away")
    turns = tuple(Row(t, t, ("us",), "nuclear", way, "shift", "", "") for t, way in zip(at, ways, strict=True))
    readings = perfect.perfect_readings(config, turns)

    assert len(readings) == 12
    assert backtest(config, replace(rows, rows=turns), detect_in_memory(config, readings).alerts).score.recall == 1
