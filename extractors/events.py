"""Deeds and threats named in a noun: `X's threat`, `X-Y strikes`, `struck by X`. They count even in passing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extractors.actors import Mention, Naming
from extractors.candidates import Role
from extractors.cues import Cue, Kind
from extractors.grammar import Sentence
from extractors.vocabulary import (
    ACCUSING,
    BE,
    DASHES,
    DAYS,
    EVENT_NOUNS,
    FUNCTION_WORDS,
    HYPOTHETICAL,
    NOT_EVENTS,
    THREAT_NOUNS,
)

_ADJECTIVE_ROOM = 4


@dataclass(frozen=True, slots=True)
class Tie:
    """A mention, and the tokens[first:last] where its position would stand."""

    mention: Mention
    role: Role
    first: int
    last: int
    verb: str


def events(sentence: Sentence) -> Iterator[Tie]:
    """One tie for each mention that a noun, or a verb with `by`, makes the doer of force or threat."""
    for mention in sentence.mentions:
        if _hits_third_party(sentence, mention.side):
            continue
        places = (_accused_of(sentence, mention), _after(sentence, mention), _before(sentence, mention))
        at = next((place for place in places if place is not None), None)
        if at is not None:
            cue = sentence.cue_at[at]
            yield Tie(mention, Role.EVENT, cue.start, cue.end, sentence.lower(at))
        verb = _passive(sentence, mention)
        if verb is not None:
            yield Tie(mention, Role.AGENT, _clause_start(sentence, verb), verb + 1, sentence.lower(verb))


def _passive(sentence: Sentence, mention: Mention) -> int | None:
    """The participle of `sanctions were lifted by X`."""
    by = mention.first - 1 - (sentence.lower(mention.first - 1) == "the")
    cue = sentence.cue_at.get(by - 1)
    if sentence.lower(by) != "by" or cue is None or cue.value.kind not in (Kind.TURN, Kind.KEEP, Kind.CONCEDE):
        return None
    passive = any(sentence.lower(i) in BE for i in range(max(0, cue.start - 3), cue.start))
    return cue.end - 1 if passive else None


def _clause_start(sentence: Sentence, at: int) -> int:
    breaks = [cue.end for cue in sentence.cues if cue.end <= at and cue.value.kind is Kind.BREAK]
    return breaks[-1] if breaks else 0


def _is_force(cue: Cue) -> bool:
    """Whether a cue surely means the use of force."""
    return cue.kind is Kind.OBJECT and cue.family == "force" and cue.weight >= 1


def _after(sentence: Sentence, mention: Mention) -> int | None:
    """`X's strikes`, `X-Y air strikes`, `X threat`."""
    owned = sentence.lower(mention.last) == "'s"
    at, joint = _after_partner(sentence, mention.last + owned)
    owner = owned or joint or mention.naming is Naming.DEMONYM or _is_acronym(sentence, mention)
    for i in range(at, min(at + _ADJECTIVE_ROOM, len(sentence.tokens))):
        cue = sentence.cue_at.get(i)
        if cue and cue.value.kind is Kind.THREAT:
            return i if (owner or mention.naming is Naming.PERSON) and _is_threat_noun(sentence, i) else None
        if cue and _is_force(cue.value):
            acts = any(s.mention == mention and at <= s.verb < i for s in sentence.subjects)
            return i if owner and not acts and _is_event_noun(sentence, mention, i) else None
        if not _is_modifier(sentence, i):
            return None
    return None


def _before(sentence: Sentence, mention: Mention) -> int | None:
    """`attacks by X`, `strikes from the X`, `struck by X`."""
    at = mention.first - 1
    at -= sentence.lower(at) == "the"
    if sentence.lower(at) not in ("by", "from") or _is_hypothetical(sentence, at - 2):
        return None
    for i in range(at - 1, max(-1, at - 3), -1):
        cue = sentence.cue_at.get(i)
        if cue and _is_force(cue.value):
            return None if _is_hypothetical(sentence, cue.start) else i
    return None


def _accused_of(sentence: Sentence, mention: Mention) -> int | None:
    """`accuses X of launching an attack`: told as a deed."""
    at = mention.last
    if sentence.lower(at) != "of" or sentence.lower(mention.first - 1) not in ACCUSING:
        return None
    room = range(at + 1, min(at + 8, len(sentence.tokens)))
    return next((i for i in room if i in sentence.cue_at and _is_force(sentence.cue_at[i].value)), None)


def _after_partner(sentence: Sentence, at: int) -> tuple[int, bool]:
    """Past a partner in the deed: `-British`, ` and British`, `, Britain`. True where there is one."""
    if sentence.lower(at) not in DASHES | {"and", ",", "/", "&"}:
        return at, False
    partner = sentence.mention_at.get(at + 1)
    if partner is not None:
        return partner.last, True
    if at + 1 < len(sentence.tokens) and sentence.tokens[at + 1].text[0].isupper():
        return at + 2 + (sentence.lower(at + 2) == "'s"), True
    return at, False


def _is_event_noun(sentence: Sentence, mention: Mention, at: int) -> bool:
    cue = sentence.cue_at[at]
    is_noun = cue.value.noun or sentence.lower(at) in EVENT_NOUNS
    is_predicate = any(s.mention == mention and s.verb == at for s in sentence.subjects)
    is_thing = sentence.lower(cue.end) in NOT_EVENTS
    return is_noun and not is_predicate and not is_thing and not _is_hypothetical(sentence, mention.first)


def _is_acronym(sentence: Sentence, mention: Mention) -> bool:
    """Acronyms and titles stand before a noun as adjectives do; a country's plain name may be its target."""
    name = sentence.text[mention.start : mention.end].replace(".", "")
    return mention.naming is Naming.TITLE or (name.isupper() and len(name) <= 4)


def _is_threat_noun(sentence: Sentence, at: int) -> bool:
    around = sentence.lower(at - 1) in ("no", "any") or sentence.lower(at + 1) == "of"
    return sentence.lower(at) in THREAT_NOUNS and not around


def _is_hypothetical(sentence: Sentence, first: int) -> bool:
    return any(sentence.lower(i) in HYPOTHETICAL for i in range(max(0, first - 3), first))


def _is_modifier(sentence: Sentence, at: int) -> bool:
    token = sentence.tokens[at]
    inside = at in sentence.mention_at or token.text in DASHES
    return inside or (token.text[0].isalnum() and token.lower not in FUNCTION_WORDS)


def _hits_third_party(sentence: Sentence, side: str) -> bool:
    """Force against a named place of neither side, in a sentence without the other side: another conflict."""
    if any(mention.side != side for mention in sentence.mentions):
        return False
    return any(_is_foreign_target(sentence, cue.end) for cue in sentence.cues if cue.value.family == "force")


def _is_foreign_target(sentence: Sentence, at: int) -> bool:
    at += sentence.lower(at) in ("on", "in", "against", "at", "over")
    if at >= len(sentence.tokens) or at in sentence.mention_at:
        return False
    return sentence.tokens[at].text[0].isupper() and sentence.lower(at) not in DAYS
