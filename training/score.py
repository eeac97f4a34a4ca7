"""Figures of the direction model on labelled examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.examples import Example, class_of


def scores(examples: Sequence[Example], probabilities: np.ndarray, threshold: float = 0.5) -> dict[str, float]:
    """Micro-F1 of (holder, axis), of (holder, axis, sign), and the accuracy of the sign where both find a reading.

    `probabilities`: (n, axes, 4). A reading is predicted where none has a probability below `1 - threshold`.
    """
    gold = np.array([[class_of(s) for s in e.stances] for e in examples])
    found = probabilities[..., 0] < 1 - threshold
    sign = probabilities[..., 1:].argmax(-1) + 1
    stated = gold > 0
    both = stated & found
    right = both & (sign == gold)
    return {
        "axis_f1": _f1(both.sum(), found.sum(), stated.sum()),
        "sign_f1": _f1(right.sum(), found.sum(), stated.sum()),
        "sign_accuracy": round(float(right.sum() / max(1, both.sum())), 3),
    }


def _f1(hits: int, predicted: int, gold: int) -> float:
    return round(float(2 * hits / max(1, predicted + gold)), 3)
