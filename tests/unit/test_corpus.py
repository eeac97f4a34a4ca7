"""The written corpus: every row can be trained on, and none repeats what the reader is measured by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from training.examples import CORPUS, PAIRS, Examples, rows

FILES = tuple(sorted(path.name for path in CORPUS.glob("*.jsonl")))
GOLD = Path(__file__).parents[3] / "shared" / "data" / "gold"
RUN = 6
Gram = tuple[str, ...]


@pytest.fixture(scope="module")
def maker() -> Examples:
    """The lexicons of every pair of sides."""
    return Examples()


@pytest.mark.parametrize("name", FILES)
def test_every_label_reaches_an_example(name: str, maker: Examples) -> None:
    """A label whose mention or office is misspelt would be lost without a word, and the reader trained on less."""
    faults = [row["id"] for row in rows([name]) if _faults(row, maker)]
    assert faults == []


def _faults(row: dict[str, Any], maker: Examples) -> bool:
    if any(r["mention"] not in row["text"] or (not r["mention"] and "speaker" not in row) for r in row["readings"]):
        return True
    stated = sorted(s for e in maker.of(row) for s in e.stances if s is not None)
    # words that stand for both sides at once ("both armies") make an example for one of them
    wanted = {(r["mention"], r["axis"]): r["stance"] for r in row["readings"]}
    return stated != sorted(wanted.values())


def test_ids_are_unique_and_pairs_known() -> None:
    """Two rows of one id could fall on both sides of the split, and the development figures would flatter."""
    every = list(rows(FILES))
    assert len({row["id"] for row in every}) == len(every)
    assert {row["pair"] for row in every} <= {"iran_us", *(path.stem for path in PAIRS.glob("*.yaml"))}


def test_minimal_pairs_differ_in_what_they_say() -> None:
    """A pair split between training and development, or labelled alike, teaches nothing about opposites."""
    blocks: dict[int, list[dict[str, Any]]] = {}
    for row in rows(["minimal_pairs.jsonl"]):
        blocks.setdefault(int(row["id"].rsplit("-", 1)[1]) // 10, []).append(row)
    alone = [row["id"] for block in blocks.values() for row in block if not _has_opposite(row, block)]
    assert alone == []


def _has_opposite(row: dict[str, Any], block: list[dict[str, Any]]) -> bool:
    number = block.index(row)
    beside = block[max(0, number - 2) : number] + block[number + 1 : number + 3]
    words = _words(row["text"])
    return any(set(words) & set(_words(b["text"])) and _stated(b) != _stated(row) for b in beside)


def _stated(row: dict[str, Any]) -> list[tuple[str, str, float]]:
    return sorted((r["holder"], r["axis"], r["stance"]) for r in row["readings"])


@pytest.mark.skipif(not GOLD.is_dir(), reason=f"no gold sentences at {GOLD}")
def test_no_row_repeats_a_gold_sentence() -> None:
    """A reader trained on what it is measured by would show figures that no user ever sees."""
    gold = {gram for path in GOLD.glob("*.jsonl") for text in _texts(path) for gram in _grams(text)}
    assert gold
    assert [row["id"] for row in rows(FILES) if gold & set(_grams(row["text"]))] == []


def _texts(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield from (value for value in json.loads(line).values() if isinstance(value, str))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub("['’]", "", text.lower()))


def _grams(text: str) -> Iterator[Gram]:
    words = _words(text)
    return (tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1))
