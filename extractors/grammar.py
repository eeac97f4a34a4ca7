"""A sentence in parts: tokens, cues, mentions, and the subjects with their verbs. Shallow on purpose: no parser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from extractors.actors import ActorLexicon, Mention, Naming
from extractors.cues import NOT, Cue, Kind, entries
from extractors.particles import ParticleVerbs
from extractors.phrases import Found, PhraseTable, Token, tokenize
from extractors.vocabulary import (
    AFTER_NOUNS,
    AUXILIARIES,
    BE,
    DAYS,
    DETERMINERS,
    FINITE,
    FORMER,
    HARMED,
    IRREGULAR_VERBS,
    NOT_VERBS,
    OFFICIALS,
    QUOTES,
    REFUSALS,
    THINGS_HIT,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A mention that is the subject of a verb at tokens[verb]."""

    mention: Mention
    verb: int


@dataclass(frozen=True)
class Sentence:
    """A sentence and what stands in it."""

    text: str
    tokens: tuple[Token, ...]
    cues: tuple[Found[Cue], ...]
    mentions: tuple[Mention, ...]

    @cached_property
    def cue_at(self) -> dict[int, Found[Cue]]:
        """Cues by each of their tokens."""
        return {i: cue for cue in self.cues for i in range(cue.start, cue.end)}

    @cached_property
    def mention_at(self) -> dict[int, Mention]:
        """Mentions by each of their tokens."""
        return {i: mention for mention in self.mentions for i in range(mention.first, mention.last)}

    @cached_property
    def quoted(self) -> frozenset[int]:
        """Tokens inside quotation marks."""
        inside, opened = set[int](), False
        for i, token in enumerate(self.tokens):
            if token.text in '“”"‘':
                opened = token.text in "“‘" or (token.text == '"' and not opened)
            elif token.text in "'’":
                before = self.tokens[i - 1].end if i else -1
                opened = not opened and before != token.start
            elif opened:
                inside.add(i)
        return frozenset(inside)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Mentions that govern a verb, in order. Of `A and B agree`, both do."""
        found: dict[Mention, int] = {}
        for mention in reversed(self.mentions):
            verb = self._verb_after(mention.last, mention.naming)
            if verb is None:
                verb = self._shared_verb(mention, found)
            if verb is not None:
                found[mention] = verb
        return tuple(Subject(mention, found[mention]) for mention in self.mentions if mention in found)

    def lower(self, at: int) -> str:
        """The token in lower case, or "" beyond the ends."""
        return self.tokens[at].lower if 0 <= at < len(self.tokens) else ""

    def _shared_verb(self, mention: Mention, found: dict[Mention, int]) -> int | None:
        if self.lower(mention.last) not in ("and", ",", "&", "/"):
            return None
        step = mention.last + 1 + (self.lower(mention.last + 1) == "the")
        partner = self.mention_at.get(step)
        if partner:
            return found.get(partner)
        named = step < len(self.tokens) and self.tokens[step].text[0].isupper()
        return self._verb_after(step + 1, Naming.SIDE) if named and self.lower(mention.last) != "," else None

    def _verb_after(self, at: int, naming: Naming) -> int | None:
        possessive = self.lower(at) == "'s" and naming is not Naming.PERSON
        noun = self._turning_noun(at + (self.lower(at) == "'s"))
        if noun is not None:
            return noun
        if possessive or naming is Naming.DEMONYM:
            at = self._after_officials(at + possessive)
        elif naming is not Naming.PERSON:
            at = self._after_officials(at, required=False)
        if at < 0:
            return None
        verb = self._first_verb(self._after_apposition(at))
        passive = verb is not None and self.lower(verb) in HARMED and self.lower(verb - 1) in BE
        return None if passive else verb

    def _turning_noun(self, at: int) -> int | None:
        """`X's refusal`, `X's flat rejection`: what X does, in a noun."""
        near = (i for i in (at, at + 1) if self.lower(i) in REFUSALS)
        return next(near, None)

    def _after_officials(self, at: int, required: bool = True) -> int:
        start = at
        while at < start + 7 and self._is_official(at):
            at += 1
        return -1 if required and at == start else at

    def _is_official(self, at: int) -> bool:
        if self.lower(at) in OFFICIALS or (self.lower(at) == "-" and at > 0):
            return True
        mention = self.mention_at.get(at)
        return mention is not None and mention.naming in (Naming.PERSON, Naming.TITLE)

    def _after_apposition(self, at: int) -> int:
        while at in self.mention_at and self.mention_at[at].naming is Naming.PERSON:
            at += 1
        if self.lower(at) not in (",", "("):
            return at
        close = ")" if self.lower(at) == "(" else ","
        for end in range(at + 2, min(at + 16, len(self.tokens))):
            if self.lower(end) == close:
                return end + 1
        return at

    def _first_verb(self, at: int) -> int | None:
        """The verb after auxiliaries, adverbs and dates; after `is` or `will`, whatever word comes."""
        for i in range(at, min(at + 9, len(self.tokens))):
            if not self._is_light(i):
                return i if self._verbal(i) else None
            if self.lower(i) in FINITE or (self.lower(i) == "to" and self._verbal(i + 1)):
                verb = next((j for j in range(i, min(i + 6, len(self.tokens))) if not self._is_light(j)), i)
                return None if self.lower(verb) == "nothing" else verb
        return None

    def _is_light(self, at: int) -> bool:
        word, cue = self.lower(at), self.cue_at.get(at)
        if cue and cue.value.kind is Kind.NEGATE and cue.end - cue.start > 1:
            return True
        return word in AUXILIARIES or word in DAYS or word in QUOTES or word.endswith("ly") or word.isdigit()

    def _verbal(self, at: int) -> bool:
        if at in self.mention_at or at >= len(self.tokens):
            return False
        word, cue = self.lower(at), self.cue_at.get(at)
        if word.endswith(("n't", "not")) or word == "won't":
            return True
        if cue and cue.value.kind in (Kind.BREAK, Kind.IF):
            return False
        if word in HARMED and self.lower(at + 1) in ("in", "by", "near", "during", "as"):
            return False
        if cue and cue.start == at and cue.value.kind is not Kind.NEGATE:
            return not cue.value.noun or self._takes_object(cue.end)
        if word in IRREGULAR_VERBS:
            return True
        if self.tokens[at].text[0].isupper():
            return False
        return len(word) > 3 and word.endswith(("s", "ed")) and word not in NOT_VERBS and word.isalpha()

    def _takes_object(self, at: int) -> bool:
        """Whether a word that is noun or verb (`strikes`) is a verb here: something stands after it that can be hit."""
        follower = self.mention_at.get(at) or self.mention_at.get(at + 1)
        if follower:
            return self.lower(at) not in ("on", "against", "in", "by", "from", "and", ",")
        word = self.tokens[at].text if at < len(self.tokens) else ""
        if any(self.lower(i) in THINGS_HIT for i in range(at, at + 3)):
            return self.lower(at) not in AFTER_NOUNS
        return bool(word) and (word[0].isupper() or word.lower() in DETERMINERS)


def _side_of_title(title: Found[dict[str, str]], named: Sequence[Mention]) -> str | None:
    """Whose title it is: the only side's that has one, or the side's named before, or the side's not named at all."""
    if len(title.value) == 1:
        return next(iter(title.value))
    before = [mention.side for mention in named if mention.last <= title.start]
    unnamed = [side for side in title.value if side not in {mention.side for mention in named}]
    if before:
        return before[-1] if before[-1] in title.value else None
    return unnamed[0] if len(unnamed) == 1 else None


def _stands_alone(tokens: Sequence[Token], title: Found[dict[str, str]], taken: set[int]) -> bool:
    """Not a third country's: no foreign name right before the title, nor a name that we do not know right after."""
    first, last = title.start, title.end
    if last in taken or (last - first == 1 and not _has_article(tokens, first)):
        return False
    before = tokens[first - 1] if first and first - 1 not in taken else None
    if before and (before.lower == "'s" or before.text[0].isupper()) and before.lower != "the":
        return False
    if last < len(tokens) and tokens[last].text[0].isupper() and tokens[first].text[0].isupper():
        return False
    return not any(token.lower in FORMER or token.lower == "of" for token in tokens[max(0, first - 2) : first])


def _has_article(tokens: Sequence[Token], first: int) -> bool:
    """One-word titles (`president`, `army`) need one, or a capital letter at the start."""
    if first == 0:
        return tokens[0].text[0].isupper()
    return tokens[first - 1].lower in ("the", "its", "their", "our", "says", "said")


class Grammar:
    """Makes sentences. Keeps the last few thousand cue searches: the attribution and the judge ask for the same."""

    def __init__(self, lexicon: ActorLexicon) -> None:
        self._lexicon = lexicon
        phrases = entries()
        self._table = PhraseTable(phrases)
        self._particle_verbs = ParticleVerbs(phrases)
        self.parse = lru_cache(maxsize=2048)(self._parse)

    def _untitled(self, tokens: Sequence[Token], named: Sequence[Mention], cues: Sequence[Found[Cue]]) -> list[Mention]:
        """Titles without a country, where the words before name the country or only one side has such an office."""
        phrases = {cue.start for cue in cues if cue.end - cue.start > 1}  # `military action` names no military
        taken = {i for mention in named for i in range(mention.first, mention.last)}
        found: list[Mention] = []
        for hit in self._lexicon.bare_titles(tokens):
            side = _side_of_title(hit, named)
            free = hit.start not in phrases and not taken & set(range(hit.start, hit.end))
            if side and free and _stands_alone(tokens, hit, taken):
                start, end = tokens[hit.start].start, tokens[hit.end - 1].end
                found.append(Mention(start, end, hit.start, hit.end, side, hit.value[side], "", Naming.TITLE))
        return found

    def _parse(self, text: str, day: datetime | None) -> Sentence:
        tokens = tuple(tokenize(text))
        named = self._lexicon.mentions(tokens, day)
        cues = self._table.find(tokens)
        mentions = tuple(sorted([*named, *self._untitled(tokens, named, cues)], key=lambda m: m.first))
        taken = {i for mention in mentions for i in range(mention.first, mention.last)}
        found = self._particle_verbs.find(tokens, [cue for cue in cues if cue.start not in taken])
        covered = {i for cue in found for i in range(cue.start, cue.end)}
        found += [Found(i, i + 1, NOT) for i, t in enumerate(tokens) if t.lower.endswith("n't") and i not in covered]
        return Sentence(text, tokens, tuple(sorted(found, key=lambda cue: cue.start)), mentions)
