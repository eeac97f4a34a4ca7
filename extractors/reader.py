"""Documents to readings: the whole instrument behind `types.Reader`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.actors import ActorLexicon
from extractors.candidates import AWAY, NONE, TOWARDS
from extractors.case_finder import CaseFinder
from extractors.cases import Case, Judge, Verdicts
from extractors.grammar import Grammar
from extractors.modes import graded, mode_of, on_rung
from extractors.reasons import EMPTY, NO_POSITION, NO_SIDE, Languages, not_read
from extractors.rungs import as_told
from extractors.sentences import Span
from extractors.topic import groups_of
from extractors.visible import Visible
from volteface.config import Config
from volteface.types import Document, Mode, Reading, sign_of

MAX_PER_SENTENCE = 3
UNADDRESSED = 0.5
"""What is left of the confidence where talks or sanctions are not addressed to the other side (`addressees.py`).
Readings on talks whose sentence does not name it fit a timeline of shifts less often (0.22 against 0.35); on force it
makes no difference, and a programme is one's own, so both are exempt (docs/decisions.md, 2026-11-27)."""
MODES = (Mode.SPEECH, Mode.ACT, Mode.REPORT)


@dataclass(frozen=True, slots=True)
class Explained:
    """A document's readings, and why there are none (None where there are some)."""

    readings: tuple[Reading, ...]
    reason: str | None


class StanceReader:
    """Finds who may take a position, sentence by sentence, and asks a judge about all cases of a batch at once."""

    def __init__(self, config: Config, judge: Judge) -> None:
        self.name = f"reader-2/{judge.name}"
        self._axes = config.axes
        self._groups = groups_of(config.axes)
        self._judge = judge
        lexicon = ActorLexicon(config)
        self._finder = CaseFinder(lexicon, Grammar(lexicon))
        self._languages = Languages()

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """One tuple a document, by place in its text; `()` where nobody's position is stated."""
        return [explained.readings for explained in self.explain(documents)]

    def explain(self, documents: Sequence[Document]) -> list[Explained]:
        """As `read`, with the reason where there is no reading. Hidden characters are read over, and quoted."""
        views = [Visible.of(document.text) for document in documents]
        seen = [_seen(document, view) for document, view in zip(documents, views, strict=True)]
        return [
            Explained(tuple(_quoted(r, document, view) for r in explained.readings), explained.reason)
            for explained, document, view in zip(self._explain(seen), documents, views, strict=True)
        ]

    def _explain(self, documents: Sequence[Document]) -> list[Explained]:
        reasons = [self._unread(document) for document in documents]
        cases = [c for i, document in enumerate(documents) if not reasons[i] for c in self._finder.cases(i, document)]
        verdicts = self._judge.judge(cases)
        readings: list[list[Reading]] = [[] for _ in documents]
        for row, case in enumerate(cases):
            readings[case.document] += self._readings(documents[case.document], case, verdicts, row)
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
        return None if self._finder.names_a_side(document) else NO_SIDE

    def _readings(self, document: Document, case: Case, verdicts: Verdicts, row: int) -> Iterator[Reading]:
        for column, axis in enumerate(self._axes):
            shares = verdicts.shares[row, column]
            if shares[NONE] >= 0.5:
                continue
            best = int(shares[1:].argmax()) + 1
            sign = {AWAY: -1, TOWARDS: 1}.get(best, 0)
            mode = _mode(case, verdicts, row, column)
            if verdicts.extent is None:
                stance = graded(case.sentence, mode, axis, sign)
            else:
                far = on_rung(axis, sign * float(verdicts.extent[row, column, int(sign > 0)]), sign)
                stance = as_told(case.sentence.tokens, mode, axis, far)
            quote = document.text[slice(*case.span)]
            doubt = UNADDRESSED if self._groups.get(axis.id) in case.unaddressed else 1.0
            confidence = round(float(shares[best]) * doubt, 3)
            yield Reading(case.office, axis.id, stance, mode, quote, *case.span, confidence, case.person)


def _seen(document: Document, view: Visible) -> Document:
    return replace(document, text=view.text, title=Visible.of(document.title).text)


def _quoted(reading: Reading, document: Document, view: Visible) -> Reading:
    """The reading with its place and quote in the original text."""
    if view.text is document.text:
        return reading
    start, end = view.span(reading.start, reading.end)
    return replace(reading, start=start, end=end, quote=document.text[start:end])


def _mode(case: Case, verdicts: Verdicts, row: int, column: int) -> Mode:
    if any(candidate.reported for candidate in case.candidates):
        return Mode.REPORT  # The words for hearsay are few and plain: the rules know them better than the network.
    if any(mode_of(case.sentence, candidate) is Mode.ACT for candidate in case.candidates):
        return Mode.ACT  # So are the verbs of deeds.
    if verdicts.mode is not None:
        return MODES[verdicts.mode[row, column]]
    # Nothing ties an author to his own words but that he wrote them.
    return mode_of(case.sentence, case.candidates[0]) if case.candidates else Mode.SPEECH


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
