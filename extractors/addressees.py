"""To whom talks and sanctions are addressed: talks with Cuba are no word to the other side, though it be named.

Shallow on purpose, and careful: a third party is only what is written with a capital after the preposition, in a
sentence in which that means something, and one thing of the kind that names nobody else leaves the others their doubt.
"""

from __future__ import annotations

from collections.abc import Iterator

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
_ENDS = words_of("after amid as before but during if in over that to when where which while who with") | set(
    ",;:.-–—()"
)


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
        return False
    named = list(_complement(sentence, at + 1))
    return bool(named) and all(i not in sentence.mention_at for i in named)


def _complement(sentence: Sentence, first: int) -> Iterator[int]:
    """The names after a preposition, up to where something else begins."""
    for i in range(first, min(first + _WITHIN, len(sentence.tokens))):
        if sentence.lower(i) in _ENDS:
            return
        if i in sentence.mention_at or (sentence.tokens[i].text[0].isupper() and sentence.lower(i) not in DAYS):
            yield i


def _is_title_cased(sentence: Sentence) -> bool:
    """Whether capitals tell nothing: `Talks With Top Officials`."""
    words = [
        token.text
        for i, token in enumerate(sentence.tokens)
        if i and len(token.text) > 3 and token.text.isalpha() and i not in sentence.mention_at
    ]
    return sum(word[0].isupper() for word in words) > len(words) / 2
