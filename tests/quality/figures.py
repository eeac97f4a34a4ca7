"""Figures of readings against gold, with document-bootstrap intervals.

Points come from the functions of `../shared/eval/score_readings.py`, so they are the official ones.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from tests.quality.instruments import OFFICIAL, Item, Reading, Readings
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
    documents = sorted({item.document for item in items})
    weights = np.random.default_rng(seed).multinomial(len(documents), [1 / len(documents)] * len(documents), draws)
    resampled = _shares(weights @ _counts(items, found, side, documents))
    whole = points(items, found, side)
    return {name: Figure(whole[name], *_interval(resampled[:, column])) for column, name in enumerate(NAMES)}


def _counts(
    items: Sequence[Item], found: Readings, side: Callable[[str], str], documents: Sequence[str]
) -> NDArray[np.float64]:
    """(documents, 4 x 2): a figure is the ratio of its sums: 2 hits / (predicted + gold), or silent / to be silent."""
    keys: tuple[Callable[[Reading], Hashable], ...] = (
        lambda r: (side(r[0]), r[1]),
        lambda r: (side(r[0]), r[1], r[2]),
        lambda r: r,
    )
    at = {document: i for i, document in enumerate(documents)}
    result = np.zeros((len(documents), len(NAMES), 2))
    for item in items:
        mine = result[at[item.document]]
        predicted = found.get(item.id, [])
        for column, key in enumerate(keys):
            gold, pred = {key(r) for r in item.gold}, {key(r) for r in predicted}
            mine[column] += (2 * len(gold & pred), len(gold) + len(pred))
        if not item.gold:
            mine[-1] += (not predicted, 1)
    return result.reshape(len(documents), -1)


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(draws, 4); NaN where a draw has nothing to share."""
    parts = counts.reshape(len(counts), len(NAMES), 2)
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = parts[..., 0] / parts[..., 1]
    return shares


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    kept = values[~np.isnan(values)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.percentile(kept, [2.5, 97.5])
    return float(low), float(high)
