"""What a search for rules found: the best settings as a committee, what that is worth, and the YAML to paste.

A committee of the best settings of a search does better on weeks that it was not chosen on than the very best of them
(docs/decisions.md, 2026-11-28), if they are not all neighbours of one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import yaml

from volteface.backtest import Score, Timeline
from volteface.config import Config
from volteface.config_detect import LedgerRules
from volteface.tuning import (
    RANGES,
    Search,
    Trial,
    Tuned,
    Values,
    alone,
    blocks_of,
    folds_of,
    ranked,
    with_rules,
)  # fmt: skip
from volteface.types import Observation

APART = 0.15
"""How far apart the settings of a committee lie at least: root of the mean squared difference of their places in the
ranges, each from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Seated:
    """A committee of the settings that a search found best, and what it is worth."""

    members: tuple[Values, ...]
    quorum: int
    blocks: tuple[Score, ...]
    """In sample."""
    outside: tuple[Score, ...]
    """Each block as scored by the committee that was best without its fold."""

    @property
    def whole(self) -> Score:
        """In sample, over all blocks."""
        return reduce(add, self.blocks)

    @property
    def out_of_fold(self) -> Score:
        """What to expect of it on other weeks."""
        return reduce(add, self.outside)


def seat(
    config: Config, observations: Sequence[Observation], timeline: Timeline, search: Search, tuned: Tuned, ledgers: int
) -> Seated:
    """The best settings of a search as a committee of `ledgers`, an odd number, with the quorum that serves best; what
    it is worth is measured out of the same folds."""

    def run(members: Sequence[Values], quorum: int) -> Trial:
        tried = with_members(config, members, quorum)
        return Trial({"quorum": quorum}, blocks_of(tried, observations, timeline, search))

    def best(tried: Sequence[Trial], blocks: Sequence[int]) -> tuple[tuple[Values, ...], Trial]:
        members = spread(tried, ledgers)
        quorums = [run(members, quorum) for quorum in range(1, len(members) + 1)]
        return members, ranked(quorums, blocks, search)[0]

    folds = folds_of(timeline, search)
    everywhere = tuple(sorted(b for fold in folds for b in fold))
    members, whole = best(tuned.ranked[0], everywhere)
    by_block: dict[int, Score] = {}
    for tried, fold in zip(tuned.ranked[1:], folds, strict=True):
        _, trial = best(tried, [b for b in everywhere if b not in fold])
        by_block |= {b: trial.blocks[b] for b in fold}
    return Seated(members, int(whole.values["quorum"]), whole.blocks, tuple(by_block[b] for b in everywhere))


def spread(trials: Sequence[Trial], number: int) -> tuple[Values, ...]:
    """Of trials, the best first, the settings that lie apart: so many or fewer, and an odd number."""
    apart: list[Values] = []
    for trial in trials:
        if len(apart) < number and all(_distance(trial.values, other) >= APART for other in apart):
            apart.append(trial.values)
    return tuple(apart[: len(apart) - (len(apart) + 1) % 2])


def _distance(one: Values, other: Values) -> float:
    known = [(r, one[name], other[name]) for name, r in RANGES.items() if name in one and name in other]
    squares = [(r.share(a) - r.share(b)) ** 2 for r, a, b in known]
    return float((sum(squares) / len(squares)) ** 0.5)


def with_members(config: Config, members: Sequence[Values], quorum: int | None = None) -> Config:
    """The config with these settings as its ledgers; the first one's rules of telling hold for all."""
    own = {name: getattr(config.detect, name) for name in LedgerRules.model_fields}
    others = [own | {name: value for name, value in values.items() if name in own} for values in members[1:]]
    committee = tuple(LedgerRules.model_validate(rules) for rules in others)
    first = with_rules(alone(config), members[0])
    detect = first.detect.model_copy(update={"committee": committee, "quorum": quorum})
    return first.model_copy(update={"detect": detect})


def chosen(config: Config, tuned: Tuned, seated: Seated) -> Config:
    """The config with what did better out of fold: the committee, or the best ledger alone."""
    if len(seated.members) > 1 and seated.out_of_fold.f1 >= tuned.out_of_fold.f1:
        return with_members(config, seated.members, seated.quorum)
    return with_rules(alone(config), tuned.best.values)


def as_yaml(config: Config, tuned: Tuned, seated: Seated) -> str:
    """What is `chosen` as a `detect:` section to paste, with what it and the other are worth as comments."""
    rules = chosen(config, tuned, seated).detect.model_dump(mode="json", exclude_none=True)
    committee: list[Mapping[str, float]] = rules.pop("committee")
    head = (
        f"# volteface tune, {tuned.trials} settings. What to expect on other weeks is what is said out of fold: each",
        "# block of weeks scored by what was best on the others.",
        f"# now, in sample: {_words(tuned.present.whole)}",
        f"# these, in sample: {_words(seated.whole if committee else tuned.best.whole)}",
        f"# out of fold, a committee of {len(seated.members)}: {_words(seated.out_of_fold)}",
        f"# out of fold, one ledger: {_words(tuned.out_of_fold)}",
        f"# Below is {'the committee' if committee else 'the one ledger'}.",
    )
    section = yaml.safe_dump({"detect": rules}, sort_keys=False, default_flow_style=False).rstrip()
    return "\n".join((*head, section, *_committee(committee)))


def _committee(members: Sequence[Mapping[str, float]]) -> list[str]:
    """A line for each ledger, so that people can compare them."""
    if not members:
        return []
    lines = [yaml.safe_dump(dict(m), sort_keys=False, default_flow_style=True, width=1000).strip() for m in members]
    return ["  committee:", *(f"    - {line}" for line in lines)]


def _words(score: Score) -> str:
    delay = "" if score.delay_h is None else f", delay {score.delay_h:.1f} h"
    return (
        f"recall {score.recall:.2f}, precision {score.precision:.2f}, F1 {score.f1:.2f}, "
        f"{score.alerts_per_week:.1f} alerts a week{delay}"
    )
