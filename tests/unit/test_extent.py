"""How far a stance goes: the network tells sizes apart as classes, one set for each direction."""

import pytest
import torch

from extractors.direction_net import EXTENTS, AxisHead
from tests.quality.extents import Pair, report
from training.examples import Example
from training.extent import cells, fit

AXES = 2


def example(*stances: float | None) -> Example:
    """An example that states these stances."""
    return Example("ius-a-0001", "iran_us", "a text", (), stances, tuple("act" for _ in stances))


def test_head_gives_a_size_for_each_direction() -> None:
    """A head that mixes directions would tell a truce with the size of a strike."""
    tokens, mask = torch.randn(3, 5, 384), torch.ones(3, 5)
    judged = AxisHead()(tokens, mask, mask, torch.randn(AXES, 384))
    assert judged.extent.shape == (3, AXES, 2, len(EXTENTS))


@pytest.mark.parametrize(("stance", "towards", "size"), [(-1.0, 0, 2), (-0.4, 0, 0), (0.7, 1, 1), (0.3, 1, 0)])
def test_wanted_is_the_nearest_size_of_the_stated_direction(stance: float, towards: int, size: int) -> None:
    """Fitted to the wrong direction's sizes, a reader would call every threat a strike."""
    assert cells([example(0.0, None), example(None, stance)]) == [(1, 1, towards, size)]


def test_fitted_layer_tells_sizes_apart_in_both_directions() -> None:
    """A layer that learns one direction only would leave the other's rungs to chance."""
    torch.manual_seed(1)
    stances = [-1.0, -0.7, -0.4, 0.4, 0.7, 1.0] * 1000
    kinds = torch.eye(6)[torch.arange(len(stances)) % 6]
    features = (kinds * 5 + 0.1 * torch.randn(len(stances), 6)).unsqueeze(1)
    layer = fit(features, cells([example(stance) for stance in stances]))

    found = layer(torch.eye(6) * 5).view(6, 2, len(EXTENTS)).argmax(-1)
    assert [EXTENTS[int(found[i, i // 3])] for i in range(6)] == [1.0, 0.7, 0.4, 0.4, 0.7, 1.0]


def test_report_counts_what_is_told_too_strongly() -> None:
    """A table that swaps the two errors would hide a reader that cries wolf."""
    found = [Pair("military", -0.4, -1.0), Pair("military", -1.0, -1.0), Pair("nuclear", 0.7, 0.4)]
    text = report(found)
    assert "| military | 2 | 0.500 | 1 | 0 |" in text
    assert "| all | 3 | 0.333 | 1 | 1 |" in text
    assert "- -0.4 → -1: 1" in text
