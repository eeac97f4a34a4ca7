"""Tokens with offsets, and tables of phrases over them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}"  # U.S.
    r"|\d[\d,.]*\d|\d"
    r"|[^\W\d_]+[nN]['’][tT]\b"  # won't stays whole: it is a negation
    r"|['’](?:s|re|ve|ll|d|m)\b"  # a possessive is a token of its own
    r"|[^\W_]+"
    r"|[^\w\s]"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark; `text == source[start:end]`."""

    text: str
    lower: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Tokens of a text in order. Curly apostrophes are straight in `lower`."""
    return [Token(m[0], m[0].lower().replace("’", "'"), m.start(), m.end()) for m in _TOKEN.finditer(text)]


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A phrase at tokens[start:end]."""

    start: int
    end: int
    value: Value


class PhraseTable(Generic[Value]):
    """Finds the longest phrases, left to right and without overlap."""

    def __init__(self, phrases: Iterable[tuple[str, Value]]) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], Value]] = {}
        for phrase, value in phrases:
            words = tuple(token.lower for token in tokenize(phrase))
            if words:
                self._by_first.setdefault(words[0], {})[words] = value
        self._sizes = {
            first: sorted({len(words) for words in table}, reverse=True) for first, table in self._by_first.items()
        }

    def find(self, tokens: Sequence[Token]) -> list[Found[Value]]:
        """Every phrase in the tokens, by position."""
        lowers = [token.lower for token in tokens]
        found: list[Found[Value]] = []
        at = 0
        while at < len(lowers):
            hit = self._at(lowers, at)
            if hit:
                found.append(hit)
            at = hit.end if hit else at + 1
        return found

    def _at(self, lowers: list[str], at: int) -> Found[Value] | None:
        table = self._by_first.get(lowers[at], {})
        for size in self._sizes.get(lowers[at], ()):
            words = tuple(lowers[at : at + size])
            if len(words) == size and words in table:
                return Found(at, at + size, table[words])
        return None
