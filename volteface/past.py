"""An archive as the desk's past: its articles and readings in the store, and positions that start where it ends.

All of it is cheap beside reading and begins anew each time it is run; what the store has already is left as it is. What
is still news (`detect.max_age_h`) is left to the feeds: an archive must neither tell it nor keep it from being told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import reduce

from volteface.analyze import unreadable
from volteface.archive import ArchiveItem, read_archive
from volteface.archive_feeds import article, feed_id, new_article, tick, with_outlets
from volteface.backfill import Archives, document
from volteface.committee import advance
from volteface.config import Config
from volteface.copies import CopyIndex, sketch
from volteface.detect import committees_of, seeds
from volteface.store import Store
from volteface.store.history import Name, PastArticle
from volteface.types import Observation, Reader, Standing

SLICE = 10_000
"""Items in memory at once: the files are gone through once for each so many, in the order of time."""
BATCH = 500
"""Articles in one transaction."""


@dataclass(frozen=True, slots=True)
class PastReport:
    """What the store has got."""

    articles: int = 0
    readings: int = 0
    recent: int = 0
    """Items left out because they may still be news."""
    positions: int = 0
    """Standing positions that now start where the archive ends."""

    def line(self) -> str:
        """`10,950 articles with 2,310 readings into the past; 79 items are still news and left to the feeds; ...`."""
        parts = [f"{self.articles:,} articles with {self.readings:,} readings put into the past"]
        if self.recent:
            parts.append(f"{self.recent:,} items may still be news and are left to the feeds")
        if self.positions:
            parts.append(f"positions that start where the archive ends: {self.positions}")
        return "; ".join(parts)


def remember(config: Config, store: Store, archives: Archives, reader: Reader, now: datetime) -> PastReport:
    """Put the archive into the store as history. `reader` knows every document (`kept_readings`), so needs no model.

    Nothing of it is ever alerted. Raises StoreError, and VoltefaceError where an archive cannot be read.
    """
    until = now - timedelta(hours=config.detect.max_age_h)
    stories, report = _Stories(config, reader), PastReport()
    for items in _slices(archives):
        old = [item for item in items if tick(item) < until]
        report = replace(report, recent=report.recent + len(items) - len(old))
        if old:
            store.feeds.rest(with_outlets(config, old).feeds, now)
        for first in range(0, len(old), BATCH):
            articles, readings = store.history.save(stories.past(old[first : first + BATCH]), now)
            report = replace(report, articles=report.articles + articles, readings=report.readings + readings)
    since = datetime.combine(archives.days[0][0], time(), UTC) - timedelta(days=1)
    return replace(report, positions=store.history.stand(standings_after(config, store, since, until)))


def standings_after(config: Config, store: Store, since: datetime, until: datetime) -> Iterator[Standing]:
    """Where the config's positions had come by `until`, by the readings published since then that the store has.

    A reading older than a position of the config has no say in it. Positions that nothing was said on are left out.
    """
    start = {(seed.holder, seed.axis): seed for seed in seeds(config)}
    for office in config.offices:
        for axis in config.axes:
            seed = start.get((office.id, axis.id))
            seen = store.readings.history(office.id, axis.id, max(since, seed.since) if seed else since, until)
            standing = _after(config, seed, sorted(seen, key=lambda o: (o.seen, o.published, o.reading_id)))
            if standing is not None and standing != seed:
                yield standing


def _after(config: Config, seed: Standing | None, observations: Iterable[Observation]) -> Standing | None:
    committees = committees_of(config)

    def step(standing: Standing | None, seen: Observation) -> Standing | None:
        side = config.side_of(seen.holder).id
        return advance(standing, seen, committees[side], side)[0]

    return reduce(step, observations, seed)


def _slices(archives: Archives) -> Iterator[list[ArchiveItem]]:
    """The items in the order in which they became visible, whole days at a time."""
    for start, end in archives.periods(SLICE):
        found = (item for path in archives.paths for item in read_archive(path, start, end))
        yield sorted(found, key=lambda item: (item.visible, item.published, item.id))


class _Stories:
    """Which article had a story first, over the whole archive, and what was read of each."""

    def __init__(self, config: Config, reader: Reader) -> None:
        self._config, self._reader = config, reader
        self._index, self._names = CopyIndex(), list[Name]()

    def past(self, items: Sequence[ArchiveItem]) -> list[PastArticle]:
        """Items in order of time, each as history."""
        return [self._past(item) for item in items]

    def _past(self, item: ArchiveItem) -> PastArticle:
        new, found = new_article(item, tick(item), self._config), document(self._config, item)
        if found is None:
            return PastArticle(new, note=unreadable(self._config, article(item, self._config)))
        number = len(self._names)
        self._names.append((feed_id(item), item.id))
        place = self._index.place(number, item.outlet, sketch(item.title, item.text), new.seen)
        origin = self._names[place.origin_id]
        if place.repeats:
            return PastArticle(new, origin, note="copy")
        (readings,) = self._reader.read([found])
        return PastArticle(new, origin, readings)
