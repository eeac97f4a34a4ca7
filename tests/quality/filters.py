"""Sequential detectors from the literature, each for one stream of positions (a holder on an axis).

A filter takes (hours since the last observation, stance, weight) and says from where to where the position moved, or
None. Weights are in [0, 1]: confidence times that of the mode, as in the ledger. Settings are plain numbers, so that
all of them can be searched alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Protocol

import numpy as np

from volteface.tuning import Range, Values

Move = tuple[float, float]
"""Position before and after."""


class Filter(Protocol):
    """The state of one stream."""

    def take(self, hours: float, stance: float, weight: float) -> Move | None:
        """One observation, `hours` after the last one."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A detector: its name, what may be set, and how a stream starts (rungs of its axis, first position, setting)."""

    name: str
    ranges: Mapping[str, Range]
    start: Callable[[Sequence[float], float, Values], Filter]


def _toward(before: float, after: float, least: float) -> bool:
    return round(abs(after - before), 6) >= least


class StickyFilter:
    """Hidden Markov filter over the rungs: a position stays, with hazard `per_day` it jumps to any other (Shiryaev).

    A reading is right with probability `weight * reliability`, and then falls near its rung (Laplace of width
    `width`); else it is any rung. A milder word of the same sign fits a strong position (`mild` 0) or does not (1).
    Alarm when the rungs at least `min_move` away on one side of the declared position hold `alarm` of the belief.
    """

    def __init__(self, rungs: Sequence[float], first: float, v: Values) -> None:
        self._rungs, self._v = np.array(rungs), v
        self._belief = np.full(len(rungs), 0.1 / len(rungs))
        self._belief[int(np.abs(self._rungs - first).argmin())] += 0.9
        self._declared = first

    def take(self, hours: float, stance: float, weight: float) -> Move | None:
        """As `Filter.take`."""
        n, v = len(self._rungs), self._v
        stay = exp(-v["per_day"] * hours / 24)
        belief = stay * self._belief + (1 - stay) * (self._belief.sum() - self._belief) / (n - 1)
        right = min(0.999, weight * v["reliability"])
        belief = belief * (right * self._emission(stance) + (1 - right) / n)
        self._belief = belief / belief.sum()
        gap = np.round(self._rungs - self._declared, 6)
        for moved in (gap >= v["min_move"], gap <= -v["min_move"]):
            if self._belief[moved].sum() >= v["alarm"]:
                before = self._declared
                self._declared = float(self._rungs[moved][self._belief[moved].argmax()])
                return before, self._declared
        return None

    def _emission(self, stance: float) -> np.ndarray:
        distance = np.abs(self._rungs - stance)
        milder = (np.sign(stance) == np.sign(self._rungs)) & (abs(stance) < np.abs(self._rungs))
        likelihood = np.exp(-np.where(milder, self._v["mild"], 1.0) * distance / self._v["width"])
        return likelihood / likelihood.sum()


class Cusum:
    """Two-sided CUSUM about the declared position: S = max(0, leak S + w (z - slack)), alarm at `height`."""

    def __init__(self, rungs: Sequence[float], first: float, v: Values) -> None:
        self._v, self._declared = v, first
        self._sums = {1: 0.0, -1: 0.0}
        self._recent: dict[int, list[float]] = {1: [], -1: []}

    def take(self, hours: float, stance: float, weight: float) -> Move | None:
        """As `Filter.take`."""
        v = self._v
        leak = 0.5 ** (hours / v["half_life_h"])
        for way in (1, -1):
            step = weight * (way * (stance - self._declared) - v["slack"])
            self._sums[way] = max(0.0, leak * self._sums[way] + step)
            self._recent[way] = [*self._recent[way], stance] if self._sums[way] else []
            beyond = sorted(s for s in self._recent[way] if way * (s - self._declared) > v["slack"])
            if self._sums[way] >= v["height"] and beyond:
                return self._reset(beyond[(len(beyond) - 1) // 2])
        return None

    def _reset(self, after: float) -> Move:
        before, self._declared = self._declared, after
        self._sums, self._recent = {1: 0.0, -1: 0.0}, {1: [], -1: []}
        return before, after


class PageHinkley:
    """Page-Hinkley: CUSUM about the stream's own running mean, which starts anew at each alarm."""

    def __init__(self, rungs: Sequence[float], first: float, v: Values) -> None:
        self._v, self._before = v, first
        self._n, self._mean = 1.0, first
        self._up = self._down = 0.0

    def take(self, hours: float, stance: float, weight: float) -> Move | None:
        """As `Filter.take`."""
        v = self._v
        self._n = min(v["memory"], self._n + weight)
        self._mean += weight * (stance - self._mean) / self._n
        self._up = max(0.0, self._up + weight * (stance - self._mean - v["slack"]))
        self._down = max(0.0, self._down + weight * (self._mean - stance - v["slack"]))
        if max(self._up, self._down) < v["height"]:
            return None
        before, self._before = self._before, stance
        self._n, self._mean, self._up, self._down = 1.0, stance, 0.0, 0.0
        return (before, stance) if before != stance else None


class OnlineChangepoint:
    """BOCPD (Adams and MacKay 2007), normal with known variance; hazard by the clock, as silence is no evidence.

    Alarm when the run is younger than `young` observations with probability `alarm` and its mean lies `min_move` off.
    """

    LONGEST = 60

    def __init__(self, rungs: Sequence[float], first: float, v: Values) -> None:
        self._v, self._declared = v, first
        self._runs = np.array([1.0])
        self._means, self._weights = np.array([first]), np.array([1.0])

    def take(self, hours: float, stance: float, weight: float) -> Move | None:
        """As `Filter.take`."""
        v = self._v
        variance = v["noise"] ** 2
        spread = variance / max(weight, 0.05) + 1 / (1 / 0.5 + self._weights / variance)
        fit = np.exp(-((stance - self._means) ** 2) / (2 * spread)) / np.sqrt(spread)
        new = exp(-((stance - 0.0) ** 2) / (2 * (0.5 + variance))) / np.sqrt(0.5 + variance)
        hazard = 1 - exp(-v["per_day"] * max(hours, 0.2) / 24)
        runs = np.concatenate(([self._runs.sum() * hazard * new], self._runs * fit * (1 - hazard)))[: self.LONGEST]
        self._runs = runs / runs.sum()
        weights = np.concatenate(([0.0], self._weights))[: self.LONGEST]
        means = np.concatenate(([0.0], self._means))[: self.LONGEST]
        self._weights = weights + weight
        self._means = means + weight * (stance - means) / np.maximum(self._weights, 1e-9)
        return self._decide()

    def _decide(self) -> Move | None:
        young = int(self._v["young"])
        share = self._runs[:young]
        if share.sum() < self._v["alarm"] or len(self._runs) <= young:
            return None
        after = float((share * self._means[:young]).sum() / share.sum())
        if not _toward(self._declared, after, self._v["min_move"]):
            return None
        before, self._declared = self._declared, after
        return before, after


class LastWord:
    """No filter: every reading that departs from the last position is a move. What the others must beat."""

    def __init__(self, rungs: Sequence[float], first: float, v: Values) -> None:
        self._v, self._declared = v, first

    def take(self, hours: float, stance: float, weight: float) -> Move | None:
        """As `Filter.take`."""
        if weight < self._v["least"] or not _toward(self._declared, stance, self._v["min_move"]):
            return None
        before, self._declared = self._declared, stance
        return before, stance


_WEIGHTS = {
    "min_confidence": Range(0.3, 0.9, 2),
    "speech_weight": Range(0.2, 1, 2),
    "report_weight": Range(0, 0.8, 2),
    "cooldown_h": Range(3, 72, 0, log=True),
}
_MOVE = {"min_move": Range(0.2, 1.1, 1)}

KINDS: tuple[Kind, ...] = (
    Kind(
        "sticky HMM (Shiryaev)",
        _WEIGHTS | _MOVE
        | {
            "per_day": Range(0.002, 1, 4, log=True),
            "reliability": Range(0.3, 0.99, 2),
            "width": Range(0.05, 0.6, 2),
            "mild": Range(0, 1, 2),
            "alarm": Range(0.5, 0.9999, 4),
        },
        StickyFilter,
    ),
    Kind(
        "CUSUM",
        _WEIGHTS
        | {"slack": Range(0.05, 0.9, 2), "height": Range(0.1, 6, 2, log=True)}
        | {"half_life_h": Range(3, 400, 0, log=True)},
        Cusum,
    ),
    Kind(
        "BOCPD",
        _WEIGHTS | _MOVE
        | {
            "per_day": Range(0.002, 1, 4, log=True),
            "noise": Range(0.1, 0.8, 2),
            "young": Range(1, 12, 0),
            "alarm": Range(0.3, 0.99, 2),
        },
        OnlineChangepoint,
    ),
    Kind(
        "Page-Hinkley",
        _WEIGHTS
        | {"slack": Range(0, 0.6, 2), "height": Range(0.2, 8, 2, log=True), "memory": Range(3, 200, 0, log=True)},
        PageHinkley,
    ),
    Kind("last word", _WEIGHTS | _MOVE | {"least": Range(0.05, 0.95, 2)}, LastWord),
)  # fmt: skip
