"""Which article had this story first. Pure: no store, no clock.

A copy is the same text in another place (a wire story, an aggregator's headline), not another reporter's account of the
same event. Copies share an origin, and an origin counts once in the ledger however many outlets carry it. Texts are
compared by five-word shingles, of long ones by a sample; headlines without a text by their words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from volteface.inverted_index import InvertedIndex, Numbers
from volteface.sketch import Sketch, Title, sketch

__all__ = ["TITLE_WINDOW", "WINDOW", "CopyIndex", "Place", "Sketch", "sketch"]

WINDOW = timedelta(days=14)
TITLE_WINDOW = timedelta(hours=48)

_LONG = 40
"""Shingles from which on a text speaks for itself and its headline no longer decides."""
_JACCARD = 0.25
"""True wire copies share only a quarter of their shingles on average (NEWS-COPY); 0.7 would miss most."""
_CONTAINED = 0.5
_TELLING = 15
"""Shared shingles below which a match says nothing: two teasers with the same closing line."""
_FURNITURE = 3
"""A passage that so many unrelated stories share is site furniture, not a copied story."""
_TITLE_WORDS = 4
_REPEATED = 0.9
_NOTABLE = 3
"""Shared shingles that the sparsest samples must show of a text that is carried over."""
_ALIKE = 20
"""Shared shingles from which on an unrelated story is asked for furniture: stock phrases are none."""
_CARRIERS = 50
"""Articles looked at for one passage, the earliest: more of them have the story from these, or it is furniture."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article belongs: its origin (itself, if it is the first), and whether it adds no text to it."""

    origin_id: int
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    article_id: int
    origin_id: int
    outlet: str
    at: datetime
    shingles: int
    level: int
    title: Title


@dataclass(frozen=True, slots=True)
class _Overlap:
    """What a new article has in common with a known one, in shingles at `level`, the higher of their two."""

    known: _Known
    level: int
    mine: int
    """Shingles of the new article."""
    shared: int
    own: int = 0
    """Those of the new article that are no furniture."""
    telling: int = 0
    """Those of the shared ones that are no furniture."""

    @property
    def rate(self) -> float:
        """The share of a text's shingles that is looked at."""
        return float(0.5**self.level)

    @property
    def same_text(self) -> bool:
        """Whether one text has much of the other."""
        other = self.known.shingles >> (self.level - self.known.level)
        jaccard = self.telling / max(1, self.own + other - self.telling)
        contained = self.telling / max(1, min(self.own, other))
        enough = self.telling / self.rate
        return (jaccard >= _JACCARD and enough >= _TELLING) or (contained >= _CONTAINED and enough >= _LONG)

    @property
    def covers(self) -> bool:
        """Whether nearly all of the new text is the known one's, beyond what a sample may show by chance."""
        chance = sqrt(_REPEATED * (1 - _REPEATED) * self.mine * (1 - self.rate))
        return self.shared >= _REPEATED * self.mine + chance


class CopyIndex:
    """The articles of the last 14 days, newest `limit` at most (about 2.2 kB each)."""

    def __init__(self, limit: int = 100_000) -> None:
        self._limit = limit
        self._numbers: dict[int, int] = {}
        self._known: dict[int, _Known] = {}
        self._first = 0
        self._texts, self._titles = InvertedIndex(), InvertedIndex()

    def __len__(self) -> int:
        return len(self._known)

    def place(self, article_id: int, outlet: str, sketch: Sketch, at: datetime) -> Place:
        """Find the article's origin and remember the article. Articles come in the order of `at`."""
        if article_id in self._numbers:
            return Place(self._known[self._numbers[article_id]].origin_id)
        self._forget(at)
        overlaps = self._overlaps(sketch)
        first = _by_text(outlet, sketch, overlaps.values()) or self._by_title(sketch, at, overlaps)
        place = Place(first.known.origin_id, _repeats(sketch, first)) if first else Place(article_id)
        self.restore(article_id, place.origin_id, outlet, sketch, at)
        return place

    def restore(self, article_id: int, origin_id: int, outlet: str, sketch: Sketch, at: datetime) -> None:
        """Remember an article whose origin is known already. Articles come in the order of `at`."""
        self._forget(at)
        number = self._first + len(self._known)
        self._numbers[article_id] = number
        self._known[number] = _Known(
            article_id, origin_id, outlet, at, len(sketch.shingles), sketch.level, sketch.title
        )
        self._texts.add(number, sketch.shingles)
        self._titles.add(number, sketch.title.hashes)

    def _overlaps(self, sketch: Sketch) -> dict[int, _Overlap]:
        """Number → overlap of the known articles that have passages of this one."""
        places, numbers = self._texts.find(sketch.shingles, self._first, _CARRIERS)
        carriers, which = np.unique(numbers, return_inverse=True)
        shared = np.bincount(which, minlength=len(carriers))
        known = [self._known[number] for number in carriers.tolist()]
        alike = (shared >= _ALIKE)[which]
        origins = np.array([one.origin_id for one in known], np.int64)[which]
        own = _own(len(sketch.shingles), places[alike], origins[alike])
        telling = np.bincount(which[own[places]], minlength=len(known))
        notable = np.flatnonzero(shared >= min(_NOTABLE, len(sketch.shingles)))
        return {int(carriers[i]): _overlap(sketch, known[i], own, int(shared[i]), int(telling[i])) for i in notable}

    def _by_title(self, sketch: Sketch, at: datetime, overlaps: Mapping[int, _Overlap]) -> _Overlap | None:
        if len(sketch.title) < _TITLE_WORDS:
            return None
        short = len(sketch.shingles) < _LONG
        near = ((number, self._known[number]) for number in self._titled_like(sketch.title, at))
        return _best(
            (sketch.title.shared(known.title), overlaps.get(number) or _Overlap(known, 0, len(sketch.shingles), 0))
            for number, known in near
            if (short or known.shingles < _LONG) and sketch.title.same(known.title)
        )

    def _titled_like(self, title: Title, at: datetime) -> list[int]:
        """The articles of the last 48 hours that have most of the words in their headlines."""
        numbers = range(self._first, self._first + len(self._known))
        since = self._first + bisect_left(numbers, at - TITLE_WINDOW, key=lambda number: self._known[number].at)
        _, found = self._titles.find(title.hashes, since)
        return [since + int(place) for place in np.flatnonzero(np.bincount(found - since) >= title.wanted())]

    def _forget(self, at: datetime) -> None:
        while self._known and (len(self._known) >= self._limit or self._known[self._first].at < at - WINDOW):
            self._numbers.pop(self._known.pop(self._first).article_id, None)
            self._first += 1
        self._texts.forget(self._first)
        self._titles.forget(self._first)


def _by_text(outlet: str, sketch: Sketch, overlaps: Iterable[_Overlap]) -> _Overlap | None:
    # An outlet does not copy from itself: what its pieces share under other headlines is the page's furniture.
    others = (one for one in overlaps if one.known.outlet != outlet or sketch.title.same(one.known.title))
    return _best((one.telling / one.rate, one) for one in others if one.same_text)


def _best(scored: Iterable[tuple[float, _Overlap]]) -> _Overlap | None:
    """The closest; of equals, the earliest."""
    return max(scored, key=lambda found: (found[0], -found[1].known.at.timestamp()), default=(0, None))[1]


def _overlap(sketch: Sketch, known: _Known, own: NDArray[np.bool_], shared: int, telling: int) -> _Overlap:
    level = max(sketch.level, known.level)
    mine = len(sketch.at(level))
    return _Overlap(known, level, mine, shared, int(own[:mine].sum()), telling)


def _own(shingles: int, places: Numbers, origins: Numbers) -> NDArray[np.bool_]:
    """Which shingles are no furniture: `places` are those that known articles of these origins have."""
    pairs = np.unique(np.stack((places, origins)), axis=1)
    return np.bincount(pairs[0], minlength=shingles) < _FURNITURE


def _repeats(sketch: Sketch, overlap: _Overlap) -> bool:
    """Whether nothing can be read in the new text that was not read in the known one."""
    title, known = sketch.title, overlap.known.title
    if len(sketch.shingles) < _LONG and not (title.same(known) and title.within(known)):
        return False
    return overlap.covers
