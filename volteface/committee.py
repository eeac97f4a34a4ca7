"""Several ledgers over the same observations, and one standing position. Pure.

What a single ledger tells hangs by a hair on its thresholds: of the alerts of two settings that serve equally well on
a past period, a good part differ, and the best setting of many is partly the luckiest. So several ledgers with unlike
rules read the same observations, and a position moves when a quorum of them has moved it, the last of them within
`agree` of the first (majority vote of an ensemble: Hansen and Salamon 1990). The move then binds all: every ledger goes
on from it. Until then the standing position is that of the ledger in the middle.

A committee of one is that ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from volteface import ledger
from volteface.ledger import Rules
from volteface.types import Observation, Shift, Standing


@dataclass(frozen=True, slots=True)
class Committee:
    """The rules of each ledger, at least one, and how many must agree."""

    members: tuple[Rules, ...]
    quorum: int = 1
    agree: timedelta = timedelta(hours=48)
    """How long a ledger's move waits for the others."""


def advance(
    standing: Standing | None, observation: Observation, committee: Committee, side: str
) -> tuple[Standing | None, Shift | None]:
    """Take one observation into account; see `ledger.advance` for order and time.

    The first position of a holder is the one that the first ledger takes.
    """
    if standing is None:
        return ledger.advance(None, observation, committee.members[0], side)
    before = _seats(standing, committee)
    after = [_step(*seat, observation, side) for seat in zip(before, committee.members, strict=True)]
    fresh = [now for was, now in zip(before, after, strict=True) if now.moved and now.moved is not was.moved]
    for seat in fresh:
        if seat.moved and _agreeing(after, seat.moved, committee) >= committee.quorum:
            return replace(seat, moved=None, alerted=standing.alerted), seat.moved
    return _in_the_middle(after, standing), None


def _seats(standing: Standing, committee: Committee) -> tuple[Standing, ...]:
    """The ledgers as they stand: apart, or all where the last move left them (or where another number of ledgers was
    configured)."""
    if len(standing.members) == len(committee.members):
        return standing.members
    return (replace(standing, members=(), alerted=None),) * len(committee.members)


def _step(seat: Standing, rules: Rules, observation: Observation, side: str) -> Standing:
    after, shift = ledger.advance(seat, observation, rules, side)
    return seat if after is None else replace(after, moved=shift or after.moved)


def _agreeing(seats: Sequence[Standing], move: Shift, committee: Committee) -> int:
    """Ledgers whose latest move was this way, not too long before."""
    since = move.at - committee.agree
    return sum(bool(s.moved and s.moved.direction == move.direction and s.moved.at >= since) for s in seats)


def _in_the_middle(seats: Sequence[Standing], record: Standing) -> Standing:
    """The position that stands: as many ledgers are at it or below as are above, one more where they are even."""
    value = sorted(seat.value for seat in seats)[(len(seats) - 1) // 2]
    there = [seat for seat in seats if seat.value == value]
    since = record.since if record.value == value else there[0].since
    confirmed = max(seat.confirmed for seat in there)
    apart = tuple(seats) if len(seats) > 1 else ()
    return replace(there[0], since=since, confirmed=confirmed, members=apart, moved=None, alerted=record.alerted)


def elsewhere(standing: Standing) -> int:
    """How many ledgers hold another position than the one that stands."""
    return sum(member.value != standing.value for member in standing.members)
