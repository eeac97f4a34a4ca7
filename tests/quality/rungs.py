"""The lower rungs of the ladder: what simple instruments reach on the same items.

Each rung maps items to readings. The three that read nothing but words or one vector share a plain rule for *who*: the
office (or side) that the text names first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tests.quality.instruments import Item, Readings
from volteface.config import Config
from volteface.types import Embedder, Vectors

Rung = Callable[[Sequence[Item]], Readings]


class FirstNamed:
    """Who is named first: the simplest guess at whose position a text tells."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def _offices(self) -> list[tuple[str, str, date | None, date | None]]:
        """(name, office, from, to), for sides by their catch-all office."""
        found: list[tuple[str, str, date | None, date | None]] = []
        for office in self._config.offices:
            found += [(title, office.id, None, None) for title in office.titles]
            found += [(name, office.id, p.since, p.until) for p in office.people for name in (p.person, *p.aliases)]
            side = self._config.side[office.side]
            if office.catch_all:
                found += [(name, office.id, None, None) for name in (side.name, *side.demonyms, *side.aliases)]
        return found

    @cached_property
    def _form(self) -> re.Pattern[str]:
        names = sorted({name for name, *_ in self._offices}, key=len, reverse=True)
        return re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")

    def office(self, item: Item) -> str | None:
        """The office whose name, title or person of that day comes first in the text."""
        day = date.fromisoformat(item.published[:10])
        for match in self._form.finditer(item.text):
            for name, office, since, until in self._offices:
                if name == match[1] and (since is None or since <= day) and (until is None or day <= until):
                    return office
        return None


def majority(training: Sequence[Item]) -> Rung:
    """The most frequent reading of the training rows, for every item."""
    top = Counter(reading for item in training for reading in item.gold).most_common(1)[0][0]
    return lambda items: {item.id: [top] for item in items}


TOPICS = {
    "negotiation": "talk talks negotiat diplomac deal dialogue mediat proposal envoy round agreement letter",
    "sanctions": "sanction embargo blockade waiver tariff oil funds snapback treasury",
    "nuclear": "nuclear enrich uranium iaea inspector centrifuge stockpile bomb",
    "military": "strike attack missile force troop warship retaliat ceasefire truce war threat military hormuz",
}
COOPERATE = (
    "agree accept welcom offer ready willing open hope praise progress resum lift eas waiv releas suspend postpon "
    "withdraw halt extend positive ceasefire meet hold held sign limit admit prefer peace"
)
CONFLICT = (
    "reject refus rule den threat warn attack strike struck bomb fire launch impos sanction blockad accus condemn "
    "retaliat vow demand expel expand insist never walk clos deploy seiz ultimatum crush destroy against pressure"
)
NEGATORS = frozenset(["not", "no", "never", "without", "neither", "nor", "n't"])


def keywords(config: Config) -> Rung:
    """Event coding by verbs, as CAMEO coders do: topic words choose the axis, verb stems vote, a negator turns."""
    named = FirstNamed(config)
    axes = [axis.id for axis in config.axes if axis.id in TOPICS]

    def run(items: Sequence[Item]) -> Readings:
        found: Readings = {}
        for item in items:
            office, words = named.office(item), re.findall(r"n't|[a-z]+", item.text.lower())
            about = [axis for axis in axes if _hits(words, TOPICS[axis])]
            found[item.id] = [(office, axis, _vote(words)) for axis in about[:1]] if office else []
        return found

    return run


def _hits(words: Sequence[str], stems: str) -> int:
    return sum(word.startswith(tuple(stems.split())) for word in words)


def _vote(words: Sequence[str]) -> int:
    kind, unkind = tuple(COOPERATE.split()), tuple(CONFLICT.split())
    total = 0
    for at, word in enumerate(words):
        sign = word.startswith(kind) - word.startswith(unkind)
        turned = any(before in NEGATORS for before in words[max(0, at - 3) : at])
        total += -sign if turned else sign
    return (total > 0) - (total < 0)


def cosine(config: Config, embedder: Embedder, near: float = 0.45) -> Rung:
    """The axis and pole of the nearest exemplar of config.yaml, where it is nearer than `near`."""
    named = FirstNamed(config)
    texts, labels = _exemplars(config)
    poles = embedder.embed(texts)

    def run(items: Sequence[Item]) -> Readings:
        near_to = embedder.embed([item.text for item in items]) @ poles.T
        found: Readings = {}
        for item, row in zip(items, near_to, strict=True):
            best = int(row.argmax())
            office = named.office(item) if row[best] >= near else None
            found[item.id] = [(office, *labels[best])] if office else []
        return found

    return run


def _exemplars(config: Config) -> tuple[list[str], list[tuple[str, int]]]:
    texts, labels = [], []
    first, second = (side.name for side in config.sides)
    for axis in config.axes:
        for pole, value in ((axis.towards, 1), (axis.away, -1)):
            for line in (pole.hypothesis, *pole.exemplars):
                for a, b in ((first, second), (second, first)):
                    texts.append(line.replace("[A]", a).replace("[B]", b))
                    labels.append((axis.id, value))
    return texts, labels


class LogisticHeads:
    """The frozen encoder's vector and one linear classifier an axis: none, away, neutral, towards."""

    def __init__(self, axes: Sequence[str], training: Sequence[Item], vectors: Vectors) -> None:
        self._heads = {
            axis: LogisticRegression(C=10.0, max_iter=200, tol=1e-3).fit(vectors, _classes(training, axis))
            for axis in axes
        }

    def rung(self, config: Config, embedder: Embedder) -> Rung:
        """Readings of the first-named office, on each axis where `none` is not the likeliest class."""
        named = FirstNamed(config)

        def run(items: Sequence[Item]) -> Readings:
            vectors = embedder.embed([item.text for item in items])
            judged = {axis: head.predict(vectors) for axis, head in self._heads.items()}
            offices = [named.office(item) for item in items]
            return {
                item.id: [(office, axis, int(of[i])) for axis, of in judged.items() if of[i] != NONE] if office else []
                for i, (item, office) in enumerate(zip(items, offices, strict=True))
            }

        return run


NONE = 9


def _classes(items: Sequence[Item], axis: str) -> NDArray[np.int64]:
    of_axis = ([sign for _, about, sign in item.gold if about == axis] for item in items)
    return np.array([signs[0] if signs else NONE for signs in of_axis])
