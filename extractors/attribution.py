"""Who says or does what: from a sentence to candidate holders, each with the span where its position would stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from extractors.actors import Mention, Naming
from extractors.candidates import Candidate, Role
from extractors.cues import Kind
from extractors.grammar import DAYS, OFFICIALS, SPLITTERS, Grammar, Sentence, Subject

_ANONYMOUS = frozenset(
    "report reports source sources reportedly officials official media agency people reuters afp ap journal post times"
    " axios cnn bbc tv television news irna statement reporters".split()
)
_QUESTION_WORDS = frozenset("will why should could can is are does did has what who how when would".split())
_HYPOTHETICAL = frozenset(
    "any possible potential future feared looming planned prospect risk if imminent would could might next whether against fears"
    " fear likely hypothetical threatened expected".split()
)
_NOT_EVENTS = frozenset(
    "program programme programs programmes stockpile stockpiles base bases site sites capability capabilities bunker bunkers"
    " industry launcher launchers group groups fears plan plans talks deal relief victims survivors anniversary defence defense"
    " factory factories production arsenal force forces technology".split()
)
_ADJECTIVE_ROOM = 4


@dataclass(frozen=True, slots=True)
class Context:
    """What earlier text tells about a sentence."""

    day: datetime | None = None
    title: Sentence | None = None
    speaker: Subject | None = None
    """Subject of the sentence before."""


class Attribution:
    """Finds candidates in sentences."""

    def __init__(self, lexicon: ActorLexicon, grammar: Grammar) -> None:
        self._lexicon = lexicon
        self._grammar = grammar

    def candidates(self, text: str, context: Context) -> list[Candidate]:
        """Candidates of one sentence, speakers and agents first. Questions have none but named deeds."""
        sentence = self._grammar.parse(text, context.day)
        subjects = () if _is_question(sentence) else sentence.subjects
        ties = [*self._titled(sentence), *self._postposed(sentence), *self._governing(sentence, subjects)]
        if not ties and not _is_question(sentence):
            ties = list(self._carried(sentence, context))
        found = [self._candidate(sentence, tie) for tie in ties if tie.mention.office]
        spoken_for = {c.office for c in found if c.role is Role.SPEAKER}
        found += [self._candidate(sentence, tie) for tie in _events(sentence) if tie.mention.office]
        found = [c for c in found if c.role is Role.SPEAKER or not _hits_third_party(sentence, c)]
        return [c for c in found if c.role is not Role.AGENT or c.office not in spoken_for or not c.foreign]

    def _titled(self, sentence: Sentence) -> Iterator[_Tie]:
        """`X: ...` at the start of a headline."""
        colon = next((i for i in range(1, min(10, len(sentence.tokens) - 2)) if sentence.lower(i) == ":"), None)
        mention = sentence.mentions[0] if sentence.mentions else None
        if colon is None or mention is None or mention.first > 4 or mention.last > colon:
            return
        between = range(mention.last, colon)
        if all(i in sentence.mention_at or sentence.lower(i) in OFFICIALS | {"to", "on", "'s", "in"} for i in between):
            last = _titled_last(sentence, mention, colon)
            yield _Tie(last, Role.SPEAKER, colon + 1, len(sentence.tokens), ":")

    def _postposed(self, sentence: Sentence) -> Iterator[_Tie]:
        """`..., says X`, `'...' - X`, `...: X`."""
        for mention in sentence.mentions:
            lead = _lead(sentence, mention)
            if lead is None:
                continue
            yield _Tie(mention, Role.SPEAKER, 0, lead, sentence.lower(lead))

    def _governing(self, sentence: Sentence, subjects: Sequence[Subject]) -> Iterator[_Tie]:
        for index, subject in enumerate(subjects):
            above = _governor(sentence, subjects, index)
            stop = _stop(sentence, subjects, index)
            tie = _tie(sentence, subject, stop)
            if above is None and not _third_party_before(sentence, subject):
                yield tie
            elif above is None or above.mention.side != subject.mention.side:
                if _is_deed(sentence, subject, stop):
                    yield _Tie(tie.mention, Role.EVENT, subject.verb, stop, tie.verb)

    def _carried(self, sentence: Sentence, context: Context) -> Iterator[_Tie]:
        """Words in the first person, or of `he`, belong to whoever spoke before, or to the title's only speaker."""
        voice = next((i for i, token in enumerate(sentence.tokens) if token.text in _FIRST_PERSON), None)
        if voice is None or not set(sentence.text) & set("“”\""):
            voice = _pronoun(sentence)
        known = context.speaker or _title_speaker(context.title)
        if voice is None or known is None or not known.mention.office:
            return
        token = sentence.tokens[voice]
        mention = replace(known.mention, start=token.start, end=token.end, first=voice, last=voice + 1)
        yield _Tie(mention, Role.SPEAKER, 0, len(sentence.tokens), "said")

    def _candidate(self, sentence: Sentence, tie: _Tie) -> Candidate:
        mention = tie.mention
        start, end = sentence.tokens[tie.first].start, sentence.tokens[max(tie.first, tie.last - 1)].end
        return Candidate(
            sentence.text, mention.start, mention.end, mention.office, mention.side, mention.person, tie.role, (start, end),
            _foreign(sentence, mention, tie), tie.verb, _reported(sentence, mention),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Tie:
    mention: Mention
    role: Role
    first: int
    last: int
    verb: str


_FIRST_PERSON = frozenset("We we Our our us I My my We're".split())


def _pronoun(sentence: Sentence) -> int | None:
    """`He said ...`, `..., he said`."""
    for i in (0, len(sentence.tokens) - 3, len(sentence.tokens) - 2):
        if sentence.lower(i) in ("he", "she") and sentence.lower(i + 1) in _SAYING:
            return i
    return None


def _title_speaker(title: Sentence | None) -> Subject | None:
    """Who speaks in a title that opens with its speaker."""
    first = title.subjects[0] if title and title.subjects else None
    return first if first and first.mention.first <= 1 else None


def _hits_third_party(sentence: Sentence, candidate: Candidate) -> bool:
    """Force against a named place of neither side, in a sentence without the other side: another conflict."""
    if any(mention.side != candidate.side for mention in sentence.mentions):
        return False
    for cue in sentence.cues:
        if cue.value.kind is not Kind.OBJECT or cue.value.family != "force":
            continue
        at = cue.end + (sentence.lower(cue.end) in ("on", "in", "against", "at", "over"))
        token = sentence.tokens[at] if at < len(sentence.tokens) else None
        if token and token.text[0].isupper() and at not in sentence.mention_at and token.lower not in DAYS:
            return True
    return False


def _is_question(sentence: Sentence) -> bool:
    asks = sentence.text.rstrip("\"'”’ ").endswith("?") or "?" in sentence.text[-60:]
    return asks and sentence.tokens[0].lower in _QUESTION_WORDS or sentence.text.rstrip().endswith("?")


def _lead(sentence: Sentence, mention: Mention) -> int | None:
    """Index where the words before `, says X` end, or None where the mention is not such a speaker."""
    at = mention.first - 1
    while at > 2 and (sentence.lower(at) in OFFICIALS or at in sentence.mention_at or sentence.lower(at) in ("'s", "the")):
        at -= 1
    cue = sentence.cue_at.get(at)
    if cue and cue.value.kind is Kind.REPORT and at > 2 and sentence.lower(at) in _SAYING:
        inverted = sentence.lower(at - 1) in {",", "'", '"', "”", "’", "as", "-", "–"} or sentence.lower(at) == "according"
        return at if inverted else None
    tail = mention.last >= len(sentence.tokens) - 1
    if tail and at > 2 and sentence.lower(at) in ("-", "–", "—", ":"):
        return at
    return None


_SAYING = frozenset("say says said tells told warns warned adds added insists claims claimed vows vowed according declares".split())


def _titled_last(sentence: Sentence, first: Mention, colon: int) -> Mention:
    """Of `Iran foreign minister:` the minister, of `X to Y:` the first."""
    same = [m for m in sentence.mentions if m.last <= colon and m.side == first.side and m.office]
    addressed = any(sentence.lower(i) in ("to", "on") for i in range(first.last, colon))
    return first if addressed or not same else same[-1]


def _is_tail(sentence: Sentence, subject: Subject) -> bool:
    """`..., X said`: the speaker of what stands before."""
    cue = sentence.cue_at.get(subject.verb)
    before = {sentence.lower(i) for i in range(max(0, subject.mention.first - 3), subject.mention.first)}
    return cue is not None and cue.value.kind is Kind.REPORT and bool(before & {",", "’", "'", '"', "”"})


def _governor(sentence: Sentence, subjects: Sequence[Subject], index: int) -> Subject | None:
    """The subject in whose words this one stands: `A says B will ...`, or `B will ..., A says`."""
    own = subjects[index]
    if _is_tail(sentence, own):
        return None
    for above in reversed(subjects[:index]):
        between = range(above.verb, own.mention.first)
        if above.verb >= own.mention.first:
            continue
        cue = sentence.cue_at.get(above.verb)
        speaks = cue is not None and cue.value.kind in (Kind.REPORT, Kind.THREAT, Kind.CONDEMN, Kind.DEMAND, Kind.TURN)
        if speaks and not any(sentence.lower(i) in SPLITTERS for i in between):
            return above
    for below in subjects[index + 1 :]:
        after = sentence.lower(below.mention.first - 1) in (",", "’", "'", '"', "”")
        cue = sentence.cue_at.get(below.verb)
        ends = below.verb >= len(sentence.tokens) - 8
        if after and ends and cue is not None and cue.value.kind is Kind.REPORT:
            return below
    return None


def _third_party_before(sentence: Sentence, subject: Subject) -> bool:
    """Whether somebody who is neither side says this: the first reporting verb before has another subject."""
    for i in range(1, subject.mention.first):
        cue = sentence.cue_at.get(i)
        if not cue or cue.value.kind is not Kind.REPORT or sentence.lower(i - 1) in ("to", "a", "the", "of"):
            continue
        if any(sentence.lower(j) in SPLITTERS for j in range(i, subject.mention.first)):
            continue
        if any(s.verb == i for s in sentence.subjects) or sentence.lower(i) not in _SAYING:
            continue
        return not any(sentence.lower(j) in _ANONYMOUS for j in range(max(0, i - 6), i))
    tail = [sentence.lower(i) for i in range(max(0, len(sentence.tokens) - 8), len(sentence.tokens))]
    spoken = [i for i, word in enumerate(tail) if word in ("say", "says", "said")]
    if not spoken or any(s.verb >= len(sentence.tokens) - 8 and s is not subject for s in sentence.subjects):
        return False
    at = max(0, len(sentence.tokens) - 8) + spoken[-1]
    if at < len(sentence.tokens) - 5 or subject.verb >= at or not {sentence.lower(j) for j in range(max(0, at - 6), at)} & {",", "'", "’", '"', "”"}:
        return False
    near = {sentence.lower(j) for j in range(max(0, at - 5), len(sentence.tokens))}
    known = any(at - 6 <= i for i in sentence.mention_at)
    return not known and not near & _ANONYMOUS and not near & OFFICIALS


def _stop(sentence: Sentence, subjects: Sequence[Subject], index: int) -> int:
    """Where the subject's scope ends: before the next subject in a clause of its own."""
    own = subjects[index]
    for other in subjects[index + 1 :]:
        if other.verb == own.verb or other.mention.first < own.verb:
            continue
        if any(sentence.lower(i) in SPLITTERS for i in range(own.verb, other.mention.first)):
            splits = [i for i in range(own.verb, other.mention.first) if sentence.lower(i) in SPLITTERS]
            return max(own.verb + 1, splits[-1])
    return _others_clause(sentence, own.verb + 1)


def _others_clause(sentence: Sentence, first: int) -> int:
    """Where a clause of a third party's words begins (`..., but Z says`), or the end."""
    for i in range(first, len(sentence.tokens) - 2):
        if sentence.lower(i) not in SPLITTERS:
            continue
        room = range(i + 1, min(i + 7, len(sentence.tokens)))
        said = next((j for j in room if sentence.lower(j) in _SAYING or sentence.lower(j) == "reported"), None)
        if said and not any(j in sentence.mention_at for j in range(i + 1, said)) and sentence.lower(i + 1) not in ("he", "she"):
            return i
    return len(sentence.tokens)


def _tie(sentence: Sentence, subject: Subject, stop: int) -> _Tie:
    cue = sentence.cue_at.get(subject.verb)
    speaks = cue is not None and cue.value.kind is Kind.REPORT
    first = subject.mention.last
    if speaks and subject.mention.first > 3 and sentence.lower(subject.mention.first - 1) in (",", "’", "'", '"', "”", "-", "—", ":"):
        first = 0
    return _Tie(subject.mention, Role.SPEAKER if speaks else Role.AGENT, first, stop, sentence.lower(subject.verb))


def _is_deed(sentence: Sentence, subject: Subject, stop: int) -> bool:
    """Whether the subject is said to have used force or pressure: told of, not promised."""
    verb = subject.verb
    words = {sentence.lower(i) for i in range(subject.mention.last, verb + 1)}
    if words & {"will", "would", "could", "may", "might", "must", "should", "to", "'ll", "can", "cannot", "is", "are"} or words & {"not", "never"}:
        return False
    window = [sentence.cue_at[i].value for i in range(verb, min(verb + 4, stop)) if i in sentence.cue_at]
    passive = words & {"was", "were", "been", "be"}
    return not passive and any(c.kind is Kind.OBJECT and c.family in ("force", "pressure") and c.weight >= 1 for c in window)


def _foreign(sentence: Sentence, mention: Mention, tie: _Tie) -> tuple[tuple[int, int], ...]:
    return tuple(
        (m.start, m.end) for m in sentence.mentions if m.side != mention.side and tie.first <= m.first < tie.last
    )


def _reported(sentence: Sentence, mention: Mention) -> bool:
    words = [token.lower for token in sentence.tokens]
    near = {words[i] for i in range(max(0, mention.first - 4), min(len(words), mention.last + 6))}
    return bool(near & {"reportedly", "considering", "source", "sources", "report", "mulls", "weighs", "mulling", "weighing"})


def _events(sentence: Sentence) -> Iterator[_Tie]:
    """Deeds and threats named in a noun: `X's threat`, `X-Y strikes`, `struck by X`."""
    for mention in sentence.mentions:
        at = _event_after(sentence, mention)
        if at is None:
            at = _event_before(sentence, mention)
        if at is not None:
            cue = sentence.cue_at[at]
            yield _Tie(mention, Role.EVENT, cue.start, cue.end, sentence.lower(at))


def _event_after(sentence: Sentence, mention: Mention) -> int | None:
    if sentence.lower(mention.last) == "of" and mention.first and sentence.lower(mention.first - 1) in _ACCUSING:
        return _accused_of(sentence, mention.last)
    at, owned = mention.last, mention.naming is Naming.DEMONYM or _is_acronym(sentence, mention)
    if sentence.lower(at) == "'s":
        at, owned = at + 1, True
    at, joint = _after_partner(sentence, at)
    for i in range(at, min(at + _ADJECTIVE_ROOM, len(sentence.tokens))):
        cue = sentence.cue_at.get(i)
        if cue and cue.value.kind is Kind.THREAT:
            named = owned or joint or mention.naming is Naming.PERSON
            return i if named and _is_threat_noun(sentence, i) else None
        if cue and cue.value.kind is Kind.OBJECT and _is_event(cue.value.family, cue.value.value, cue.value.weight):
            named = cue.value.noun or sentence.lower(i) in ("attack", "attacks", "strikes", "strike", "raid", "raids")
            fits = (owned or joint) and named and not _is_hypothetical(sentence, mention.first)
            return i if fits and sentence.lower(cue.end) not in _NOT_EVENTS and not _is_predicate(sentence, mention, i) else None
        if not _is_modifier(sentence, i):
            return None
    return None


_ACCUSING = frozenset("accuse accuses accused accusing".split())


def _accused_of(sentence: Sentence, at: int) -> int | None:
    """`accuses X of launching an attack`: told as a deed."""
    for i in range(at + 1, min(at + 8, len(sentence.tokens))):
        cue = sentence.cue_at.get(i)
        if cue and cue.value.kind is Kind.OBJECT and _is_event(cue.value.family, cue.value.value, cue.value.weight):
            return i
    return None


def _is_predicate(sentence: Sentence, mention: Mention, at: int) -> bool:
    return any(s.mention == mention and s.verb == at for s in sentence.subjects)


def _event_before(sentence: Sentence, mention: Mention) -> int | None:
    """`attacks by X`, `strikes from X`, `struck by X`, `strikes by A and X`."""
    at = mention.first - 1
    at -= sentence.lower(at) == "the"
    if sentence.lower(at) not in ("by", "from") or _is_hypothetical(sentence, at - 2):
        return None
    for i in range(at - 1, max(-1, at - 3), -1):
        cue = sentence.cue_at.get(i)
        if cue and cue.value.kind is Kind.OBJECT and _is_event(cue.value.family, cue.value.value, cue.value.weight):
            return None if _is_hypothetical(sentence, cue.start) else i
    return None


def _after_partner(sentence: Sentence, at: int) -> tuple[int, bool]:
    """Past a partner in the deed: `-Israeli`, ` and Israeli`, `, Israel`. True where there is one."""
    if sentence.lower(at) not in ("-", "–", "and", ",", "/", "&"):
        return at, False
    step = at + 1
    partner = sentence.mention_at.get(step)
    if partner is not None:
        return partner.last, True
    if step < len(sentence.tokens) and sentence.tokens[step].text[0].isupper():
        return step + 1 + (sentence.lower(step + 1) == "'s"), True
    return at, False


def _is_acronym(sentence: Sentence, mention: Mention) -> bool:
    name = sentence.text[mention.start : mention.end].replace(".", "")
    return mention.naming is Naming.TITLE or (name.isupper() and len(name) <= 4)


def _is_event(family: str, value: int, weight: float) -> bool:
    return family == "force" and value < 0 and weight >= 1


def _is_threat_noun(sentence: Sentence, at: int) -> bool:
    word = sentence.lower(at)
    if sentence.lower(at - 1) in ("no", "any"):
        return False
    return word in ("threat", "threats", "warning", "warnings", "ultimatum") and sentence.lower(at + 1) not in ("of",)


def _is_hypothetical(sentence: Sentence, first: int) -> bool:
    return any(sentence.lower(i) in _HYPOTHETICAL for i in range(max(0, first - 3), first))


def _is_modifier(sentence: Sentence, at: int) -> bool:
    token = sentence.tokens[at]
    if at in sentence.mention_at or token.text in "-‑":
        return True
    return token.text[0].isalnum() and token.lower not in ("on", "of", "in", "at", "to", "and", "the", "a", "for", "with", "from", "by")
