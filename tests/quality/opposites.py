"""Are opposites told apart? Seeded pairs of opposite sentences from templates that training never sees.

    python tests/quality/opposites.py [--count 300] [--seed 0] [--json] [--errors]

A pair counts where the reader gives both sentences the right sign, for the right side, on the right axis.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

if __name__ == "__main__":  # run as a script: the repository's root is not on the path
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.quality.instruments import Item, Readings, main_config, read, shipped

TEMPLATES = Path(__file__).parent / "opposites.yaml"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences that differ in direction only."""

    id: str
    template: str
    side: str
    axis: str
    towards: str
    away: str


def pairs(count: int, seed: int) -> list[Pair]:
    """`count` different pairs; templates take turns, so that every axis and template counts alike."""
    bank: dict[str, Any] = yaml.safe_load(TEMPLATES.read_text(encoding="utf-8"))
    rng = random.Random(seed)
    slots = list(_slots(bank))
    found: dict[tuple[str, str], Pair] = {}
    while len(found) < count:
        for axis, side, template in rng.sample(slots, len(slots)):
            pair = _pair(bank, rng, axis, side, template)
            found.setdefault((pair.towards, pair.away), pair)
    return [Pair(f"p{i}", p.template, p.side, p.axis, p.towards, p.away) for i, p in enumerate(found.values())][:count]


def _slots(bank: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for axis, by_side in bank["axes"].items():
        for side, templates in by_side.items():
            for template in templates:
                yield axis, side, template


def _pair(bank: dict[str, Any], rng: random.Random, axis: str, side: str, template: str) -> Pair:
    side = rng.choice(sorted(bank["speakers"])) if side == "any" else side
    other = next(name for name in bank["speakers"] if name != side)
    words = {"A": rng.choice(bank["speakers"][side]), "B": rng.choice(bank["others"][other])}
    words["it"] = "he" if words["A"].endswith(tuple(bank["persons"])) else "it"
    opening, ending = rng.choice(bank["openings"]), rng.choice(bank["endings"])
    texts = [_capital(f"{opening}{half.strip().format(**words)}{ending}.") for half in template.split("|")]
    return Pair("", template, side, axis, *texts)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def items_of(drawn: Sequence[Pair]) -> list[Item]:
    """Two items a pair: `<id>+` and `<id>-`."""
    date = str(yaml.safe_load(TEMPLATES.read_text(encoding="utf-8"))["date"])
    return [
        Item(f"{pair.id}{mark}", text, "", date, pair.id, ())
        for pair in drawn
        for mark, text in (("+", pair.towards), ("-", pair.away))
    ]


def signs(found: Readings, item: str, pair: Pair) -> set[int]:
    """Every sign that the reader gives the pair's side on its axis."""
    sides = main_config()
    return {s for holder, axis, s in found.get(item, ()) if axis == pair.axis and sides.side_of(holder).id == pair.side}


def score(drawn: Sequence[Pair], found: Readings) -> dict[str, float]:
    """Share of pairs told apart, of sentences right, of sentences read with the wrong sign; then by axis."""
    right = {p.id: (signs(found, f"{p.id}+", p) == {1}, signs(found, f"{p.id}-", p) == {-1}) for p in drawn}
    wrong = sum(-1 in signs(found, f"{p.id}+", p) or 1 in signs(found, f"{p.id}-", p) for p in drawn)
    figures = {
        "pairs": sum(all(r) for r in right.values()) / len(drawn),
        "sentences": sum(sum(r) for r in right.values()) / (2 * len(drawn)),
        "pairs_with_a_wrong_sign": wrong / len(drawn),
    }
    for axis in sorted({p.axis for p in drawn}):
        of_axis = [right[p.id] for p in drawn if p.axis == axis]
        figures[f"pairs_{axis}"] = sum(all(r) for r in of_axis) / len(of_axis)
    return {name: round(value, 4) for name, value in figures.items()}


def measure(count: int = 300, seed: int = 0) -> dict[str, float]:
    """The figures of the shipped reader."""
    drawn = pairs(count, seed)
    return score(drawn, read(shipped(), items_of(drawn)))


def missed(drawn: Sequence[Pair], found: Readings) -> Iterator[str]:
    """Each sentence that was read wrongly, with what was read."""
    for pair in drawn:
        for mark, gold, text in (("+", 1, pair.towards), ("-", -1, pair.away)):
            if signs(found, f"{pair.id}{mark}", pair) != {gold}:
                yield f"{gold:+d} {pair.axis}: {text} -> {found.get(pair.id + mark)}"


@click.command(help=__doc__)
@click.option("--count", default=300, show_default=True, type=click.IntRange(1, 2000))
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--errors", is_flag=True, help="List the sentences that were read wrongly.")
def main(count: int, seed: int, as_json: bool, errors: bool) -> None:
    """Command line."""
    drawn = pairs(count, seed)
    found = read(shipped(), items_of(drawn))
    figures = score(drawn, found)
    if errors:
        for line in missed(drawn, found):
            click.echo(line)
    click.echo(json.dumps(figures) if as_json else "\n".join(f"{name:28} {v:.3f}" for name, v in figures.items()))


if __name__ == "__main__":
    main()
