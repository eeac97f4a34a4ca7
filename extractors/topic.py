"""Which axes a text is about: the cue families of each axis, and nearness to its exemplars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from extractors.inflection import forms
from extractors.phrases import tokenize
from volteface.config import Axis, Config
from volteface.types import Embedder, Vectors

_GROUP_WORDS = {
    "force": "strike attack missile force troop warship retaliation ceasefire bomber threaten",
    "talks": "talk negotiation diplomacy deal mediation dialogue proposal envoy",
    "pressure": "sanction embargo blockade waiver tariff fund economic snapback",
    "nuclear": "uranium enrichment nuclear inspector centrifuge stockpile weapon",
}


class AxisTopics:
    """Topic knowledge of a config's axes."""

    def __init__(self, config: Config, embedder: Embedder) -> None:
        self._embedder = embedder
        self.axes = config.axes
        self.group_of = groups_of(config.axes)
        texts, self._owner = _exemplars(config)
        self._vectors = embedder.embed([text for text, _ in texts])
        self._poles = np.array([pole for _, pole in texts], dtype=np.int8)

    def embed(self, sentences: Sequence[str]) -> Vectors:
        """Unit rows for sentences; the encoder's one call of a batch."""
        return self._embedder.embed(sentences)

    def nearness(self, vectors: Vectors) -> NDArray[np.float32]:
        """Shape (n, axes, 2): the best cosine to the away pole and to the towards pole of each axis."""
        cosines = vectors @ self._vectors.T
        result = np.full((len(vectors), len(self.axes), 2), -1.0, dtype=np.float32)
        for axis in range(len(self.axes)):
            for column, pole in enumerate((-1, 1)):
                of_pole = (self._owner == axis) & (self._poles == pole)
                result[:, axis, column] = cosines[:, of_pole].max(axis=1)
        return result


def _exemplars(config: Config) -> tuple[list[tuple[str, int]], NDArray[np.int64]]:
    texts: list[tuple[str, int]] = []
    owners: list[int] = []
    first, second = (side.name for side in config.sides)
    for index, axis in enumerate(config.axes):
        for pole, sign in ((axis.away, -1), (axis.towards, 1)):
            for line in (pole.hypothesis, *pole.exemplars):
                for a, b in ((first, second), (second, first)):
                    texts.append((line.replace("[A]", a).replace("[B]", b), sign))
                    owners.append(index)
    return texts, np.array(owners)


def groups_of(axes: Sequence[Axis]) -> dict[str, str]:
    """Axis id to the group of cue families that fits its own words best; axes that fit none have no entry."""
    overlap = {
        (axis.id, group): len(_words(axis) & {form for word in words.split() for form in forms(word)})
        for axis in axes
        for group, words in _GROUP_WORDS.items()
    }
    chosen: dict[str, str] = {}
    for (axis, group), count in sorted(overlap.items(), key=lambda item: -item[1]):
        if count >= 2 and axis not in chosen and group not in chosen.values():
            chosen[axis] = group
    return chosen


def _words(axis: Axis) -> set[str]:
    lines = (axis.name, axis.topic, *axis.towards.exemplars, *axis.away.exemplars)
    return {token.lower for line in lines for token in tokenize(line)}
