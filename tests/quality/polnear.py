"""PolNeAR: who said what in political news, against source, cue and content spans.

    python tests/quality/polnear.py FOLDER_OR_FILES... [--part dev] [--json]

FOLDER_OR_FILES holds PolNeAR's `text/*.txt` and `attributions/*.ann`, or its tar.xz; of a tree with parts, --part
alone. The instrument is the reader's own attribution (`extractors.attribution`) with a lexicon in which anybody is a
speaker: names, pronouns and officials stand where the config's offices and people stand otherwise. What is measured is
how words are tied to a speaker; which of the config's offices a speaker is, is not.

Exact: a span has the very words of a gold span. Overlap: it shares one. Words: the words of all spans of a role.
Brackets hold 95 % intervals over articles. PolNeAR's attributions are also beliefs, plans and documents, and a content
may run over several sentences; the reader looks for speech, one sentence at a time.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

if __name__ == "__main__":  # run as a script: the repository's root is not on the path
    sys.path.insert(0, str(Path(__file__).parents[2]))

from extractors.actors import ActorLexicon, Mention, Naming
from extractors.attribution import Attribution as Finder
from extractors.attribution import Context
from extractors.grammar import Grammar
from extractors.phrases import Found, Token
from extractors.sentences import split
from extractors.vocabulary import (
    ANONYMOUS,
    BACKGROUND,
    DAYS,
    DETERMINERS,
    FUNCTION_WORDS,
    OFFICIALS,
    QUESTION_WORDS,
    SPLITTERS,
    words_of,
)
from tests.quality.figures import Figure
from tests.quality.instruments import main_config
from tests.quality.polnear_data import ROLES, WORD, Article, Attribution, articles, words_in

MATCHES = ("exact", "overlap", "words")
VOICES = words_of("he she they we i who")
PEOPLE = (
    OFFICIALS | ANONYMOUS | words_of("campaign candidate nominee voters mayor governor lawyer judge man woman poll")
)
NOT_NAMES = BACKGROUND | SPLITTERS | QUESTION_WORDS | DETERMINERS | FUNCTION_WORDS | DAYS | VOICES | words_of(
    "this that these those it its his her their our my your there here if and or so yet not no in at by now then"
)  # fmt: skip
_INSIDE = words_of("of & de al van von 's -")

Figures = dict[str, dict[str, dict[str, Figure]]]
"""Role (and `attribution`) to kind of match to precision, recall, f1."""


class AnySpeaker(ActorLexicon):
    """A lexicon in which every name, pronoun and official is somebody, of a side of its own."""

    def mentions(self, tokens: Sequence[Token], day: date | datetime | None) -> list[Mention]:
        """Names, pronouns and officials in order."""
        found, at = list[Mention](), 0
        while at < len(tokens):
            end = _end_of_speaker(tokens, at)
            if end > at:
                who = " ".join(token.lower for token in tokens[at:end])
                found.append(Mention(tokens[at].start, tokens[end - 1].end, at, end, who, who, who, Naming.PERSON))
            at = max(end, at + 1)
        return found

    def bare_titles(self, tokens: Sequence[Token]) -> list[Found[dict[str, str]]]:
        """None: `mentions` has them."""
        return []


def _end_of_speaker(tokens: Sequence[Token], at: int) -> int:
    """Where the speaker that starts there ends; `at` where none does."""
    if tokens[at].lower in VOICES:
        return at + 1
    led = tokens[at].lower in DETERMINERS or tokens[at].lower in PEOPLE
    end, seen = at + led, tokens[at].lower in PEOPLE
    while end < len(tokens) and (_is_name(tokens[end]) or tokens[end].lower in PEOPLE or _joins(tokens, end, seen)):
        seen, end = True, end + 1
    return end if seen else at


def _is_name(token: Token) -> bool:
    return token.text[0].isupper() and token.lower not in NOT_NAMES


def _joins(tokens: Sequence[Token], at: int, seen: bool) -> bool:
    known = at + 1 < len(tokens) and (_is_name(tokens[at + 1]) or tokens[at + 1].lower in PEOPLE)
    return seen and known and tokens[at].lower in _INSIDE


def found_in(article: Article, finder: Finder) -> Iterator[Attribution]:
    """What the reader's attribution finds, sentence by sentence."""
    at = [(m.start(), m.end()) for m in WORD.finditer(article.text)]
    context = Context()
    for start, end in split(article.text, limit=10_000):
        for statement in finder.statements(article.text[start:end], context):
            spans = (statement.source,), (statement.cue,), statement.content
            source, cue, content = (words_in(at, [(start + a, start + b) for a, b in places]) for places in spans)
            yield Attribution(source, cue, content)


def measure(of: Sequence[Article], draws: int = 1000, seed: int = 0) -> Figures:
    """Precision, recall and F1 of every role, with intervals."""
    finder = Finder(Grammar(AnySpeaker(main_config())))
    counts = np.array([_counts(article.gold, tuple(found_in(article, finder))) for article in of], dtype=np.float64)
    weights = np.random.default_rng(seed).multinomial(len(of), [1 / len(of)] * len(of), draws)
    whole, resampled = _shares(counts.sum(0)), _shares(np.einsum("da,a...->d...", weights, counts))
    low, high = np.nanpercentile(resampled, [2.5, 97.5], axis=0)
    names = [(role, match) for role in ROLES for match in MATCHES] + [("attribution", "overlap")]
    figures: Figures = {}
    for row, (role, match) in enumerate(names):
        numbers = zip(("precision", "recall", "f1"), whole[row], low[row], high[row], strict=True)
        figures.setdefault(role, {})[match] = {name: Figure(*map(float, three)) for name, *three in numbers}
    return figures


def _counts(gold: Sequence[Attribution], found: Sequence[Attribution]) -> list[tuple[int, int, int, int]]:
    """Of each figure: hits among the found, found, hits among the gold, gold."""
    rows = []
    for role in ROLES:
        ours, theirs = ([span for a in side if (span := getattr(a, role))] for side in (found, gold))
        exact = sum(span in theirs for span in ours), sum(span in ours for span in theirs)
        all_ours, all_theirs = frozenset[int]().union(*ours), frozenset[int]().union(*theirs)
        overlap = sum(bool(s & all_theirs) for s in ours), sum(bool(s & all_ours) for s in theirs)
        shared = len(all_ours & all_theirs)
        rows += [(hits, len(ours), known, len(theirs)) for hits, known in (exact, overlap)]
        rows.append((shared, len(all_ours), shared, len(all_theirs)))
    complete = [a for a in gold if a.source and a.content]
    rows.append((
        sum(any(_same(f, g) for g in complete) for f in found), len(found),
        sum(any(_same(f, g) for f in found) for g in complete), len(complete),
    ))  # fmt: skip
    return rows


def _same(found: Attribution, gold: Attribution) -> bool:
    """Whether source and content both overlap those of one gold attribution: the right words of the right speaker."""
    return bool(found.source & gold.source and found.content & gold.content)


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., rows, 4) to (..., rows, 3): precision, recall, F1."""
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = counts[..., 0] / counts[..., 1], counts[..., 2] / counts[..., 3]
        f1 = 2 * precision * recall / (precision + recall)
    return np.stack([precision, recall, f1], axis=-1)


def as_markdown(figures: Figures) -> str:
    """One table."""
    lines = ["| span | match | precision | recall | F1 |", "|---|---|---|---|---|"]
    for role, by_match in figures.items():
        lines += [f"| {role} | {match} | " + " | ".join(map(str, f.values())) + " |" for match, f in by_match.items()]
    return "\n".join(lines)


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--part", default="dev", show_default=True, help="Folder to read in a tree that has several parts.")
@click.option("--json", "as_json", is_flag=True)
def main(paths: tuple[Path, ...], part: str, as_json: bool) -> None:
    """Command line."""
    try:
        of = articles(paths, part)
    except (ValueError, OSError) as error:
        raise click.ClickException(f"{', '.join(map(str, paths))}: {error}") from error
    figures = measure(of)
    if as_json:
        plain = {r: {m: {n: asdict(f) for n, f in by.items()} for m, by in row.items()} for r, row in figures.items()}
        click.echo(json.dumps({"articles": len(of), "figures": plain}))
        return
    click.echo(f"{len(of)} articles, {sum(len(article.gold) for article in of)} attributions\n")
    click.echo(as_markdown(figures))


if __name__ == "__main__":
    main()
