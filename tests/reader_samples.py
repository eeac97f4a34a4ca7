"""What the reader's tests share: a made-up pair of sides, a reader without a model, and the real config."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np

from extractors.actors import ActorLexicon
from extractors.grammar import Grammar
from extractors.judges import RuleJudge
from extractors.reader import StanceReader
from extractors.stance import ExemplarDirection, pursuers
from extractors.topic import AxisTopics
from volteface.config import Config
from volteface.config_file import load_config, parse_config
from volteface.types import Document, Embedder, Reading, Vectors, sign_of

ROOT = Path(__file__).parent.parent

FICTION = """
version: 1
sides:
  - {id: norland, name: Norland, demonyms: [Norlandic], aliases: [NL, Norburg]}
  - {id: sudria, name: Sudria, demonyms: [Sudrian], aliases: [Sudhaven]}
offices:
  - id: norland_president
    side: norland
    name: Norland's president
    rank: 1
    titles: [Norlandic president]
    people:
      - {person: Ada Holm, aliases: [Holm], from: 2000-01-01, to: 2009-12-31, head: true}
      - {person: Nils Holm, aliases: [Holm], from: 2010-01-01, head: true}
  - id: norland_gov
    side: norland
    name: Norland
    rank: 9
    catch_all: true
    titles: [Norlandic government]
  - id: sudria_foreign_ministry
    side: sudria
    name: Sudria's foreign ministry
    rank: 4
    titles: [Sudrian foreign minister]
    people:
      - {person: Rosa Vega, aliases: [Vega], from: 2005-01-01, to: 2015-06-30, head: true}
  - {id: sudria_gov, side: sudria, name: Sudria, rank: 9, catch_all: true}
axes:
  - id: truce_line
    name: talks
    topic: talks, negotiations, diplomacy, a deal, mediation
    towards: {name: for, hypothesis: "[A] wants talks.", exemplars: ["[A] opens negotiations.", "[A] seeks a deal."]}
    away: {name: against, hypothesis: "[A] rejects talks.", exemplars: ["[A] ends the dialogue.", "[A] refuses talks."]}
    rungs: [{value: -1, name: x}, {value: 0, name: y}, {value: 1, name: z}]
  - id: fishing
    name: fishing
    topic: fish quotas and herring boats
    towards:
      {name: shares, hypothesis: "[A] shares fish.", exemplars: ["[A] opens its herring waters.", "[A] shares fish."]}
    away:
      {name: keeps, hypothesis: "[A] keeps fish.", exemplars: ["[A] shuts its herring waters.", "[A] keeps its fish."]}
    rungs: [{value: -1, name: x}, {value: 0, name: y}, {value: 1, name: z}]
feeds:
  - {id: gazette, url: "https://example.org/feed", outlet: Gazette, country: SE, ownership: independent, language: en}
slack: {channel: "#x"}
"""


class WordEmbedder:
    """An Embedder with the real contract: unit rows, near where texts share words."""

    name = "words"

    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Hashed bags of words; counts the texts that it was asked for."""
        self.texts += len(texts)
        rows = np.zeros((len(texts), 512), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace(".", " ").split():
                row[sum(ord(c) * 31**i for i, c in enumerate(word)) % 512] += 1
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(norms == 0, 1, norms), dtype=np.float32)


def fiction() -> Config:
    """Two invented countries with an axis that the cues know and one that they do not."""
    return parse_config(FICTION)


@lru_cache(maxsize=1)
def shipped() -> Config:
    """The config.yaml of this repository."""
    return load_config(ROOT / "config.yaml")


def reader_for(config: Config, embedder: Embedder | None = None) -> StanceReader:
    """A reader as `extractors.build` makes it for `models.direction: rules`, by default without the encoder."""
    return StanceReader(config, RuleJudge(rules_for(config, embedder), config.axes))


def rules_for(config: Config, embedder: Embedder | None = None) -> ExemplarDirection:
    """The rules alone."""
    topics = AxisTopics(config, embedder or WordEmbedder())
    return ExemplarDirection(topics, Grammar(ActorLexicon(config)), pursuers(config))


def on(day: str) -> datetime:
    """Midnight of a day, UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def read(reader: StanceReader, text: str, *, day: str = "2026-02-10", title: str = "") -> tuple[Reading, ...]:
    """Readings of one text."""
    return reader.read([Document(text, title, published=on(day))])[0]


def signs(readings: Sequence[Reading]) -> set[tuple[str, str, int]]:
    """(holder, axis, sign) of each reading."""
    return {(reading.holder, reading.axis, sign_of(reading.stance)) for reading in readings}
