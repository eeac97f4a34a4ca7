"""Documents to cases: each sentence with each holder that it names, ties by pronoun, or is spoken by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractors.actors import ActorLexicon, Mention, Naming
from extractors.addressees import GROUPS, addressed_elsewhere
from extractors.attribution import Attribution, Context
from extractors.candidates import Candidate
from extractors.cases import Case
from extractors.grammar import Grammar, Sentence
from extractors.masking import mask
from extractors.phrases import tokenize
from extractors.sentences import MAX_LENGTH, Span, split, without_suffix
from volteface.types import Document


class CaseFinder:
    """Finds the cases of a document."""

    def __init__(self, lexicon: ActorLexicon, grammar: Grammar) -> None:
        self._lexicon, self._grammar = lexicon, grammar
        self._attribution = Attribution(grammar)

    def names_a_side(self, document: Document) -> bool:
        """Whether the text, its title or its author has anything to do with either side."""
        if self._author(document):
            return True
        return any(
            self._grammar.parse(text[start:end], document.published).mentions
            for text in (document.title[:MAX_LENGTH], document.text)
            for start, end in split(text)
        )

    def cases(self, index: int, document: Document) -> Iterator[Case]:
        """Cases in the order of the text. Questions have those that a deed in them makes."""
        headline = document.title.strip()[:MAX_LENGTH]
        title = self._grammar.parse(headline, document.published) if headline else None
        context, author = Context(document.published, title), self._author(document)
        for span in (without_suffix(document.text, span) for span in split(document.text)):
            text = document.text[slice(*span)]
            sentence = self._grammar.parse(text, document.published)
            candidates = self._attribution.candidates(text, context)
            yield from _cases(index, span, sentence, title, candidates, author)
            speaker = sentence.subjects[0] if sentence.subjects else context.speaker
            context = Context(document.published, title, speaker)

    def _author(self, document: Document) -> Mention | None:
        """The office-holder whose own channel the outlet is, as an unnamed speaker at the start of each sentence."""
        named = self._lexicon.mentions(tokenize(document.outlet[:200]), document.published)
        person = next((m for m in named if m.naming is Naming.PERSON and m.office), None)
        return person and Mention(0, 0, 0, 0, person.side, person.office, person.person, Naming.PERSON)


def _cases(
    index: int,
    span: Span,
    sentence: Sentence,
    title: Sentence | None,
    candidates: Sequence[Candidate],
    author: Mention | None,
) -> Iterator[Case]:
    mentions = _placed(sentence, candidates, author)
    people: dict[str, str] = {}
    for mention in mentions:
        if mention.office:
            people[mention.office] = people.get(mention.office) or mention.person
    sides = {mention.office: mention.side for mention in mentions}
    named = {mention.side for mention in (*sentence.mentions, *(title.mentions if title else ()))}
    elsewhere = addressed_elsewhere(sentence) if people else GROUPS
    for office, person in people.items():
        # A lone surrogate, as broken feeds have them, is no text for a tokenizer.
        clean = mask(sentence.text, mentions, office, sides[office]).encode("utf-8", "replace").decode("utf-8")
        masked = " ".join(clean.split())
        own = tuple(c for c in candidates if c.office == office)
        # Where a reader would see nobody of the other side, nothing is a word to it.
        unaddressed = elsewhere if named - {sides[office]} else GROUPS
        yield Case(index, span, sentence, office, sides[office], person, masked, own, unaddressed)


def _placed(sentence: Sentence, candidates: Sequence[Candidate], author: Mention | None) -> list[Mention]:
    """The mentions in order, with pronouns that stand for a holder, and with the author first."""
    spans = {(m.start, m.end) for m in sentence.mentions}
    pronouns = {
        (c.start, c.end): Mention(c.start, c.end, 0, 0, c.side, c.office, c.person, Naming.PERSON)
        for c in candidates
        if (c.start, c.end) not in spans
    }
    found = sorted([*sentence.mentions, *pronouns.values()], key=lambda m: m.start)
    return [author, *found] if author else found
