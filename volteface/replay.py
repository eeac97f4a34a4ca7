"""The same steps over an archive under a simulated clock: what would have been told, and when.

No network, and a store of its own in a temporary folder, never the live one. An item exists for the steps only from the
tick of the simulated clock at which a poll would have brought it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from volteface.analyze import AnalyzeReport, analyze, document_of
from volteface.archive import ArchiveItem, read_archive
from volteface.config import Config, Feed, Ownership
from volteface.copies import CopyIndex
from volteface.detect import DetectReport, Held, detect
from volteface.errors import VoltefaceError
from volteface.feed_types import FeedState
from volteface.store import Store
from volteface.types import (
    Article,
    Document,
    Evidence,
    Extractors,
    NewArticle,
    Reader,
    Reading,
    Shift,
    TextSource,
    Vectors,
)

TICK = timedelta(minutes=10)
_BATCH = 512

Progress = Callable[[int, int], None]
"""Called with (steps done, steps in all): an item is one step to read and one to replay."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay told, what it held back, and the figures."""

    alerts: tuple[Shift, ...]
    held: tuple[Held, ...]
    summary: dict[str, Any]
    lines: tuple[dict[str, Any], ...] = field(repr=False, default=())
    """One object an alert, as `write_alerts` writes them."""


def replay(
    config: Config,
    extractors: Extractors,
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
    config = _with_outlets(config, items)
    documents = _documents(config, items)
    bar = _Bar(progress, len(documents) + len(items))
    reader = _read_beforehand(extractors.reader, documents, bar)
    with tempfile.TemporaryDirectory(prefix="volteface-replay-") as folder:
        store = Store.open(f"sqlite:///{folder}/replay.db")
        try:
            reports = _run(config, store, Extractors(_NoVectors(), reader), items, bar)
        finally:
            store.close()
    return _result(config, items, reports, seed)


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
    readable = (i for i in items if i.lang in config.models.languages and (i.title or i.text))
    return [document_of(_article(item)) for item in readable]


def _read_beforehand(reader: Reader, documents: Sequence[Document], bar: _Bar) -> _Remembered:
    remembered = _Remembered(reader)
    for first in range(0, len(documents), _BATCH):
        batch = documents[first : first + _BATCH]
        remembered.learn(batch)
        bar.step(len(batch))
    return remembered


def _run(
    config: Config, store: Store, extractors: Extractors, items: Sequence[ArchiveItem], bar: _Bar
) -> list[tuple[AnalyzeReport, DetectReport]]:
    store.feeds.sync(config.feeds, _tick(items[0]))
    index = CopyIndex()
    reports: list[tuple[AnalyzeReport, DetectReport]] = []
    for now, polled in groupby(items, key=_tick):
        batch = list(polled)
        _poll(store, batch, now)
        reports += _steps(config, store, extractors, now, index)
        bar.step(len(batch))
    return reports


def _poll(store: Store, items: Sequence[ArchiveItem], now: datetime) -> None:
    for feed, group in groupby(sorted(items, key=_feed_id), key=_feed_id):
        articles = [_new_article(item, now) for item in group]
        newest = max(article.published for article in articles)
        state = FeedState(feed, _feed_url(feed), now, checked=now, succeeded=now, newest=newest)
        store.feeds.save_poll(state, articles)


def _steps(
    config: Config, store: Store, extractors: Extractors, now: datetime, index: CopyIndex
) -> Iterator[tuple[AnalyzeReport, DetectReport]]:
    while (read := analyze(config, store, extractors, now, index=index)).articles:
        yield read, detect(config, store, now)


def _tick(item: ArchiveItem) -> datetime:
    """The first tick of the clock at or after the item became visible."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch - (epoch - item.visible) // TICK * TICK


def _new_article(item: ArchiveItem, now: datetime) -> NewArticle:
    return NewArticle(
        feed=_feed_id(item),
        guid=item.id,
        url=item.url,
        title=item.title,
        text=item.text,
        text_source=TextSource.FEED if item.text else TextSource.TITLE,
        published=item.published,
        seen=now,
        lang=item.lang,
    )


def _article(item: ArchiveItem) -> Article:
    new = _new_article(item, _tick(item))
    return Article(**{name: getattr(new, name) for name in NewArticle.__slots__}, outlet=item.outlet)


def _feed_id(item: ArchiveItem) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", item.outlet.lower()).strip("_")[:28]
    return f"a_{slug}_{crc32(item.outlet.encode()):08x}"


def _feed_url(feed: str) -> str:
    return f"https://archive.invalid/{feed}"


def _with_outlets(config: Config, items: Iterable[ArchiveItem]) -> Config:
    """The config with the archive's outlets as its feeds; what it says of an outlet's family and owner stays true."""
    known = {feed.outlet.lower(): feed for feed in config.feeds}
    outlets = {_feed_id(item): item for item in items}
    feeds = tuple(_feed(item, known.get(item.outlet.lower())) for _, item in sorted(outlets.items()))
    # Not `model_copy`, which would carry over the cached index of the old feeds.
    return Config.model_validate({name: getattr(config, name) for name in Config.model_fields} | {"feeds": feeds})


def _feed(item: ArchiveItem, known: Feed | None) -> Feed:
    feed = _feed_id(item)
    return Feed(
        id=feed,
        url=_feed_url(feed),
        outlet=item.outlet,
        family=known.family if known else "",
        country=known.country if known else "INT",
        ownership=known.ownership if known else Ownership.INDEPENDENT,
        language=item.lang,
        page="never",
    )


def _result(
    config: Config,
    items: Sequence[ArchiveItem],
    reports: Sequence[tuple[AnalyzeReport, DetectReport]],
    seed: int,
) -> ReplayResult:
    alerts = tuple(shift for _, found in reports for shift in found.shifts)
    held = tuple(hold for _, found in reports for hold in found.held)
    unread = Counter(item.lang for item in items if item.lang not in config.models.languages)
    summary = {
        "items": len(items),
        "read": sum(read.read for read, _ in reports),
        "readings": sum(read.readings for read, _ in reports),
        "unread_by_language": dict(unread.most_common()),
        "copies": sum(read.copies for read, _ in reports),
        "alerts": len(alerts),
        "held_by_reason": dict(Counter(hold.kind for hold in held).most_common()),
        "seed": seed,
    }
    return ReplayResult(alerts, held, summary, tuple(_line(config, shift) for shift in alerts))


def _line(config: Config, shift: Shift) -> dict[str, Any]:
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
        "state": shift.state.value,
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
