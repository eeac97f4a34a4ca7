"""Who says or does what: from a sentence to candidate holders, each with the span where its position would stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from extractors.actors import Mention
from extractors.candidates import Candidate, Role
from extractors.clauses import governor, is_deed, is_report, is_third_partys, scope_end
from extractors.events import Tie, events
from extractors.grammar import Grammar, Sentence, Subject
from extractors.sentences import Span
from extractors.vocabulary import AUXILIARIES, DASHES, FIRST_PERSON, HEARSAY, OFFICIALS, QUESTION_WORDS, QUOTES, SAYING

MAX_MENTIONS = 40
"""More than any sentence has: a list of names, or a text made to cost time, which grows with their cube."""


@dataclass(frozen=True, slots=True)
class Context:
    """What earlier text tells about a sentence."""

    day: datetime | None = None
    title: Sentence | None = None
    speaker: Subject | None = None
    """Subject of the sentence before."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody's words in a sentence. All spans are characters of it."""

    source: Span
    cue: Span
    """The verb with its auxiliaries, or the mark, that makes them the source's."""
    content: tuple[Span, ...]
    """What is said, before and after source and cue."""


class Attribution:
    """Finds candidates in sentences."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar

    def candidates(self, text: str, context: Context) -> list[Candidate]:
        """Candidates of one sentence, speakers and agents first. Questions have none but named deeds."""
        sentence = self._grammar.parse(text, context.day)
        ties = [] if _is_question(sentence) else _stated(sentence, context)
        found = [_candidate(sentence, tie) for tie in (*ties, *events(sentence)) if tie.mention.office]
        speakers = [candidate for candidate in found if candidate.role is Role.SPEAKER]
        return [c for c in found if c.role is not Role.AGENT or not any(_is_in_words_of(c, s) for s in speakers)]

    def statements(self, text: str, context: Context) -> list[Statement]:
        """Who says what, in order of the cues: the ties that make candidates speakers, whoever is mentioned."""
        sentence = self._grammar.parse(text, context.day)
        nearest: dict[int, Tie] = {}
        for tie in _stated(sentence, context):
            at = _cue_of(sentence, tie) if tie.role is Role.SPEAKER else None
            if at is not None and (at not in nearest or _distance(tie, at) < _distance(nearest[at], at)):
                nearest[at] = tie
        return [_statement(sentence, tie, at) for at, tie in sorted(nearest.items())]


def _cue_of(sentence: Sentence, tie: Tie) -> int | None:
    """The token that ties the words to their speaker, which no one is for words in the first person."""
    places = [i for i in range(len(sentence.tokens)) if sentence.lower(i) == tie.verb and i not in sentence.mention_at]
    return min(places, key=lambda at: _distance(tie, at), default=None)


def _distance(tie: Tie, at: int) -> int:
    return tie.mention.first - at if at < tie.mention.first else at - tie.mention.last


def _statement(sentence: Sentence, tie: Tie, at: int) -> Statement:
    tokens, mention = sentence.tokens, tie.mention
    phrase = sentence.cue_at.get(at)
    first, last = at, phrase.end if phrase else at + 1
    while first > mention.last and sentence.lower(first - 1) in AUXILIARIES:
        first -= 1
    around = (min(first, mention.first), max(last, mention.last))
    parts = ((tie.first, min(tie.last, around[0])), (max(tie.first, around[1]), tie.last))
    content = tuple((tokens[a].start, tokens[b - 1].end) for a, b in parts if a < b)
    return Statement((mention.start, mention.end), (tokens[first].start, tokens[last - 1].end), content)


def _is_in_words_of(agent: Candidate, speaker: Candidate) -> bool:
    """Whether the agent acts only in what the speaker says: `X rejects the plan, says X's minister`."""
    start, end = speaker.scope
    return start <= agent.start < end or (agent.office == speaker.office and bool(agent.foreign))


def _stated(sentence: Sentence, context: Context) -> list[Tie]:
    if len(sentence.mentions) > MAX_MENTIONS:
        return []
    ties = [*_titled(sentence), *_postposed(sentence), *_governing(sentence)]
    return ties or list(_carried(sentence, context))


def _titled(sentence: Sentence) -> Iterator[Tie]:
    """`X: ...` at the start of a headline, also `X's minister: ...` and `X to Y: ...`."""
    size = len(sentence.tokens)
    colon = next((i for i in range(1, min(10, size - 2)) if sentence.lower(i) == ":"), None)
    first = sentence.mentions[0] if sentence.mentions else None
    if colon is None or first is None or first.first > 4 or first.last > colon:
        return
    allowed = OFFICIALS | {"to", "on", "'s", "in"}
    if all(i in sentence.mention_at or sentence.lower(i) in allowed for i in range(first.last, colon)):
        yield Tie(_titled_speaker(sentence, first, colon), Role.SPEAKER, colon + 1, size, ":")


def _titled_speaker(sentence: Sentence, first: Mention, colon: int) -> Mention:
    """Of `Country foreign minister:` the minister, of `X to Y:` the first."""
    addressed = any(sentence.lower(i) in ("to", "on") for i in range(first.last, colon))
    same = [m for m in sentence.mentions if m.last <= colon and m.side == first.side and m.office]
    return first if addressed or not same else same[-1]


def _postposed(sentence: Sentence) -> Iterator[Tie]:
    """`..., says X`, `'...' - X`, `...: X`."""
    for mention in sentence.mentions:
        end = _end_of_words(sentence, mention)
        if end is not None:
            yield Tie(mention, Role.SPEAKER, 0, end, sentence.lower(end))


def _end_of_words(sentence: Sentence, mention: Mention) -> int | None:
    """Index where the words before `, says X` end, or None where the mention is not such a speaker."""
    at = mention.first - 1
    while at > 2 and (sentence.lower(at) in OFFICIALS | {"'s"} or at in sentence.mention_at):
        at -= 1
    if sentence.lower(at) == "to" and sentence.lower(at - 1) == "according":
        at -= 1
    if at <= 2:
        return None
    dash = sentence.lower(at) in DASHES and sentence.tokens[at - 1].end < sentence.tokens[at].start
    if is_report(sentence, at) and sentence.lower(at) in SAYING:
        inverted = sentence.lower(at - 1) in QUOTES | DASHES | {",", "as"} or sentence.lower(at) == "according"
        return at if inverted else None
    closes = mention.last >= len(sentence.tokens) - 1 and (dash or sentence.lower(at) == ":")
    return at if closes else None


def _governing(sentence: Sentence) -> Iterator[Tie]:
    """Subjects with their verbs. Of those in another's words only deeds are told."""
    subjects = sentence.subjects
    for index, subject in enumerate(subjects):
        above, stop = governor(sentence, subjects, index), scope_end(sentence, subjects, index)
        if above is None and not is_third_partys(sentence, subject):
            yield _tie(sentence, subject, stop)
        elif (above is None or above.mention.side != subject.mention.side) and is_deed(sentence, subject, stop):
            yield Tie(subject.mention, Role.EVENT, subject.verb, stop, sentence.lower(subject.verb))


def _tie(sentence: Sentence, subject: Subject, stop: int) -> Tie:
    speaks = is_report(sentence, subject.verb)
    at = subject.mention.first - 1
    marked = sentence.lower(at) in QUOTES | DASHES | {","} or sentence.lower(at - 1) in QUOTES | DASHES | {","}
    first = 0 if speaks and marked and subject.mention.first > 3 else subject.mention.last
    return Tie(subject.mention, Role.SPEAKER if speaks else Role.AGENT, first, stop, sentence.lower(subject.verb))


def _carried(sentence: Sentence, context: Context) -> Iterator[Tie]:
    """Quoted words in the first person, or of `he`, belong to whoever spoke before, or to the title's speaker."""
    voice = next((i for i, token in enumerate(sentence.tokens) if token.text in FIRST_PERSON), None)
    if voice is None or not set(sentence.text) & set('“”"'):
        voice = _pronoun(sentence)
    known = context.speaker or _title_speaker(context.title)
    if voice is None or known is None or not known.mention.office:
        return
    token = sentence.tokens[voice]
    mention = replace(known.mention, start=token.start, end=token.end, first=voice, last=voice + 1)
    yield Tie(mention, Role.SPEAKER, 0, len(sentence.tokens), "said")


def _pronoun(sentence: Sentence) -> int | None:
    """`He said ...`, `..., he said`."""
    for i in (0, len(sentence.tokens) - 3, len(sentence.tokens) - 2):
        if sentence.lower(i) in ("he", "she") and sentence.lower(i + 1) in SAYING:
            return i
    return None


def _title_speaker(title: Sentence | None) -> Subject | None:
    """Who speaks in a title that opens with its speaker."""
    first = title.subjects[0] if title and title.subjects else None
    return first if first and first.mention.first <= 1 else None


def _is_question(sentence: Sentence) -> bool:
    if not sentence.tokens:
        return True
    return sentence.text.rstrip().endswith("?") or (sentence.lower(0) in QUESTION_WORDS and "?" in sentence.text[-60:])


def _candidate(sentence: Sentence, tie: Tie) -> Candidate:
    mention = tie.mention
    near = range(max(0, mention.first - 4), mention.last + 6)
    return Candidate(
        sentence=sentence.text,
        start=mention.start,
        end=mention.end,
        office=mention.office,
        side=mention.side,
        person=mention.person,
        role=tie.role,
        scope=(sentence.tokens[tie.first].start, sentence.tokens[max(tie.first, tie.last - 1)].end),
        foreign=_foreign(sentence, tie),
        verb=tie.verb,
        reported=any(sentence.lower(i) in HEARSAY for i in near),
    )


def _foreign(sentence: Sentence, tie: Tie) -> tuple[tuple[int, int], ...]:
    others: Sequence[Mention] = [m for m in sentence.mentions if m.side != tie.mention.side]
    return tuple((m.start, m.end) for m in others if tie.first <= m.first < tie.last)
