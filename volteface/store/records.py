"""What the store takes and gives beside the nouns of `volteface.types`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from volteface.alert_types import AlertChange
from volteface.types import Reading, Shift


@dataclass(frozen=True, slots=True)
class PollSaved:
    """What became of the articles of one poll."""

    new: int = 0
    edited: int = 0
    """Known, but title or text had changed: they will be read again."""
    known: int = 0


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """The outcome of reading one article."""

    article_id: int
    revision: int
    """`Article.revision` of the text that was read: an edit in the meantime makes this outcome void."""
    origin_id: int
    """The article that had the story first; the article's own id where that is itself."""
    signature: bytes | None = None
    """Sketch of the text, as bytes (`volteface.sketch`)."""
    embedding: NDArray[np.float32] | None = None
    """Shape (dim,), length 1; kept as float16."""
    readings: tuple[Reading, ...] = ()
    note: str = ""
    """Why nothing was read, in words, where nothing was: `language fa`, `opinion`, `copy of 17`."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is needed of a known article to find copies of it."""

    article_id: int
    origin_id: int
    outlet: str
    seen: datetime
    signature: bytes
    """As given in `ReadArticle.signature`."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How far the articles seen since a moment have come."""

    seen: int
    wanting_text: int
    wanting_reading: int
    read: int
    copies: int
    """Read, and found to be another article's story."""
    languages: tuple[tuple[str, int], ...]
    """(language, articles), the most frequent first."""
    notes: tuple[tuple[str, int], ...]
    """(note, articles), the most frequent first: why articles were not read in full."""


@dataclass(frozen=True, slots=True)
class PendingRow:
    """An alert, or a change of one, that has not reached its sink: still to be sent, or given up (`dead_at`)."""

    id: int
    key: str
    shift: Shift
    created: datetime
    """When there was something to send: the alert was raised, the change came about, the verdict was given."""
    attempts: int
    maybe_sent: bool
    error: str | None
    failed_at: datetime | None
    """When the last attempt failed."""
    not_before: datetime | None
    claimed_by: str | None
    claimed_until: datetime | None
    dead_at: datetime | None
    kind: str = "post"
    """`post` is the alert itself, `update` a change of it."""
    number: int = 0
    """0 for the alert itself, otherwise the change's number."""
    refused_since: datetime | None = None
    """When the first attempt failed."""
    fallback_at: datetime | None = None
    """When the fall-back told it."""
    acknowledged: bool = False
    """Somebody gave a verdict on the alert after this was given up, or it was itself an acknowledgement."""


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert with its whole story."""

    shift: Shift
    """As it stands now."""
    changes: tuple[AlertChange, ...]
    created: datetime
    updated: datetime | None
    """When the store last took in something new about it; None if it never did."""
    delivery: str
    """Of the alert's own message: `delivered`, `waiting` or `given up`."""
    receipt: str | None
    """Slack's ts, or `console`."""
    error: str | None
    """Why one of its messages has not been delivered; None if nothing is wrong."""
    updates_waiting: int
    updates_given_up: int
