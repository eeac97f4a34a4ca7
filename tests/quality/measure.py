"""Everything that is measured: as figures for the ratchet, and as tables for docs/quality.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import click

from tests.quality import ladder, opposites, plover
from tests.quality.figures import NAMES, Figure
from tests.quality.instruments import GOLD, digest
from tests.quality.plover_data import TRAIN

BEGIN, END = "<!-- quality:begin -->", "<!-- quality:end -->"
PLOVER = ("root_macro_f1", "quad_macro_f1")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of the instruments; None or empty where one was left out."""

    gold: Mapping[str, Figure]
    opposites: Mapping[str, float]
    table: ladder.Table
    plover: tuple[str, plover.Figures] | None = None
    speed: float | None = None

    def figures(self) -> dict[str, float]:
        """Name to value, for the ratchet."""
        found = {"opposites.pairs": self.opposites["pairs"]}
        found |= {f"gold.{name}": round(self.gold[name].value, 4) for name in NAMES if self.gold}
        if self.plover:
            best = [*self.plover[1].values()][-1]
            found |= {f"plover.{name}": best[name] for name in PLOVER}
        if self.speed is not None:
            found["speed.sentences_per_s"] = round(self.speed, 1)
        return found

    def markdown(self, today: date) -> str:
        """The tables."""
        parts = [f"Measured on {today.isoformat()} by `make quality`; brackets hold 95 % intervals over documents."]
        parts += [ladder.as_markdown(self.table), _opposites(self.opposites)]
        if self.plover:
            parts.append(_plover(*self.plover))
        if self.speed is not None:
            parts.append(f"`volteface read`, warm: {self.speed:.0f} sentences a second.")
        return "\n\n".join(parts)


def quick() -> Measured:
    """Opposites, and the gold figures where ../shared is there: half a minute."""
    return Measured(ladder.gold_dev() if _has_gold() else {}, opposites.measure(), {})


def full() -> Measured:
    """Everything: about ten minutes on two cores the first time, two once the PLOVER encoders are kept."""
    speed = ladder.speed()
    table = ladder.measure()
    gold = table[ladder.GOLD_SET][ladder.SHIPPED] if table and _has_gold() else {}
    found = plover.measure(TRAIN) if TRAIN.exists() else None
    if found is None:
        click.echo(f"skipped: the PLOVER figures, for there is no {TRAIN}")
    return Measured(gold, opposites.measure(), table, found, speed)


def _has_gold() -> bool:
    if not GOLD.exists():
        click.echo(f"skipped: the gold figures, for there is no {GOLD}")
    return GOLD.exists()


def gold_digest() -> str | None:
    """SHA-256 of the gold file, None where it is absent."""
    return digest(GOLD) if GOLD.exists() else None


def _opposites(figures: Mapping[str, float]) -> str:
    lines = ["**opposite pairs from held-out templates**", "", "| figure | value |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {value:.3f} |" for name, value in figures.items())])


def _plover(how: str, by_rung: plover.Figures) -> str:
    names = [*next(iter(by_rung.values()))]
    lines = [f"**PLOVER, {how}**", "", "| instrument | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    rows = (f"| {rung} | " + " | ".join(f"{row[name]:.3f}" for name in names) + " |" for rung, row in by_rung.items())
    return "\n".join([*lines, *rows])


def placed(page: str, tables: str) -> str:
    """The page with the tables between its two markers; they are added at the end where absent."""
    if BEGIN not in page or END not in page:
        page = f"{page.rstrip()}\n\n{BEGIN}\n{END}\n".lstrip()
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{tables}\n{END}{rest.split(END, 1)[1]}"
