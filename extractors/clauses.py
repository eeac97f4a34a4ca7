"""Whose words a clause is: who governs a subject, where its scope ends, what is told of it as a deed."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.cues import Kind
from extractors.grammar import Sentence, Subject
from extractors.vocabulary import ANONYMOUS, MODALS, OFFICIALS, PRONOUNS, QUOTES, SAYING, SPLITTERS

_GOVERNING = frozenset(
    {Kind.REPORT, Kind.THREAT, Kind.COMMIT, Kind.CONDEMN, Kind.DEMAND, Kind.CONCEDE, Kind.TURN, Kind.SUSPEND}
)
_TAIL = 8
"""A speaker named at the end stands within so many tokens of it."""


def governor(sentence: Sentence, subjects: Sequence[Subject], index: int) -> Subject | None:
    """The subject in whose words this one stands: `A says B will ...`, or `B will ..., A says`."""
    own = subjects[index]
    if _is_tail(sentence, own):
        return None
    before = (above for above in reversed(subjects[:index]) if _speaks_of(sentence, above, own))
    after = (below for below in subjects[index + 1 :] if _closes(sentence, below))
    return next(before, None) or next(after, None)


def is_third_partys(sentence: Sentence, subject: Subject) -> bool:
    """Whether somebody who is neither side says this of the subject. Media and unnamed sources do not count."""
    for i in range(1, subject.mention.first):
        if _is_foreign_saying(sentence, i, subject):
            return not _names(sentence, i - 6, i) & ANONYMOUS
    return _ends_with_third_party(sentence, subject)


def scope_end(sentence: Sentence, subjects: Sequence[Subject], index: int) -> int:
    """Where the subject's scope ends: before the next subject in a clause of its own, or a third party's words."""
    own = subjects[index]
    for other in subjects[index + 1 :]:
        if other.verb == own.verb or other.mention.first < own.verb:
            continue
        splits = _splits(sentence, own.verb, other.mention.first)
        if splits:
            return max(own.verb + 1, splits[-1])
    return _third_partys_clause(sentence, own.verb + 1)


def is_deed(sentence: Sentence, subject: Subject, stop: int) -> bool:
    """Whether the subject is said to have used force or pressure: told of, not promised, and not suffered."""
    words = _names(sentence, subject.mention.last, subject.verb + 1)
    if words & MODALS or words & {"was", "were", "been", "be"}:
        return False
    window = (
        sentence.cue_at[i].value for i in range(subject.verb, min(subject.verb + 4, stop)) if i in sentence.cue_at
    )
    return any(c.kind is Kind.OBJECT and c.family in ("force", "pressure") and c.weight >= 1 for c in window)


def is_report(sentence: Sentence, at: int) -> bool:
    """Whether a reporting verb stands there."""
    cue = sentence.cue_at.get(at)
    return cue is not None and cue.value.kind is Kind.REPORT


def _speaks_of(sentence: Sentence, above: Subject, own: Subject) -> bool:
    cue = sentence.cue_at.get(above.verb)
    governs = cue is not None and cue.value.kind in _GOVERNING and above.verb < own.mention.first
    return governs and not _splits(sentence, above.verb, own.mention.first)


def _closes(sentence: Sentence, below: Subject) -> bool:
    marked = sentence.lower(below.mention.first - 1) in QUOTES | {","}
    return marked and below.verb >= len(sentence.tokens) - _TAIL and is_report(sentence, below.verb)


def _is_tail(sentence: Sentence, subject: Subject) -> bool:
    """`..., X said`: the speaker of what stands before."""
    before = _names(sentence, subject.mention.first - 3, subject.mention.first)
    return is_report(sentence, subject.verb) and bool(before & (QUOTES | {","}))


def _is_foreign_saying(sentence: Sentence, at: int, subject: Subject) -> bool:
    if not is_report(sentence, at) or sentence.lower(at) not in SAYING:
        return False
    if sentence.lower(at - 1) in ("to", "a", "the", "of") or any(s.verb == at for s in sentence.subjects):
        return False
    return not _splits(sentence, at, subject.mention.first)


def _ends_with_third_party(sentence: Sentence, subject: Subject) -> bool:
    size = len(sentence.tokens)
    at = next((i for i in range(size - 1, max(-1, size - 6), -1) if sentence.lower(i) in ("say", "says", "said")), None)
    if at is None or subject.verb >= at or any(s.verb >= size - _TAIL and s is not subject for s in sentence.subjects):
        return False
    mark = next((i for i in range(at - 1, max(-1, at - 7), -1) if sentence.lower(i) in QUOTES | {","}), None)
    if mark is None:
        return False
    known = any(i > mark for i in sentence.mention_at)
    return not known and not _names(sentence, mark, size) & (ANONYMOUS | OFFICIALS)


def _third_partys_clause(sentence: Sentence, first: int) -> int:
    """Where a clause of a third party's words begins (`..., but Z says`), or the end."""
    for i in range(first, len(sentence.tokens) - 2):
        if sentence.lower(i) not in SPLITTERS or sentence.lower(i + 1) in PRONOUNS:
            continue
        room = range(i + 1, min(i + 7, len(sentence.tokens)))
        said = next((j for j in room if sentence.lower(j) in SAYING | {"reported"}), None)
        if said and not any(j in sentence.mention_at for j in range(i + 1, said)):
            return i
    return len(sentence.tokens)


def _splits(sentence: Sentence, first: int, last: int) -> list[int]:
    return [i for i in range(first, last) if sentence.lower(i) in SPLITTERS]


def _names(sentence: Sentence, first: int, last: int) -> set[str]:
    return {sentence.lower(i) for i in range(max(0, first), last)}
