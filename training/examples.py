"""The written corpus as training examples: one for each holder that a text names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from extractors.actors import ActorLexicon, Mention, Naming
from extractors.masking import mask
from extractors.phrases import tokenize
from volteface.config import Config
from volteface.config_file import load_config
from volteface.types import sign_of

ROOT = Path(__file__).parents[1]
CORPUS, PAIRS = ROOT / "training" / "corpus", ROOT / "training" / "pairs"


@dataclass(frozen=True, slots=True)
class Example:
    """A masked text and what its holder states on each axis."""

    row: str
    pair: str
    text: str
    tags: tuple[str, ...]
    stances: tuple[float | None, ...]
    """One an axis, None where nothing is stated."""
    modes: tuple[str, ...]


def rows(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The corpus rows of some files."""
    for name in names:
        for line in (CORPUS / name).read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def configs() -> dict[str, Config]:
    """The shipped config, and one for each other pair of sides."""
    main = load_config(ROOT / "config.yaml")
    found = {"iran_us": main}
    for path in sorted(PAIRS.glob("*.yaml")):
        parts = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[path.stem] = Config.model_validate({**dict(main), "positions": (), **parts})
    return found


class Examples:
    """Turns rows into examples."""

    def __init__(self) -> None:
        self.configs = configs()
        self._lexicons = {name: ActorLexicon(config) for name, config in self.configs.items()}
        self.axes = tuple(self.configs["iran_us"].axis)

    def of(self, row: dict[str, Any]) -> list[Example]:
        """One example for each office that the text names, whether it takes a position or not."""
        config = self.configs[row["pair"]]
        mentions = self._mentions(row, config)
        offices = dict.fromkeys(m.office for m in mentions if m.office)
        return [self._example(row, config, mentions, office) for office in offices]

    def _mentions(self, row: dict[str, Any], config: Config) -> list[Mention]:
        text = row["text"]
        mentions = self._lexicons[row["pair"]].mentions(tokenize(text), date.fromisoformat(row["date"]))
        if "speaker" in row:
            mentions = [_speaker(row["speaker"], config), *mentions]
        for reading in row["readings"]:
            mentions = _with_label(text, mentions, reading, config)
        return sorted(mentions, key=lambda m: m.start)

    def _example(self, row: dict[str, Any], config: Config, mentions: list[Mention], office: str) -> Example:
        mine = {r["axis"]: r for r in row["readings"] if r["holder"] == office}
        side = config.office[office].side
        return Example(
            row["id"],
            row["pair"],
            " ".join(mask(row["text"], mentions, office, side).split()),
            tuple(row["tags"]),
            tuple(mine[a]["stance"] if a in mine else None for a in self.axes),
            tuple(mine[a]["mode"] if a in mine else "" for a in self.axes),
        )


def _with_label(text: str, mentions: list[Mention], reading: dict[str, Any], config: Config) -> list[Mention]:
    """The mention that a person marked counts, also where the lexicon knows no such name ("the speaker", "he")."""
    if not reading["mention"]:
        return mentions
    start = text.find(reading["mention"])
    end = start + len(reading["mention"])
    office = reading["holder"]
    if any(m.office == office for m in mentions if m.start < end and start < m.end):
        return mentions
    kept = [m for m in mentions if m.end <= start or m.start >= end]
    return [*kept, Mention(start, end, 0, 0, config.office[office].side, office, "", Naming.TITLE)]


def _speaker(office: str, config: Config) -> Mention:
    """The author of a post or the speaker at a microphone, whom the text does not name."""
    return Mention(0, 0, 0, 0, config.office[office].side, office, "", Naming.TITLE)


def class_of(stance: float | None) -> int:
    """Index into `direction_net.CLASSES`."""
    return 0 if stance is None else 2 + sign_of(stance)
