"""The ratchet: measured figures against floors that may only rise.

    python -m tests.quality.gate [--quick] [--page PAGE] [--update] [--allow-regression REASON]

`floors.json` holds the floors, the noise that each figure may show, and the digest of the gold file. A figure below its
floor less its noise fails. `--update` raises floors to what was measured; it refuses to lower one unless a reason is
given, and the reason stays in the file. Exit code 1 where a figure is below its floor or a floor would fall.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

FILE = Path(__file__).parent / "floors.json"


class Lowered(Exception):
    """An update would lower a floor without a reason."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What a figure must reach."""

    value: float
    noise: float
    """Share of the floor by which a figure may fall short by chance (other processor, other library release)."""

    @property
    def least(self) -> float:
        """What still passes."""
        return self.value * (1 - self.noise)


@dataclass(frozen=True, slots=True)
class Floors:
    """The content of floors.json."""

    gold_sha256: str
    figures: Mapping[str, Floor]
    regressions: tuple[Mapping[str, Any], ...] = field(default=())
    """Floors that were lowered on purpose: figure, from, to, on, reason."""


def load(file: Path = FILE) -> Floors:
    """Read floors.json. Raises ValueError or KeyError where it is not of that form."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    figures = {name: Floor(float(f["floor"]), float(f["noise"])) for name, f in raw["figures"].items()}
    return Floors(raw["gold_sha256"], figures, tuple(raw["regressions"]))


def save(floors: Floors, file: Path = FILE) -> None:
    """Write floors.json."""
    raw = {
        "gold_sha256": floors.gold_sha256,
        "figures": {name: {"floor": f.value, "noise": f.noise} for name, f in sorted(floors.figures.items())},
        "regressions": [dict(r) for r in floors.regressions],
    }
    file.write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def failures(floors: Floors, measured: Mapping[str, float], gold_sha256: str | None) -> list[str]:
    """What is wrong, a line each. Figures that were not measured are not judged; no `gold_sha256`: no gold file."""
    found = []
    if gold_sha256 is not None and gold_sha256 != floors.gold_sha256:
        found.append("the gold file is not the one that the floors were measured on; see --update")
    for name, value in measured.items():
        floor = floors.figures.get(name)
        # `not >=`, so that a NaN fails too
        if floor and not value >= floor.least:
            found.append(f"{name} is {value:.3f}, below its floor {floor.value:.3f} (least {floor.least:.3f})")
    return found


def raised(
    floors: Floors, measured: Mapping[str, float], *, gold_sha256: str | None, reason: str | None, today: date
) -> Floors:
    """Floors at what was measured. Raises Lowered where one would fall by more than its noise and there is no reason.

    A figure within its noise below the floor keeps the floor: noise never lowers it.
    """
    figures, lowered = dict(floors.figures), []
    for name, value in measured.items():
        floor = figures.get(name)
        if floor is None or value > floor.value:
            figures[name] = Floor(round(value, 4), floor.noise if floor else NOISE)
        elif not value >= floor.least:
            lowered.append({"figure": name, "from": floor.value, "to": round(value, 4), "on": today.isoformat()})
            figures[name] = replace(floor, value=round(value, 4))
    if gold_sha256 not in (None, floors.gold_sha256) and floors.gold_sha256:
        lowered.append(
            {"figure": "gold_sha256", "from": floors.gold_sha256, "to": gold_sha256, "on": today.isoformat()}
        )
    if lowered and not (reason or "").strip():
        names = ", ".join(str(item["figure"]) for item in lowered)
        raise Lowered(f"{names} would be lowered or changed; --allow-regression REASON says why that is right")
    noted = tuple({**item, "reason": reason} for item in lowered)
    return Floors(gold_sha256 or floors.gold_sha256, figures, (*floors.regressions, *noted))


NOISE = 0.01


@click.command(help=__doc__)
@click.option("--quick", is_flag=True, help="Gold figures and opposites only.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the tables into this page, too.")
@click.option("--update", is_flag=True, help="Raise the floors to what is measured now.")
@click.option("--allow-regression", "reason", help="Why a floor may fall; kept in floors.json.")
def main(quick: bool, page: Path | None, update: bool, reason: str | None) -> None:
    """Command line."""
    from tests.quality import measure

    today, gold = datetime.now(UTC).date(), measure.gold_digest()
    measured = measure.quick() if quick else measure.full()
    floors, figures = load(), measured.figures()
    _show(floors, figures)
    if page and not quick:
        old = page.read_text(encoding="utf-8") if page.exists() else "# Quality\n"
        page.write_text(measure.placed(old, measured.markdown(today)), encoding="utf-8")
    if update:
        try:
            floors = raised(floors, figures, gold_sha256=gold, reason=reason, today=today)
        except Lowered as error:
            raise click.ClickException(str(error)) from error
        save(floors)
    wrong = failures(floors, figures, gold)
    if wrong:
        raise click.ClickException("; ".join(wrong))


def _show(floors: Floors, figures: Mapping[str, float]) -> None:
    for name, value in figures.items():
        floor = floors.figures.get(name)
        click.echo(f"{name:28} {value:8.3f}" + (f"   floor {floor.value:.3f}" if floor else "   no floor yet"))


if __name__ == "__main__":
    main()
