"""Documents to readings: the whole instrument behind `types.Reader`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.actors import ActorLexicon
from extractors.attribution import Attribution, Context
from extractors.candidates import AWAY, NONE, TOWARDS, Candidate, DirectionModel, Probabilities
from extractors.grammar import Grammar, Sentence
from extractors.modes import graded, mode_of
from extractors.reasons import EMPTY, NO_POSITION, NO_SIDE, Languages, not_read
from extractors.sentences import MAX_LENGTH, Span, split, without_suffix
from extractors.topic import AxisTopics
from volteface.config import Config
from volteface.types import Document, Reading, sign_of

MAX_PER_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Explained:
    """A document's readings, and why there are none (None where there are some)."""

    readings: tuple[Reading, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    document: int
    span: Span
    candidate: Candidate


class StanceReader:
    """Finds candidates by syntax and lexicon, and asks the direction model about all of a batch at once."""

    def __init__(self, config: Config, topics: AxisTopics, direction: DirectionModel) -> None:
        self.name = f"reader-1/{direction.name}"
        self._axes = topics.axes
        self._direction = direction
        lexicon = ActorLexicon(config)
        self._grammar = Grammar(lexicon)
        self._attribution = Attribution(self._grammar)
        self._languages = Languages()

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """One tuple a document, by place in its text; `()` where nobody's position is stated."""
        return [explained.readings for explained in self.explain(documents)]

    def explain(self, documents: Sequence[Document]) -> list[Explained]:
        """As `read`, with the reason where there is no reading."""
        reasons = [self._unread(document) for document in documents]
        found = [
            item for i, document in enumerate(documents) if not reasons[i] for item in self._candidates(i, document)
        ]
        probabilities = self._direction.judge([item.candidate for item in found], self._axes)
        readings: list[list[Reading]] = [[] for _ in documents]
        for item, shares in zip(found, probabilities, strict=True):
            readings[item.document] += self._readings(documents[item.document], item, shares)
        merged = [_merge(of_document) for of_document in readings]
        return [
            Explained(of_document, None if of_document else reason or NO_POSITION)
            for of_document, reason in zip(merged, reasons, strict=True)
        ]

    def _unread(self, document: Document) -> str | None:
        if not any(character.isalnum() for character in document.text):
            return EMPTY
        language = self._languages.foreign(document.text)
        if language:
            return not_read(language)
        return None if self._names_a_side(document) else NO_SIDE

    def _names_a_side(self, document: Document) -> bool:
        return any(
            self._grammar.parse(text[start:end], document.published).mentions
            for text in (document.title[:MAX_LENGTH], document.text)
            for start, end in split(text)
        )

    def _candidates(self, index: int, document: Document) -> Iterator[_Found]:
        headline = document.title.strip()[:MAX_LENGTH]
        title = self._grammar.parse(headline, document.published) if headline else None
        context = Context(document.published, title)
        for span in (without_suffix(document.text, span) for span in split(document.text)):
            text = document.text[slice(*span)]
            for candidate in self._attribution.candidates(text, context):
                yield _Found(index, span, candidate)
            subjects = self._grammar.parse(text, document.published).subjects
            context = Context(document.published, title, subjects[0] if subjects else context.speaker)

    def _readings(self, document: Document, item: _Found, shares: Probabilities) -> Iterator[Reading]:
        sentence: Sentence = self._grammar.parse(item.candidate.sentence, document.published)
        mode = mode_of(sentence, item.candidate)
        for axis, of_axis in zip(self._axes, shares, strict=True):
            if of_axis[NONE] >= 0.5:
                continue
            column = int(of_axis[1:].argmax()) + 1
            sign = {AWAY: -1, TOWARDS: 1}.get(column, 0)
            stance = graded(sentence, mode, axis, sign)
            yield Reading(
                item.candidate.office, axis.id, stance, mode, document.text[slice(*item.span)], *item.span,
                round(float(of_axis[column]), 3), item.candidate.person,
            )  # fmt: skip


def _merge(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """At most three readings a sentence, and one a document for each holder, axis and sign: the surest."""
    best: dict[tuple[str, str, int], Reading] = {}
    for reading in _strongest_of_sentences(readings):
        key = (reading.holder, reading.axis, sign_of(reading.stance))
        if key not in best or reading.confidence > best[key].confidence:
            best[key] = reading
    return tuple(sorted(best.values(), key=lambda r: (r.start, -r.confidence, r.holder, r.axis)))


def _strongest_of_sentences(readings: Sequence[Reading]) -> Iterator[Reading]:
    """One reading for each holder and axis of a sentence, three in all, surest first."""
    sentences: dict[Span, dict[tuple[str, str], Reading]] = {}
    for reading in readings:
        of_sentence = sentences.setdefault((reading.start, reading.end), {})
        known = of_sentence.get((reading.holder, reading.axis))
        if known is None or reading.confidence > known.confidence:
            of_sentence[(reading.holder, reading.axis)] = reading
    for of_sentence in sentences.values():
        yield from sorted(of_sentence.values(), key=lambda r: -r.confidence)[:MAX_PER_SENTENCE]
