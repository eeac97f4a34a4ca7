"""Cues: what the words of news about conflict and diplomacy do in a sentence.

Objects (`object_words`) are what positions are about, with the direction that they have when a side pursues them.
Operators (`operator_words`) keep, turn or suspend the direction of their object: to *postpone* (turn) a *strike* (-1)
accommodates (+1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from extractors import operator_words as words
from extractors.inflection import forms, number_forms
from extractors.object_words import OBJECTS


class Kind(StrEnum):
    """What a cue does in a sentence."""

    OBJECT = "object"
    KEEP = "keep"
    TURN = "turn"
    NEGATE = "negate"
    SUSPEND = "suspend"
    INERT = "inert"
    THREAT = "threat"
    COMMIT = "commit"
    CONDEMN = "condemn"
    DEFY = "defy"
    CONCEDE = "concede"
    DEMAND = "demand"
    REPORT = "report"
    BREAK = "break"
    IF = "if"


@dataclass(frozen=True, slots=True)
class Cue:
    """What a phrase means. `family` and `value` are set for objects: the kind of event, and its direction."""

    kind: Kind
    family: str = ""
    value: int = 0
    weight: float = 1.0
    noun: bool = False
    """A thing or an event, never a verb: after a country's name, `missiles` is what it fired."""
    kept: int = 1
    """Of operators: polarity of what they govern, where they hold themselves (+1, -1, or 0: left open)."""
    denied: int = -1
    """The same where they are denied."""
    near: bool = False
    """Governs only what stands right after it."""
    own: bool = False
    """Whoever does this to a threat or a demand is the one who made it."""


def _operator(kind: Kind, signature: tuple[int, int] = words.KEEPING, *, noun: bool = False, near: bool = False) -> Cue:
    return Cue(kind, noun=noun, kept=signature[0], denied=signature[1], near=near)


_TURNING = _operator(Kind.TURN, words.TURNING)
NOT = _operator(Kind.NEGATE, words.TURNING)
"""What `n't` is."""
_VERBS = (
    (Cue(Kind.REPORT), words.REPORT),
    (_operator(Kind.KEEP), words.KEEP),
    (_operator(Kind.KEEP, words.AFFIRMED), words.AFFIRM),
    (_TURNING, words.TURN),
    (replace(_TURNING, own=True), words.OWN_GIVEN_UP),
    (_operator(Kind.TURN, words.TURNING, near=True), words.TURN_NEAR),
    (_operator(Kind.SUSPEND, words.OPEN), words.SUSPEND),
    (Cue(Kind.CONDEMN), words.CONDEMN),
    (_operator(Kind.CONDEMN, words.TURNING), words.DISAPPROVE),
    (_operator(Kind.DEMAND), words.DEMAND),
    (Cue(Kind.DEFY), words.DEFY),
    (_operator(Kind.CONCEDE), words.CONCEDE),
)
_THREATS = ((_operator(Kind.THREAT), words.THREAT), (_operator(Kind.COMMIT), words.COMMIT))
_FIXED = (
    (NOT, words.NEGATE),
    (Cue(Kind.INERT), words.INERT),
    (Cue(Kind.IF), words.IF),
)
_CLAIM = Cue(Kind.DEMAND, "talks", 1, 0.5)
"""`Demand` with a complement is an operator; alone (`rejects the demands`) it is what one talks about."""


def _phrases(text: str) -> Iterator[str]:
    return (" ".join(word.split()) for word in text.split(",") if word.strip())


def _inflected(rows: tuple[tuple[Cue, str], ...]) -> Iterator[tuple[str, Cue]]:
    for cue, text in rows:
        for phrase in _phrases(text):
            yield from ((form, cue) for form in sorted(forms(phrase)))


def _objects() -> Iterator[tuple[str, Cue]]:
    for family, value, weight, noun, text in sorted(OBJECTS, key=lambda row: row[3]):
        for phrase in _phrases(text):
            shapes = number_forms(phrase) if noun else {*forms(phrase), *_owned(phrase)}
            yield from ((form, Cue(Kind.OBJECT, family, value, weight, noun)) for form in sorted(shapes))


OWNERS = ("its", "his", "her", "their", "our")
DETERMINED = frozenset({"a", "an", "the", "to", "of", "from", "out", "off", "in", "on", *OWNERS})


def _owned(phrase: str) -> set[str]:
    """`hold fire` is also `holds its fire`."""
    verb, _, rest = phrase.partition(" ")
    if not rest or rest.split()[0] in DETERMINED:
        return set()
    return {form for owner in OWNERS for form in forms(f"{verb} {owner} {rest}")}


def _self_standing() -> Iterator[tuple[str, Cue]]:
    for family, value, signature, text in words.SELF_STANDING:
        kind = Kind.TURN if signature == words.TURNING else Kind.KEEP
        cue = replace(_operator(kind, signature, near=True), family=family, value=value)
        yield from ((form, cue) for phrase in _phrases(text) for form in sorted(forms(phrase)))


def _turning_nouns() -> Iterator[tuple[str, Cue]]:
    cue = _operator(Kind.TURN, words.TURNING, noun=True)
    return ((form, cue) for word in _phrases(words.TURN_NOUNS) for form in sorted(number_forms(word)))


def entries() -> list[tuple[str, Cue]]:
    """Phrases with what they mean; where one stands under two heads, the later holds."""
    return [
        *_inflected(_VERBS),
        *_objects(),
        *((form, _CLAIM) for form in ("demand", "demands")),
        *_turning_nouns(),
        *_self_standing(),
        *_inflected(_THREATS),
        *((phrase, cue) for cue, text in _FIXED for phrase in _phrases(text)),
        *((word, Cue(Kind.BREAK)) for word in words.BREAK.split()),
    ]
