"""What is kept of an article to recognise its copies: hashes of its passages and of its headline's words. Pure.

A passage is five words in a row. Of a text with many passages a sample is kept, by the hash alone, so that the same
passages are kept of every copy and samples overlap as the texts do.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint32]

_SHINGLE = 5
_WORDS = 4000
"""Words of a text that are looked at: the rest of a transcript tells no more."""
_KEPT = 256
"""Shingles kept of one text: all of them, or those whose hashes lie in the lowest half, quarter, eighth."""
_LEVEL_BITS = 12
"""Of the 16 bits before a stored sketch, those that count its shingles; the others are its level."""
_TITLE_OVERLAP = 0.8

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_SUFFIX = re.compile(r"\s+(?:[-–—|]|::)\s+(?=[A-Z0-9@])[^|–—]{2,40}$")
_DATELINE = re.compile(r"^[A-Z][\w .,/'-]{2,60}?(?:\([A-Z][\w /.-]{1,30}\)\s*)?\s[-–—]{1,2}\s")
_STOP = frozenset(
    ("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "in", "is", "it", "its", "of", "on")
) | {"that", "the", "their", "this", "to", "was", "were", "will", "with"}
_NEGATION = frozenset(("no", "not", "never", "nor", "without", "cannot", "deny", "denies", "reject", "rejects"))


@dataclass(frozen=True, slots=True)
class Title:
    """The words of a headline: sorted 32-bit hashes. Odd ones are words that must agree (negations, numbers)."""

    words: bytes

    def __len__(self) -> int:
        return len(self.words) // 4

    @property
    def hashes(self) -> Hashes:
        """The words' hashes, sorted."""
        return np.frombuffer(self.words, dtype="<u4")

    def wanted(self) -> int:
        """Words that a copy's headline shares with this one, at least."""
        return int(np.ceil(_TITLE_OVERLAP * len(self)))

    def shared(self, other: Title) -> int:
        """Words that both have."""
        return len(np.intersect1d(self.hashes, other.hashes, assume_unique=True))

    def same(self, other: Title) -> bool:
        """Whether they say the same: most words in common, and every negation and number."""
        if self.words == other.words:
            return True
        if self.shared(other) < max(self.wanted(), other.wanted()):
            return False
        return not (np.setxor1d(self.hashes, other.hashes, assume_unique=True) % 2).any()

    def within(self, other: Title) -> bool:
        """Whether it has no word that the other lacks: one other verb may be the reversal."""
        return self.shared(other) == len(self)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of an article to recognise its copies."""

    shingles: Hashes
    """Sorted; those below 2 ** (32 - level)."""
    level: int
    """Times that the shingles were halved."""
    title: Title

    def to_bytes(self) -> bytes:
        """At most 1 kB and the headline; `from_bytes` gives the sketch back."""
        counts = struct.pack("<HH", len(self.shingles) | self.level << _LEVEL_BITS, len(self.title))
        return counts + self.shingles.tobytes() + self.title.words

    @classmethod
    def from_bytes(cls, blob: bytes) -> Sketch:
        """Inverse of `to_bytes`. What an earlier version kept whole is sampled as a new text is."""
        first, _ = struct.unpack_from("<HH", blob)
        level, count = divmod(first, 1 << _LEVEL_BITS)
        title = 4 + 4 * count
        shingles = np.frombuffer(blob, dtype="<u4", offset=4, count=count)
        return cls(*_sampled(shingles, level), Title(blob[title:]))

    def at(self, level: int) -> Hashes:
        """The shingles that are left at a level not below its own."""
        return self.shingles[: _below(self.shingles, level)]


def sketch(title: str, text: str) -> Sketch:
    """The sketch of an article. `text` may hold the title or be empty; outlet suffixes and datelines do not matter."""
    body = text.removeprefix(title).strip()
    words = [word.lower() for word in _WORD.findall(_DATELINE.sub("", body, count=1))][:_WORDS]
    shingles = {crc32(" ".join(words[i : i + _SHINGLE]).encode()) for i in range(len(words) - _SHINGLE + 1)}
    if not shingles and words:
        shingles = {crc32(" ".join(words).encode())}
    return Sketch(*_sampled(_sorted(shingles)), Title(_title_words(title or text[:200])))


def _sorted(hashes: set[int]) -> Hashes:
    return np.array(sorted(hashes), dtype="<u4")


def _below(shingles: Hashes, level: int) -> int:
    return int(np.searchsorted(shingles, 1 << (32 - level))) if level else len(shingles)


def _sampled(shingles: Hashes, level: int = 0) -> tuple[Hashes, int]:
    while (kept := _below(shingles, level)) > _KEPT:
        level += 1
    return shingles[:kept], level


def _title_words(title: str) -> bytes:
    bare = _SUFFIX.sub("", title)
    words = (word.lower().replace("’", "'") for word in _WORD.findall(bare))
    return _sorted({_word_hash(word) for word in words if word not in _STOP}).tobytes()


def _word_hash(word: str) -> int:
    must_agree = word in _NEGATION or word.endswith("n't") or any(c.isdigit() for c in word)
    return crc32(word.encode()) | 1 if must_agree else crc32(word.encode()) & ~1
