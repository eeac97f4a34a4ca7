"""A sentence as the direction model sees it: without the names of the holder in question and of the two sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>")

HOLDER, OWN, OTHER = "[unused1]", "[unused2]", "[unused3]"
"""Vocabulary slots that BERT keeps free: the holder [S], the rest of its side [A], the other side [B]."""


class Named(Protocol):
    """A span that names somebody of a side."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def side(self) -> str: ...  # noqa: D102
    @property
    def office(self) -> str: ...  # noqa: D102


def mask(text: str, mentions: Iterable[Named], office: str, side: str) -> str:
    """The text with every mention replaced; neighbours of one kind (title and name) become one mask.

    `mentions` must not overlap and must be in order. Somebody of the side without an office that day (a former
    official) is masked as the side. An empty span at 0 stands for an unnamed speaker: `[S]: ...`. HTML tags are left
    out: in the middle of a clause they would hide what it says.
    """
    return _TAG.sub("", "".join(_pieces(text, mentions, office, side)))


def _pieces(text: str, mentions: Iterable[Named], office: str, side: str) -> Iterator[str]:
    at, last = 0, ""
    for mention in mentions:
        token = _token(mention, office, side)
        between = text[at : mention.start]
        if token != last or between.strip(" ,"):
            yield between
            yield f" {token} " if mention.end else f"{token}: "
        at, last = mention.end, token
    yield text[at:]


def _token(mention: Named, office: str, side: str) -> str:
    if mention.office == office:
        return HOLDER
    return OWN if mention.side == side else OTHER
