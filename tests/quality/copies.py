"""How many edited copies of news texts are found, how many are given to a wrong story, and what the index weighs.

    python -m tests.quality.copies

The articles of the team's archive with 150 words and more are in the index. 300 of them, not counting the walls and
notices that a site shows in place of its articles, are edited as newsrooms and aggregators do and come again from
another outlet under another headline, one kind of edit at a time. Found: the copy has the original's origin. Wrong: it
has another story's. Memory: made-up articles of 520 words, all of one window. The archive is read where it lies.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain

import psutil

from tests.quality.instruments import SHARED
from volteface.copies import CopyIndex, sketch

ARCHIVE = SHARED / "data" / "news" / "archive_2026_01_to_04.jsonl.gz"
LONG = 150
"""Words of an original, at least."""
RECALL, WRONG, MEMORY_MB = 0.80, 0.005, 300.0
"""The goals: found of the heavy edit at least, wrong of all lookups at most, and 100,000 articles at most so large."""
RUN, COMMON = 5, 8
"""A run of so many words that stands in so many articles is the site's and not the story's."""
START = datetime(2026, 11, 1, tzinfo=UTC)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_ADDED = (
    "This desk adds its own line here.",
    "More will follow as the day goes on.",
    "Our reporter was not in the room.",
)


@dataclass(frozen=True, slots=True)
class Original:
    """An article as archived."""

    outlet: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the copies of one kind of edit, as shares of all of them."""

    edit: str
    recall: float
    wrong: float


Edit = Callable[[str, str, random.Random], str]
"""(text, some other story's text, chance) → the copy's text."""


def light(text: str, other: str, chance: random.Random) -> str:
    """A dateline before it and a line of the desk behind."""
    return f"MUSCAT (Wire) — {text} {_ADDED[0]}"


def cut(text: str, other: str, chance: random.Random) -> str:
    """The first 30 % of its words."""
    words = text.split()
    return " ".join(words[: round(0.3 * len(words))])


def noise(text: str, other: str, chance: random.Random) -> str:
    """8 % of its words spelt otherwise."""
    return " ".join(f"{word}x" if chance.random() < 0.08 else word for word in text.split())


def dropped(text: str, other: str, chance: random.Random) -> str:
    """A fifth of its sentences gone, three new ones added."""
    kept = [sentence for sentence in _SENTENCE.split(text) if chance.random() >= 0.2]
    return " ".join([*kept, *_ADDED])


def heavy(text: str, other: str, chance: random.Random) -> str:
    """55 % of its sentences in another order, and a third of as much from another story."""
    kept = _SENTENCE.split(text)
    kept = chance.sample(kept, max(1, round(0.55 * len(kept))))
    words = sum(len(sentence.split()) for sentence in kept)
    return " ".join([*kept, *other.split()[: round(words / 3)]])


EDITS: tuple[Edit, ...] = (light, cut, noise, dropped, heavy)


def originals() -> list[Original]:
    """The long articles of the archive, in its order."""
    with gzip.open(ARCHIVE, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Original(r["outlet"], r["title"], r["text"]) for r in rows if len(r["text"].split()) >= LONG]


def stories(known: list[Original]) -> list[int]:
    """Places of the articles that are at least half a story, and not a wall that stands in place of one."""
    runs = [_runs(one.text) for one in known]
    counts = Counter(chain.from_iterable(runs))
    return [n for n, mine in enumerate(runs) if sum(counts[run] >= COMMON for run in mine) <= len(mine) / 2]


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(*(words[i:] for i in range(RUN)), strict=False))


def measure(edit: Edit, known: list[Original], copies: int, seed: int) -> Found:
    """Look up the edited copies of some originals among all of them."""
    chance, index = random.Random(seed), CopyIndex()
    origins = [
        index.place(n, one.outlet, sketch(one.title, one.text), START + timedelta(minutes=n)).origin_id
        for n, one in enumerate(known)
    ]
    found = wrong = 0
    real = stories(known)
    for n in (chosen := chance.sample(real, min(copies, len(real)))):
        text = edit(known[n].text, known[chance.choice(real)].text, chance)
        number = len(known) + n
        at = START + timedelta(minutes=len(known))
        origin = index.place(number, "Another desk", sketch(f"Copy {number} under a headline of its own", text), at)
        found += origin.origin_id == origins[n]
        wrong += origin.origin_id not in (origins[n], number)
    return Found(edit.__name__, found / len(chosen), wrong / len(chosen))


def weigh(articles: int) -> tuple[float, float]:
    """Megabytes that an index of so many articles takes, and milliseconds of processor time that placing one takes."""
    chance, process = random.Random(1), psutil.Process()
    index, before, took = CopyIndex(limit=articles), process.memory_info().rss, 0.0
    vocabulary = [f"{chance.randrange(16**5):05x}" for _ in range(20_000)]
    for n in range(articles):
        words = chance.choices(vocabulary, k=520)
        article = sketch(" ".join(words[:9]), " ".join(words))
        began = time.process_time()
        index.place(n, f"outlet {n % 70}", article, START + timedelta(seconds=n))
        took += time.process_time() - began
    return (process.memory_info().rss - before) / 1e6, took / articles * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=300, help="originals that are edited")
    parser.add_argument("--articles", type=int, default=100_000, help="articles in the window, for the memory")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    if ARCHIVE.exists():
        known = originals()
        found = [measure(edit, known, args.copies, args.seed) for edit in EDITS]
        sys.stdout.write(table(found, len(known), args.copies) + "\n")
    else:
        sys.stdout.write(f"{ARCHIVE} is not there: only memory is measured\n")
    sys.stdout.flush()
    memory, milliseconds = weigh(args.articles)
    met = "met   " if memory <= MEMORY_MB * args.articles / 100_000 else "MISSED"
    sys.stdout.write(
        f"{met} {memory:.0f} MB for {args.articles:,} articles; {milliseconds:.1f} ms of CPU to place one\n"
    )


def table(found: list[Found], known: int, copies: int) -> str:
    """The shares as Markdown, and whether the goals are met."""
    rows = [f"| edit ({copies} copies of {known} originals) | found | wrong story |", "|---|---|---|"]
    rows += [f"| {one.edit} | {one.recall:.2f} | {one.wrong:.4f} |" for one in found]
    last, wrong = found[-1], sum(one.wrong for one in found) / len(found)
    rows.append(f"\n{'met   ' if last.recall >= RECALL else 'MISSED'} found of the heavy edit: {last.recall:.2f}")
    rows.append(f"{'met   ' if wrong <= WRONG else 'MISSED'} wrong of all lookups: {wrong:.4f}")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
