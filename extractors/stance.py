"""Which way: composition of cues first, nearest exemplars where the cues know nothing of an axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from extractors.candidates import AWAY, EVEN, NONE, TOWARDS, Candidate, Probabilities, Role
from extractors.composition import Pursuers, Vote, votes
from extractors.cues import Kind
from extractors.grammar import Grammar, Sentence
from extractors.topic import AxisTopics
from volteface.config import Axis, Config

MIN_VOTE = 0.8
"""Weaker cues (`offer`, `respond`) need a second one, or a verb that says what is done with them."""
NEAR = 0.62
"""Cosine to an exemplar from which an axis without cue words counts as present."""


class ExemplarDirection:
    """A DirectionModel without training: polarity composition, and exemplars for axes that no cue family fits."""

    name = "exemplars-1"

    def __init__(self, topics: AxisTopics, grammar: Grammar, pursuers: Pursuers) -> None:
        self._topics = topics
        self._pursuers = pursuers
        self._grammar = grammar

    def judge(self, candidates: Sequence[Candidate], axes: Sequence[Axis]) -> Probabilities:
        """Shape (n, axes, 4). Deterministic."""
        result = np.zeros((len(candidates), len(axes), 4), dtype=np.float32)
        result[:, :, NONE] = 1.0
        for row, candidate in enumerate(candidates):
            found = votes(self._grammar.parse(candidate.sentence, None), candidate, self._pursuers)
            for column, axis in enumerate(axes):
                group = self._topics.group_of.get(axis.id)
                result[row, column] = _probabilities([vote for vote in found if vote.group == group])
        self._judge_cueless(candidates, axes, result)
        return result

    def _judge_cueless(self, candidates: Sequence[Candidate], axes: Sequence[Axis], result: Probabilities) -> None:
        """Axes that no cue family fits, in place: the nearest exemplar's pole, turned by an odd number of negations."""
        columns = [i for i, axis in enumerate(axes) if axis.id not in self._topics.group_of]
        rows = [i for i, candidate in enumerate(candidates) if candidate.role is not Role.EVENT]
        if not columns or not rows:
            return
        near = self._topics.nearness(self._topics.embed([candidates[i].sentence for i in rows]))
        index = {axis.id: i for i, axis in enumerate(self._topics.axes)}
        for row, cosines in zip(rows, near, strict=True):
            turned = _is_negated(self._grammar.parse(candidates[row].sentence, None))
            for column in columns:
                result[row, column] = _from_cosines(cosines[index[axes[column].id]], turned)


_TOOLS = {"nuclear": {"nuclear", "atomic"}, "pressure": {"treasury", "sanctions"}}
"""Words in an office's title that show whose tool it is."""
_TALKERS = {"envoy", "negotiator", "negotiators", "talks"}
"""With these in it, a title speaks of what others have."""


def pursuers(config: Config) -> dict[str, str]:
    """The only side with an office for the programme, or for sanctions, where just one has it."""
    found: dict[str, str] = {}
    for group, words in _TOOLS.items():
        sides = {office.side for office in config.offices if any(_is_for(title, words) for title in office.titles)}
        if len(sides) == 1:
            found[group] = sides.pop()
    return found


def _is_for(title: str, tool: set[str]) -> bool:
    words = {word.lower() for word in title.split()}
    return bool(words & tool) and not words & _TALKERS


def _probabilities(found: Sequence[Vote]) -> NDArray[np.float32]:
    """Votes of one axis to (none, -, 0, +). Both ways at equal weight is 0: `ready to talk, but not under threat`."""
    total = sum(vote.weight for vote in found)
    if total < MIN_VOTE:
        return np.array([1, 0, 0, 0], dtype=np.float32)
    lean = sum(vote.sign * vote.weight for vote in found) / total
    shares = np.zeros(4, dtype=np.float32)
    shares[NONE] = 0.15 if total >= 1.0 else 0.35
    sure = 0.35 + 0.5 * abs(lean)
    shares[TOWARDS if lean > 0.15 else AWAY if lean < -0.15 else EVEN] = (1 - shares[NONE]) * sure
    left = 1 - shares.sum()
    for column in (AWAY, EVEN, TOWARDS):
        shares[column] += left / 3
    return shares


def _is_negated(sentence: Sentence) -> bool:
    return sum(cue.value.kind is Kind.NEGATE for cue in sentence.cues) % 2 == 1


def _from_cosines(cosines: NDArray[np.float32], turned: bool) -> NDArray[np.float32]:
    away, towards = (float(c) for c in (cosines[::-1] if turned else cosines))
    if max(away, towards) < NEAR:
        return np.array([1, 0, 0, 0], dtype=np.float32)
    lean = 1 / (1 + np.exp(-12 * (towards - away)))
    return np.array([0.35, 0.65 * (1 - lean) * 0.9, 0.065, 0.65 * lean * 0.9], dtype=np.float32)
