"""The search for detection rules: the same alerts as a replay, and figures that are not flattered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from fakes import MarkedReader
from observation_samples import NEW_YEAR, observation, stormy_archive
from plain_rules import plainly_ruled

from volteface.backtest import Row, Score, Timeline, backtest
from volteface.config import Config
from volteface.errors import VoltefaceError
from volteface.kept_observations import load_observations, save_observations
from volteface.replay import ReplayResult, replay
from volteface.tuning import (
    RANGES,
    Search,
    Trial,
    Values,
    choose,
    detect_in_memory,
    folds_of,
    scored,
    tune,
    with_rules,
)  # fmt: skip
from volteface.types import Observation

WEEKS = 6
DAYS = (NEW_YEAR.date(), NEW_YEAR.date() + timedelta(days=7 * WEEKS - 1))


@pytest.fixture(scope="module")
def config() -> Config:
    return with_rules(plainly_ruled(), {"strength": 0.7, "cooldown_h": 96})  # so that much is told, and much held back


@pytest.fixture(scope="module")
def storm(config: Config, tmp_path_factory: pytest.TempPathFactory) -> ReplayResult:
    path = stormy_archive(tmp_path_factory.mktemp("storm"), WEEKS)
    return replay(config, MarkedReader(), path, DAYS[0], DAYS[1] + timedelta(days=7))


def test_memory_gives_the_alerts_of_a_replay(config: Config, storm: ReplayResult) -> None:
    """The rules that a desk pastes would behave otherwise than they were tuned."""
    found = detect_in_memory(config, storm.observations)

    assert [a.key for a in found.alerts] == [a.key for a in storm.alerts]
    assert [(h.shift.key, h.kind) for h in found.held] == [(h.shift.key, h.kind) for h in storm.held]
    assert [(a.at, a.before, a.after) for a in found.alerts] == [(a.at, a.before, a.after) for a in storm.alerts]
    assert len(found.alerts) > 10
    assert found.held


def test_later_observations_change_no_earlier_alert(config: Config, storm: ReplayResult) -> None:
    """A setting would be praised for what it could not have known."""
    half = storm.observations[: len(storm.observations) // 2]
    early = detect_in_memory(config, half).alerts

    assert early
    assert detect_in_memory(config, storm.observations).alerts[: len(early)] == early


def test_observations_come_back_from_their_file(storm: ReplayResult, tmp_path: Path) -> None:
    """Tuning from the file would tune on other observations than those of the replay."""
    odd = replace(storm.observations[0], quote='Line\n“two”, tab\t, \ud83d and "quotes"', stance=float(np.float32(0.1)))
    path = tmp_path / "observations.jsonl"
    save_observations(path, "digest", [odd, *storm.observations])

    assert load_observations(path, "digest") == (odd, *storm.observations)
    assert load_observations(path, "another reader") is None
    assert load_observations(tmp_path / "none", "digest") is None


def storms(stances: Sequence[tuple[float, float]]) -> list[Observation]:
    """(hours, stance): three outlets report each."""
    return [
        observation(10 * n + copy, stance, hours + copy / 2)
        for n, (hours, stance) in enumerate(stances)
        for copy in range(3)
    ]


def known(config: Config, turns: Sequence[tuple[float, str]]) -> Timeline:
    """(hours, direction) of the US president on military action."""
    rows = []
    for hours, direction in turns:
        at = NEW_YEAR + timedelta(hours=hours)
        rows.append(Row(at, at, ("us",), "military", direction, "shift", "", ""))
    return Timeline(*DAYS, tuple(rows))


@pytest.fixture
def turning(config: Config) -> tuple[Config, list[Observation], Timeline]:
    """A president who turns every third day, and one stray report of the contrary a day that is no turn."""
    turns = [(72.0 * n + 10, -1.0 if n % 2 else 0.7) for n in range(1, 14)]
    strays = [
        replace(observation(1000 + n, -stance, hours + 30), confidence=0.72) for n, (hours, stance) in enumerate(turns)
    ]
    strict = with_rules(config, {"strength": 4.0, "min_confidence": 0.9, "act_confidence": 0.9})
    everything = sorted([*storms(turns), *strays], key=lambda o: o.seen)
    return strict, everything, known(config, [(h, "towards" if s > 0 else "away") for h, s in turns])


def test_search_finds_rules_that_serve(turning: tuple[Config, list[Observation], Timeline]) -> None:
    """A desk would wait for minutes and get nothing better than what it had."""
    config, observations, timeline = turning
    calls: list[tuple[int, int]] = []
    tuned = tune(config, observations, timeline, Search(7, trials=40), lambda done, of: calls.append((done, of)))

    assert tuned.present.whole.recall < 0.2
    assert tuned.best.whole.f1 > 0.9
    assert tuned.out_of_fold.f1 > 0.8
    assert calls == [(n, 40) for n in range(1, 41)]


def test_same_seed_gives_the_same_rules(turning: tuple[Config, list[Observation], Timeline]) -> None:
    """Two people would get different rules from the same past."""
    one, two, other = (tune(*turning, Search(7, trials=12, seed=seed)) for seed in (3, 3, 4))

    assert (one.best.values, one.outside) == (two.best.values, two.outside)
    assert one.best.values != other.best.values


def test_budget_of_alerts_is_kept() -> None:
    """A desk that can look at three alerts a week would be sent ten, for the sake of recall."""

    def run(values: Values) -> Trial:
        alerts = round(6 / values["strength"])
        return Trial(values, (Score(20, alerts, alerts, alerts, 1.0),) * 6)

    folds = tuple((block,) for block in range(6))
    found = {budget: choose(run({"strength": 4.0}), run, folds, Search(budget, trials=300)) for budget in (3, 9, 1)}

    assert [found[budget].best.whole.alerts_per_week for budget in (3, 9)] == [3, 9]
    assert found[1].best.whole.alerts_per_week == 2  # none keeps it: the nearest


def test_blocks_add_up_to_the_whole(config: Config, storm: ReplayResult) -> None:
    """An alert or a shift at the turn of a week, or just after the period, would be lost or counted twice."""
    timeline = known(config, [(n * 9.0, "away" if n % 3 else "towards") for n in range(110)])
    result = backtest(config, timeline, storm.alerts)
    search = Search(7)
    blocks = scored(result, search)
    whole = Trial({}, blocks).whole

    assert len(blocks) == WEEKS
    assert (whole.shifts, whole.found, whole.alerts, whole.fitting) == (
        result.score.shifts, result.score.found, result.score.alerts, result.score.fitting,
    )  # fmt: skip
    assert whole.weeks == pytest.approx(WEEKS)
    assert sorted(b for fold in folds_of(timeline, search) for b in fold) == list(range(WEEKS))


def test_luck_does_not_count_out_of_fold() -> None:
    """The best of 200 settings that are all equally blind would be sold as a good one."""
    rng = np.random.default_rng(5)

    def run(values: Values) -> Trial:
        blocks = tuple(Score(4, int(found), 4, int(found), 1.0) for found in rng.binomial(4, 0.4, 17))
        return Trial(values, blocks)

    folds = tuple(tuple(range(fold, 17, 5)) for fold in range(5))
    tuned = choose(run({name: r.low for name, r in RANGES.items()}), run, folds, Search(7, trials=200))

    assert tuned.best.whole.f1 > 0.48
    assert tuned.out_of_fold.f1 < 0.46


def test_too_short_a_past_is_refused(config: Config) -> None:
    """Nothing can be held out of a single week, and the figure would be an in-sample one under another name."""
    with pytest.raises(VoltefaceError, match="too short"):
        tune(config, [], Timeline(date(2025, 1, 6), date(2025, 1, 12), ()), Search(7))


def test_every_searched_rule_is_a_rule_and_stays_in_its_range(config: Config) -> None:
    """The search would end in a fault of validation half-way."""
    rng = np.random.default_rng(0)
    for name, within in RANGES.items():
        drawn = [within.draw(rng) for _ in range(50)]
        drawn += [within.near(value, rng) for value in (within.low, within.high, *drawn)]

        assert within.low <= min(drawn) <= max(drawn) <= within.high
        assert {getattr(with_rules(config, {name: value}).detect, name) for value in drawn} == set(drawn)
