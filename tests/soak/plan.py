"""What happens in a soak and when: which item is published where, and which blow falls. All of it from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.soak.stories import STORIES, Story, rain

FEEDS = 4
FRAIL = 3
"""The feed that dies and returns."""
NEWS_SHARE = 0.78
"""Share of the time in which news comes; the rest is for what was not done yet."""
RAIN_EVERY_S = 20
LONGEST_S = 8.0
"""About as long as runs take on two free cores."""


class Blow(StrEnum):
    """What befalls the system."""

    SERVER_STOPPED = "the Prefect server is stopped (SIGTERM) and started after 5 s"
    SERVER_KILLED = "the Prefect server is killed (SIGKILL) and started after 5 s"
    ALL_KILLED = "volteface serve and its runs are killed (SIGKILL), and it is started after 10 s"
    SERVE_KILLED = "volteface serve alone is killed (SIGKILL) and started after 10 s"
    DATABASE_LOCKED = "the database is locked for 20 s (BEGIN IMMEDIATE)"
    FEED_DIES = "a feed answers 503"
    FEED_RETURNS = "the feed is back"


BLOWS = (
    (0.12, Blow.SERVER_STOPPED),
    (0.20, Blow.ALL_KILLED),
    (0.30, Blow.FEED_DIES),
    (0.34, Blow.DATABASE_LOCKED),
    (0.42, Blow.SERVE_KILLED),
    (0.50, Blow.FEED_RETURNS),
    (0.56, Blow.SERVER_KILLED),
    (0.64, Blow.ALL_KILLED),
    (0.72, Blow.DATABASE_LOCKED),
)
"""By share of the time, give or take a hundredth."""


@dataclass(frozen=True, slots=True)
class Item:
    """One article of one feed."""

    number: int
    feed: int
    at_s: float
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Strike:
    """When a blow falls: at the first run that is in progress from then on, and so many seconds into it."""

    at_s: float
    blow: Blow
    into_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One soak. Times are seconds from its beginning."""

    seconds: float
    items: tuple[Item, ...]
    stories: tuple[Story, ...]
    """Each of them is one alert in the end."""
    blows: tuple[Strike, ...]


def plan(minutes: float, seed: int) -> Plan:
    """The soak of that length. The same arguments give the same one."""
    chance, seconds = random.Random(seed), minutes * 60
    stories = tuple(chance.sample(STORIES, max(2, min(len(STORIES), round(minutes / 3)))))
    news = sorted([*_told(chance, stories, seconds * NEWS_SHARE), *_rain(chance, seconds * NEWS_SHARE)])
    items = tuple(Item(number, feed, at, *words) for number, (at, feed, words) in enumerate(news))
    blows = tuple(
        Strike(seconds * (share + chance.uniform(-0.01, 0.01)), blow, chance.uniform(0, LONGEST_S))
        for share, blow in BLOWS
    )
    return Plan(seconds, items, stories, blows)


def _told(
    chance: random.Random, stories: tuple[Story, ...], until_s: float
) -> Iterator[tuple[float, int, tuple[str, str]]]:
    """Both tellings of each story, by different outlets, some time apart."""
    for number, story in enumerate(stories):
        first = until_s * (number + chance.random()) / (len(stories) + 1)
        feeds = chance.sample(range(FEEDS), 2)
        gap_s = chance.uniform(0, until_s / (len(stories) + 1))
        for feed, at, words in zip(feeds, (first, first + gap_s), story.tellings, strict=True):
            yield at, feed, words


def _rain(chance: random.Random, until_s: float) -> Iterator[tuple[float, int, tuple[str, str]]]:
    for number in range(int(until_s / RAIN_EVERY_S)):
        yield RAIN_EVERY_S * (number + chance.random()), chance.randrange(FEEDS), rain(number)
