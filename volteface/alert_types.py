"""The nouns of an alert's life: what became of it after it was raised, and the messages that tell so. All frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from volteface.types import AlertState, Evidence, Shift


class ChangeKind(StrEnum):
    """What can happen to an open alert."""

    CONFIRMED = "confirmed"
    EVIDENCE = "evidence"
    """More independent origins, or a deed after mere words."""
    WALKED_BACK = "walked_back"
    SUPERSEDED = "superseded"
    DIVERGENCE = "divergence"
    """Another office of the same side takes the other direction."""
    VERDICT = "verdict"
    """Somebody said what they found the alert to be; it changes neither state nor evidence."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody has seen it, and said no more than that."""


SAID = frozenset({ChangeKind.VERDICT, ChangeKind.ACKNOWLEDGED})
"""What people say of an alert, as against what happens to it."""


@dataclass(frozen=True, slots=True)
class AlertChange:
    """One step in the life of an alert."""

    key: str
    """The alert's key."""
    number: int
    """1, 2, ... within its alert."""
    kind: ChangeKind
    at: datetime
    """When the article that brought it about was seen."""
    words: str
    """What happened, as a plain clause: `second independent origin: Gulf Wire`."""
    state: AlertState
    """The alert's state from then on."""
    holder: str
    """The office whose word or deed it is."""
    evidence: tuple[Evidence, ...] = ()
    successor: str = ""
    """Key of the alert that the same move raised, if it raised one."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands: its shift, current in state, evidence, origins and confidence, and what changed it."""

    shift: Shift
    changes: tuple[AlertChange, ...] = ()
    """By number."""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message that must reach its sink once: an alert, or a change of it."""

    id: int
    key: str
    """Idempotency key: at most one visible message for each. The alert's key; of a change, `key#number`."""
    shift: Shift
    """As the alert stands now."""
    blind: tuple[str, ...]
    """What could not be seen when the alert was raised, in words."""
    attempts: int
    maybe_sent: bool
    """An earlier attempt ended without an answer: look in the channel first."""
    changes: tuple[AlertChange, ...] = ()
    """Everything that has become of the alert so far, by number."""
    change: AlertChange | None = None
    """The change to tell; None for the alert itself."""
    parent: str | None = None
    """Of a change: the receipt of the alert's own message; None if that was given up."""
    fallback_at: datetime | None = None
    """When the fall-back told it."""
