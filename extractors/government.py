"""Which operators govern which object: the chain from the outermost operator to the innermost, for each object.

English puts an operator before its object (`rules out talks`) or, as a predicate, after it (`talks are ruled out`).
A noun that contains another passes its operators on (`rejects the offer of talks`), and so does coordination (`will
not negotiate or stop enrichment`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from extractors.chains import OPERATORS, Chain
from extractors.cues import Cue, Kind
from extractors.grammar import Sentence
from extractors.phrases import Found
from extractors.reach import Reach, reach, stands_alone
from extractors.vocabulary import AIMS, CONTAINERS, COORDINATORS, LINKS, OFFERS, PLANS, QUOTES, TOPIC_LINKS


@dataclass(frozen=True, slots=True)
class Governed:
    """An object with its operators, outermost first."""

    item: Found[Cue]
    chain: Chain
    topic: bool = False
    """Only named as what is talked about: `talks on its missiles`."""


def govern(sentence: Sentence, cues: Sequence[Found[Cue]]) -> list[Governed]:
    """The objects of a clause in order, each with its chain."""
    objects = _objects(sentence, cues)
    operators = [cue for cue in cues if cue.value.kind in OPERATORS and cue not in objects]
    operators = [cue for cue in operators if not _is_aim(sentence, cue, objects)]
    operators = list(_uncoordinated(sentence, operators, objects))
    reached = reach(sentence, operators, objects)
    found: list[Governed] = []
    for item in objects:
        own = Governed(item, _nested(sentence, reached, item))
        found.append(_inherited(sentence, found[-1], own) if found else own)
    return list(_voiced(sentence, found))


def _nested(sentence: Sentence, reached: Reach, item: Found[Cue]) -> Chain:
    """Outermost first: verbs before the object, what is told of the whole, and nouns that contain the object."""
    before, after = reached.before.get(item.start, ()), reached.after.get(item.start, ())
    nouns = (i for i, operator in enumerate(before) if operator.value.noun or _is_claim(sentence, operator))
    first = next(nouns, len(before))
    return (*before[:first], *after, *before[first:])


def _is_claim(sentence: Sentence, operator: Found[Cue]) -> bool:
    return sentence.lower(operator.end - 1) in ("demand", "demands", "threat", "threats", "warning", "warnings")


def _objects(sentence: Sentence, cues: Sequence[Found[Cue]]) -> list[Found[Cue]]:
    plain = [cue for cue in cues if cue.value.kind is Kind.OBJECT]
    alone = [cue for cue in cues if cue.value.kind is not Kind.OBJECT and cue.value.family]
    alone = [cue for cue in alone if stands_alone(cue, plain, len(sentence.tokens))]
    return _heads(sentence, sorted([*plain, *alone], key=lambda cue: cue.start))


def _heads(sentence: Sentence, objects: Sequence[Found[Cue]]) -> list[Found[Cue]]:
    """Objects that are not mere modifiers of the next noun: of `missile talks` the talks, of `strike plan` both."""
    return [
        item
        for item, after in zip_longest(objects, objects[1:])
        if not (after and after.start == item.end and _is_noun(after) and _modifies(sentence, item))
        or (after and item.value.family != "restraint" and after.value.weight < 1 <= item.value.weight)
    ]


def _is_noun(item: Found[Cue]) -> bool:
    return item.value.noun or item.value.kind is Kind.DEMAND


def _modifies(sentence: Sentence, item: Found[Cue]) -> bool:
    return item.value.noun or _head(sentence, item) == "military"


def _head(sentence: Sentence, item: Found[Cue]) -> str:
    return sentence.lower(item.end - 1)


def _uncoordinated(
    sentence: Sentence, operators: Sequence[Found[Cue]], objects: Sequence[Found[Cue]]
) -> Iterator[Found[Cue]]:
    """Without verbs that share their object with the next (`leave or suspend the talks`), and without their `nor`."""
    for operator, after in zip_longest(operators, operators[1:]):
        if sentence.lower(operator.start) == "nor" and any(o.start < operator.start for o in [*operators, *objects]):
            continue
        if after and sentence.lower(operator.end) in COORDINATORS and after.start in (operator.end, operator.end + 1):
            continue
        if _repeats(sentence, operator, operators):
            continue
        yield operator


def _is_aim(sentence: Sentence, operator: Found[Cue], objects: Sequence[Found[Cue]]) -> bool:
    """`Strikes against ...`, `force against B`: here `against` only says at whom."""
    if sentence.lower(operator.start) != "against":
        return False
    aimed = {operator.end, operator.end + (sentence.lower(operator.end) in ("the", "its", "all", "any"))}
    return any(item.end == operator.start for item in objects) or any(at in sentence.mention_at for at in aimed)


def _repeats(sentence: Sentence, operator: Found[Cue], operators: Sequence[Found[Cue]]) -> bool:
    """`dismisses ... as baseless`: the judgement says once more what the verb said."""
    at = operator.start - 1
    while sentence.lower(at) in QUOTES or sentence.lower(at) in ("a", "an", "the"):
        at -= 1
    if sentence.lower(at) != "as":
        return False
    return any(o.end <= at and o.value.kind is Kind.TURN for o in operators)


def _inherited(sentence: Sentence, before: Governed, own: Governed) -> Governed:
    """With the operators of the object before, where it contains this one or is coordinated with it."""
    between = [sentence.lower(i) for i in range(before.item.end, own.item.start)]
    if not own.chain and _is_aimed_at(before, own, between):
        return replace(own, chain=before.chain, topic=before.item.value.weight >= 1)
    if not between:
        return replace(own, chain=(*before.chain, *own.chain)) if _head(sentence, own.item) in OFFERS else own
    if _contains(sentence, before) and between and between[0] in LINKS and not set(between) & COORDINATORS:
        return replace(own, chain=(*before.chain, *own.chain))
    if between and between[0] in TOPIC_LINKS and before.item.value.family == "talks":
        return replace(own, topic=not own.chain)
    if _is_listed_with(sentence, before, own):
        return replace(own, chain=before.chain)
    if set(between) & {"or", "nor"}:
        return replace(own, chain=(*_shared(before, own), *own.chain))
    return own


def _is_aimed_at(before: Governed, own: Governed, between: Sequence[str]) -> bool:
    """Of one deed, only the first word counts: `hit missile sites`, `strikes on missile bases`, `enrich uranium`."""
    same = before.item.value.family == own.item.value.family
    verb = not before.item.value.noun and len(between) <= 3 and not set(between) & (COORDINATORS | {"to"})
    return same and (verb or bool(between and between[0] in AIMS))


def _is_listed_with(sentence: Sentence, before: Governed, own: Governed) -> bool:
    """`Cancels the drill and the strike`: the second of two nouns with nothing said of it alone."""
    between = range(before.item.end, own.item.start)
    nouns = before.item.value.noun and own.item.value.noun and not own.chain
    plain = len(between) <= 4 and not any(i in sentence.cue_at for i in between)
    same = before.item.value.family == own.item.value.family
    return nouns and plain and same and sentence.lower(before.item.end) == "and"


def _contains(sentence: Sentence, governed: Governed) -> bool:
    return _head(sentence, governed.item) in CONTAINERS


def _shared(before: Governed, own: Governed) -> Chain:
    """What the first of two coordinated objects passes on: all, or what stands above its verb if the second has one."""
    if not any(operator.value.kind is not Kind.NEGATE for operator in own.chain):
        return before.chain
    verbs = [i for i, operator in enumerate(before.chain) if operator.value.kind is not Kind.NEGATE]
    return before.chain[: verbs[-1]] if verbs else before.chain


def _voiced(sentence: Sentence, found: Sequence[Governed]) -> Iterator[Governed]:
    """Without plans that only contain the next object: a plan for strikes is no plan to talk."""
    for this, after in zip_longest(found, found[1:]):
        if after and _is_mere_plan(sentence, this, after):
            continue
        if found and this is not found[0] and _names_content_before(sentence, found, this):
            continue
        yield this


def _is_mere_plan(sentence: Sentence, this: Governed, after: Governed) -> bool:
    linked = sentence.lower(this.item.end) in LINKS and after.chain[: len(this.chain)] == this.chain
    return linked and _head(sentence, this.item) in PLANS


def _names_content_before(sentence: Sentence, found: Sequence[Governed], this: Governed) -> bool:
    mere = _head(sentence, this.item) in PLANS
    return mere and any(other.item.end == this.item.start for other in found)
