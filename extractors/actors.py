"""Who is named where: mentions of the two sides, their offices and the people in them, by date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from extractors.phrases import Found, PhraseTable, Token, tokenize
from extractors.vocabulary import DASHES, FORMER, MODIFIERS, NAME_TAILS, STANCE_PREFIXES
from volteface.config import Config, Office, Person


class Naming(StrEnum):
    """How a mention names its holder."""

    SIDE = "side"
    """The country or an alias of it."""
    DEMONYM = "demonym"
    TITLE = "title"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Mention:
    """A holder named at `text[start:end]`, tokens[first:last]. `office` is "" where the name gives none that day."""

    start: int
    end: int
    first: int
    last: int
    side: str
    office: str
    person: str
    naming: Naming


@dataclass(frozen=True, slots=True)
class _Meaning:
    surface: str
    naming: Naming
    side: str
    office: str = ""


class ActorLexicon:
    """Every surface of a config's sides, offices and people."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._catch_all = {side.id: _catch_all(config, side.id) for side in config.sides}
        self._people: dict[str, list[tuple[Office, Person]]] = {}
        meanings: dict[str, list[_Meaning]] = {}
        for meaning in self._meanings():
            meanings.setdefault(meaning.surface.lower(), []).append(meaning)
        self._table = PhraseTable((surface, tuple(group)) for surface, group in meanings.items())
        self._bare = PhraseTable(self._bare_titles())

    def mentions(self, tokens: Sequence[Token], day: date | datetime | None) -> list[Mention]:
        """Mentions in order, the longest at each place. `day` decides who held an office; None means the latest."""
        when = day.date() if isinstance(day, datetime) else day
        found = (self._mention(tokens, hit, when) for hit in self._table.find(tokens))
        return [mention for mention in found if mention]

    def bare_titles(self, tokens: Sequence[Token]) -> list[Found[dict[str, str]]]:
        """Titles without a country (`the foreign minister`): each value maps a side to its office of that title."""
        return self._bare.find(tokens)

    def _meanings(self) -> Iterator[_Meaning]:
        for side in self._config.sides:
            for name in (side.name, *side.aliases):
                yield _Meaning(name, Naming.SIDE, side.id)
            for name in side.demonyms:
                yield _Meaning(name, Naming.DEMONYM, side.id)
        for office in self._config.offices:
            for title in office.titles:
                yield _Meaning(title, Naming.TITLE, office.side, office.id)
            for person in office.people:
                for name in {person.person, *person.aliases}:
                    self._people.setdefault(name.lower(), []).append((office, person))
                    yield _Meaning(name, Naming.PERSON, office.side, office.id)

    def _bare_titles(self) -> list[tuple[str, dict[str, str]]]:
        bare: dict[str, dict[str, str]] = {}
        for office in self._config.offices:
            for title in office.titles:
                words = self._without_side(title, office.side)
                if words and words != title.lower() and not office.catch_all:
                    bare.setdefault(words, {}).setdefault(office.side, office.id)
        return list(bare.items())

    def _without_side(self, title: str, side_id: str) -> str:
        side = self._config.side[side_id]
        own = {token.lower for name in (side.name, *side.aliases, *side.demonyms) for token in tokenize(name)}
        words = [token.lower for token in tokenize(title)]
        return " ".join(word for word in words if word not in own | {"'s", "of", "the"})

    def _mention(self, tokens: Sequence[Token], hit: Found[tuple[_Meaning, ...]], day: date | None) -> Mention | None:
        words = tokens[hit.start : hit.end]
        group = [meaning for meaning in hit.value if _case_fits(words, meaning.surface)]
        if not group or _is_other_name(tokens, hit, group[0].naming):
            return None
        named = _Named(words[0].start, words[-1].end, hit.start, hit.end)
        if _is_former(tokens, hit.start):
            return named.mention(group[0], "", "")
        if group[0].naming is Naming.PERSON:
            return self._person(named, group[0], day)
        office = group[0].office or self._catch_all[group[0].side]
        return named.mention(group[0], office, self._holder(office, day) if group[0].office else "")

    def _person(self, named: _Named, meaning: _Meaning, day: date | None) -> Mention:
        terms = self._people[meaning.surface.lower()]
        serving = [(o, p) for o, p in terms if (p.serves(day) if day else p.until is None)]
        if not day and not serving:
            serving = sorted(terms, key=lambda term: term[1].until or date.max)[-1:]
        if not serving:
            return named.mention(meaning, "", "")
        office, person = min(serving, key=lambda term: (not term[1].head, term[0].rank))
        return named.mention(_Meaning(meaning.surface, Naming.PERSON, office.side), office.id, person.person)

    def _holder(self, office: str, day: date | None) -> str:
        head = self._config.in_office(office, day or date.max)
        return head.person if head and self._config.office[office].rank <= 2 else ""


@dataclass(frozen=True, slots=True)
class _Named:
    start: int
    end: int
    first: int
    last: int

    def mention(self, meaning: _Meaning, office: str, person: str) -> Mention:
        return Mention(self.start, self.end, self.first, self.last, meaning.side, office, person, meaning.naming)


def _catch_all(config: Config, side: str) -> str:
    offices = [office for office in config.offices if office.side == side]
    return next((office.id for office in offices if office.catch_all), max(offices, key=lambda o: o.rank).id)


def _case_fits(words: Sequence[Token], surface: str) -> bool:
    """`US` is not `us`; longer names may stand in capitals; titles of several words in any case."""
    proper = [token.text for token in tokenize(surface)]
    for word, wanted in zip((token.text for token in words), proper, strict=True):
        short = len(wanted) <= 4 and wanted.isupper()
        if word == wanted or (not short and len(wanted) > 3 and word.isupper()):
            continue
        if len(proper) == 1 or short or (word[0].islower() and wanted[0].isupper() and len(proper) < 2):
            return False
    return True


def _is_other_name(tokens: Sequence[Token], hit: Found[tuple[_Meaning, ...]], naming: Naming) -> bool:
    after = tokens[hit.end : hit.end + 2]
    before = tokens[max(0, hit.start - 2) : hit.start]
    if len(after) == 2 and after[0].text in DASHES and after[1].lower in MODIFIERS:
        return True
    if len(before) == 2 and before[1].text in DASHES and before[0].lower in STANCE_PREFIXES:
        return True
    tail = bool(after) and after[0].text[0].isupper() and after[0].lower in NAME_TAILS
    return tail and naming in (Naming.SIDE, Naming.DEMONYM)


def _is_former(tokens: Sequence[Token], at: int) -> bool:
    before = [token.lower for token in tokens[max(0, at - 2) : at]]
    return any(word in FORMER for word in before)
