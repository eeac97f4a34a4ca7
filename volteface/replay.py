"""The same steps over an archive under a simulated clock: what would have been told, and when.

No network, and a store of its own in a temporary folder, never the live one. An item exists for the steps only from the
tick of the simulated clock at which a poll would have brought it.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from volteface.alert_types import Alert
from volteface.analyze import AnalyzeReport, analyze
from volteface.archive import ArchiveItem, read_archive
from volteface.archive_feeds import feed_id, feed_url, new_article, tick, with_outlets
from volteface.backfill import document
from volteface.config import Config
from volteface.copies import CopyIndex
from volteface.detect import DetectReport, Held, detect
from volteface.errors import VoltefaceError
from volteface.feed_types import FeedState
from volteface.store import Store
from volteface.types import (
    Document,
    Evidence,
    Extractors,
    Observation,
    Reader,
    Reading,
    Shift,
    Vectors,
)

_BATCH = 512
DETECTED = 5000
"""Readings that one run of the step detect takes."""

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all): an item is one step to read and one to replay."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of the period the archive shows."""

    items: int = 0
    read: int = 0
    """Of these, read: not copies, and in a language that is read."""
    outlets: int = 0
    empty_days: tuple[date, ...] = ()
    """UTC days from the first to the last day asked for on which nothing became visible."""


@dataclass(frozen=True, slots=True)
class _Step:
    read: AnalyzeReport
    observations: tuple[Observation, ...]
    found: DetectReport


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay told, what it held back, and the figures."""

    alerts: tuple[Shift, ...]
    held: tuple[Held, ...]
    summary: dict[str, Any]
    lines: tuple[dict[str, Any], ...] = field(repr=False, default=())
    """One object an alert, as `write_alerts` writes them."""
    observations: tuple[Observation, ...] = field(repr=False, default=())
    """What detection saw, in the order in which it saw it."""
    coverage: Coverage = Coverage()


def replay(
    config: Config,
    reader: Reader,
    archive_path: Path,
    start: date,
    end: date,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> ReplayResult:
    """Replay the items of the archive that became visible from `start` to `end` (UTC days, both included).

    Equal input and seed give equal output; nothing on this path draws random numbers, so the seed is only recorded for
    readers that sample. Raises VoltefaceError where the archive cannot be read, and what the steps raise.
    """
    items = read_archive(archive_path, start, end)
    if not items:
        raise VoltefaceError(f"{archive_path}: no item between {start} and {end}")
    config = with_outlets(config, items)
    documents = _documents(config, items)
    bar = _Bar(progress, len(documents) + len(items))
    remembered = _read_beforehand(reader, documents, bar)
    with tempfile.TemporaryDirectory(prefix="volteface-replay-") as folder:
        store = Store.open(f"sqlite:///{folder}/replay.db")
        try:
            steps = _run(config, store, Extractors(_NoVectors(), remembered), items, bar)
        finally:
            store.close()
    return _result(config, items, steps, seed, _empty_days(items, start, end))


def write_alerts(result: ReplayResult, path: Path) -> None:
    """One JSON object a line, oldest first."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in result.lines)
    path.write_text(text, encoding="utf8")


class _NoVectors:
    """Stands in for the embedder: detection does not look at embeddings, so a replay does not pay for them."""

    name = "none"

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 1), dtype=np.float32)


class _Remembered:
    """Readings computed beforehand. A reading is a function of its document alone, so this looks at nothing ahead of
    the clock; it only lets the model work in large batches."""

    def __init__(self, reader: Reader) -> None:
        self.name = reader.name
        self._reader = reader
        self._known: dict[Document, tuple[Reading, ...]] = {}

    def learn(self, documents: Sequence[Document]) -> None:
        self._known.update(zip(documents, self._reader.read(documents), strict=True))

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        unknown = [d for d in documents if d not in self._known]
        if unknown:
            self.learn(unknown)
        return [self._known[d] for d in documents]


class _Bar:
    """Adds up the steps of both phases for the caller's progress bar."""

    def __init__(self, progress: Progress | None, of: int) -> None:
        self._progress, self._done, self._of = progress, 0, of

    def step(self, number: int) -> None:
        self._done += number
        if self._progress:
            self._progress(self._done, self._of)


def _documents(config: Config, items: Sequence[ArchiveItem]) -> list[Document]:
    return [found for item in items if (found := document(config, item))]


def _read_beforehand(reader: Reader, documents: Sequence[Document], bar: _Bar) -> _Remembered:
    remembered = _Remembered(reader)
    for first in range(0, len(documents), _BATCH):
        batch = documents[first : first + _BATCH]
        remembered.learn(batch)
        bar.step(len(batch))
    return remembered


def _run(config: Config, store: Store, extractors: Extractors, items: Sequence[ArchiveItem], bar: _Bar) -> list[_Step]:
    store.feeds.sync(config.feeds, tick(items[0]))
    index = CopyIndex()
    steps: list[_Step] = []
    for now, polled in groupby(items, key=tick):
        batch = list(polled)
        _poll(config, store, batch, now)
        steps += _steps(config, store, extractors, now, index)
        bar.step(len(batch))
    return steps


def _poll(config: Config, store: Store, items: Sequence[ArchiveItem], now: datetime) -> None:
    for feed, group in groupby(sorted(items, key=feed_id), key=feed_id):
        articles = [new_article(item, now, config) for item in group]
        newest = max(article.published for article in articles)
        state = FeedState(feed, feed_url(feed), now, checked=now, succeeded=now, newest=newest)
        store.feeds.save_poll(state, articles)


def _steps(config: Config, store: Store, extractors: Extractors, now: datetime, index: CopyIndex) -> Iterator[_Step]:
    while (read := analyze(config, store, extractors, now, index=index)).articles:
        yield _Step(read, tuple(store.readings.undetected(DETECTED)), detect(config, store, now, DETECTED))


def _empty_days(items: Sequence[ArchiveItem], start: date, end: date) -> tuple[date, ...]:
    seen = {item.visible.date() for item in items}
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return tuple(day for day in days if day not in seen)


def _result(
    config: Config, items: Sequence[ArchiveItem], steps: Sequence[_Step], seed: int, empty_days: tuple[date, ...]
) -> ReplayResult:
    alerts = tuple(shift for step in steps for shift in step.found.shifts)
    now = {alert.shift.key: alert for step in steps for alert in step.found.changed}
    held = tuple(hold for step in steps for hold in step.found.held)
    read = sum(step.read.read for step in steps)
    unread = Counter(item.lang for item in items if item.lang not in config.models.languages)
    summary = {
        "items": len(items),
        "read": read,
        "readings": sum(step.read.readings for step in steps),
        "unread_by_language": dict(unread.most_common()),
        "copies": sum(step.read.copies for step in steps),
        "alerts": len(alerts),
        "changes_by_kind": dict(Counter(c.kind.value for alert in now.values() for c in alert.changes).most_common()),
        "held_by_reason": dict(Counter(hold.kind for hold in held).most_common()),
        "seed": seed,
    }
    return ReplayResult(
        alerts,
        held,
        summary,
        tuple(_line(config, shift, now[shift.key]) for shift in alerts),
        tuple(observation for step in steps for observation in step.observations),
        Coverage(len(items), read, len({item.outlet for item in items}), empty_days),
    )


def _line(config: Config, shift: Shift, end: Alert) -> dict[str, Any]:
    """The shift as it was told, with the state it ended in and what brought it there."""

    def rung(value: float) -> dict[str, Any]:
        return {"value": round(value, 3), "name": config.axis[shift.axis].rung(value).name}

    return {
        "at": _iso(shift.at),
        "key": shift.key,
        "side": shift.side,
        "holder": shift.holder,
        "axis": shift.axis,
        "direction": shift.direction,
        "before": rung(shift.before),
        "after": rung(shift.after),
        "state": end.shift.state.value,
        "changes": [{"at": _iso(c.at), "kind": c.kind.value, "words": c.words} for c in end.changes],
        "evidence": [_evidence_line(e) for e in shift.evidence],
    }


def _evidence_line(evidence: Evidence) -> dict[str, str]:
    return {
        "outlet": evidence.outlet,
        "url": evidence.url,
        "quote": evidence.quote,
        "published": _iso(evidence.published),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
