"""The plan of `make soak`: what is to come of it must be known beforehand."""

from __future__ import annotations

from pathlib import Path

from tests.soak.plan import BLOWS, plan
from tests.soak.stories import STORIES
from volteface.config_file import load_config

CONFIG = load_config(Path(__file__).parents[2] / "config.yaml")


def test_equal_seeds_give_equal_soaks() -> None:
    """A soak that found something could not be repeated."""
    assert plan(30, 7) == plan(30, 7)
    assert plan(30, 7) != plan(30, 8)


def test_no_story_can_be_held_back() -> None:
    """Two offices of one side on one axis may be told as one alert; the soak would then call a right silence a loss."""
    topics = [(CONFIG.side_of(story.holder).id, story.axis) for story in STORIES]

    assert sorted(set(topics)) == sorted(topics)


def test_everything_comes_in_time() -> None:
    """A blow or an item after the end would be part of the plan and never happen."""
    soak = plan(30, 0)

    assert len(soak.blows) == len(BLOWS)
    assert {item.title for item in soak.items} >= {title for s in soak.stories for title, _ in s.tellings}
    assert max([item.at_s for item in soak.items] + [strike.at_s for strike in soak.blows]) < soak.seconds
