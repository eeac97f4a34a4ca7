"""The reader against a desk's own verdicts (`volteface verdicts export FILE.jsonl`).

    python -m tests.quality.verdicts FILE.jsonl [--least 0.9]

Only what a reader found was ever alerted and judged. So this measures no recall: of the readings that people confirmed,
how many does today's reader still make, and of those that they denied, how many does it no longer make? Exit code 1
where a share is below `--least`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from tests.quality.instruments import Item, Reading, Readings, gold_items, read, shipped, sign

DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """A reading behind an alert, and what people made of it."""

    item: Item
    """The alert is its document: its readings are resampled together."""
    reading: Reading
    """What the reader found when the alert was raised."""
    right: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with a 95 % interval over alerts; NaN where there are none."""

    hits: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """0 to 1."""
        return self.hits / self.of if self.of else float("nan")

    def __str__(self) -> str:
        if not self.of:
            return "none judged so"
        return f"{self.value:.3f} [{self.low:.2f}, {self.high:.2f}], {self.hits} of {self.of}"


def judged(path: Path) -> list[Judged]:
    """The rows of an export. Raises ValueError or KeyError where the file is of another form."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [_judged(row, item) for row, item in zip(rows, gold_items(path), strict=True)]


def _judged(row: Mapping[str, Any], item: Item) -> Judged:
    found = row["judged"]
    reading = (found["holder"], found["axis"], sign(float(found["stance"])))
    alert = item.id.rsplit("-", 1)[0]
    return Judged(
        Item(item.id, item.text, item.title, item.published, alert, item.gold), reading, bool(item.gold), row["verdict"]
    )


def measure(rows: Sequence[Judged], found: Readings) -> dict[str, Share]:
    """`confirmed_kept` and `denied_dropped`; `found` is what the reader finds now."""
    made = [row.reading in found.get(row.item.id, []) for row in rows]
    return {
        "confirmed_kept": _share([(r.item.document, hit) for r, hit in zip(rows, made, strict=True) if r.right]),
        "denied_dropped": _share(
            [(r.item.document, not hit) for r, hit in zip(rows, made, strict=True) if not r.right]
        ),
    }


def _share(outcomes: Sequence[tuple[str, bool]]) -> Share:
    hits, of = Counter(alert for alert, hit in outcomes if hit), Counter(alert for alert, _ in outcomes)
    if not of:
        return Share(0, 0, float("nan"), float("nan"))
    counts = np.array([(hits[alert], of[alert]) for alert in sorted(of)])
    draws = np.random.default_rng(0).multinomial(len(counts), [1 / len(counts)] * len(counts), DRAWS) @ counts
    low, high = np.percentile(draws[:, 0] / draws[:, 1], [2.5, 97.5])
    return Share(sum(hits.values()), sum(of.values()), float(low), float(high))


def told(rows: Sequence[Judged]) -> str:
    """How many alerts were judged to be what."""
    kinds = Counter({row.item.document: row.verdict.replace("_", " ") for row in rows}.values())
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


@click.command(help=__doc__)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--least", type=click.FloatRange(0, 1), default=0.0, help="Fail where a share is below this.")
def main(file: Path, least: float) -> None:
    """Command line."""
    rows = judged(file)
    if not rows:
        raise click.ClickException(f"{file} holds no judged reading")
    shares = measure(rows, read(shipped(), [row.item for row in rows]))
    click.echo(f"alerts judged: {told(rows)}")
    for name, share in shares.items():
        click.echo(f"{name:16} {share}")
    if low := [name for name, share in shares.items() if share.of and share.value < least]:
        raise click.ClickException(f"below {least:g}: {', '.join(low)}")


if __name__ == "__main__":
    main()
