"""Reading a large archive, perhaps by many processes: chunk by chunk, into a file of readings.

A chunk's readings are in the file as soon as it and all chunks before it are done, and what stands there is not read
again: so a run that was killed goes on where it stopped, and any number of workers leaves the same bytes. No more than
a few chunks are in memory at once; only the digests of documents and their readings stay. What the readings are for is
in `past.py`, `replay.py` and `tuning.py`.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from volteface.analyze import document_of, unreadable
from volteface.archive import ArchiveItem, stream_archive
from volteface.archive_feeds import article
from volteface.config import Config
from volteface.errors import VoltefaceError
from volteface.kept_readings import KeptReader, key_of
from volteface.types import Document, Reader, Reading

CHUNK = 256
"""Items that one task reads: seconds of work, so that a task's own cost is small, and little is lost by a kill."""

ReadChunks = Callable[[Iterable[Sequence[Document]]], Iterator[Sequence[tuple[Reading, ...]]]]
"""Chunks of documents to their readings, one tuple a document, in the order of the chunks."""

Progress = Callable[[int, int], None]
"""Called with (items done, items in all)."""


@dataclass(frozen=True, slots=True)
class Archives:
    """Files of archived items, and how much is in them."""

    paths: tuple[Path, ...]
    days: tuple[tuple[date, int], ...]
    """UTC days on which items became visible, with their number, in order."""

    @property
    def items(self) -> int:
        """In all of the files."""
        return sum(number for _, number in self.days)

    def stream(self) -> Iterator[ArchiveItem]:
        """Every item, file by file in the order of its lines."""
        return (item for path in self.paths for item in stream_archive(path))

    def periods(self, most: int) -> Iterator[tuple[date, date]]:
        """The days cut into periods of no more items than that, or of a single day: first and last day of each."""
        start, last, held = self.days[0][0], self.days[0][0], 0
        for day, number in self.days:
            if held and held + number > most:
                yield start, last
                start, held = day, 0
            last, held = day, held + number
        yield start, last


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What one run of reading came to."""

    items: int = 0
    documents: int = 0
    """Of these, in a language that is read, each text counted once a run."""
    known: int = 0
    """Documents that an earlier run had read."""
    readings: int = 0
    """Found by this run."""

    def line(self) -> str:
        """`11,029 items: 8,812 documents, 4,096 read before; 2,310 readings found now`."""
        before = f", {self.known:,} read before" if self.known else ""
        return f"{self.items:,} items: {self.documents:,} documents{before}; {self.readings:,} readings found now"


def survey(paths: Sequence[Path]) -> Archives:
    """Look at every line once, so that a broken archive is refused before anything was read.

    Raises VoltefaceError with the line that is no item, or where there is no item at all.
    """
    days = Counter(item.visible.date() for path in paths for item in stream_archive(path))
    if not days:
        raise VoltefaceError(f"{', '.join(map(str, paths))}: no items")
    return Archives(tuple(paths), tuple(sorted(days.items())))


def document(config: Config, item: ArchiveItem) -> Document | None:
    """What the reader gets of an item, as in a replay; None where it is not read (`analyze.unreadable`)."""
    known = article(item, config)
    return None if unreadable(config, known) else document_of(known)


def read_archives(
    config: Config, archives: Archives, kept: KeptReader, read: ReadChunks, progress: Progress | None = None
) -> ReadReport:
    """Read what `kept` does not know, and keep it chunk by chunk. Raises what `read` raises; what was kept stays."""
    work = _Work(config, archives, kept)
    for readings in read(work.chunks()):
        done = work.keep(readings)
        if progress:
            progress(done, archives.items)
    if progress:
        progress(archives.items, archives.items)
    return work.report()


def in_this_process(build: Callable[[], Reader]) -> ReadChunks:
    """The way without workers: one chunk after the other. The model is loaded when the first chunk comes."""

    def read(chunks: Iterable[Sequence[Document]]) -> Iterator[Sequence[tuple[Reading, ...]]]:
        reader: Reader | None = None
        for chunk in chunks:
            reader = reader or on_one_core(build)
            yield reader.read(chunk)

    return read


def on_one_core(build: Callable[[], Reader]) -> Reader:
    """The reader as it is built where only one core is in sight: with one thread.

    The encoder takes as many threads as there are cores. Of several workers each would take them all; and the bytes
    are the same in any number of processes only if all of them add up in the same order.
    """
    cores = os.sched_getaffinity(0)
    # By the process's number: all the workers build at once, and should not share one core for it.
    os.sched_setaffinity(0, {sorted(cores)[os.getpid() % len(cores)]})
    try:
        return build()
    finally:
        os.sched_setaffinity(0, cores)


class _Work:
    """The chunks that are out to be read, and the count of everything."""

    def __init__(self, config: Config, archives: Archives, kept: KeptReader) -> None:
        self._config, self._archives, self._kept = config, archives, kept
        self._out: deque[tuple[int, Sequence[Document]]] = deque()
        self._met: set[str] = set()
        self._items = self._known = self._readings = 0

    def chunks(self) -> Iterator[Sequence[Document]]:
        """What is not known among `CHUNK` items at a time, where there is anything."""
        items = self._archives.stream()
        while some := list(islice(items, CHUNK)):
            self._items += len(some)
            if unknown := [found for found in self._first_met(some) if not self._is_known(found)]:
                self._out.append((self._items, unknown))
                yield unknown

    def keep(self, readings: Sequence[tuple[Reading, ...]]) -> int:
        """Take in what was read of the oldest chunk that is out; how many items are done."""
        done, documents = self._out.popleft()
        self._kept.keep(documents, readings)
        self._readings += sum(map(len, readings))
        return done

    def report(self) -> ReadReport:
        return ReadReport(self._items, len(self._met), self._known, self._readings)

    def _first_met(self, items: Iterable[ArchiveItem]) -> Iterator[Document]:
        # A text that comes twice may be out to be read, and not yet known, when it comes again.
        for item in items:
            found = document(self._config, item)
            if found is not None and (key := key_of(found)) not in self._met:
                self._met.add(key)
                yield found

    def _is_known(self, found: Document) -> bool:
        known = self._kept.knows(found)
        self._known += known
        return known
