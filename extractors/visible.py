"""A text as a reader sees it: without characters that show nothing, and the way back to the places of the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

_HIDDEN = re.compile(
    r"\x1b\[[0-9;]*[A-Za-z]"  # a terminal's colours
    r"|[\x00-\x08\x0e-\x1f\x7f]"
    r"|[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"  # soft hyphen, zero width, direction, byte order
    r"|[\ud800-\udfff]"  # half of a character, as broken feeds have them
)


@dataclass(frozen=True, slots=True)
class Visible:
    """What is left of a text, and where it stood."""

    text: str
    _ends: tuple[int, ...] = ()
    """Where in `text` something was left out."""
    _gone: tuple[int, ...] = ()
    """How many characters were left out up to and at each of these."""

    @classmethod
    def of(cls, text: str) -> Visible:
        """Without the hidden characters; a text that has none stays the very same."""
        found = list(_HIDDEN.finditer(text))
        if not found:
            return cls(text)
        gone = tuple(accumulate(len(match[0]) for match in found))
        ends = tuple(match.end() - size for match, size in zip(found, gone, strict=True))
        return cls(_HIDDEN.sub("", text), ends, gone)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original from the first to the last character of a non-empty span of `text`."""
        return self._original(start), self._original(end - 1) + 1

    def _original(self, at: int) -> int:
        skipped = bisect_right(self._ends, at)
        return at + (self._gone[skipped - 1] if skipped else 0)
