"""How a position shows (said, done, heard of), and how far it goes on its axis."""

from __future__ import annotations

from extractors.candidates import Candidate, Role
from extractors.grammar import Sentence
from extractors.rungs import named_rung
from extractors.vocabulary import DEEDS, FUTURE, SPEECH_NOUNS, ULTIMATIVE
from volteface.config import Axis
from volteface.types import SIGN_CUT, Mode, sign_of

_MIDDLE = 1
"""Index of the rung between a hint and the utmost."""


def mode_of(sentence: Sentence, candidate: Candidate) -> Mode:
    """Speech, act or report."""
    if candidate.reported:
        return Mode.REPORT
    if candidate.role is Role.SPEAKER:
        return Mode.SPEECH
    if candidate.role is Role.EVENT:
        return Mode.SPEECH if candidate.verb in SPEECH_NOUNS else Mode.ACT
    return Mode.ACT if candidate.verb in DEEDS and not _is_future(sentence, candidate) else Mode.SPEECH


def graded(sentence: Sentence, mode: Mode, axis: Axis, sign: int) -> float:
    """A stance of the given sign (-1, 0, +1), on the axis's own rungs: deeds go far, words less far, hints least.

    A deed stands on the rung that its name tells of, and on the middle one where none does; the outermost rungs are
    for deeds alone.
    """
    rungs = sorted((rung.value for rung in axis.rungs if rung.value * sign > SIGN_CUT), key=abs)
    if not rungs:
        return 0.5 * sign
    named = named_rung(sentence.tokens, mode, axis, sign)
    step = _step(sentence, mode, sign) if named is None else rungs.index(named)
    return rungs[min(step, len(rungs) - 1 if mode is Mode.ACT else _MIDDLE, len(rungs) - 1)]


def on_rung(axis: Axis, stance: float, sign: int) -> float:
    """The axis's rung of the given sign that lies nearest to a stance; the sign itself where it has none."""
    values = [rung.value for rung in axis.rungs if sign_of(rung.value) == sign]
    return min(values, key=lambda value: abs(value - stance), default=0.5 * sign)


def _step(sentence: Sentence, mode: Mode, sign: int) -> int:
    if mode is Mode.ACT:
        return _MIDDLE
    return int(sign < 0 and any(token.lower in ULTIMATIVE for token in sentence.tokens))


def _is_future(sentence: Sentence, candidate: Candidate) -> bool:
    after = [token.lower for token in sentence.tokens if candidate.end <= token.start][:4]
    return any(word in FUTURE for word in after)
