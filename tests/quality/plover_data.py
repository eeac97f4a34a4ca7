"""Rows of the PLOVER form, and a generator of further rows from our own phrases."""

from __future__ import annotations

import csv
import gzip
import io
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SHARED = Path(__file__).parents[3] / "shared"
TRAIN = SHARED / "data" / "text" / "plover_zsp" / "PLV_train.tsv.gz"
PHRASES = Path(__file__).parent / "plover_phrases.yaml"
QUAD = {
    **dict.fromkeys(("AGREE", "CONSULT", "SUPPORT"), "1"),
    **dict.fromkeys(("AID", "COOPERATE", "YIELD"), "2"),
    **dict.fromkeys(("ACCUSE", "REJECT", "REQUEST", "THREATEN"), "3"),
    **dict.fromkeys(("ASSAULT", "COERCE", "MOBILIZE", "PROTEST", "SANCTION"), "4"),
}
"""Root class to quad class: verbal and material cooperation, verbal and material conflict."""
ROOTS = tuple(sorted(QUAD))


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence in which `<s>..</s>` marks the source of an event and `<t>..</t>` its target."""

    sentence_id: str
    text: str
    root: str
    quad: str


def read_rows(path: Path) -> list[Row]:
    """The rows of a .tsv or .tsv.gz file. Raises ValueError where it lacks a column or names an unknown class."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    rows = [_row(number, row) for number, row in enumerate(csv.DictReader(io.StringIO(text), delimiter="\t"), 2)]
    if not rows:
        raise ValueError(f"{path}: no rows")
    return rows


def _row(number: int, row: dict[str, str]) -> Row:
    missing = {"sentence", "gold_root"} - row.keys()
    if missing:
        raise ValueError(f"line {number}: no column {', '.join(sorted(missing))}")
    root = row["gold_root"]
    if root not in QUAD:
        raise ValueError(f"line {number}: {root!r} is none of {', '.join(ROOTS)}")
    return Row(
        row.get("sentence_id") or str(number),
        row.get("marked_sentence") or row["sentence"],
        root,
        row.get("gold_penta") or QUAD[root],
    )


def generated(seed: int, per_class: int) -> list[Row]:
    """Rows of our own: `per_class` of each root, with labels by construction."""
    bank: dict[str, Any] = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    rng = random.Random(seed)
    predicates = _by_root(bank, rng)
    return [
        Row(f"own-{root}-{i}", _sentence(bank, predicate, rng), root, QUAD[root])
        for root in ROOTS
        for i, predicate in enumerate(_draw(predicates[root], per_class, rng))
    ]


def _draw(items: list[str], count: int, rng: random.Random) -> list[str]:
    whole = items * (count // len(items))
    return whole + rng.sample(items, count % len(items))


def _by_root(bank: dict[str, Any], rng: random.Random) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {root: list(bank["words"].get(root, ())) for root in ROOTS}
    for root, phrase in _acts(bank):
        base, past = phrase.split(" | ")
        kind = QUAD[root] in "12"
        found[root].append(past)
        mood = rng.choice(bank["moods"]["future_kind" if kind else "future_unkind"])
        found["AGREE" if kind else "THREATEN"].append(f"{mood} {base}")
        if kind:
            found["REJECT"].append(f"{rng.choice(bank['moods']['refused'])} {base}")
    return found


def _acts(bank: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for root, phrases in bank["acts"].items():
        for phrase in phrases:
            yield root, phrase


def _sentence(bank: dict[str, Any], predicate: str, rng: random.Random) -> str:
    source, target = rng.choice(bank["sources"]), rng.choice(bank["targets"])
    opening, ending = rng.choice(bank["openings"]), rng.choice(bank["endings"])
    line = f"{opening}<s>{source}</s> {predicate.replace('{T}', f'<t>{target}</t>')}{ending}."
    return re.sub(r"^(<s>)?(\w)", lambda m: (m[1] or "") + m[2].upper(), line)
