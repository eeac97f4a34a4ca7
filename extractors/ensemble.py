"""The direction networks that ship, as one judge: what they make of a sentence together.

Networks of different starts and orders err on different sentences, so the geometric mean of their probabilities is
right more often than the best of them (a product of experts without a partition of its own: Hinton 2002; ensembles of
nets: Lakshminarayanan et al., arXiv:1612.01474). The others are asked only where the first is in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from extractors.cases import Case, Verdicts, nothing
from extractors.direction_net import EXTENTS
from extractors.net import REMEDY, DirectionNet, Opinion
from volteface.config import Axis
from volteface.errors import ModelError

WEIGHTS = Path(__file__).parent / "weights"
NETWORKS = "direction-*.safetensors"
SURE = 0.85
"""Probability of a class on every axis from which on the others are not asked."""


class Network(Protocol):
    """Reads masked sentences."""

    axes: int

    def read(self, texts: Sequence[str]) -> Opinion:
        """What it makes of each of the texts, at least one; none depends on its neighbours."""
        ...


class DirectionEnsemble:
    """A Judge: the geometric mean of several networks.

    A text on which the first is in doubt is asked of all as a whole, so its other axes are judged by all as well.
    """

    def __init__(self, networks: Sequence[Network]) -> None:
        """At least one. The first reads every text."""
        self.name = f"net-{len(networks)}"
        self._first, *self._others = networks

    @classmethod
    def load(cls, axes: Sequence[Axis], folder: Path = WEIGHTS) -> DirectionEnsemble:
        """Every network of a folder, by name. Raises ModelError where there is none, or one cannot be used."""
        found = sorted(folder.glob(NETWORKS))
        if not found:
            raise ModelError(f"no direction weights {NETWORKS} in {folder}: {REMEDY}")
        return cls([DirectionNet(axes, weights) for weights in found])

    def judge(self, cases: Sequence[Case]) -> Verdicts:
        """Verdicts with extent and mode; equal texts are judged once, and none depends on its neighbours."""
        texts = sorted({case.masked for case in cases})
        if not texts:
            k = self._first.axes
            return Verdicts(nothing(0, k), np.zeros((0, k, 2), np.float32), np.zeros((0, k), np.int64))
        rows = {text: i for i, text in enumerate(texts)}
        opinion = self.read(texts).of(torch.tensor([rows[case.masked] for case in cases]))
        extent = torch.tensor(EXTENTS)[opinion.extent.argmax(-1)]
        return Verdicts(opinion.classes.exp().numpy(), extent.numpy(), opinion.mode.argmax(-1).numpy())

    def read(self, texts: Sequence[str]) -> Opinion:
        """What they make of each of the texts, at least one."""
        opinion = self._first.read(texts)
        doubtful = (opinion.classes.amax(-1) < np.log(SURE)).any(-1)
        if not self._others or not doubtful.any():
            return opinion
        asked = [text for text, doubt in zip(texts, doubtful.tolist(), strict=True) if doubt]
        heard = [opinion.of(doubtful), *(network.read(asked) for network in self._others)]
        return Opinion(
            _together(opinion.classes, doubtful, [o.classes for o in heard]),
            _together(opinion.extent, doubtful, [o.extent for o in heard]),
            _together(opinion.mode, doubtful, [o.mode for o in heard]),
        )


def _together(first: Tensor, doubtful: Tensor, heard: Sequence[Tensor]) -> Tensor:
    """`first` with the geometric mean of all in its doubtful rows."""
    table = first.clone()
    table[doubtful] = torch.stack(list(heard)).mean(0).log_softmax(-1)
    return table
