"""The shipped direction networks, with their real weights and encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from reader_samples import rules_for, shipped
from safetensors.torch import save

from extractors.cases import Case
from extractors.direction_net import EXTENTS
from extractors.ensemble import NETWORKS, SURE, DirectionEnsemble
from extractors.grammar import Sentence
from extractors.judges import FUSION, FusedJudge, RuleJudge
from extractors.masking import HOLDER, OTHER
from volteface.errors import ModelError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def net() -> DirectionEnsemble:
    return DirectionEnsemble.load(shipped().axes)


def case(masked: str) -> Case:
    return Case(0, (0, 1), Sentence("x", (), (), ()), "iran_gov", "iran", "", masked, ())


def test_verdicts_keep_the_order_and_are_distributions(net: DirectionEnsemble) -> None:
    """A batch would give one holder the verdict of another, or a replay other readings than the day itself."""
    longer = "on Friday, " * 12
    texts = [f"{HOLDER} rules out talks with {OTHER}", f"{longer} {HOLDER} strikes bases of {OTHER}", "Rain."]
    together = net.judge([case(t) for t in texts])
    alone = [net.judge([case(t)]).shares[0] for t in texts]

    assert together.shares.max(-1).min() < SURE, "no text is in doubt, so only the first network was heard"
    assert together.shares.shape == (3, 4, 4)
    assert np.allclose(together.shares.sum(-1), 1, atol=1e-4)
    assert np.abs(together.shares - np.stack(alone)).max() < 1e-5
    assert together.extent is not None
    assert together.extent.shape == (3, 4, 2)
    assert set(together.extent.flat) <= set(np.float32(EXTENTS))


@pytest.mark.parametrize(
    ("axis", "away", "towards"),
    [
        ("negotiation", "{S} is not ready to hold talks with {B}", "{S} is ready to hold talks with {B}"),
        ("sanctions", "{S} imposes new sanctions on the oil exports of {B}", "{S} lifts sanctions on {B}"),
        ("military", "{S} launches air strikes on {B}", "{S} announces a ceasefire with {B}"),
    ],
)
def test_direction_of_plain_sentences(net: DirectionEnsemble, axis: str, away: str, towards: str) -> None:
    """The shipped weights would be broken or not those of this code."""
    column = list(shipped().axis).index(axis)
    shares = net.judge([case(t.format(S=HOLDER, B=OTHER)) for t in (away, towards)]).shares

    assert shares[0, column, 1] > shares[0, column, 3]
    assert shares[1, column, 3] > shares[1, column, 1]


def test_nothing_to_judge_is_fine(net: DirectionEnsemble) -> None:
    """A poll without news would crash the analyze step."""
    assert FusedJudge(RuleJudge(rules_for(shipped()), shipped().axes), net).judge([]).shares.shape == (0, 4, 4)


@pytest.mark.parametrize("broken", [None, b"not weights", save({"head.mode.weight": torch.zeros(3, 256)})])
def test_missing_weights_name_the_remedy(tmp_path: Path, broken: bytes | None) -> None:
    """A broken installation, or weights of an older version, would end in a traceback."""
    if broken:
        (tmp_path / NETWORKS.replace("*", "1")).write_bytes(broken)
    with pytest.raises(ModelError, match=r"models\.direction"):
        DirectionEnsemble.load(shipped().axes, tmp_path)


def test_networks_other_than_those_weighed_are_refused(net: DirectionEnsemble, tmp_path: Path) -> None:
    """With one of two files gone the reader would work, and read by weights that were fitted for both."""
    (tmp_path / "fusion.json").write_text(FUSION.read_text(encoding="utf-8").replace(net.name, "net-9"))
    with pytest.raises(ModelError, match=r"net-9.*training\.fuse"):
        FusedJudge(RuleJudge(rules_for(shipped()), shipped().axes), net, tmp_path / "fusion.json")
