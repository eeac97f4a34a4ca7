"""Where an operator reaches: to the object after it (`rules out talks`), or to the one before (`talks are dead`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from extractors.chains import OPERATORS, Chain
from extractors.cues import Cue, Kind
from extractors.grammar import Sentence
from extractors.phrases import Found
from extractors.vocabulary import ADVERBS, AFTER_VERB, BE, COORDINATORS, DAYS, EXPLETIVES, PERFECT_OR_MODAL, POST_NOUNS

_RIGHT_ONLY = frozenset(["without", "zero", "nor", "none"])
"""Negations that stand before what they negate, never after."""
_NEAR = 4
"""Tokens that an operator marked `near` reaches, determiners and adjectives included."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Operators by the start of the object that they govern."""

    before: dict[int, list[Found[Cue]]] = field(default_factory=dict)
    """From before it."""
    after: dict[int, list[Found[Cue]]] = field(default_factory=dict)
    """As its predicates."""


def reach(sentence: Sentence, operators: Sequence[Found[Cue]], objects: Sequence[Found[Cue]]) -> Reach:
    """Which object each operator governs; both in order of the text."""
    found, back = Reach(), None
    for operator in reversed(operators):
        left = next((item for item in reversed(objects) if item.end <= operator.start), None)
        right = _right(sentence, operator, objects)
        goes_back = _is_predicate(sentence, operator, back) or (right is None and _reaches_back(sentence, operator))
        back = operator if left and goes_back else None
        if left and goes_back:
            told = found.after.setdefault(left.start, [])
            if operator.value.kept < 1 and not (told and _coordinated(sentence, operator, told[0])):
                told.insert(0, operator)
        elif right:
            found.before.setdefault(right.start, []).insert(0, operator)
    return found


def stands_alone(cue: Found[Cue], objects: Sequence[Found[Cue]], size: int) -> bool:
    """Whether a cue that may govern finds no object to govern, in a sentence of `size` tokens."""
    room = _NEAR if cue.value.near else size
    return not any(0 <= item.start - cue.end <= room for item in objects)


def _right(sentence: Sentence, operator: Found[Cue], objects: Sequence[Found[Cue]]) -> Found[Cue] | None:
    right = next((item for item in objects if item.start >= operator.end), None)
    if right is None or sentence.lower(operator.end) in COORDINATORS:
        return None
    return None if operator.value.near and right.start - operator.end > _NEAR else right


def told_of(sentence: Sentence, item: Found[Cue]) -> Chain:
    """The operators that predicates make of a noun: `the threat of strikes was never withdrawn`."""
    later = [cue for cue in sentence.cues if cue.start >= item.end]
    stop = next((cue.start for cue in later if cue.value.kind in (Kind.BREAK, Kind.IF)), len(sentence.tokens))
    chain: list[Found[Cue]] = []
    back: Found[Cue] | None = None
    for cue in reversed([cue for cue in later if cue.start < stop and cue.value.kind in OPERATORS]):
        back = cue if _is_predicate(sentence, cue, back) else None
        if back is not None:
            chain.insert(0, back)
    return tuple(chain)


def _coordinated(sentence: Sentence, first: Found[Cue], second: Found[Cue]) -> bool:
    """`Is wrong and will not be repeated`: two predicates that say the same, not one of the other."""
    return any(sentence.lower(i) in ("and", "or", "but") for i in range(first.end, second.start))


def _reaches_back(sentence: Sentence, operator: Found[Cue]) -> bool:
    if operator.value.kind in (Kind.TURN, Kind.SUSPEND):
        return not operator.value.noun and _has_no_object(sentence, operator.end)
    return operator.value.kind is Kind.NEGATE and sentence.lower(operator.start) not in _RIGHT_ONLY


def _has_no_object(sentence: Sentence, at: int) -> bool:
    """`Talks stall in Geneva`, not `talks to defuse the row`: that verb has an object, if one that we do not know."""
    word = sentence.lower(at)
    return not word[:1].isalnum() or word in AFTER_VERB or word in DAYS or word.endswith("ly")


def _is_predicate(sentence: Sentence, operator: Found[Cue], back: Found[Cue] | None) -> bool:
    """Whether it says something of a noun before it: `talks are dead`, `sanctions will be lifted`, and their `not`."""
    if operator.value.kind is Kind.NEGATE:
        return back is not None and back.start - operator.end <= 3
    first = sentence.lower(operator.start)
    if first in BE:
        return sentence.lower(operator.start - 1) not in EXPLETIVES
    if operator.value.kind not in (Kind.TURN, Kind.KEEP) or operator.value.noun or first.endswith("ing"):
        return False
    return _is_post_noun(sentence, operator) or _follows_be(sentence, operator.start)


def _is_post_noun(sentence: Sentence, operator: Found[Cue]) -> bool:
    """`The enrichment freeze`."""
    item = sentence.cue_at.get(operator.start - 1)
    noun = item is not None and item.value.kind is Kind.OBJECT and item.value.noun
    return noun and sentence.lower(operator.end - 1) in POST_NOUNS


def _follows_be(sentence: Sentence, at: int) -> bool:
    at -= 1
    passive = False
    while sentence.lower(at) in ADVERBS or sentence.lower(at).endswith(("ly", "n't")):
        passive = passive or sentence.lower(at) in BE
        at -= 1
    while sentence.lower(at) in PERFECT_OR_MODAL:
        at -= 1
    return passive and sentence.lower(at) not in EXPLETIVES
