"""What the measurements share: where the data lie, gold items as the reader gets them, and the reader itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import extractors
from extractors.batch import read_lines
from volteface.config import Config
from volteface.config_file import load_config
from volteface.types import Extractors

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
GOLD = SHARED / "data" / "gold" / "statements_dev.jsonl"
OFFICIAL = SHARED / "eval" / "score_readings.py"
CACHE = ROOT / "build" / "quality"

Reading = tuple[str, str, int]
"""(holder, axis, sign)."""
Readings = dict[str, list[Reading]]
"""Item id to readings."""


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled text."""

    id: str
    text: str
    title: str
    published: str
    document: str
    """Items of one document are resampled together."""
    gold: tuple[Reading, ...]

    def line(self) -> str:
        """The item as a line for `volteface read`."""
        row = {"id": self.id, "text": self.text, "title": self.title, "published": self.published}
        return json.dumps(row, ensure_ascii=False)


def sign(stance: float) -> int:
    """-1, 0 or 1, cut as `score_readings.py` does."""
    return -1 if stance < -0.2 else 1 if stance > 0.2 else 0


def gold_items(path: Path = GOLD) -> list[Item]:
    """The gold statements. Headlines and sentences of one article are one document."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [_gold_item(row) for row in rows]


def _gold_item(row: dict[str, Any]) -> Item:
    title = row.get("title", "")
    document = f"{row.get('outlet', '')}|{title or row['id']}"
    return Item(row["id"], row["text"], title, row["published"], document, _readings(row["readings"]))


def corpus_items(rows: Iterable[dict[str, Any]], block: int = 10) -> list[Item]:
    """Rows of the written corpus; each `block` of neighbours (a minimal pair stays together) is one document.

    A row whose speaker stands outside the text (a post, a transcript) is left out: no reader could know who it is.
    """
    return [
        Item(row["id"], row["text"], row["context"], row["date"], _block(row["id"], block), _readings(row["readings"]))
        for row in rows
        if "speaker" not in row
    ]


def _block(row_id: str, size: int) -> str:
    stem, number = row_id.rsplit("-", 1)
    return f"{stem}-{int(number) // size}"


def _readings(rows: Sequence[dict[str, Any]]) -> tuple[Reading, ...]:
    return tuple((r["holder"], r["axis"], sign(float(r["stance"]))) for r in rows)


@cache
def main_config() -> Config:
    """The shipped config.yaml."""
    return load_config(ROOT / "config.yaml")


@cache
def shipped() -> Extractors:
    """The shipped instruments, loaded once."""
    return extractors.build(main_config())


def read(instruments: Extractors, items: Sequence[Item]) -> Readings:
    """What the reader finds, through the contract of `volteface read`."""
    return {out["id"]: list(_readings(out["readings"])) for out in read_lines(instruments, map(Item.line, items))}


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
