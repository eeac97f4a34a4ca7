"""What happens in one run: which news comes when, which calls fail, when the program dies. All of it from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum

from tests.local_slack import Fault

START = datetime(2025, 4, 8, 12, tzinfo=UTC)
"""Before the local Slack's own clock: it dates its messages by the real one."""
ROUND = timedelta(hours=12)
ROUNDS, FEEDS = 3, 2
TOPICS = (
    ("iran_president", "negotiation"),
    ("us_president", "negotiation"),
    ("iran_supreme_leader", "nuclear"),
    ("us_president", "sanctions"),
    ("iran_military", "military"),
)
_NOUNS = (
    "harbour", "council", "lantern", "meadow", "orchard", "ferry", "willow", "ledger", "beacon", "cellar", "quarry",
    "ribbon", "anchor", "barrel", "candle", "garden", "island", "kettle", "ladder", "market", "needle", "parcel",
)  # fmt: skip
_STATES = ("closed", "open", "quiet", "full of people", "under repair", "late again", "hard to find", "almost empty")
STEPS_OF_A_PASS = 100
"""About as many boundaries as one pass with news has."""
SLACK_FAULTS = (Fault.LOST_REPLY, Fault.RESET, Fault.ERROR_500, Fault.RATE_LIMIT, Fault.PROXY_PAGE)
METHODS = ("chat.postMessage", "chat.postMessage", "chat.update", "conversations.history", "conversations.replies")
SILENT_RUNS = 0.02
"""Share of the runs in which Slack falls silent once: each costs a second of waiting."""


class FeedFault(StrEnum):
    """What a feed's server does for one pass."""

    NONE = "none"
    ERROR_500 = "500"
    CUT = "cut short"
    EMPTY = "no answer"


class Kind(StrEnum):
    """How the program dies."""

    RAISED = "in-process"
    """An exception that nothing catches, at a numbered boundary."""
    SIGKILL = "sigkill"
    """A real process, killed at a numbered boundary or at a random moment."""


@dataclass(frozen=True, slots=True)
class Item:
    """One article of one feed; `mark` is what the fake reader reads, empty for news that says nothing."""

    number: int
    feed: int
    at: datetime
    mark: str = ""
    page: bool = False
    """The feed has only a teaser, the rest is on the article's page."""


@dataclass(frozen=True, slots=True)
class Death:
    """How one life ends: at the boundary of that number, or (a real process) after so many seconds."""

    boundary: int | None = None
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One run."""

    number: int
    kind: Kind
    pair: bool
    """Two programs at once: two pollers and two senders."""
    rounds: tuple[tuple[Item, ...], ...]
    expected: dict[tuple[str, str], list[list[str]]]
    """By holder and axis: for each alert, in order, the kinds of its changes, in order."""
    slack: dict[str, tuple[Fault | str, ...]]
    """By method: what befalls its next calls; an empty string is nothing."""
    feeds: tuple[FeedFault, ...]
    """By pass."""
    deaths: tuple[Death | None, ...]
    """By life; later lives end in peace."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Everything that is ever published."""
        return tuple(item for some in self.rounds for item in some)


def plan(seed: int, number: int, kind: Kind) -> Plan:
    """The run of that number. The same arguments give the same run."""
    chance = random.Random(f"{seed} {number}")
    news = _News(chance)
    for topic in chance.sample(TOPICS, chance.randint(1, 3)):
        news.story(*topic)
    return Plan(
        number=number,
        kind=kind,
        pair=chance.random() < 1 / 3,
        rounds=tuple(tuple(items) for items in news.rounds),
        expected=news.expected,
        slack=_slack_faults(chance),
        feeds=tuple(chance.choices(list(FeedFault), (7, 1, 1, 1), k=4)),
        deaths=tuple(_death(chance, kind) for _ in range(chance.randint(1, 5))),
    )


class _News:
    """What the feeds publish, and what must become of it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.rounds: list[list[Item]] = [[] for _ in range(ROUNDS)]
        self.expected: dict[tuple[str, str], list[list[str]]] = {}
        self._count = 0
        for number in range(ROUNDS):
            self._publish(number, chance.randrange(FEEDS), "")

    def story(self, holder: str, axis: str) -> None:
        """A shift; perhaps a second source or a restatement of the first; perhaps a walk-back."""
        feed = self._chance.randrange(FEEDS)
        mark, back = f"{{{holder} {axis} +0.6 act 1.0}}", f"{{{holder} {axis} -0.6 act 1.0}}"
        self._publish(0, feed, mark)
        changes: list[str] = []
        after = self._chance.choice(("second source", "restatement", "silence"))
        if after != "silence":
            self._publish(1, (feed + 1) % FEEDS if after == "second source" else feed, mark)
        if after == "second source":
            changes.append("confirmed")
        alerts = [changes]
        if self._chance.random() < 0.6:
            self._publish(2, self._chance.randrange(FEEDS), back)
            changes.append("walked_back")
            alerts.append([])
        self.expected[holder, axis] = alerts

    def _publish(self, number: int, feed: int, mark: str) -> None:
        self._count += 1
        page = self._chance.random() < 0.1
        self.rounds[number].append(Item(self._count, feed, START + number * ROUND, mark, page))


def _slack_faults(chance: random.Random) -> dict[str, tuple[Fault | str, ...]]:
    faults: dict[str, tuple[Fault | str, ...]] = {}
    for method in chance.sample(METHODS, chance.randint(0, 3)):
        faults[method] = (*[""] * chance.randint(0, 4), *chance.choices(SLACK_FAULTS, k=chance.randint(1, 2)))
    if chance.random() < SILENT_RUNS:
        faults["chat.postMessage"] = (*[""] * chance.randint(0, 3), Fault.SILENCE)
    return faults


def _death(chance: random.Random, kind: Kind) -> Death | None:
    if chance.random() < 0.15:
        return None
    if kind is Kind.SIGKILL and chance.random() < 0.5:
        return Death(after_s=chance.uniform(0.01, 0.35))
    return Death(boundary=chance.randint(1, STEPS_OF_A_PASS))


def feed_document(items: tuple[Item, ...], base: str) -> bytes:
    """An RSS document with these items."""
    return (
        f'<rss version="2.0"><channel><title>T</title>{"".join(_rss(i, base) for i in items)}</channel></rss>'.encode()
    )


def page_document(item: Item) -> bytes:
    """The page of an article."""
    chance = random.Random(item.number)
    paragraphs = "".join(f"<p>{' '.join(_sentence(chance) for _ in range(5))}</p>" for _ in range(3))
    return (
        f"<html><body><article><h1>{title(item)}</h1>{paragraphs}<p>{said(item)}</p></article></body></html>".encode()
    )


def title(item: Item) -> str:
    """A headline that resembles no other."""
    return " ".join(f"{word}{item.number}" for word in ("Harbour", "lantern", "meadow", "copper"))


def said(item: Item) -> str:
    """The sentence that carries the mark."""
    return f"Envoy{item.number} spoke plainly. {item.mark}"


def _rss(item: Item, base: str) -> str:
    text = said(item) if item.page else f"{_words(item, 'feed', 90)}\n\n{said(item)}"
    link = f"{base}/article/{item.number}"
    return (
        f"<item><title>{title(item)}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{text}</description><pubDate>{format_datetime(item.at)}</pubDate></item>"
    )


def _sentence(chance: random.Random) -> str:
    # Plain English: a page in no language would not be read.
    one, two, three, four = chance.sample(_NOUNS, 4)
    return f"The {one} by the {two} was {chance.choice(_STATES)} before the {three} came back to the old {four}."


def _words(item: Item, kind: str, count: int) -> str:
    return " ".join(f"{kind}{item.number}word{n}" for n in range(count)) + "."
