"""Any sequence of observations, detections and deliveries, with faults: each alert once, each story in order."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from shift_samples import FOUND, config
from store_samples import later

from volteface.config import Config
from volteface.deliver import deliver
from volteface.detect import detect
from volteface.errors import DeliveryError
from volteface.feed_types import FeedState
from volteface.slack_render import Message
from volteface.slack_thread import Update
from volteface.store import ReadArticle, Store
from volteface.types import AlertState, Mode, NewArticle, Reading, TextSource


def desk() -> Config:
    """Two offices of one rank order on a side, three sources of which two are one family's."""
    offices = [
        {"id": "iran_president", "side": "iran", "name": "Iran's president", "rank": 2},
        {"id": "iran_majlis", "side": "iran", "name": "Iran's parliament", "rank": 5},
        {"id": "us_gov", "side": "us", "name": "the United States", "rank": 8, "catch_all": True},
    ]
    plain = {"country": "INT", "ownership": "independent", "language": "en"}
    feeds = [
        plain | {"id": name, "url": f"https://{name}.example/", "outlet": name.title(), "family": family}
        for name, family in (("one", "house"), ("two", "house"), ("three", ""), ("four", ""))
    ]
    return config(offices=offices, feeds=feeds)


@dataclass
class Channel:
    """A sink with a memory, that fails as it is told, and shows the same message twice if it is sent twice."""

    name: str = "channel"
    faults: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    parents: dict[str, str | None] = field(default_factory=dict)

    def verify(self) -> str:
        """Always ready."""
        return "a channel in memory"

    def send(self, message: Message, *, check_history: bool) -> str:
        """Show an alert."""
        return self._show(message.key, check_history)

    def update(self, update: Update, *, check_history: bool) -> str:
        """Show a change."""
        self.parents[update.line.key] = update.parent
        return self._show(update.line.key, check_history)

    def _show(self, key: str, check_history: bool) -> str:
        if check_history and key in self.shown:
            return f"receipt of {key}"
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise DeliveryError("no", permanent=True)
        if fault == "down":
            raise DeliveryError("down", permanent=False)
        self.shown.append(key)
        if fault == "lost reply":
            raise DeliveryError("lost", permanent=False, maybe_sent=True)
        return f"receipt of {key}"


@dataclass(frozen=True)
class Said:
    """Somebody says or does something, so many hours after what came before."""

    holder: str
    stance: float
    mode: Mode
    feed: str
    wait_h: float


said = st.builds(
    Said,
    st.sampled_from(["iran_president", "iran_majlis"]),
    st.sampled_from([-0.7, 0.0, 0.4]),
    st.sampled_from([Mode.ACT, Mode.ACT, Mode.SPEECH]),
    st.sampled_from(["one", "two", "three", "four"]),
    st.sampled_from([0.0, 0.5, 3.0, 30.0, 80.0]),
)
steps = st.lists(st.tuples(said, st.sampled_from(["detect", "deliver", "both", "nothing"])), min_size=8, max_size=24)
faults = st.lists(st.sampled_from(["", "", "down", "lost reply", "refused"]), max_size=12)


def hears(store: Store, number: int, what: Said, hours: float) -> None:
    """One article with one reading."""
    at = FOUND + timedelta(hours=hours)
    article = NewArticle(
        feed=what.feed, guid=f"g{number}", url=f"https://{what.feed}.example/{number}", title=f"Title {number}",
        text="Text.", text_source=TextSource.FEED, published=at, seen=at, lang="en",
    )  # fmt: skip
    store.feeds.save_poll(FeedState(what.feed, f"https://{what.feed}.example/", at), [article])
    [found] = store.articles.wanting_reading(9)
    read = Reading(what.holder, "negotiation", what.stance, what.mode, f"Quote {number}.", 0, 5, 1.0)
    store.articles.save_read([ReadArticle(found.id, found.revision, origin_id=found.id, readings=(read,))], at)


def tell(rules: Config, store: Store, channel: Channel, hours: float) -> None:
    """A pass of the sender; each one finds the leases and waits of the last one over."""
    deliver(rules, store, channel, lambda: FOUND + timedelta(hours=hours), sender="s")


@settings(max_examples=25, deadline=None)
@given(steps, faults)
def test_each_alert_is_posted_once_and_its_story_told_in_order(
    migrated_sqlite: Path, script: list[tuple[Said, str]], broken: list[str]
) -> None:
    """An analyst would see an alert twice, a thread without its beginning, or a story with pages missing."""
    rules, channel, hours = desk(), Channel(faults=broken), 0.0
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated_sqlite, f"{folder}/story.db")
        with Store.open(f"sqlite:///{folder}/story.db") as store:
            store.feeds.sync(rules.feeds, FOUND)
            for number, (what, then) in enumerate(script):
                hours += what.wait_h
                hears(store, number, what, hours)
                if then in ("detect", "both"):
                    detect(rules, store, FOUND + timedelta(hours=hours))
                if then in ("deliver", "both"):
                    tell(rules, store, channel, hours)
            detect(rules, store, FOUND + timedelta(hours=hours))
            for n in range(len(broken) + 2):
                tell(rules, store, channel, hours + n + 1)
            check(store, channel)


def check(store: Store, channel: Channel) -> None:
    """Everything that was found was told, once, each story from its first page to its last."""
    records = store.alerts.records(1000)
    buried = {f"{row.key}#{row.number}" if row.number else row.key for row in store.outbox.dead()}
    expected = [k for r in records for k in (r.shift.key, *(f"{r.shift.key}#{c.number}" for c in r.changes))]
    assert store.outbox.pending() == []
    assert Counter(channel.shown) == Counter(key for key in expected if key not in buried)
    for record in records:
        key, numbers = record.shift.key, [change.number for change in record.changes]
        assert numbers == list(range(1, len(numbers) + 1))
        told = [shown for shown in channel.shown if shown.split("#")[0] == key]
        assert told == sorted(told, key=lambda shown: int([*shown.split("#"), "0"][1]))
        assert all(channel.parents[f"{key}#{n}"] == (None if key in buried else f"receipt of {key}") for n in numbers)
        assert len(numbers) <= 8
        ended = [c for c in record.changes if c.state not in (AlertState.PROVISIONAL, AlertState.CONFIRMED)]
        assert ended in ([], [record.changes[-1]] if record.changes else [])


def test_same_readings_in_other_batches_make_the_same_stories(migrated_sqlite: Path, tmp_path: Path) -> None:
    """What an alert went through would depend on how often the schedule ran."""
    script = [
        Said("iran_president", -0.7, Mode.ACT, "one", 0),
        Said("iran_president", 0.4, Mode.ACT, "one", 5),
        Said("iran_president", 0.4, Mode.SPEECH, "three", 1),
        Said("iran_majlis", 0.0, Mode.ACT, "one", 0),
        Said("iran_majlis", -0.7, Mode.ACT, "two", 1),
        Said("iran_majlis", -0.7, Mode.ACT, "three", 1),
        Said("iran_president", -0.7, Mode.ACT, "four", 9),
        Said("iran_president", -0.7, Mode.ACT, "one", 1),
    ]
    stories = []
    for every in (1, 3, 100):
        shutil.copy(migrated_sqlite, tmp_path / f"{every}.db")
        with Store.open(f"sqlite:///{tmp_path}/{every}.db") as store:
            stories.append(_stories(store, script, every))

    assert stories[0] == stories[1] == stories[2]
    assert [kinds for _, kinds in stories[0]]


def _stories(store: Store, script: list[Said], every: int) -> list[tuple[str, list[str]]]:
    rules, hours = desk(), 0.0
    store.feeds.sync(rules.feeds, FOUND)
    for number, what in enumerate(script, start=1):
        hours += what.wait_h
        hears(store, number, what, hours)
        if number % every == 0 or number == len(script):
            detect(rules, store, later(hours=hours))
    found = [(r.shift.state.value, [f"{c.kind.value}: {c.words}" for c in r.changes]) for r in store.alerts.records(99)]
    assert any(kinds for _, kinds in found)
    return found
