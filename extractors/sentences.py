"""Sentences of a news text, as exact spans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.phrases import tokenize
from extractors.vocabulary import words_of

Span = tuple[int, int]

MAX_SENTENCES = 200
MAX_CHARS = 60_000
"""About 200 long sentences. What stands after it is not read, so a megabyte costs what an article costs."""
MAX_LENGTH = 800
"""A longer run without a full stop is cut at a space: a reader needs a sentence, not a page."""

_ABBREVIATIONS = words_of("""
    mr mrs ms dr prof gen adm col lt sgt capt maj sen rep gov st jr sr vs no vol etc inc ltd co corp dept approx
    jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m i.e e.g u.s u.s.a u.k u.n e.u u.a.e d.c""")
_BREAK = re.compile(r"\n\s*\n|[\r\n]+|(?<=[.!?…])[\"'”’)\]]*\s+")
_LAST_WORD = re.compile(r"([\w.]+)\.[\"'”’)\]]*\s+$")
_SUFFIX = re.compile(r"\s+(?:[-–—|]|\|)\s+([^|\n]{2,60})$")
_OPENER = re.compile(r"[\"'“‘(\[]*[A-Z0-9\"“‘']")


def split(text: str, limit: int = MAX_SENTENCES) -> list[Span]:
    """Non-empty sentence spans in order, outer white space left out; at most `limit`."""
    spans: list[Span] = []
    for start, end in _pieces(text[:MAX_CHARS]):
        if len(spans) >= limit:
            break
        spans.append((start, end))
    return spans


def _pieces(text: str) -> Iterator[Span]:
    start = 0
    for match in _BREAK.finditer(text):
        if "\n" in match[0] or "\r" in match[0] or _ends_here(text, match):
            yield from _cut(text, start, match.end())
            start = match.end()
    yield from _cut(text, start, len(text))


def _ends_here(text: str, match: re.Match[str]) -> bool:
    """Whether white space after a full stop ends a sentence: not after U.S. or Gen., nor before a small letter."""
    if not _OPENER.match(text, match.end()):
        return False
    before = _LAST_WORD.search(text[max(0, match.start() - 20) : match.end()])
    if not before:
        return True
    word = before[1].lower()
    single = len(word) == 1 or bool(re.fullmatch(r"(?:[a-z]\.)+[a-z]", word))
    return word not in _ABBREVIATIONS and not single


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end -= len(text[start:end]) - len(text[start:end].rstrip())
    while end - start > MAX_LENGTH:
        space = text.rfind(" ", start, start + MAX_LENGTH)
        middle = space if space > start else start + MAX_LENGTH
        yield start, middle
        start = middle + 1 if space > start else middle
    if start < end:
        yield start, end


def without_suffix(text: str, span: Span) -> Span:
    """The span without a headline's trailing " - Outlet" or " | Section | Outlet"."""
    start, end = span
    while (match := _SUFFIX.search(text[start:end])) and _is_label(match[1]) and match.start() > 15:
        end = start + match.start()
    return start, end


def _is_label(words: str) -> bool:
    """Whether words are a name (an outlet, a section) rather than a clause: short, and capital letters throughout."""
    tokens = [token.text for token in tokenize(words) if token.text[0].isalnum()]
    small = {"of", "the", "and", "on", "for", "in", "at", "com"}
    return 0 < len(tokens) <= 7 and all(t[0].isupper() or t[0].isdigit() or t in small for t in tokens)
