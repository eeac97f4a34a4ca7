"""The nouns that cross a boundary, and the seams that an extractor fills.

All are frozen. All times are aware UTC datetimes; `now` is always an argument. All stances are in [-1, +1]:
-1 is open confrontation, +1 is full accommodation, and the sign is cut at +-0.2 (see `sign_of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dim), rows of length 1."""

SIGN_CUT = 0.2


def sign_of(stance: float) -> int:
    """-1, 0 or +1: the direction of a stance, as the evaluation cuts it (|stance| <= 0.2 is 0)."""
    return (stance > SIGN_CUT) - (stance < -SIGN_CUT)


class Mode(StrEnum):
    """How a position shows. Speech is not an act, and a leak is neither."""

    SPEECH = "speech"
    ACT = "act"
    REPORT = "report"


class TextSource(StrEnum):
    """Where an article's text comes from."""

    FEED = "feed"
    PAGE = "page"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article on its way into the store."""

    feed: str
    guid: str
    url: str
    title: str
    text: str
    text_source: TextSource
    published: datetime
    """Cleaned: never missing, never later than `seen`."""
    seen: datetime
    lang: str
    opinion: bool = False
    stale: bool = False
    """Published (or dated by its own words) too long before `seen` to be news."""
    complete: bool = True
    """The text is final; otherwise the article's page is still to be read (`text_at` stays NULL)."""


@dataclass(frozen=True, slots=True)
class Article(NewArticle):
    """An article in the store."""

    id: int = 0
    outlet: str = ""
    revision: int = 0
    """Times that title or text were edited since the article was first seen."""

    @property
    def body(self) -> str:
        """Title and text as one string: what the reader reads and what quotes are spans of."""
        if not self.text or self.text.startswith(self.title):
            return self.text or self.title
        return f"{self.title}\n\n{self.text}"


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader reads. `title` is context only: readings quote `text`."""

    text: str
    title: str = ""
    outlet: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A holder's own position or act on one axis, in a span of a document.

    Invariant: `document.text[start:end] == quote`.
    """

    holder: str
    """An office id of the config, such as `iran_president`; its side is `Config.side_of(holder)`."""
    axis: str
    stance: float
    mode: Mode
    quote: str
    start: int
    end: int
    confidence: float
    """Probability, 0 to 1, that side, axis and sign are right."""
    person: str = ""
    """Who held the office and spoke, where the text names them."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A reading together with what the detector must know of the article that carries it."""

    reading_id: int
    holder: str
    axis: str
    stance: float
    mode: Mode
    confidence: float
    quote: str
    person: str
    article_id: int
    origin_id: int
    """The article that had this story first; all carriers of one wire story share it."""
    outlet: str
    family: str
    """Publisher family: carriers of one family are one origin."""
    url: str
    published: datetime
    seen: datetime
    start: int = 0
    """Where in the article the quote begins, in characters."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quote that carries a position."""

    outlet: str
    url: str
    quote: str
    published: datetime
    origin_id: int = 0
    mode: Mode = Mode.SPEECH
    stance: float = 0.0
    person: str = ""
    family: str = ""
    confidence: float = 1.0
    start: int = 0
    """Where in the article it begins, in characters."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing position of one holder on one axis: a row of the ledger.

    `pending` holds recent evidence that departs from `value` and has not yet amounted to a shift.
    """

    holder: str
    axis: str
    value: float
    since: datetime
    confirmed: datetime
    evidence: tuple[Evidence, ...] = ()
    pending: tuple[Evidence, ...] = ()
    alerted: datetime | None = None
    members: tuple[Standing, ...] = ()
    """Where the ledgers of a committee stand, while they stand apart."""
    moved: Shift | None = None
    """Of such a ledger: its latest move, while it waits for the others."""
    rules: str = ""
    """Of such a ledger: the fingerprint of the committee's rules."""


class AlertState(StrEnum):
    """The life of an alert."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    WALKED_BACK = "walked_back"
    """The holder moved back soon after."""
    SUPERSEDED = "superseded"
    """The holder went further, or moved back later: a newer alert tells of it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A holder's move on one axis: what an alert tells.

    `key` is a pure function of the evidence, so that finding the same shift twice makes one alert.
    """

    key: str
    at: datetime
    side: str
    holder: str
    person: str
    axis: str
    direction: str
    """`towards` the other side or `away` from it."""
    before: float
    after: float
    since: datetime
    """Since when the position that was left had stood."""
    state: AlertState
    confidence: float
    evidence: tuple[Evidence, ...]
    prior: tuple[Evidence, ...] = ()
    """What carried the position that was left."""
    origins: int = 1
    """Independent origins among the evidence."""


class Embedder(Protocol):
    """Texts to vectors."""

    name: str

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit row a text, in order."""
        ...


class Reader(Protocol):
    """Documents to readings."""

    name: str

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """One tuple a document, in order; `()` where nobody's position is stated."""
        ...


@dataclass(frozen=True, slots=True)
class Extractors:
    """The two instruments that need a model."""

    embedder: Embedder
    reader: Reader
