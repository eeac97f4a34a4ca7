"""To whom talks and sanctions are addressed: talks with Cuba are no word to the other side, though it be named.

Shallow on purpose, and careful: a third party is only what is written with a capital after the preposition, or before
sanctions, in a sentence in which that means something; and all things of the kind must have one.
"""

from __future__ import annotations

from itertools import takewhile

from extractors.cues import Cue, Kind
from extractors.grammar import Sentence
from extractors.phrases import Found
from extractors.vocabulary import DAYS, words_of

_PREPOSITIONS = {"talks": frozenset(("with",)), "pressure": frozenset(("on", "against", "for"))}
_FAMILIES = {"talks": "talks", "pressure": "pressure", "relief": "pressure"}
GROUPS = frozenset(_PREPOSITIONS)
"""Groups of cue families whose objects have an addressee; force has its target and a programme is one's own."""
_BEFORE = 3
"""Tokens between an object and its preposition: `talks on Friday with`."""
_WITHIN = 6
_MODIFIERS = 2
_PLACED = words_of("blockade blockades")
"""Before these stands where they are, too."""
_ENDS = words_of("""
    after amid as before but during if in that to when where which while who with , ; : . ( ) – —""")
_ENDS_OF = {"talks": _ENDS | words_of("about on over"), "pressure": _ENDS}
"""Where a phrase ends. After `over` comes what talks are about, no longer whom they are with; of sanctions the reason,
which counts."""


def addressed_elsewhere(sentence: Sentence) -> frozenset[str]:
    """The groups whose every object in the sentence has a third party as its complement."""
    if _is_title_cased(sentence):
        return frozenset()
    found: dict[str, bool] = {}
    for cue in sentence.cues:
        group = _group(cue)
        if group:
            found[group] = found.get(group, True) and _has_third_party(sentence, cue, group)
    return frozenset(group for group, everything in found.items() if everything)


def _group(cue: Found[Cue]) -> str | None:
    whole = cue.value.kind is Kind.OBJECT and cue.value.weight == 1
    return _FAMILIES.get(cue.value.family) if whole else None


def _has_third_party(sentence: Sentence, cue: Found[Cue], group: str) -> bool:
    # `Talk with` and `engage with` are cues that hold the preposition themselves.
    near = range(cue.end - 1, min(cue.end + _BEFORE, len(sentence.tokens)))
    at = next((i for i in near if sentence.lower(i) in _PREPOSITIONS[group]), None)
    if at is None:
        return group == "pressure" and _is_somebody_elses(sentence, cue)
    return _is_third_party(sentence, at + 1, _ENDS_OF[group])


def _is_third_party(sentence: Sentence, first: int, ends: frozenset[str]) -> bool:
    """Whether what follows a preposition names somebody, and up to where something else begins neither side."""
    after = range(first, len(sentence.tokens))
    phrase = list(takewhile(lambda i: sentence.lower(i) not in ends, after))
    if any(i in sentence.mention_at for i in phrase):
        return False
    return any(sentence.tokens[i].text[0].isupper() and sentence.lower(i) not in DAYS for i in phrase[:_WITHIN])


def _is_somebody_elses(sentence: Sentence, cue: Found[Cue]) -> bool:
    """`Finnish oil sanctions`, `Finland's waiver`; of talks that is where they are held (`the Geneva talks`)."""
    if sentence.lower(cue.end - 1) in _PLACED:
        return False
    for i in range(cue.start - 1, max(0, cue.start - 1 - _MODIFIERS), -1):
        if i in sentence.mention_at or sentence.lower(i) in _ENDS:
            return False
        if sentence.tokens[i].text[0].isupper() and i not in sentence.cue_at:
            return True
    return False


def _is_title_cased(sentence: Sentence) -> bool:
    """Whether capitals tell nothing: `Talks With Top Officials`."""
    words = [
        token.text
        for i, token in enumerate(sentence.tokens)
        if i and len(token.text) > 3 and token.text.isalpha() and i not in sentence.mention_at
    ]
    return sum(word[0].isupper() for word in words) > len(words) / 2
