"""Which way a clause leans: the polarity of objects, turned by the verbs and negations that govern them.

A cosine cannot do this: `rules out talks` and `does not rule out talks` are near neighbours. Composition can:
talks (+), ruled out (turned), not (turned back).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.candidates import Candidate, Role
from extractors.chains import Chain, acts, polarity, turns
from extractors.cues import Cue, Kind
from extractors.government import Governed, govern
from extractors.grammar import Sentence
from extractors.object_words import FAMILY_GROUPS
from extractors.phrases import Found
from extractors.reach import told_of
from extractors.vocabulary import BACKGROUND, BARRING, EASING, FORBIDDING, PRONOUNS, WELCOMING

Pursuers = Mapping[str, str]
"""Group of cue families to the one side that has the thing: the programme to be limited, the sanctions to be lifted."""

_ENGAGED = frozenset({Kind.KEEP, Kind.THREAT, Kind.COMMIT, Kind.DEMAND, Kind.CONCEDE})
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
        threat = cue.value.kind is Kind.THREAT
        if threat or (cue.value.kind is Kind.OBJECT and cue.value.value < 0 and cue.value.weight >= 1):
            group = "force" if threat else FAMILY_GROUPS[cue.value.family]
            told = told_of(sentence, cue)
            given_up = any(operator.value.own for operator in told) and polarity(told) < 0
            return [Vote(group, 1 if given_up else -1, 1.0)]
    return []


def _cues_in(sentence: Sentence, candidate: Candidate) -> list[Found[Cue]]:
    start, end = candidate.scope
    return [cue for cue in sentence.cues if start <= sentence.tokens[cue.start].start < end]


def _clauses(sentence: Sentence, candidate: Candidate) -> list[_Clause]:
    clauses: list[_Clause] = []
    current: list[Found[Cue]] = []
    background = conditional = False
    for cue in _cues_in(sentence, candidate):
        if not _divides(sentence, cue, current):
            current.append(cue)
            continue
        clauses.append(_Clause(tuple(current), background, conditional))
        same_subject = sentence.lower(cue.end) in PRONOUNS
        current, conditional = [], cue.value.kind is Kind.IF
        background = sentence.lower(cue.start) in BACKGROUND and not same_subject
    return [*clauses, _Clause(tuple(current), background, conditional)]


def _divides(sentence: Sentence, cue: Found[Cue], before: Sequence[Found[Cue]]) -> bool:
    """Whether a clause begins: not at `as a trap`, but at the condition in `no truce without a treaty`."""
    word = sentence.lower(cue.start)
    if word == "without":
        return any(other.value.kind is Kind.NEGATE for other in before)
    if cue.value.kind not in (Kind.BREAK, Kind.IF):
        return False
    if word != "as":
        return True
    at = cue.end + (sentence.lower(cue.end) in ("a", "an", "the"))
    judged = sentence.cue_at.get(at) or sentence.cue_at.get(at + 1)
    return judged is None or judged.value.kind is not Kind.TURN or sentence.lower(judged.start).endswith("ing")


@dataclass(frozen=True, slots=True)
class _Judge:
    sentence: Sentence
    candidate: Candidate
    pursuers: Pursuers

    def clause(self, clause: _Clause) -> list[Vote]:
        governed = govern(self.sentence, clause.cues)
        own = [each for each in governed if not self._is_others_deed(each.item, clause.kinds) and _states(each)]
        found = [self._vote(each, clause) for each in own]
        return [*found, *_implied(self.sentence, clause, governed, found)]

    def _vote(self, governed: Governed, clause: _Clause) -> Vote:
        item, chain, kinds = governed.item, governed.chain, clause.kinds
        group, value = FAMILY_GROUPS[item.value.family], item.value.value
        if group == "force" and value < 0:
            chain = tuple(operator for operator in chain if operator.value.kind is not Kind.CONDEMN)
        lean = polarity(chain)
        weight = min(1.0, item.value.weight + (_ENGAGEMENT if turns(chain) or kinds & _ENGAGED else 0.0))
        if lean == 0:
            return Vote(group, 0, weight)
        if item.value.family == "submission":
            return Vote(group, 1 if lean > 0 and not self._is_asked_of_other(item, kinds) else -1, weight)
        if item.value.kind is Kind.DEMAND:
            return Vote(group, -lean if any(operator.value.own for operator in chain) else lean, weight)
        if Kind.THREAT in kinds and (value < 0 or group == "force"):
            threat = self._threat(clause, governed)
            if threat:
                return Vote(group, -threat, 1.0)
        if Kind.COMMIT in kinds and value < 0:
            weight = 1.0
        if self._is_outsider(group) and value < 0 and not (group == "pressure" and self._aims_at_other(item)):
            return Vote(group, self._as_outsider(group, item, chain, kinds), weight)
        if group == "pressure" and Kind.DEFY in kinds and value < 0:
            return Vote(group, -1, 1.0)
        if group != "talks" and turns(chain) and self._is_demand_on_other(item, kinds):
            return Vote(group, -polarity(_above_demand(chain)), weight)
        return Vote(group, value * lean, weight)

    def _is_outsider(self, group: str) -> bool:
        return self.pursuers.get(group, self.candidate.side) != self.candidate.side

    def _aims_at_other(self, item: Found[Cue]) -> bool:
        """`Tariffs on B`: whoever speaks of them has them."""
        if self.sentence.lower(item.end) not in ("on", "against"):
            return False
        near = (self.sentence.mention_at.get(i) for i in range(item.end + 1, item.end + 4))
        starts = {start for start, _ in self.candidate.foreign}
        return any(mention is not None and mention.start in starts for mention in near)

    def _threat(self, clause: _Clause, governed: Governed) -> int:
        threat = next(cue for cue in clause.cues if cue.value.kind is Kind.THREAT)
        compound = threat.start == governed.item.end
        above = [o for o in governed.chain if compound or not threat.start <= o.start < governed.item.start]
        return _threat_polarity(self.sentence, threat, above)

    def _as_outsider(self, group: str, item: Found[Cue], chain: Chain, kinds: set[Kind]) -> int:
        """To speak of what only the other side has is to demand or to defy, unless it is to concede."""
        if any(operator.value.kind is Kind.DEMAND for operator in chain):
            return -polarity(_above_demand(chain))
        if group != "nuclear" or Kind.CONDEMN in kinds:
            return self._of_relief(group, chain)
        ruled = [o for o in chain if o.value.kind in (Kind.TURN, Kind.NEGATE, Kind.CONCEDE)]
        if not ruled or self._is_told_of_other(ruled[0], item):
            return -1
        return polarity(ruled)

    def _of_relief(self, group: str, chain: Chain) -> int:
        """To welcome or accept that pressure ends is to accommodate; to demand it or to defy it is not."""
        ends = [i for i, o in enumerate(chain) if o.value.own or self.sentence.lower(o.start) in EASING]
        above = chain[: ends[-1]] if ends else ()
        welcomes = any(o.value.kind is Kind.CONCEDE or self.sentence.lower(o.start) in WELCOMING for o in above)
        return polarity(acts(above)) if group == "pressure" and welcomes else -1

    def _is_told_of_other(self, first: Found[Cue], item: Found[Cue]) -> bool:
        """Whether the other side is named as what acts right before the first operator: `B has not stopped ...`."""
        near = [self.sentence.mention_at.get(i) for i in range(max(0, first.start - 3), first.start)]
        named = {mention.start for mention in near if mention is not None}
        allows = first.value.kind is Kind.CONCEDE
        return first.start < item.start and not allows and any(start in named for start, _ in self.candidate.foreign)

    def _is_demand_on_other(self, item: Found[Cue], kinds: set[Kind]) -> bool:
        """`They cannot have ...`, `B must stop ...`: to forbid the other side something is no accommodation."""
        room = range(max(0, item.start - 10), item.start)
        theirs = any(self.sentence.lower(i) == "their" for i in room)
        if theirs and any(self.sentence.lower(i) in FORBIDDING for i in room):
            return True
        return any(self._is_bound(i) for i in room) or (Kind.DEMAND in kinds and self._names_other(item, room=12))

    def _is_bound(self, at: int) -> bool:
        """Whether the other side stands there and may or must not: `they cannot`, `B must`, `prevents B from`."""
        mention = self.sentence.mention_at.get(at)
        foreign = mention is not None and any(mention.start == start for start, _ in self.candidate.foreign)
        if not foreign and self.sentence.lower(at) != "they":
            return False
        if foreign and self.sentence.lower(at - 1) in BARRING:
            return True
        return any(self.sentence.lower(at + step) in FORBIDDING for step in (1, 2))

    def _is_asked_of_other(self, item: Found[Cue], kinds: set[Kind]) -> bool:
        return Kind.DEMAND in kinds or self._names_other(item, room=6)

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


def _states(governed: Governed) -> bool:
    """Whether an object says something: not what is only talked about, nor demands with which nothing is done."""
    return not governed.topic and (governed.item.value.kind is not Kind.DEMAND or bool(governed.chain))


def _above_demand(chain: Chain) -> Chain:
    """What acts on the demand itself: of `drops the demand to scrap ...`, `drops`."""
    at = [i for i, operator in enumerate(chain) if operator.value.kind is Kind.DEMAND]
    return chain[: at[-1]] if at else ()


def _threat_polarity(sentence: Sentence, threat: Found[Cue], above: Sequence[Found[Cue]]) -> int:
    """+1 where a threat stands, -1 where its owner gives it up (`drops its threat`), 0 for none (`no threat`).

    What only others do to a threat (`shrugs off the threat`) leaves it standing.
    """
    done = acts(above)
    if any(operator.value.own for operator in done):
        return polarity(done)
    negated = bool(done) and done[-1].value.kind is Kind.NEGATE and 0 <= threat.start - done[-1].end <= 2
    if not negated:
        return 1
    return polarity(done) if sentence.lower(threat.start).startswith("threaten") else 0


def _implied(sentence: Sentence, clause: _Clause, governed: Sequence[Governed], found: Sequence[Vote]) -> list[Vote]:
    """A threat without another object is one of force; to condemn an attack is to stand against who made it."""
    of_force = any(FAMILY_GROUPS[each.item.value.family] == "force" for each in governed)
    votes = [Vote("force", -1, 1.0)] * (Kind.CONDEMN in clause.kinds and of_force)
    threats = [cue for cue in clause.cues if cue.value.kind in (Kind.THREAT, Kind.COMMIT)]
    if threats and all(vote.group == "talks" and vote.sign > 0 for vote in found):
        last = max((each.item.end for each in governed if each.item.end <= threats[0].start), default=0)
        above = [cue for cue in clause.cues if last <= cue.start < threats[0].start]
        sign = -_threat_polarity(sentence, threats[0], above)
        votes += [Vote("force", sign, 1.0)] * (sign != 0)
    return votes
