"""Which way a clause leans: object polarity, turned by the verbs and negations that govern it.

A cosine cannot do this: `rules out talks` and `does not rule out talks` are near neighbours. Composition can: talks (+),
ruled out (turned), not (turned back).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from extractors.candidates import Candidate, Role
from extractors.cues import FAMILY_GROUPS, Cue, Kind
from extractors.grammar import BACKGROUND, Sentence
from extractors.phrases import Found

_MODALS = frozenset("must should shall can cannot can't could allow allowed never wont won't let".split())


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


Pursuers = Mapping[str, str]
"""Group of cue families to the one side that has the thing: the programme to be limited, the sanctions to be lifted."""


def votes(sentence: Sentence, candidate: Candidate, pursuers: Pursuers) -> list[Vote]:
    """What a candidate's scope says, in order of the text."""
    if candidate.role is Role.EVENT:
        return _event_votes(sentence, candidate)
    clauses = _clauses(sentence, candidate)
    main = [clause for clause in clauses if not clause.background and not clause.conditional]
    found = [vote for clause in main for vote in _clause_votes(sentence, candidate, clause, pursuers)]
    if found:
        return found
    rest = [clause for clause in clauses if clause.conditional and not clause.background]
    return [vote for clause in rest for vote in _clause_votes(sentence, candidate, clause, pursuers)]


def _event_votes(sentence: Sentence, candidate: Candidate) -> list[Vote]:
    start, end = candidate.scope
    for cue in sentence.cues:
        if not start <= sentence.tokens[cue.start].start < end:
            continue
        if cue.value.kind is Kind.THREAT:
            return [Vote("force", -1, 1.0)]
        if cue.value.kind is Kind.OBJECT and cue.value.value < 0 and cue.value.weight >= 1:
            return [Vote(FAMILY_GROUPS[cue.value.family], -1, 1.0)]
    return []


def _clauses(sentence: Sentence, candidate: Candidate) -> list[_Clause]:
    start, end = candidate.scope
    clauses: list[_Clause] = []
    current: list[Found[Cue]] = []
    background = conditional = False
    for cue in sentence.cues:
        if not start <= sentence.tokens[cue.start].start < end:
            continue
        word = sentence.lower(cue.start)
        if cue.value.kind in (Kind.BREAK, Kind.IF):
            clauses.append(_Clause(tuple(current), background, conditional))
            own = sentence.lower(cue.end) in ("he", "she", "it", "they")
            current, background, conditional = [], word in BACKGROUND and not own, cue.value.kind is Kind.IF
        else:
            current.append(cue)
    return [*clauses, _Clause(tuple(current), background, conditional)]


def _clause_votes(sentence: Sentence, candidate: Candidate, clause: _Clause, pursuers: Pursuers) -> list[Vote]:
    objects = _heads([cue for cue in clause.cues if cue.value.kind is Kind.OBJECT])
    governed = _governed(clause.cues, objects)
    kinds = {cue.value.kind for cue in clause.cues}
    found = [
        _object_vote(sentence, candidate, item, governed[item.start], kinds, pursuers)
        for item in objects
        if not _is_others_deed(sentence, candidate, item, kinds)
    ]
    if Kind.THREAT in kinds and not any(v and v.group != "talks" or (v and v.sign < 0) for v in found):
        found.append(Vote("force", -1, 1.0))
    if Kind.CONDEMN in kinds and any(FAMILY_GROUPS[item.value.family] == "force" for item in objects):
        found.append(Vote("force", -1, 1.0))
    return [vote for vote in found if vote]


def _heads(objects: Sequence[Found[Cue]]) -> list[Found[Cue]]:
    """Objects that are not mere modifiers of the next noun: of `ceasefire proposal`, the proposal."""
    return [
        item
        for item, after in zip_longest(objects, objects[1:])
        if not (after and after.start == item.end and after.value.noun and item.value.noun)
    ]


def _governed(cues: Sequence[Found[Cue]], objects: Sequence[Found[Cue]]) -> dict[int, list[Found[Cue]]]:
    """Shifters and negations by the start of the object that they act on: the next one, or else the last one before."""
    governed: dict[int, list[Found[Cue]]] = defaultdict(list)
    for cue in cues:
        if cue.value.kind not in (Kind.TURN, Kind.NEGATE):
            continue
        right = next((item for item in objects if item.start >= cue.end), None)
        left = next((item for item in reversed(objects) if item.start < cue.start), None)
        target = right or left
        if target:
            governed[target.start].append(cue)
    return governed


def _object_vote(
    sentence: Sentence, candidate: Candidate, item: Found[Cue], governing: Sequence[Found[Cue]], kinds: set[Kind],
    pursuers: Pursuers,
) -> Vote | None:
    group = FAMILY_GROUPS[item.value.family]
    sign = item.value.value * (-1) ** len(governing)
    weight = item.value.weight + (0.3 if governing or kinds & {Kind.KEEP, Kind.THREAT, Kind.DEMAND, Kind.CONCEDE} else 0.0)
    if Kind.THREAT in kinds and (item.value.value < 0 or group == "force"):
        return Vote(group, -1, 1.0)
    if pursuers.get(group, candidate.side) != candidate.side and item.value.value < 0:
        return Vote(group, _as_outsider(group, governing, kinds), min(1.0, weight))
    if group == "pressure" and Kind.DEFY in kinds and item.value.value < 0:
        return Vote(group, -1, 1.0)
    if group != "talks" and _is_demand_on_other(sentence, candidate, item, governing, kinds):
        sign = -1
    return Vote(group, sign, min(1.0, weight))


def _as_outsider(group: str, governing: Sequence[Found[Cue]], kinds: set[Kind]) -> int:
    """To speak of what only the other side has is to demand or to defy, unless it is to concede."""
    if group == "nuclear" and Kind.CONCEDE in kinds:
        return (-1) ** len(governing)
    return -1


def _is_demand_on_other(
    sentence: Sentence, candidate: Candidate, item: Found[Cue], governing: Sequence[Found[Cue]], kinds: set[Kind]
) -> bool:
    """`They cannot have ...`, `B must stop ...`: to forbid the other side something is no accommodation."""
    words = {sentence.lower(i) for i in range(max(0, item.start - 10), item.start)}
    other = bool(words & {"they", "their"}) or any(
        sentence.tokens[max(0, item.start - 12)].start <= start < sentence.tokens[item.start].start
        for start, _ in candidate.foreign
    )
    forbids = bool(governing) and bool(words & _MODALS or Kind.DEMAND in kinds or Kind.NEGATE in kinds)
    return other and forbids


def _is_others_deed(sentence: Sentence, candidate: Candidate, item: Found[Cue], kinds: set[Kind]) -> bool:
    """Whether an object of force belongs to the other side, so that it says nothing of the holder's own position."""
    if FAMILY_GROUPS[item.value.family] not in ("force", "pressure") or item.value.value > 0:
        return False
    if kinds & {Kind.THREAT}:
        return False
    first = sentence.tokens[max(0, item.start - 5)].start
    near = [span for span in candidate.foreign if first <= span[0] < sentence.tokens[item.start].start]
    return bool(near) and candidate.role is Role.SPEAKER and not any(
        sentence.lower(i) in ("on", "against", "to", "at", "be", "hit") for i in range(max(0, item.start - 3), item.start)
    )
