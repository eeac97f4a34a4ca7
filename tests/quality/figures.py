"""Figures of readings against gold, with document-bootstrap intervals.

Points and intervals use the functions of `../shared/eval/score_readings.py`, so that they are the official ones.
"""

from __future__ import annotations

import importlib.util
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from tests.quality.instruments import OFFICIAL, Item, Readings
from volteface.config import Config

NAMES = ("side_axis_f1", "side_sign_f1", "holder_sign_f1", "none_specificity")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.2f}, {self.high:.2f}]"


@cache
def _official() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_readings", OFFICIAL)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(OFFICIAL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def points(items: Sequence[Item], found: Readings, side: Callable[[str], str]) -> dict[str, float]:
    """The four figures. `side` maps a holder to its side."""
    gold = {f"{i}": list(item.gold) for i, item in enumerate(items)}
    pred = {f"{i}": found.get(item.id, []) for i, item in enumerate(items)}
    f1 = _official().f1
    silent = [i for i, readings in gold.items() if not readings]
    return {
        "side_axis_f1": f1(gold, pred, lambda r: (side(r[0]), r[1]))[0],
        "side_sign_f1": f1(gold, pred, lambda r: (side(r[0]), r[1], r[2]))[0],
        "holder_sign_f1": f1(gold, pred, lambda r: r)[0],
        "none_specificity": sum(not pred[i] for i in silent) / len(silent) if silent else float("nan"),
    }


def figures(
    items: Sequence[Item], found: Readings, config: Config, draws: int = 1000, seed: int = 0
) -> dict[str, Figure]:
    """The four figures with percentile intervals over `draws` resamples of the documents."""
    side = {office.id: office.side for office in config.offices}.__getitem__
    documents = defaultdict(list)
    for item in items:
        documents[item.document].append(item)
    groups, rng = list(documents.values()), random.Random(seed)
    drawn = [
        points([item for group in rng.choices(groups, k=len(groups)) for item in group], found, side)
        for _ in range(draws)
    ]
    whole = points(items, found, side)
    return {name: Figure(whole[name], *_interval([d[name] for d in drawn])) for name in NAMES}


def _interval(values: list[float]) -> tuple[float, float]:
    ordered = sorted(value for value in values if value == value)  # a resample without silent items has no specificity
    if not ordered:
        return float("nan"), float("nan")
    return ordered[int(0.025 * len(ordered))], ordered[min(len(ordered) - 1, int(0.975 * len(ordered)))]
