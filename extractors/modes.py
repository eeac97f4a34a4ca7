"""How a position shows (said, done, heard of), and how far it goes on its axis."""

from __future__ import annotations

from extractors.candidates import Candidate, Role
from extractors.grammar import Sentence
from volteface.config import Axis
from volteface.types import Mode

_SPOKEN = frozenset("threat threats warning warnings ultimatum demand demands".split())
_DEEDS = frozenset(
    "strike strikes struck hit hits attack attacks attacked bomb bombs bombed launch launches launched fire fires fired impose"
    " imposes imposed lift lifts lifted suspend suspends suspended halt halts halted sign signs signed send sends sent deploy deploys"
    " deployed withdraw withdraws withdrew pull pulls pulled expel expels expelled seize seizes seized resume resumes resumed restore"
    " restores restored ease eases eased release releases released walk walks walked return returns returned arrive arrives arrived"
    " close closes closed reopen reopens reopened extend extends extended postpone postpones postponed pause pauses paused cancel"
    " cancels cancelled begin begins began start starts started carry carries carried reach reaches reached agree agrees agreed"
    " sanction sanctions sanctioned target targets targeted shoot shoots shot kill kills killed destroy destroys destroyed build"
    " built raid invade intercept intercepts intercepted waive waives grant grants granted exchange freeze freezes froze unfreeze"
    " unfreezes blacklist blacklists meet meets met visit enrich enriches enriched expand expands expanded".split()
)
_ULTIMATUM = frozenset("ultimatum deadline mobilise mobilises deploys deployed deploy sends sent warships carrier buildup hours locked obliterate".split())
_FUTURE = frozenset("will would to may might could must should can if 'll plan plans ready".split())


def mode_of(sentence: Sentence, candidate: Candidate) -> Mode:
    """Speech, act or report."""
    if candidate.reported:
        return Mode.REPORT
    if candidate.role is Role.SPEAKER:
        return Mode.SPEECH
    if candidate.role is Role.EVENT:
        return Mode.SPEECH if candidate.verb in _SPOKEN else Mode.ACT
    return Mode.ACT if candidate.verb in _DEEDS and not _is_future(sentence, candidate) else Mode.SPEECH


def graded(sentence: Sentence, candidate: Candidate, mode: Mode, axis: Axis, sign: int) -> float:
    """A stance of the given sign, on the axis's own rungs: deeds go far, words less far, hints least."""
    if sign == 0:
        return 0.0
    rungs = sorted({abs(rung.value) for rung in axis.rungs if rung.value * sign > 0.2})
    if not rungs:
        return 0.5 * sign
    return sign * rungs[min(_step(sentence, candidate, mode, sign), len(rungs) - 1)]


def _step(sentence: Sentence, candidate: Candidate, mode: Mode, sign: int) -> int:
    words = {token.lower for token in sentence.tokens}
    if mode is Mode.ACT:
        return 2 if sign < 0 else 1
    return 1 if sign < 0 and words & _ULTIMATUM else 0


def _is_future(sentence: Sentence, candidate: Candidate) -> bool:
    before = [t.lower for t in sentence.tokens if candidate.end <= t.start][:4]
    return any(word in _FUTURE for word in before)
