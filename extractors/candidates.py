"""The seam between finding who speaks or acts, and judging which way: candidates in, probabilities out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from volteface.config import Axis

Probabilities = NDArray[np.float32]
"""Shape (n, axes, 4): over `none`, `-`, `0`, `+` in this order; the last dimension sums to 1."""

NONE, AWAY, EVEN, TOWARDS = range(4)


class Role(StrEnum):
    """How a sentence ties a holder to a position."""

    SPEAKER = "speaker"
    """Says something: the position lies in what is said."""
    AGENT = "agent"
    """Does something: the position lies in the verb and its objects."""
    EVENT = "event"
    """Is named with a deed or threat in a noun: `the air strikes of ...`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A holder who may take a position in a sentence. All spans are characters of `sentence`."""

    sentence: str
    start: int
    end: int
    office: str
    side: str
    person: str
    role: Role
    scope: tuple[int, int]
    """Where the holder's words or deed stand, as far as syntax shows."""
    foreign: tuple[tuple[int, int], ...] = ()
    """Spans within the scope that speak of the other side's deeds: subjects, possessors."""
    verb: str = ""
    """The predicate, in lower case."""
    reported: bool = False
    """Known only through an unnamed source or hearsay."""


class DirectionModel(Protocol):
    """Judges which way each candidate leans on each axis. A trained cross-encoder fits behind this."""

    name: str

    def judge(self, candidates: Sequence[Candidate], axes: Sequence[Axis]) -> Probabilities:
        """Probabilities for each candidate on each axis. Pure: equal input gives equal output."""
        ...
