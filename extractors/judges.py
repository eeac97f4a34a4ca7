"""Judges of cases: the rules, the rules and the trained networks together, and the choice between them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.actors import ActorLexicon
from extractors.candidates import NONE, DirectionModel, Probabilities
from extractors.cases import Case, Judge, Verdicts, nothing
from extractors.grammar import Grammar
from extractors.stance import ExemplarDirection, pursuers
from extractors.topic import AxisTopics
from volteface.config import Axis, Config
from volteface.errors import ModelError

FUSION = Path(__file__).parent / "weights" / "fusion.json"


class RuleJudge:
    """Polarity composition over what syntax found; of several ties of a holder the clearest counts for each axis."""

    def __init__(self, direction: DirectionModel, axes: Sequence[Axis]) -> None:
        self.name = direction.name
        self._direction, self._axes = direction, axes

    def judge(self, cases: Sequence[Case]) -> Verdicts:
        """Verdicts without a scale or mode of their own."""
        candidates = [candidate for case in cases for candidate in case.candidates]
        judged = self._direction.judge(candidates, self._axes)
        shares, at = nothing(len(cases), len(self._axes)), 0
        for row, case in enumerate(cases):
            for probabilities in judged[at : at + len(case.candidates)]:
                surer = probabilities[:, NONE] < shares[row, :, NONE]
                shares[row][surer] = probabilities[surer]
            at += len(case.candidates)
        return Verdicts(shares)


class FusedJudge:
    """The networks' log-probabilities and the rules' class, weighed by a multinomial regression.

    The weights are fitted on held-out rows of the written corpus (`training/fuse.py`).
    """

    def __init__(self, rules: Judge, net: Judge, weights: Path = FUSION) -> None:
        self.name = f"{net.name}+{rules.name}"
        self._rules, self._net = rules, net
        try:
            fitted = json.loads(weights.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"fusion weights {weights} cannot be read ({error}); reinstall or retrain") from error
        if fitted.get("net") != net.name:
            remedy = "put the networks back, or run `python -m training.fuse`"
            raise ModelError(f"fusion weights {weights} are of {fitted.get('net')}, and there is {net.name}: {remedy}")
        self._matrix = np.array(fitted["matrix"], dtype=np.float32)
        self._bias = np.array(fitted["bias"], dtype=np.float32)

    def judge(self, cases: Sequence[Case]) -> Verdicts:
        """Calibrated shares; scale and mode are the networks'."""
        rules, net = self._rules.judge(cases), self._net.judge(cases)
        logits = features(net.shares, rules.shares) @ self._matrix.T + self._bias
        shares = np.exp(logits - logits.max(-1, keepdims=True))
        return Verdicts(shares / shares.sum(-1, keepdims=True), net.extent, net.mode)


def features(net: Probabilities, rules: Probabilities) -> NDArray[np.float32]:
    """(n, k, 8): the network's log-probabilities and the rules' class as one of four."""
    classes = np.where(rules[..., NONE] >= 0.5, NONE, rules[..., 1:].argmax(-1) + 1)
    return np.concatenate([np.log(np.clip(net, 1e-4, 1)), np.eye(4, dtype=np.float32)[classes]], axis=-1)


def load_judge(config: Config, topics: AxisTopics) -> Judge:
    """The judge that `models.direction` names. Raises ModelError."""
    grammar = Grammar(ActorLexicon(config))
    rules = RuleJudge(ExemplarDirection(topics, grammar, pursuers(config)), config.axes)
    if config.models.direction == "rules":
        return rules
    if config.models.direction == "packaged":
        from extractors.ensemble import DirectionEnsemble

        return FusedJudge(rules, DirectionEnsemble.load(config.axes))
    from extractors.nli import NliJudge, nli_folder

    return NliJudge(config, nli_folder(config.models.direction), name=config.models.direction)
