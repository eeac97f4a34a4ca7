"""A year in minutes: the real steps on a real SQLite file under a simulated clock, with housekeeping.

    python -m tests.quality.year --articles 100000

Every day: feeds are polled and saved, copies found, articles read by a fake reader, detected, delivered to a sink that
counts, and the store is tidied. Prints a row for each four weeks: size of the database, memory of the process, seconds
of each step per day; and at the end how the last quarter compares with the second month.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np

from tests.plain_rules import plainly_ruled
from volteface.analyze import analyze, known_copies
from volteface.config import Config
from volteface.copies import CopyIndex
from volteface.deliver import deliver
from volteface.detect import detect
from volteface.retention import tidy
from volteface.slack_render import Message
from volteface.slack_thread import Update
from volteface.store import Store
from volteface.types import Document, Extractors, Mode, NewArticle, Reading, TextSource, Vectors

START = datetime(2025, 1, 1, tzinfo=UTC)
STEPS = ("poll", "copies", "read", "detect", "deliver", "tidy")
EVERY = 28
"""Passes after which the index of copies is built anew, as each run does: once a week is enough to time it."""
BLOCK = 28
"""Days in a row of the table."""
WORDS = re.findall(
    r"\w+",
    "harbour council lantern meadow copper orchard signal ferry granite willow ledger canvas timber saddle beacon "
    "cellar violin quarry pepper ribbon anchor barrel candle dagger ember falcon garnet hammer island jacket kettle "
    "ladder marble needle oyster parcel quiver rocket shovel tunnel urchin velvet walnut yonder zephyr basket cobalt",
)
SAYS = ((-0.7, "rejects"), (-0.4, "doubts"), (0.4, "offers"), (0.7, "welcomes"))


@dataclass
class FakeReader:
    """One reading for every eighth article: time and size of real ones, without the model."""

    name: str = "year"

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """As `volteface.types.Reader.read`."""
        return [self._readings(document) for document in documents]

    def _readings(self, document: Document) -> tuple[Reading, ...]:
        chance = random.Random(document.title)
        if chance.random() > 1 / 8:
            return ()
        quote = document.text[:120]
        holder = chance.choice(("iran_president", "iran_foreign_ministry", "us_president", "us_state_department"))
        axis, (stance, _) = chance.choice(("negotiation", "sanctions", "nuclear")), chance.choice(SAYS)
        return (Reading(holder, axis, stance, Mode.SPEECH, quote, 0, len(quote), 0.8),)


class FakeEmbedder:
    """Vectors of the real size."""

    name = "year"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As `volteface.types.Embedder.embed`."""
        vectors = np.random.default_rng(len(texts)).normal(size=(len(texts), 384)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class CountingSink:
    """Takes everything."""

    name: str = "counting"
    taken: int = 0

    def verify(self) -> str:
        """Always ready."""
        return "counts"

    def send(self, message: Message, *, check_history: bool) -> str:
        """Count it."""
        self.taken += 1
        return str(self.taken)

    def update(self, update: Update, *, check_history: bool) -> str:
        """Count it."""
        self.taken += 1
        return str(self.taken)


@dataclass
class Year:
    """The simulation and what it measured."""

    config: Config
    store: Store
    per_day: int
    sink: CountingSink = field(default_factory=CountingSink)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    size: list[int] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    index: CopyIndex = field(default_factory=CopyIndex)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def day(self, number: int) -> None:
        """One day: four passes of polling and reading, one of housekeeping."""
        now = START + timedelta(days=number)
        spent: dict[str, float] = defaultdict(float)
        for part in range(4):
            self._pass(number * 4 + part, now + timedelta(hours=6 * part), spent)
        with timed(spent, "tidy"):
            report = tidy(self.config, self.store, now + timedelta(hours=23), rest=lambda _: None)
        for step, seconds in spent.items():
            self.seconds[step].append(seconds)
        self.size.append(report.bytes)
        self.rss.append(rss_bytes())

    def _pass(self, number: int, now: datetime, spent: dict[str, float]) -> None:
        with timed(spent, "poll"):
            self._poll(number, now)
        if number % EVERY == 0:
            with timed(spent, "copies"):
                self.index = known_copies(self.store, now)
        with timed(spent, "read"):
            while analyze(self.config, self.store, INSTRUMENTS, now, index=self.index).articles:
                pass
        with timed(spent, "detect"):
            detect(self.config, self.store, now)
        with timed(spent, "deliver"):
            deliver(self.config, self.store, self.sink, lambda: now, sender="year")

    def _poll(self, number: int, now: datetime) -> None:
        states = self.store.feeds.all()
        each = self.per_day / 4 / len(states)
        for state in states:
            count = int(each) + (self.chance.random() < each % 1)
            articles = [self._article(state.feed, f"{number}-{i}", now) for i in range(count)]
            read = replace(state, checked=now, succeeded=now, newest=now, next_due=now + timedelta(hours=6))
            self.store.feeds.save_poll(read, articles)

    def _article(self, feed: str, name: str, now: datetime) -> NewArticle:
        words = self.chance.choices(WORDS, k=self.chance.randrange(250, 550))
        title = " ".join(self.chance.choices(WORDS, k=9))
        guid = f"https://{feed}.example/{name}"
        return NewArticle(
            feed, guid, guid, title, " ".join(words), TextSource.PAGE, now - timedelta(hours=1), now, "en"
        )


INSTRUMENTS = Extractors(FakeEmbedder(), FakeReader())


@contextmanager
def timed(spent: dict[str, float], step: str) -> Iterator[None]:
    """CPU seconds of this process: the machine is shared, and the wall clock would measure the others."""
    began = time.process_time()
    yield
    spent[step] += time.process_time() - began


def rss_bytes() -> int:
    """Resident memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def table(year: Year) -> Iterator[str]:
    """A row for each four weeks: medians of the days."""
    yield "days      size MB  RSS MB  " + "".join(f"{step + ' ms':>12}" for step in STEPS)
    for first in range(0, len(year.size), BLOCK):
        days = slice(first, first + BLOCK)
        steps = "".join(f"{median(rows(year, step, days)) * 1000:12.1f}" for step in STEPS)
        sizes = f"{year.size[days][-1] / 1e6:9.1f}{max(year.rss[days]) / 1e6:8.0f}"
        yield f"{first:3}–{first + len(year.size[days]) - 1:<5}{sizes}  {steps}"


def rows(year: Year, step: str, days: slice) -> Sequence[float]:
    """The seconds of a step on those days; where it is not taken every day, on those nearest to them."""
    values, number = year.seconds[step], len(year.size)
    first, last, _ = days.indices(number)
    share = len(values) / number
    return values[min(int(first * share), len(values) - 1) :][: max(1, round((last - first) * share))]


def verdict(year: Year, full: int) -> str:
    """The figures for docs/quality.md: late against early, where early is as soon as all that is kept is there."""
    early, late = slice(full, full + BLOCK), slice(-BLOCK, None)
    ratios = {step: median(rows(year, step, late)) / median(rows(year, step, early)) for step in STEPS}
    ratios |= {"size": median(year.size[late]) / median(year.size[early])}
    ratios |= {"RSS": median(year.rss[late]) / median(year.rss[early])}
    figures = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    return f"last 4 weeks against days {full} to {full + BLOCK - 1}: {figures}"


def main() -> None:
    """Simulate, print the table and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--keep", type=float, default=90, help="retention.articles_days")
    options = parser.parse_args()
    base = plainly_ruled()
    kept = base.retention.model_copy(update={"articles_days": options.keep})
    config = base.model_copy(update={"retention": kept})
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/year.db") as store:
        store.feeds.sync(config.feeds, START)
        year = Year(config, store, per_day=max(1, round(options.articles / options.days)))
        for number in range(options.days):
            year.day(number)
        totals = store.census.totals()
        left = f"{sum(totals.alerts.values())} alerts, {year.sink.taken} messages, {totals.articles} articles kept"
        # All that is kept is there once articles have come and gone and their identities, too.
        full = round(options.keep + config.retention.identities_days)
        sys.stdout.write("\n".join((*table(year), verdict(year, full), left, "")))


if __name__ == "__main__":
    main()
