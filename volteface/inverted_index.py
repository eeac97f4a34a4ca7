"""Which of many numbered documents hold a hash: an inverted index in sorted arrays, six bytes an entry. Pure.

Every document enters as a segment of its own. Segments of like size merge, up to `_FULL` documents, so that a look-up
searches few of them, and what lies before the first document still wanted goes a segment at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]
Numbers = NDArray[np.int64]

_FULL = 4096
"""Documents of a segment that merges no further; must fit the 16 bits of `offsets`."""


@dataclass(frozen=True, slots=True)
class _Segment:
    first: int
    last: int
    hashes: Hashes
    """Sorted; a hash stands once for each document that holds it."""
    offsets: NDArray[np.uint16]
    """Document of each hash, counted from `first`; rising where the hash is the same."""


class InvertedIndex:
    """Documents by their hashes. Documents are added in the order of their numbers."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []

    def add(self, number: int, hashes: Hashes) -> None:
        """Enter a document: sorted 32-bit hashes, each once. Its number is above all numbers before it."""
        if not len(hashes):
            return
        self._segments.append(_Segment(number, number, hashes, np.zeros(len(hashes), np.uint16)))
        while len(self._segments) > 1 and _like_size(*self._segments[-2:]):
            newer, older = self._segments.pop(), self._segments.pop()
            self._segments.append(_merged(older, newer))

    def forget(self, before: int) -> None:
        """Let go of the segments that end before this document; `find` leaves out the others' old ones."""
        while self._segments and self._segments[0].last < before:
            del self._segments[0]

    def find(self, hashes: Hashes, since: int, most: int | None = None) -> tuple[Numbers, Numbers]:
        """The places in `hashes` that are found, and the number of the document at each: two arrays of one length.

        Documents before `since` are left out. Of a hash in more than `most` others, the first ones are given.
        """
        left = np.full(len(hashes), np.iinfo(np.int64).max if most is None else most)
        found = [_found(segment, hashes, since, left) for segment in self._segments if segment.last >= since]
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        places, numbers = (np.concatenate(column) for column in zip(*found, strict=True))
        return places, numbers


def _like_size(older: _Segment, newer: _Segment) -> bool:
    return newer.last - older.first < _FULL and older.last - older.first <= newer.last - newer.first


def _merged(older: _Segment, newer: _Segment) -> _Segment:
    moved = newer.offsets + np.uint16(newer.first - older.first)
    hashes, offsets = np.concatenate((older.hashes, newer.hashes)), np.concatenate((older.offsets, moved))
    order = np.argsort(hashes, kind="stable")
    return _Segment(older.first, newer.last, hashes[order], offsets[order])


def _found(segment: _Segment, hashes: Hashes, since: int, left: Numbers) -> tuple[Numbers, Numbers]:
    """What a segment holds of the hashes, `left[i]` of each at most; takes what it gives off `left`."""
    begin = np.searchsorted(segment.hashes, hashes)
    held = np.flatnonzero(segment.hashes.take(begin, mode="clip") == hashes)
    begin, end = begin[held], np.searchsorted(segment.hashes, hashes[held], "right")
    if segment.first < since:
        begin = _skipped(segment.offsets, begin, end, since - segment.first)
    counts = np.minimum(end - begin, left[held])
    left[held] -= counts
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = segment.first + segment.offsets[np.repeat(begin, counts) + within].astype(np.int64)
    return np.repeat(held, counts), numbers


def _skipped(offsets: NDArray[np.uint16], begin: Numbers, end: Numbers, first: int) -> Numbers:
    """Where in each run of one hash the documents from `first` on begin."""
    runs = zip(begin.tolist(), end.tolist(), strict=True)
    return np.array([start + int(np.searchsorted(offsets[start:stop], first)) for start, stop in runs], np.int64)
