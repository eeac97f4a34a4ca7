"""Chains of operators, outermost first, and what becomes of a direction under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from extractors.cues import Cue, Kind
from extractors.phrases import Found

Chain = tuple[Found[Cue], ...]

OPERATORS = frozenset(
    {Kind.TURN, Kind.NEGATE, Kind.SUSPEND, Kind.KEEP, Kind.CONCEDE, Kind.DEMAND, Kind.THREAT, Kind.COMMIT, Kind.CONDEMN}
)


def polarity(chain: Sequence[Found[Cue]]) -> int:
    """What becomes of an object's direction, from the outermost operator inwards: +1 kept, -1 turned, 0 left open."""
    result = 1
    for operator in chain:
        result = {1: operator.value.kept, -1: operator.value.denied}.get(result, 0)
    return result


def turns(chain: Sequence[Found[Cue]]) -> bool:
    """Whether any operator of the chain can turn."""
    return any(operator.value.kept < 1 for operator in chain)


def acts(operators: Iterable[Found[Cue]]) -> list[Found[Cue]]:
    """Those that deny or undo, without what only keeps, demands or threatens."""
    return [operator for operator in operators if operator.value.kind in (Kind.TURN, Kind.NEGATE)]
