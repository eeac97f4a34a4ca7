"""The seam between finding holders and judging them: cases in, verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from extractors.candidates import NONE, Candidate, Probabilities
from extractors.grammar import Sentence
from extractors.sentences import Span


@dataclass(frozen=True, slots=True)
class Case:
    """A holder who may take a position in one sentence."""

    document: int
    """Index into the batch of documents."""
    span: Span
    sentence: Sentence
    office: str
    side: str
    person: str
    masked: str
    """The sentence as the direction network sees it (`masking.py`)."""
    candidates: tuple[Candidate, ...]
    """Where syntax ties the holder to words or a deed; `()` where it is only named."""
    unaddressed: frozenset[str] = frozenset()
    """Groups of cue families (`addressees.GROUPS`) in which nothing here is addressed to the other side: it is named
    neither in the sentence nor in the headline above it, or what the sentence speaks of is with a third party."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a judge makes of n cases on k axes."""

    shares: Probabilities
    """(n, k, 4), over `none`, `-`, `0`, `+`; the last dimension sums to 1."""
    extent: NDArray[np.float32] | None = None
    """(n, k, 2), in (0, 1]: how far the stance goes if it is away and if it is towards; None where the judge has no
    scale of its own."""
    mode: NDArray[np.int64] | None = None
    """(n, k), index into speech, act, report; None where the judge does not tell."""


class Judge(Protocol):
    """Judges cases. Pure: equal input gives equal output."""

    name: str

    def judge(self, cases: Sequence[Case]) -> Verdicts:
        """One verdict a case and axis, axes in the order of the config."""
        ...


def nothing(cases: int, axes: int) -> Probabilities:
    """Verdicts that state nothing."""
    shares = np.zeros((cases, axes, 4), dtype=np.float32)
    shares[:, :, NONE] = 1.0
    return shares
