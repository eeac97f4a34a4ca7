"""Instruments with the real contract and answers that a test chooses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from volteface.slack_render import Message
from volteface.slack_send import SlackSink
from volteface.slack_thread import Update
from volteface.types import Document, Mode, Reading, Vectors

_MARK = re.compile(r"\{(\w+) (\w+) ([+-]?[\d.]+)(?: (speech|act|report))?(?: ([\d.]+))?\}")


class MarkedReader:
    """Reads marks such as `{iran_president negotiation +0.7 speech 0.9}`; the quote is what stands before the mark."""

    name = "marked"

    def __init__(self) -> None:
        self.read_texts: list[str] = []

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """As `volteface.types.Reader.read`; `read_texts` remembers what was asked for."""
        self.read_texts += [document.text for document in documents]
        return [tuple(_readings(document.text)) for document in documents]


def _readings(text: str) -> list[Reading]:
    readings, start = [], 0
    for mark in _MARK.finditer(text):
        holder, axis, stance, mode, confidence = mark.groups()
        start = max(start, text.rfind("\n", 0, mark.start()) + 1)
        quote = text[start : mark.start()].rstrip()
        found = Reading(
            holder=holder,
            axis=axis,
            stance=float(stance),
            mode=Mode(mode or "speech"),
            quote=quote,
            start=start,
            end=start + len(quote),
            confidence=float(confidence or 0.9),
        )
        readings.append(found)
        start = mark.end() + 1
    return readings


class LengthEmbedder:
    """Two-dimensional unit vectors that depend on nothing but the text's length."""

    name = "length"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As `volteface.types.Embedder.embed`."""
        angles = np.array([len(text) for text in texts], dtype=np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)


class Crash(BaseException):
    """The process dies: nothing that handles errors runs."""


class CrashingSink(SlackSink):
    """Dies in its method `at`, right after Slack has taken what it is given or (`after = False`) right before."""

    at = "send"
    after = True

    def send(self, message: Message, *, check_history: bool) -> str:
        """Post, and perhaps die."""
        return self._dying("send", partial(super().send, message, check_history=check_history))

    def update(self, update: Update, *, check_history: bool) -> str:
        """Tell, and perhaps die."""
        return self._dying("update", partial(super().update, update, check_history=check_history))

    def _dying(self, name: str, tell: Callable[[], str]) -> str:
        if name != self.at:
            return tell()
        if self.after:
            tell()
        raise Crash
