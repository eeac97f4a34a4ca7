"""How far a reading goes: rungs as read against rungs as written, on corpus rows that no training saw.

    python -m tests.quality.extents

Counts readings whose holder, axis and sign are right. A strike told for a threat cries wolf; a threat told for a strike
hides one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import click

from extractors.modes import on_rung
from tests.quality.instruments import main_config, shipped
from training.examples import rows
from training.fuse import document
from training.train import TRAIN, split_of
from volteface.types import sign_of


@dataclass(frozen=True, slots=True)
class Pair:
    """One stance, as an annotator wrote it and as the reader found it, both on the axis's rungs."""

    axis: str
    written: float
    read: float


def pairs() -> Iterator[Pair]:
    """Every reading of an unseen row whose holder, axis and sign are right."""
    config = main_config()
    chosen = [r for r in rows(TRAIN) if r["pair"] == "iran_us" and split_of(r["id"]) == "dev" and "speaker" not in r]
    for row, readings in zip(chosen, shipped().reader.read([document(row) for row in chosen]), strict=True):
        written = {(r["holder"], r["axis"]): float(r["stance"]) for r in row["readings"]}
        for reading in readings:
            stance = written.get((reading.holder, reading.axis), 0.0)
            sign = sign_of(stance)
            if sign and sign == sign_of(reading.stance):
                yield Pair(reading.axis, on_rung(config.axis[reading.axis], stance, sign), reading.stance)


def report(found: list[Pair]) -> str:
    """Markdown: by axis how many, how many on the right rung, too far and not far enough; then force by itself."""
    axes = sorted({pair.axis for pair in found})
    lines = ["| axis | readings | right rung | too far | not far enough |", "|---|---|---|---|---|"]
    lines += [_line(axis, [pair for pair in found if pair.axis == axis]) for axis in axes]
    lines.append(_line("all", found))
    force = Counter((p.written, p.read) for p in found if p.axis == "military" and p.written < 0)
    lines += ["", "Force, rung written → rung read:"]
    lines += [f"- {written:+g} → {read:+g}: {count}" for (written, read), count in sorted(force.items())]
    return "\n".join(lines)


def _line(name: str, of_axis: list[Pair]) -> str:
    far = sum(abs(pair.read) > abs(pair.written) for pair in of_axis)
    short = sum(abs(pair.read) < abs(pair.written) for pair in of_axis)
    right = (len(of_axis) - far - short) / max(1, len(of_axis))
    return f"| {name} | {len(of_axis)} | {right:.3f} | {far} | {short} |"


@click.command(help=__doc__)
def main() -> None:
    """Command line."""
    click.echo(report(list(pairs())))


if __name__ == "__main__":
    main()
