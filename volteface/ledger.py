"""The ledger's one rule: (standing position, observation) → (standing position, shift or none). Pure.

A position is a value on its axis' ladder, so going further in the same direction (threat → ultimatum → strikes) is as
much a shift as a reversal. Evidence that departs from the standing value by at least `min_move` gathers as pending
until it weighs `strength` and makes up `min_share` of all that is said. Restatements of the standing value weigh
against it, everything fades with age, and each origin and each publisher family counts once. After a shift the new
value is the standing one, carried by the evidence that moved it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from math import prod

from volteface.config_detect import DetectRules
from volteface.types import AlertState, Evidence, Mode, Observation, Shift, Standing, sign_of

KEPT = 24
"""Evidence kept for a standing position, and pending against it: bounded, and enough that on a day with hundreds of
reports the restatements are not crowded out by the first few departures."""
QUOTED = 4
LEAD = 500
"""Characters of headline and first paragraph, which all count in full."""
FIRST_HAND = 1.5
"""Weight of the office's own channel against somebody's account of what it said."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The detection rules, and the outlets through which offices speak for themselves."""

    detect: DetectRules
    first_hand: frozenset[str] = frozenset()
    """Of the side whose positions these rules move."""

    def weight(self, evidence: Evidence) -> float:
        """What one piece of evidence counts for while fresh: confidence times the weights of its mode and place."""
        mode = {
            Mode.ACT: 1.0,
            Mode.SPEECH: self.detect.speech_weight,
            Mode.REPORT: self.detect.report_weight,
        }[evidence.mode]
        place = float(0.5 ** (max(0, evidence.start - LEAD) / self.detect.half_depth))
        return evidence.confidence * mode * place * (FIRST_HAND if self.is_first_hand(evidence) else 1.0)

    def sure_enough(self, observation: Observation) -> bool:
        """Whether a reading is sure enough to count at all."""
        act = observation.mode is Mode.ACT
        return observation.confidence >= (self.detect.act_confidence if act else self.detect.min_confidence)

    def is_first_hand(self, evidence: Evidence) -> bool:
        """Whether the office itself speaks, through an outlet of its own."""
        return evidence.outlet in self.first_hand and evidence.mode is not Mode.REPORT

    def far(self, stance: float, value: float) -> bool:
        """Whether two values lie at least `min_move` apart."""
        # Rungs are decimal fractions: from -0.4 to -0.7 is a move of 0.3 although their floats differ by a little less.
        return round(abs(stance - value), 6) >= self.detect.min_move

    def faded(self, evidence: Evidence, now: datetime) -> float:
        """The weight that is left of it `now`."""
        age_h = max(0.0, (now - evidence.published) / timedelta(hours=1))
        return self.weight(evidence) * float(0.5 ** (age_h / self.detect.half_life_h))


def advance(
    standing: Standing | None, observation: Observation, rules: Rules, side: str
) -> tuple[Standing | None, Shift | None]:
    """Take one observation into account.

    Observations come ordered by (seen, published, reading_id). A holder without a standing position takes the first
    one that is sure enough, which is no shift: there is nothing that it moved from. What was published before the
    standing position was taken says nothing against it, however late it is seen. Time is `observation.seen`, never a
    clock, so the same readings give the same ledger, and later ones never change what was said before.
    """
    if not rules.sure_enough(observation):
        return standing, None
    evidence = _evidence(observation)
    if standing is None:
        return _first(observation, evidence), None
    if observation.published < standing.since and rules.far(observation.stance, standing.value):
        return standing, None
    if not departs(observation.stance, standing.value, rules):
        return _restated(standing, evidence, observation.seen, rules), None
    standing = replace(standing, pending=_recent((*standing.pending, evidence), observation.seen, rules))
    moved = _moved(standing, observation.stance > standing.value, observation.seen, rules)
    if moved is None:
        return standing, None
    shift = _shift(standing, moved, observation, side)
    return _settled(standing, shift, moved), shift


def _evidence(observation: Observation) -> Evidence:
    return Evidence(
        outlet=observation.outlet,
        url=observation.url,
        quote=observation.quote,
        published=observation.published,
        origin_id=observation.origin_id,
        mode=observation.mode,
        stance=observation.stance,
        person=observation.person,
        family=observation.family,
        confidence=observation.confidence,
        start=observation.start,
    )


def _first(observation: Observation, evidence: Evidence) -> Standing:
    return Standing(
        holder=observation.holder,
        axis=observation.axis,
        value=observation.stance,
        since=observation.published,
        confirmed=observation.published,
        evidence=(evidence,),
    )


def departs(stance: float, value: float, rules: Rules) -> bool:
    """Whether a stance is another position than the standing value.

    A milder word of the same sign is not: who has struck and then threatens has not moved towards peace.
    """
    milder = sign_of(stance) == sign_of(value) != 0 and abs(stance) < abs(value)
    return not milder and rules.far(stance, value)


def _restated(standing: Standing, evidence: Evidence, seen: datetime, rules: Rules) -> Standing:
    kept = (*standing.evidence, evidence)[-KEPT:]
    if not rules.far(evidence.stance, standing.value):
        return replace(standing, confirmed=max(standing.confirmed, seen), evidence=kept)
    if seen - standing.confirmed < timedelta(hours=rules.detect.relax_h):
        return replace(standing, evidence=kept)
    # Nobody has said or done the stronger thing for long: from here on, doing it again is news.
    return replace(standing, value=evidence.stance, since=evidence.published, confirmed=seen, evidence=kept)


def _recent(pending: Sequence[Evidence], now: datetime, rules: Rules) -> tuple[Evidence, ...]:
    horizon = now - timedelta(hours=rules.detect.window_h)
    return tuple(e for e in pending if e.published >= horizon)[-KEPT:]


def _moved(standing: Standing, upwards: bool, now: datetime, rules: Rules) -> tuple[Evidence, ...] | None:
    """The evidence that moves the position that way, heaviest first; None while it does not suffice."""
    that_way = [e for e in standing.pending if (e.stance > standing.value) == upwards]
    contrary = [e for e in standing.pending if (e.stance > standing.value) != upwards]
    weight, departing = _heaviest(that_way, now, rules)
    staying, _ = _heaviest((*standing.evidence, *contrary), now, rules)
    # An ultimatum is no argument against the strike that follows it: only going back meets resistance.
    further = sign_of(standing.value) == (1 if upwards else -1)
    against = _heaviest(contrary, now, rules)[0] if further else staying
    enough = weight - rules.detect.resistance * against >= rules.detect.strength
    # Five times the reports bring five times the misreadings, so their weight alone does not tell.
    return departing if enough and weight >= rules.detect.min_share * (weight + staying) else None


def independent(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """One piece for each origin and each publisher family, the first of each, in order."""
    chosen: list[Evidence] = []
    known: set[tuple[str, object]] = set()
    for e in evidence:
        own: set[tuple[str, object]] = {("origin", e.origin_id), ("family", e.family)}
        if known.isdisjoint(own):
            chosen.append(e)
            known |= own
    return tuple(chosen)


def _heaviest(evidence: Iterable[Evidence], now: datetime, rules: Rules) -> tuple[float, tuple[Evidence, ...]]:
    """What is independent among it, heaviest first, and what that weighs together."""
    weights = [(rules.faded(e, now), e) for e in evidence]
    chosen = independent(e for _, e in sorted(weights, key=lambda pair: -pair[0]))
    weight_of = {id(e): weight for weight, e in weights}
    return sum(weight_of[id(e)] for e in chosen), chosen


def _shift(standing: Standing, moved: Sequence[Evidence], observation: Observation, side: str) -> Shift:
    after = _middle([e.stance for e in moved])
    direction = "towards" if after > standing.value else "away"
    first = min(moved, key=standing.pending.index)
    return Shift(
        key=_key(standing, direction, first),
        at=observation.seen,
        side=side,
        holder=standing.holder,
        person=next((e.person for e in moved if e.person), ""),
        axis=standing.axis,
        direction=direction,
        before=standing.value,
        after=after,
        since=standing.since,
        state=AlertState.CONFIRMED if len(moved) > 1 else AlertState.PROVISIONAL,
        confidence=1 - prod(1 - e.confidence for e in moved),
        evidence=_quoted(moved),
        prior=standing.evidence[-2:],
        origins=len(moved),
    )


def _middle(stances: Sequence[float]) -> float:
    """The lower median: a value that somebody really expressed, so it falls on a rung."""
    return sorted(stances)[(len(stances) - 1) // 2]


def _key(standing: Standing, direction: str, first: Evidence) -> str:
    parts = (standing.holder, standing.axis, direction, first.outlet, first.published.isoformat(), first.quote)
    return sha256("\x1f".join(parts).encode()).hexdigest()[:20]


def _quoted(moved: Sequence[Evidence]) -> tuple[Evidence, ...]:
    by_outlet: dict[str, Evidence] = {}
    for e in moved:
        by_outlet.setdefault(e.outlet, e)
    return tuple(by_outlet.values())[:QUOTED]


def _settled(standing: Standing, shift: Shift, moved: Sequence[Evidence]) -> Standing:
    return replace(
        standing,
        value=shift.after,
        since=min(e.published for e in moved),
        confirmed=shift.at,
        evidence=tuple(moved)[:KEPT],
        pending=(),
    )
