"""From a search to a committee: settings that lie apart, figures out of fold, a section to paste."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml
from fakes import MarkedReader
from observation_samples import NEW_YEAR, stormy_archive
from plain_rules import plainly_ruled

from volteface.backtest import Row, Score, Timeline
from volteface.config import Config
from volteface.config_detect import DetectRules
from volteface.replay import replay
from volteface.tuned import APART, Seated, as_yaml, chosen, seat, spread, with_members
from volteface.tuning import RANGES, Search, Trial, Tuned, Values, detect_in_memory, tune, with_rules

WEEKS = 4
DAYS = (NEW_YEAR.date(), NEW_YEAR.date() + timedelta(days=7 * WEEKS - 1))
SEARCH = Search(7, trials=12)


def drawn(number: int) -> list[Values]:
    rng = np.random.default_rng(7)
    return [{name: within.draw(rng) for name, within in RANGES.items()} for _ in range(number)]


def trials(settings: list[Values]) -> list[Trial]:
    return [Trial(values, (Score(1, 1, 1, 1, 1.0),)) for values in settings]


def test_near_twins_take_one_seat() -> None:
    """Seven settings that differ in a digit vote as one, and the committee is worth what one of them is."""
    one, other, third = drawn(3)
    twin = {**one, "strength": one["strength"] + 0.01}

    assert spread(trials([one, twin, other, third]), 3) == (one, other, third)
    assert APART > 0


@pytest.mark.parametrize(("found", "asked", "seats"), [(9, 7, 7), (4, 7, 3), (1, 7, 1), (9, 1, 1), (9, 6, 5)])
def test_committee_has_an_odd_number_of_ledgers(found: int, asked: int, seats: int) -> None:
    """Half for and half against would be a rejection, and the best setting be outvoted by the worst."""
    assert len(spread(trials(drawn(found)), asked)) == seats


def test_memory_gives_the_alerts_of_a_replay_by_a_committee(tmp_path: Path) -> None:
    """Ledgers that stand apart go through the store at each pass: what a desk pastes would behave otherwise there."""
    base = with_rules(plainly_ruled(), {"cooldown_h": 20})
    config = with_members(base, [{"strength": s, "window_h": w} for s, w in ((0.5, 20.0), (0.7, 60.0), (0.9, 90.0))])
    result = replay(config, MarkedReader(), stormy_archive(tmp_path, WEEKS), DAYS[0], DAYS[1] + timedelta(days=7))
    found = detect_in_memory(config, result.observations)

    assert [(a.key, a.at, a.before, a.after) for a in found.alerts] == [
        (a.key, a.at, a.before, a.after) for a in result.alerts
    ]
    assert [h.shift.key for h in found.held] == [h.shift.key for h in result.held]
    assert len(found.alerts) > 5


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Tuned, Seated]:
    """A search on a past of which every second alert is a known shift."""
    config, path = with_rules(plainly_ruled(), {"max_age_h": 50}), tmp_path_factory.mktemp("past")
    result = replay(config, MarkedReader(), stormy_archive(path, WEEKS), DAYS[0], DAYS[1] + timedelta(days=7))
    rows = [Row(a.at, a.at, (a.side,), a.axis, a.direction, "shift", "", "") for a in result.alerts[::2]]
    timeline = Timeline(*DAYS, tuple(rows))
    tuned = tune(config, result.observations, timeline, SEARCH)
    return config, tuned, seat(config, result.observations, timeline, SEARCH, tuned, 3)


def test_committee_is_scored_on_every_week_once(found: tuple[Config, Tuned, Seated]) -> None:
    """The figure that a desk decides by would leave out the weeks that went badly."""
    _, tuned, seated = found
    assert len(seated.outside) == len(seated.blocks) == len(tuned.outside) == WEEKS
    assert seated.whole.shifts == seated.out_of_fold.shifts == tuned.out_of_fold.shifts > 2


@pytest.mark.parametrize("together", [True, False])
def test_better_out_of_fold_is_what_is_printed(found: tuple[Config, Tuned, Seated], together: bool) -> None:
    """`config check` would refuse what tune printed, or a desk paste a committee that is worse than its best ledger."""
    config, tuned, seated = found
    hits, misses = (Score(4, 4, 4, 4, 1.0),) * WEEKS, (Score(4, 0, 4, 0, 1.0),) * WEEKS
    tuned = replace(tuned, outside=misses if together else hits)
    seated = replace(seated, outside=hits if together else misses)
    text = as_yaml(config, tuned, seated)
    rules = DetectRules.model_validate(yaml.safe_load(text)["detect"])

    assert rules == chosen(config, tuned, seated).detect
    assert (len(rules.ledgers), rules.max_age_h) == (3 if together else 1, 50)
    assert rules.needed == (seated.quorum if together else 1)
    assert "# out of fold, a committee of 3: recall" in text
