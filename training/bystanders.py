"""News that has the holder in it and no position of the holder towards the other side, by construction.

What a reader of news falls for is not only the negation: it is the deed done to somebody else (`lifts sanctions on
Brazil as the war with {B} goes on`), the talks held with a third country about the other side, the holder who is struck
rather than strikes, and the headline that only wonders. Each template names who stands where; many have a twin
in `bystanders.yaml` that does state the position, so that it is the roles that are learned and not the words.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from extractors.masking import HOLDER, OTHER
from training.examples import Example

BANK = Path(__file__).parent / "bystanders.yaml"
SHARES = {"elsewhere": 2, "guests": 2, "struck": 1, "wondered": 1}
"""How often each kind of silence comes."""
TWIN = 0.4
"""Share of statements that do take a position."""
OPENINGS = ("", "", "", "", "Live updates: ", "Breaking: ", "On Tuesday ", "Report: ")
TAILS = ("", "", "", ".", " - live", ", officials say", " on Monday", ", report says", " this week")


def bystanders(axes: Sequence[str], count: int, seed: int) -> list[Example]:
    """`count` statements with labels, equal for equal seed; three of five hold no position."""
    bank = yaml.safe_load(BANK.read_text(encoding="utf-8"))
    rng = random.Random(seed)
    return [_statement(axes, bank, rng, f"by-{number}") for number in range(count)]


def _statement(axes: Sequence[str], bank: dict[str, Any], rng: random.Random, row: str) -> Example:
    if rng.random() < TWIN:
        text, axis, stance, mode = rng.choice(bank["twins"])
    else:
        kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
        text, axis, stance, mode = rng.choice(bank["silent"][kind]), "", 0.0, ""
    stances = tuple(stance if a == axis else None for a in axes)
    modes = tuple(mode if a == axis else "" for a in axes)
    return Example(row, "iran_us", _filled(text, bank, rng), ("bystander",), stances, modes)


def _filled(text: str, bank: dict[str, Any], rng: random.Random) -> str:
    for slot, words in (("{w}", "while"), ("{T}", "third"), ("{G}", "guest"), ("{C}", "city")):
        text = text.replace(slot, rng.choice(bank[words]))
    text = f"{rng.choice(OPENINGS)}{text}{rng.choice(TAILS)}"
    for slot, token in (("{S}", HOLDER), ("{B}", OTHER)):
        text = text.replace(slot, token)
    return text[0].upper() + text[1:]
