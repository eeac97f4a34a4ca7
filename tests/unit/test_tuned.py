"""From a search to a committee: settings that lie apart, figures out of fold, a section to paste."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pytest
import yaml
from fakes import MarkedReader
from observation_samples import NEW_YEAR, stormy_archive
from plain_rules import plainly_ruled

from volteface.backtest import Row, Score, Timeline
from volteface.config_detect import DetectRules
from volteface.replay import replay
from volteface.tuned import APART, as_yaml, seat, spread, with_members
from volteface.tuning import RANGES, Search, Trial, Values, detect_in_memory, folds_of, tune, with_rules

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


def test_section_of_a_committee_can_be_pasted(tmp_path: Path) -> None:
    """`config check` would refuse what tune printed, or the pasted rules raise other alerts than were promised."""
    config = with_rules(plainly_ruled(), {"max_age_h": 50})
    result = replay(config, MarkedReader(), stormy_archive(tmp_path, WEEKS), DAYS[0], DAYS[1] + timedelta(days=7))
    rows = [Row(a.at, a.at, (a.side,), a.axis, a.direction, "shift", "", "") for a in result.alerts[::2]]
    timeline = Timeline(*DAYS, tuple(rows))
    tuned = tune(config, result.observations, timeline, SEARCH)
    seated = seat(config, result.observations, timeline, SEARCH, tuned, 3)
    text = as_yaml(config, tuned, seated)

    rules = DetectRules.model_validate(yaml.safe_load(text)["detect"])
    assert len(rules.committee) == 2
    assert rules.max_age_h == 50
    assert rules == with_members(config, seated.members).detect
    assert seated.whole.shifts == reduce(add, seated.outside).shifts
    assert len(seated.outside) == sum(map(len, folds_of(timeline, SEARCH)))
    assert "# out of fold:" in text
