"""Which way a clause leans: the polarity of objects, turned by the verbs and negations that govern them.

A cosine cannot do this: `rules out talks` and `does not rule out talks` are near neighbours. Composition can:
talks (+), ruled out (turned), not (turned back).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from extractors.candidates import Candidate, Role
from extractors.cues import FAMILY_GROUPS, Cue, Kind
from extractors.grammar import Sentence
from extractors.phrases import Found
from extractors.vocabulary import BACKGROUND, FORBIDDING, PRONOUNS

Pursuers = Mapping[str, str]
"""Group of cue families to the one side that has the thing: the programme to be limited, the sanctions to be lifted."""

_ENGAGED = frozenset({Kind.KEEP, Kind.THREAT, Kind.DEMAND, Kind.CONCEDE})
_ENGAGEMENT = 0.3
"""What a governing verb adds to the weight of an object."""


@dataclass(frozen=True, slots=True)
class Vote:
    """An object of a group seen in a scope: which way it leans (-1, +1) and how surely (0 to 1)."""

    group: str
    sign: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Clause:
    cues: tuple[Found[Cue], ...]
    background: bool
    conditional: bool

    @property
    def kinds(self) -> set[Kind]:
        return {cue.value.kind for cue in self.cues}


def votes(sentence: Sentence, candidate: Candidate, pursuers: Pursuers) -> list[Vote]:
    """What a candidate's scope says, in order of the text. Conditions count only where nothing else is said."""
    if candidate.role is Role.EVENT:
        return _event_votes(sentence, candidate)
    judge = _Judge(sentence, candidate, pursuers)
    clauses = [clause for clause in _clauses(sentence, candidate) if not clause.background]
    found = [vote for clause in clauses if not clause.conditional for vote in judge.clause(clause)]
    return found or [vote for clause in clauses if clause.conditional for vote in judge.clause(clause)]


def _event_votes(sentence: Sentence, candidate: Candidate) -> list[Vote]:
    for cue in _cues_in(sentence, candidate):
        if cue.value.kind is Kind.THREAT:
            return [Vote("force", -1, 1.0)]
        if cue.value.kind is Kind.OBJECT and cue.value.value < 0 and cue.value.weight >= 1:
            return [Vote(FAMILY_GROUPS[cue.value.family], -1, 1.0)]
    return []


def _cues_in(sentence: Sentence, candidate: Candidate) -> list[Found[Cue]]:
    start, end = candidate.scope
    return [cue for cue in sentence.cues if start <= sentence.tokens[cue.start].start < end]


def _clauses(sentence: Sentence, candidate: Candidate) -> list[_Clause]:
    clauses: list[_Clause] = []
    current: list[Found[Cue]] = []
    background = conditional = False
    for cue in _cues_in(sentence, candidate):
        if cue.value.kind not in (Kind.BREAK, Kind.IF):
            current.append(cue)
            continue
        clauses.append(_Clause(tuple(current), background, conditional))
        same_subject = sentence.lower(cue.end) in PRONOUNS
        current, conditional = [], cue.value.kind is Kind.IF
        background = sentence.lower(cue.start) in BACKGROUND and not same_subject
    return [*clauses, _Clause(tuple(current), background, conditional)]


def _heads(objects: Sequence[Found[Cue]]) -> list[Found[Cue]]:
    """Objects that are not mere modifiers of the next noun: of `ceasefire proposal`, the proposal."""
    return [
        item
        for item, after in zip_longest(objects, objects[1:])
        if not (after and after.start == item.end and after.value.noun and item.value.noun)
    ]


def _governed(cues: Sequence[Found[Cue]], objects: Sequence[Found[Cue]]) -> dict[int, int]:
    """How many shifters and negations act on the object that starts there: the next one, or else the last before."""
    governed: dict[int, int] = defaultdict(int)
    for cue in cues:
        if cue.value.kind not in (Kind.TURN, Kind.NEGATE):
            continue
        right = next((item for item in objects if item.start >= cue.end), None)
        left = next((item for item in reversed(objects) if item.start < cue.start), None)
        target = right or left
        if target:
            governed[target.start] += 1
    return governed


@dataclass(frozen=True, slots=True)
class _Judge:
    sentence: Sentence
    candidate: Candidate
    pursuers: Pursuers

    def clause(self, clause: _Clause) -> list[Vote]:
        objects = _heads([cue for cue in clause.cues if cue.value.kind is Kind.OBJECT])
        governed = _governed(clause.cues, objects)
        own = [item for item in objects if not self._is_others_deed(item, clause.kinds)]
        found = [self._vote(item, governed[item.start], clause.kinds) for item in own]
        return [*found, *_implied(clause.kinds, objects, found)]

    def _vote(self, item: Found[Cue], turns: int, kinds: set[Kind]) -> Vote:
        group, value = FAMILY_GROUPS[item.value.family], item.value.value
        weight = min(1.0, item.value.weight + (_ENGAGEMENT if turns or kinds & _ENGAGED else 0.0))
        if Kind.THREAT in kinds and (value < 0 or group == "force"):
            return Vote(group, -1, 1.0)
        if self.pursuers.get(group, self.candidate.side) != self.candidate.side and value < 0:
            return Vote(group, _as_outsider(group, turns, kinds), weight)
        if group == "pressure" and Kind.DEFY in kinds and value < 0:
            return Vote(group, -1, 1.0)
        if group != "talks" and turns and self._is_demand_on_other(item, kinds):
            return Vote(group, -1, weight)
        return Vote(group, value if turns % 2 == 0 else -value, weight)

    def _is_demand_on_other(self, item: Found[Cue], kinds: set[Kind]) -> bool:
        """`They cannot have ...`, `B must stop ...`: to forbid the other side something is no accommodation."""
        words = {self.sentence.lower(i) for i in range(max(0, item.start - 10), item.start)}
        other = words & {"they", "their"} or self._names_other(item, room=12)
        return bool(other) and bool(words & FORBIDDING or kinds & {Kind.DEMAND, Kind.NEGATE})

    def _is_others_deed(self, item: Found[Cue], kinds: set[Kind]) -> bool:
        """Whether an object of force belongs to the other side, so that it says nothing of the speaker's position."""
        told = self.candidate.role is Role.SPEAKER and item.value.value < 0 and Kind.THREAT not in kinds
        if not told or FAMILY_GROUPS[item.value.family] not in ("force", "pressure"):
            return False
        near = (self.sentence.lower(i) for i in range(max(0, item.start - 3), item.start))
        aimed = any(word in ("on", "against", "to", "at", "be", "hit") for word in near)
        return self._names_other(item, room=5) and not aimed

    def _names_other(self, item: Found[Cue], room: int) -> bool:
        first, last = self.sentence.tokens[max(0, item.start - room)].start, self.sentence.tokens[item.start].start
        return any(first <= start < last for start, _ in self.candidate.foreign)


def _implied(kinds: set[Kind], objects: Sequence[Found[Cue]], found: Sequence[Vote]) -> list[Vote]:
    """A threat without another object is one of force; to condemn an attack is to stand against who made it."""
    only_talks_ahead = all(vote.group == "talks" and vote.sign > 0 for vote in found)
    of_force = any(FAMILY_GROUPS[item.value.family] == "force" for item in objects)
    threatens = Kind.THREAT in kinds and only_talks_ahead
    condemns = Kind.CONDEMN in kinds and of_force
    return [Vote("force", -1, 1.0)] * (threatens + condemns)


def _as_outsider(group: str, turns: int, kinds: set[Kind]) -> int:
    """To speak of what only the other side has is to demand or to defy, unless it is to concede."""
    concedes = group == "nuclear" and Kind.CONCEDE in kinds and turns % 2 == 0
    return 1 if concedes else -1
