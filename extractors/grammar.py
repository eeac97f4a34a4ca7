"""A sentence in parts: tokens, cues, mentions, and the subjects with their verbs. Shallow on purpose: no parser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from extractors.actors import ActorLexicon, Mention, Naming
from extractors.cues import Cue, Kind, table
from extractors.phrases import Found, Token, tokenize

AUXILIARIES = frozenset(
    "is are was were be been being has have had having will would may might could can shall should must do does did 's 're 've"
    " 'll 'd to not also still again now just even already never ever both together all itself himself herself then once".split()
)
OFFICIALS = frozenset(
    "official officials minister ministry ministers spokesman spokeswoman spokesperson spokesmen chief ambassador ambassadors envoy"
    " envoys commander commanders negotiator negotiators mission embassy government regime leader leaders leadership council state"
    " administration diplomat diplomats general generals admiral authorities president parliament lawmakers lawmaker mp mps army"
    " navy military forces force troops guards guard delegation team media television tv agency source sources intelligence foreign"
    " deputy vice senior top security nuclear atomic energy defence defense national secretary house speaker advisor adviser aide"
    " interior judiciary cabinet congressman senator senators lead main the special un federation organization organisation body"
    " football prime first new bombers jets planes fighter warplanes warships panel bureau fm guard's commission committee deputy".split()
)
DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october"
    " november december".split()
)
BACKGROUND = frozenset("after amid amidst despite before following since during ahead because as while over".split())
SPLITTERS = frozenset("as while after before but although though whereas amid ; — – | when following despite".split())
_IRREGULAR_VERBS = frozenset(
    "left met held took gave put sent saw drew made went came kept brought set won tore laid began sought led told spoke thought"
    " make hold meet exchange trade face give take get keep send go come draw put open move stood broke fell rose cut hit shut built spent found got became threw wrote felt grew paid swore withdrew struck".split()
)
_HARMED = frozenset("killed wounded injured hit struck attacked targeted bombed destroyed assassinated hurt slain damaged".split())
_BE = frozenset("is are was were be been being".split())
_NOT_VERBS = frozenset(
    "news states talks series crisis this his its as has was is plus tensions protests sources oil stocks prices press".split()
)


_NOT = Cue(Kind.NEGATE)


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
            if token.text in "“”\"‘":
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
        if possessive or naming is Naming.DEMONYM:
            at = self._after_officials(at + possessive)
        elif naming is not Naming.PERSON:
            at = self._after_officials(at, required=False)
        if at < 0:
            return None
        verb = self._first_verb(self._after_apposition(at))
        passive = verb is not None and self.lower(verb) in _HARMED and self.lower(verb - 1) in _BE
        return None if passive else verb

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
        for i in range(at, min(at + 9, len(self.tokens))):
            word = self.lower(i)
            skippable = word in AUXILIARIES or word.endswith("ly") or word in DAYS or word == "on" or word.isdigit()
            if skippable or (word == "early" or word == "late") or word in "'\"“”‘’":
                if word in ("is", "are", "was", "were", "to", "has", "have", "will", "'s") and i + 1 < len(self.tokens):
                    if self._verbal(i + 1) or word != "to":
                        return self._main_verb(i)
                continue
            return i if self._verbal(i) else None
        return None

    def _main_verb(self, at: int) -> int:
        for i in range(at, min(at + 6, len(self.tokens))):
            if self.lower(i) not in AUXILIARIES and not self.lower(i).endswith("ly"):
                return i
        return at

    def _verbal(self, at: int) -> bool:
        if at in self.mention_at or at >= len(self.tokens):
            return False
        word, cue = self.lower(at), self.cue_at.get(at)
        if word.endswith(("n't", "not")) or word == "won't":
            return True
        if cue and cue.value.kind in (Kind.BREAK, Kind.IF):
            return False
        if word in _HARMED and self.lower(at + 1) in ("in", "by", "near", "during", "as"):
            return False
        if cue and cue.start == at and cue.value.kind is not Kind.NEGATE:
            return not cue.value.noun or self._takes_object(cue.end)
        if word in _IRREGULAR_VERBS:
            return True
        if self.tokens[at].text[0].isupper():
            return False
        return len(word) > 3 and word.endswith(("s", "ed")) and word not in _NOT_VERBS and word.isalpha()

    def _takes_object(self, at: int) -> bool:
        """Whether a word that is noun or verb (`strikes`) is a verb here: something stands after it that can be hit."""
        follower = self.mention_at.get(at) or self.mention_at.get(at + 1)
        if follower:
            return self.lower(at) not in ("on", "against", "in", "by", "from", "and", ",")
        word = self.tokens[at].text if at < len(self.tokens) else ""
        return bool(word) and (word[0].isupper() or word.lower() in ("a", "an", "the", "more", "its", "back", "new", "two", "three"))


def _stands_alone(tokens: Sequence[Token], first: int, last: int, taken: set[int]) -> bool:
    """Not a third country's: no foreign name right before the title, nor a name that we do not know right after."""
    before = tokens[first - 1] if first else None
    if before and first - 1 not in taken and (before.lower == "'s" or before.text[0].isupper()) and before.lower != "the":
        return False
    if last in taken or (last - first == 1 and not _has_article(tokens, first)):
        return False
    if last < len(tokens) and tokens[last].text[0].isupper() and tokens[first].text[0].isupper():
        return False
    return not any(token.lower in ("former", "ex", "of") for token in tokens[max(0, first - 2) : first])


def _has_article(tokens: Sequence[Token], first: int) -> bool:
    """One-word titles (`president`, `army`) need one, or a capital letter at the start."""
    return (first == 0 and tokens[0].text[0].isupper()) or tokens[first - 1].lower in ("the", "its", "their", "our", "says", "said")


class Grammar:
    """Makes sentences. Keeps the last few thousand cue searches: the attribution and the judge ask for the same."""

    def __init__(self, lexicon: ActorLexicon) -> None:
        self._lexicon = lexicon
        self._table = table()
        self.parse = lru_cache(maxsize=2048)(self._parse)

    def _untitled(self, tokens: Sequence[Token], mentions: Sequence[Mention], day: datetime | None) -> list[Mention]:
        """Titles without a country, where the words before name the country or only one side has such an office."""
        taken = {i for mention in mentions for i in range(mention.first, mention.last)}
        found: list[Mention] = []
        for hit in self._lexicon.bare_titles(tokens):
            if taken & set(range(hit.start, hit.end)) or not _stands_alone(tokens, hit.start, hit.end, taken):
                continue
            before = [mention.side for mention in mentions if mention.last <= hit.start]
            named = {mention.side for mention in mentions}
            other = [side for side in hit.value if side not in named]
            nearest = before[-1] if before else other[0] if len(named) == 1 == len(other) else ""
            side = next(iter(hit.value)) if len(hit.value) == 1 else nearest
            if side in hit.value:
                found.append(Mention(tokens[hit.start].start, tokens[hit.end - 1].end, hit.start, hit.end, side,
                                     hit.value[side], "", Naming.TITLE))  # fmt: skip
        return found

    def _parse(self, text: str, day: datetime | None) -> Sentence:
        tokens = tuple(tokenize(text))
        mentions = self._lexicon.mentions(tokens, day)
        mentions = tuple(sorted([*mentions, *self._untitled(tokens, mentions, day)], key=lambda m: m.first))
        taken = {i for mention in mentions for i in range(mention.first, mention.last)}
        found = [cue for cue in self._table.find(tokens) if cue.start not in taken]
        covered = {i for cue in found for i in range(cue.start, cue.end)}
        found += [Found(i, i + 1, _NOT) for i, t in enumerate(tokens) if t.lower.endswith("n't") and i not in covered]
        cues = tuple(sorted(found, key=lambda cue: cue.start))
        return Sentence(text, tokens, cues, mentions)
