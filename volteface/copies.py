"""Which article had this story first. Pure: no store, no clock.

A copy is the same text in another place (a wire story, an aggregator's headline), not another reporter's account of the
same event. Copies share an origin, and an origin counts once in the ledger however many outlets carry it. Texts are
compared by five-word shingles (MinHash proposes, exact overlap decides); headlines without a text by their words.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash, RMinHashLSH

WINDOW = timedelta(days=14)
TITLE_WINDOW = timedelta(hours=48)

_SHINGLE = 5
_KEPT = 600
"""Shingles kept of one text: about its first 600 words, which bounds memory and is past what copies cut."""
_LONG = 40
"""Shingles from which on a text speaks for itself and its headline no longer decides."""
_JACCARD = 0.25
"""True wire copies share only a quarter of their shingles on average (NEWS-COPY); 0.7 would miss most."""
_CONTAINED = 0.5
_TELLING = 15
"""Shared shingles below which a match says nothing: two teasers with the same closing line."""
_FURNITURE = 3
"""A passage that so many unrelated stories share is site furniture, not a copied story."""
_TITLE_OVERLAP = 0.8
_TITLE_WORDS = 4
_REPEATED = 0.9
_PERMUTATIONS, _BANDS = 128, 64

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_SUFFIX = re.compile(r"\s+(?:[-–—|]|::)\s+(?=[A-Z0-9@])[^|–—]{2,40}$")
_DATELINE = re.compile(r"^[A-Z][\w .,/'-]{2,60}?(?:\([A-Z][\w /.-]{1,30}\)\s*)?\s[-–—]{1,2}\s")
_STOP = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "in", "is", "it", "its", "of", "on")
) | {"that", "the", "their", "this", "to", "was", "were", "will", "with"}
_NEGATION = frozenset(("no", "not", "never", "nor", "without", "cannot", "deny", "denies", "reject", "rejects"))

Hashes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of an article to recognise its copies: sorted 32-bit hashes, no text."""

    shingles: Hashes
    title: frozenset[int]
    """Words of the headline; odd hashes are words that must agree (negations, numbers)."""

    def to_bytes(self) -> bytes:
        """At most 2.5 kB; `from_bytes` gives the sketch back."""
        title = np.array(sorted(self.title), dtype="<u4")
        return struct.pack("<HH", len(self.shingles), len(title)) + self.shingles.tobytes() + title.tobytes()

    @classmethod
    def from_bytes(cls, blob: bytes) -> Sketch:
        """Inverse of `to_bytes`."""
        n, _ = struct.unpack_from("<HH", blob)
        hashes = np.frombuffer(blob, dtype="<u4", offset=4)
        return cls(hashes[:n], frozenset(hashes[n:].tolist()))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an article belongs: its origin (itself, if it is the first), and whether it adds no text to it."""

    origin_id: int
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    origin_id: int
    outlet: str
    at: datetime
    sketch: Sketch


def sketch(title: str, text: str) -> Sketch:
    """The sketch of an article. `text` may hold the title or be empty; outlet suffixes and datelines do not matter."""
    body = text.removeprefix(title).strip()
    words = [word.lower() for word in _WORD.findall(_DATELINE.sub("", body, count=1))]
    shingles = {crc32(" ".join(words[i : i + _SHINGLE]).encode()) for i in range(min(_KEPT, len(words) - _SHINGLE + 1))}
    if not shingles and words:
        shingles = {crc32(" ".join(words).encode())}
    return Sketch(np.array(sorted(shingles), dtype="<u4"), _title_words(title or text[:200]))


def _title_words(title: str) -> frozenset[int]:
    bare = _SUFFIX.sub("", title)
    words = (word.lower().replace("’", "'") for word in _WORD.findall(bare))
    return frozenset(_word_hash(word) for word in words if word not in _STOP)


def _word_hash(word: str) -> int:
    must_agree = word in _NEGATION or word.endswith("n't") or any(c.isdigit() for c in word)
    return crc32(word.encode()) | 1 if must_agree else crc32(word.encode()) & ~1


class CopyIndex:
    """The articles of the last 14 days, newest `limit` at most (about 7 kB each)."""

    def __init__(self, limit: int = 50_000) -> None:
        self._limit = limit
        self._known: dict[int, _Known] = {}
        self._order: deque[int] = deque()
        self._lsh = RMinHashLSH(threshold=0.1, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._titled: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._known)

    def place(self, article_id: int, outlet: str, sketch: Sketch, at: datetime) -> Place:
        """Find the article's origin and remember the article. Articles come in the order of `at`."""
        if article_id in self._known:
            return Place(self._known[article_id].origin_id)
        self._forget(at)
        first = self._by_text(outlet, sketch) or self._by_title(sketch, at)
        place = Place(article_id) if first is None else Place(first.origin_id, _repeats(sketch, first.sketch))
        self.restore(article_id, place.origin_id, outlet, sketch, at)
        return place

    def restore(self, article_id: int, origin_id: int, outlet: str, sketch: Sketch, at: datetime) -> None:
        """Remember an article whose origin is known already."""
        self._known[article_id] = _Known(origin_id, outlet, at, sketch)
        self._order.append(article_id)
        if len(sketch.shingles):
            self._lsh.insert(article_id, _minhash(sketch.shingles))
        for word in sketch.title:
            self._titled[word].append((at, article_id))

    def _by_text(self, outlet: str, sketch: Sketch) -> _Known | None:
        if not len(sketch.shingles):
            return None
        near = [self._known[i] for i in sorted(self._lsh.query(_minhash(sketch.shingles))) if i in self._known]
        own = _without_furniture(sketch.shingles, near)
        # An outlet does not copy from itself: what its pieces share under other headlines is the page's furniture.
        others = (k for k in near if k.outlet != outlet or _same_title(sketch, k.sketch))
        return _best((len(_shared(own, k.sketch.shingles)), k) for k in others if _same_text(own, k.sketch.shingles))

    def _by_title(self, sketch: Sketch, at: datetime) -> _Known | None:
        if len(sketch.title) < _TITLE_WORDS:
            return None
        near = (self._known[i] for i in self._titled_like(sketch.title, at) if i in self._known)
        short = len(sketch.shingles) < _LONG
        comparable = (k for k in near if short or len(k.sketch.shingles) < _LONG)
        return _best((len(sketch.title & k.sketch.title), k) for k in comparable if _same_title(sketch, k.sketch))

    def _titled_like(self, title: frozenset[int], at: datetime) -> list[int]:
        # Two titles that share 80 % of their words share one of the rarest 20 % + 1 of either: the others need no look.
        rare = sorted(title, key=lambda word: (len(self._titled.get(word, ())), word))
        found: set[int] = set()
        for word in rare[: len(title) - int(_TITLE_OVERLAP * len(title)) + 1]:
            listed = self._titled.get(word, [])
            del listed[: bisect_left(listed, (at - TITLE_WINDOW, 0))]
            found.update(article_id for _, article_id in listed)
        return sorted(found)

    def _forget(self, at: datetime) -> None:
        while self._order and (len(self._order) >= self._limit or self._known[self._order[0]].at < at - WINDOW):
            gone = self._order.popleft()
            known = self._known.pop(gone)
            if len(known.sketch.shingles):
                self._lsh.remove(gone)
            for word in known.sketch.title:
                self._unlist(word, known.at)

    def _unlist(self, word: int, until: datetime) -> None:
        listed = [entry for entry in self._titled.pop(word, []) if entry[0] > until]
        if listed:
            self._titled[word] = listed


def _minhash(shingles: Hashes) -> RMinHash:
    signature = RMinHash(num_perm=_PERMUTATIONS, seed=1)
    signature.update([shingle.tobytes() for shingle in shingles])
    return signature


def _best(scored: Iterable[tuple[int, _Known]]) -> _Known | None:
    """The closest; of equals, the earliest."""
    return max(scored, key=lambda found: (found[0], -found[1].at.timestamp()), default=(0, None))[1]


def _shared(one: Hashes, other: Hashes) -> Hashes:
    return np.intersect1d(one, other, assume_unique=True)


def _same_text(one: Hashes, other: Hashes) -> bool:
    shared = len(_shared(one, other))
    jaccard = shared / max(1, len(one) + len(other) - shared)
    contained = shared / max(1, min(len(one), len(other)))
    return (jaccard >= _JACCARD and shared >= _TELLING) or (contained >= _CONTAINED and shared >= _LONG)


def _without_furniture(shingles: Hashes, near: list[_Known]) -> Hashes:
    origins = {known.origin_id: known.sketch.shingles for known in near}
    if len(origins) < _FURNITURE:
        return shingles
    counts = Counter(int(s) for other in origins.values() for s in _shared(shingles, other))
    return np.array([s for s in shingles if counts[int(s)] < _FURNITURE], dtype="<u4")


def _same_title(one: Sketch, other: Sketch) -> bool:
    larger = max(len(one.title), len(other.title))
    if len(one.title & other.title) < _TITLE_OVERLAP * larger:
        return False
    return all(word % 2 == 0 for word in one.title ^ other.title)


def _repeats(sketch: Sketch, first: Sketch) -> bool:
    """Whether nearly all of the text is the other's: then nothing in it can be read that was not read there."""
    if len(sketch.shingles) < _LONG and not _same_title(sketch, first):
        return False
    return len(_shared(sketch.shingles, first.shingles)) >= _REPEATED * len(sketch.shingles)
