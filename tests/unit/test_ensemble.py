"""Several direction networks as one judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from extractors.cases import Case
from extractors.direction_net import EXTENTS
from extractors.ensemble import DirectionEnsemble
from extractors.grammar import Sentence
from extractors.net import Opinion

AWAY = (0.05, 0.9, 0.025, 0.025)
TOWARDS = (0.05, 0.05, 0.2, 0.7)
"""Less sure than what lets the others sleep."""


class FakeNetwork:
    """Holds for each text the shares of its first axis, is sure of the second, and sees one size and mode in all; notes
    what it was asked."""

    axes = 2

    def __init__(self, shares: Mapping[str, Sequence[float]], size: int = 0, mode: int = 1) -> None:
        self._shares, self._size, self._mode = shares, size, mode
        self.asked: list[str] = []

    def read(self, texts: Sequence[str]) -> Opinion:
        """Its opinion of each, sure of the mode."""
        self.asked += texts
        classes = torch.tensor([[self._shares[text], AWAY] for text in texts]).log()
        extent = _sure_of(self._size).expand(len(texts), self.axes, 2, 3)
        return Opinion(classes, extent, _sure_of(self._mode).expand(len(texts), self.axes, 3))


def _sure_of(index: int) -> torch.Tensor:
    shares = torch.full((3,), 0.1)
    shares[index] = 0.8
    return shares.log()


def case(masked: str) -> Case:
    return Case(0, (0, 1), Sentence("x", (), (), ()), "iran_gov", "iran", "", masked, ())


def test_where_the_first_is_in_doubt_all_are_heard() -> None:
    """The network that errs on a sentence would decide it alone."""
    first = FakeNetwork({"b": TOWARDS, "a": AWAY}, size=0, mode=0)
    others = [FakeNetwork({"b": (0.9, 0.05, 0.03, 0.02)}, size=2, mode=2) for _ in range(2)]
    verdicts = DirectionEnsemble([first, *others]).judge([case("b"), case("a"), case("b")])

    product = np.array(TOWARDS) ** (1 / 3) * np.array([0.9, 0.05, 0.03, 0.02]) ** (2 / 3)
    assert np.allclose(verdicts.shares[0, 0], product / product.sum(), atol=1e-5)
    assert np.allclose(verdicts.shares[2], verdicts.shares[0])
    assert np.allclose(verdicts.shares[1, 0], AWAY, atol=1e-5)
    assert verdicts.extent is not None
    assert verdicts.extent[:, 0, 0].tolist() == [np.float32(EXTENTS[2]), np.float32(EXTENTS[0]), np.float32(EXTENTS[2])]
    assert verdicts.mode is not None
    assert verdicts.mode[:, 0].tolist() == [2, 0, 2]


def test_only_doubtful_texts_cost_more_than_one_network() -> None:
    """Reading a day's news would take three times as long, and texts said twice longer still."""
    first, other = FakeNetwork({"sure": AWAY, "doubt": TOWARDS}), FakeNetwork({"doubt": TOWARDS})
    DirectionEnsemble([first, other]).judge([case("sure"), case("doubt"), case("sure"), case("doubt")])
    assert sorted(first.asked) == ["doubt", "sure"]
    assert other.asked == ["doubt"]


def test_one_network_is_an_ensemble() -> None:
    """Who trains a single network of their own could not use it."""
    verdicts = DirectionEnsemble([FakeNetwork({"doubt": TOWARDS})]).judge([case("doubt")])
    assert np.allclose(verdicts.shares[0, 0], TOWARDS, atol=1e-5)
