"""Several ledgers over the same observations, and one standing position. Pure.

What a single ledger tells hangs by a hair on its thresholds: of the alerts of two settings that serve equally well on
a past period, a good part differ, and the best setting of many is partly the luckiest. So several ledgers with unlike
rules read the same observations, and a position moves when a quorum of them has moved it the same way, the last of them
within `agree` of the first (majority vote of an ensemble: Hansen and Salamon 1990). It moves to the position in the
middle of theirs, and the move binds all: every ledger goes on from it. A move that too few have joined in time is void:
its ledger goes back to the position that stands. Between moves the standing position only relaxes, as the ledgers in
the middle do.

A committee of one is that ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from volteface import ledger
from volteface.ledger import KEPT, Rules
from volteface.types import Observation, Shift, Standing


@dataclass(frozen=True, slots=True)
class Committee:
    """The rules of each ledger, at least one, and how many must agree."""

    members: tuple[Rules, ...]
    quorum: int = 1
    agree: timedelta = timedelta(hours=48)
    """How long a ledger's move waits for the others."""
    fingerprint: str = ""
    """Of the ledgers' rules: where they stood by others says nothing of these."""


def advance(
    standing: Standing | None, observation: Observation, committee: Committee, side: str
) -> tuple[Standing | None, Shift | None]:
    """Take one observation into account; see `ledger.advance` for order and time.

    The first position of a holder is the one that the first ledger takes.
    """
    if standing is None or len(committee.members) == 1:
        alone = replace(standing, members=()) if standing and standing.members else standing
        return ledger.advance(alone, observation, committee.members[0], side)
    before = _seats(standing, observation.seen, committee)
    after = [_step(*seat, observation, side) for seat in zip(before, committee.members, strict=True)]
    for was, now in zip(before, after, strict=True):
        if now.moved and now.moved is not was.moved:
            decided = _decided(standing, after, now.moved, committee)
            if decided:
                return decided
    return _undecided(standing, before, after), None


def _seats(standing: Standing, now: datetime, committee: Committee) -> list[Standing]:
    """The ledgers as they stand: where they are apart, or all at the position that stands."""
    start = replace(standing, members=(), alerted=None, moved=None, rules=committee.fingerprint)
    known = standing.members
    if len(known) != len(committee.members) or known[0].rules != committee.fingerprint:
        return [start] * len(committee.members)
    return [start if seat.moved and not _near(seat.moved.at, now, committee) else seat for seat in known]


def _step(seat: Standing, rules: Rules, observation: Observation, side: str) -> Standing:
    after, shift = ledger.advance(seat, observation, rules, side)
    return replace(after or seat, moved=shift) if shift else after or seat


def _near(one: datetime, other: datetime, committee: Committee) -> bool:
    # Both ways: a move stamped by a clock that ran ahead must not wait for weeks.
    return abs(one - other) <= committee.agree


def _decided(
    standing: Standing, seats: Sequence[Standing], last: Shift, committee: Committee
) -> tuple[Standing, Shift] | None:
    """The new position and the shift, where enough ledgers' latest move was this way and it leaves what stands."""
    moves = [s for s in seats if s.moved and s.moved.direction == last.direction]
    agreeing = sorted((s for s in moves if _near(_move(s).at, last.at, committee)), key=lambda s: _move(s).after)
    if len(agreeing) < committee.quorum:
        return None
    value = _move(agreeing[(len(agreeing) - 1) // 2]).after
    seat = max((s for s in agreeing if _move(s).after == value), key=lambda s: _move(s).at)
    if not _leaves(standing, value, last.direction, committee):
        return None
    prior = standing.evidence[-2:]
    shift = replace(_move(seat), at=last.at, before=standing.value, since=standing.since, prior=prior)
    settled = replace(seat, value=value, confirmed=last.at, pending=(), moved=None, rules="")
    return replace(settled, alerted=standing.alerted), shift


def _move(seat: Standing) -> Shift:
    assert seat.moved is not None  # asked only of ledgers that have moved
    return seat.moved


def _leaves(standing: Standing, value: float, direction: str, committee: Committee) -> bool:
    """Whether the position lies that way from the one that stands, and is no milder word of it."""
    way = "towards" if value > standing.value else "away"
    return way == direction and ledger.departs(value, standing.value, committee.members[0])


def _undecided(standing: Standing, before: Sequence[Standing], after: Sequence[Standing]) -> Standing:
    """What stands: the position in the middle of the ledgers that have not moved from it, confirmed as by these."""
    if all(now is was for was, now in zip(before, after, strict=True)):
        return standing
    there = [seat for seat in after if not seat.moved]
    if not there:
        return replace(standing, members=tuple(after))
    value = sorted(seat.value for seat in there)[(len(there) - 1) // 2]
    middle = next(seat for seat in there if seat.value == value)
    steps = zip(before, after, strict=True)
    heard = [now.evidence[-1] for was, now in steps if now.evidence is not was.evidence and not now.moved]
    fresh = heard[:1] if 2 * len(heard) >= len(there) else ()
    return replace(
        standing,
        value=value,
        since=standing.since if value == standing.value else middle.since,
        confirmed=max(standing.confirmed, *(s.confirmed for s in there if s.value == value)),
        evidence=(*standing.evidence, *fresh)[-KEPT:],
        pending=max((seat.pending for seat in after), key=len),
        members=tuple(after),
    )


def elsewhere(standing: Standing) -> int:
    """How many ledgers hold another position than the one that stands."""
    return sum(member.value != standing.value for member in standing.members)


def division(standing: Standing) -> str:
    """`7 of 17 ledgers stand elsewhere`; empty where none does."""
    apart = elsewhere(standing)
    return f"{apart} of {len(standing.members)} ledgers stand elsewhere" if apart else ""
