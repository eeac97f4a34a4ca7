"""The section of config.yaml that says when a departure from the standing position is a shift."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from volteface.config_base import Share, Strict


class LedgerRules(Strict):
    """What one ledger listens to, and what moves it."""

    min_confidence: Share = 0.5
    """Readings of words that are less sure move nothing."""
    act_confidence: Share = 0.5
    """The same for readings of acts."""
    min_move: float = Field(default=0.3, gt=0, le=2)
    """Smallest move on the axis, in units of stance, that can be a shift."""
    window_h: float = Field(default=48, gt=0)
    """Departing evidence older than this is forgotten."""
    strength: float = Field(default=1.0, gt=0)
    """Weight of departing evidence at which the position has shifted (an act of one origin weighs 1)."""
    half_life_h: float = Field(default=24, gt=0)
    """Age at which evidence counts half."""
    half_depth: float = Field(default=3000, gt=0)
    """Characters below an article's lead at which a sentence counts half: news stands on top, its history below."""
    speech_weight: Share = 0.7
    report_weight: Share = 0.35
    """What words, and what unnamed sources say, weigh against an act."""
    resistance: Share = 0.5
    """How much a restatement of the standing position weighs against a departure from it."""
    min_share: Share = 0.0
    """Share of all recent evidence that must depart, whatever it weighs: volume alone moves nothing."""
    relax_h: float = Field(default=48, gt=0)
    """After so long with nothing but milder words, the milder word is the standing position (no alert for that)."""


class DetectRules(LedgerRules):
    """When a departure from the standing position is a shift, and when a shift is told.

    The ledger's rules written here are those of the first ledger; each entry of `committee` is one more that reads the
    same observations by rules of its own, and a position moves when `quorum` of them have moved it.
    """

    committee: tuple[LedgerRules, ...] = Field(default=(), max_length=30)
    quorum: int | None = Field(default=None, ge=1)
    """Ledgers that must agree; without it, more than half."""
    agree_h: float = Field(default=48, gt=0)
    """How long a ledger's move waits for the others."""
    cooldown_h: float = Field(default=24, ge=0)
    """How long the same move of the same side is not told again, unless it goes a rung further."""
    max_age_h: float = Field(default=72, gt=0)
    """Articles published longer before we saw them are history, not news."""
    walk_back_h: float = Field(default=72, gt=0)
    """A holder who moves back within so long has walked back; later, the alert is superseded."""
    alert_life_h: float = Field(default=168, gt=0)
    """How long after it was raised an alert still changes; at least `walk_back_h`."""
    updates_at: tuple[Annotated[int, Field(ge=2, le=12)], ...] = (2, 4, 8)
    """Numbers of independent origins at which an alert tells of new evidence, rising; empty for never."""

    @property
    def ledgers(self) -> tuple[LedgerRules, ...]:
        """The rules of every ledger, these themselves first."""
        return (self, *self.committee)

    @property
    def needed(self) -> int:
        """Ledgers that must agree."""
        return self.quorum or len(self.ledgers) // 2 + 1

    @model_validator(mode="after")
    def _life_in_order(self) -> Self:
        if self.alert_life_h < self.walk_back_h:
            raise ValueError(
                f"alert_life_h ({self.alert_life_h:g}) must not be less than walk_back_h ({self.walk_back_h:g})"
            )
        if list(self.updates_at) != sorted(set(self.updates_at)):
            raise ValueError(f"updates_at must rise, but is {list(self.updates_at)}")
        if self.needed > len(self.ledgers):
            raise ValueError(f"quorum ({self.needed}) is more than there are ledgers ({len(self.ledgers)})")
        return self
