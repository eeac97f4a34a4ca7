"""The committee: a position moves when enough ledgers have moved it, and then for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_samples import NOON, STANCES, observe, series, standing

from volteface import ledger
from volteface.committee import Committee, advance, elsewhere
from volteface.config_detect import DetectRules
from volteface.ledger import KEPT, Rules
from volteface.store.codec import standings_from_json, standings_to_json
from volteface.types import Mode, Observation, Shift, Standing

QUICK, SLOW, DEAF = (Rules(DetectRules(strength=strength, speech_weight=0.7)) for strength in (0.5, 1.2, 9.0))
THREE = Committee((QUICK, SLOW, DEAF), quorum=2)


def fold(
    observations: Sequence[Observation], start: Standing | None, committee: Committee = THREE
) -> tuple[Standing | None, list[Shift]]:
    shifts = []
    for observation in observations:
        start, shift = advance(start, observation, committee, "iran")
        if shift:
            shifts.append(shift)
    return start, shifts


def said(number: int, stance: float, hours: float = 0) -> Observation:
    return observe(number, stance, hours, mode=Mode.SPEECH)


def test_position_moves_when_a_quorum_has_moved() -> None:
    """The quickest ledger alone would raise each of its alerts, and the committee be worth nothing."""
    first, alone = fold([said(1, -1.0)], standing(0.4))
    assert first is not None
    assert (first.value, alone) == (0.4, [])

    after, shifts = fold([said(2, -1.0, 1)], first)
    assert after is not None
    assert [(s.at, s.before, s.after, s.origins) for s in shifts] == [(NOON + timedelta(hours=1), 0.4, -1.0, 2)]
    assert (after.value, after.members) == (-1.0, ())


def test_all_ledgers_go_on_from_the_new_position() -> None:
    """A ledger that was outvoted would tell the same move days later, when it had come round."""
    report = [said(n, -1.0, n) for n in range(1, 9)]
    assert len(fold(report, standing(0.4))[1]) == 1


def test_moves_too_far_apart_are_not_one() -> None:
    """A stray report of last week would be half of this week's alert."""
    for days, told in ((1, 1), (3, 0)):
        slow = [said(9, -1.0, 24 * days), observe(10, -1.0, 24 * days, mode=Mode.REPORT)]
        committee = Committee((QUICK, Rules(DetectRules(strength=0.8, window_h=5))), 2, timedelta(hours=48))
        assert len(fold([said(1, -1.0), *slow], standing(0.4), committee)[1]) == told, days


def test_ledger_that_moved_back_counts_no_longer() -> None:
    """Two ledgers that never agreed at any one time would raise an alert of a position that neither holds."""
    sure = Rules(DetectRules(strength=0.5, speech_weight=0.7, min_confidence=0.9, resistance=0))
    both = Rules(DetectRules(strength=0.9, speech_weight=0.7, min_confidence=0.5, resistance=0))
    threat, denial = said(1, -1.0), said(2, 0.4, 5)
    unsure = observe(3, -1.0, 6, mode=Mode.SPEECH, confidence=0.6)

    assert len(fold([threat, unsure], standing(0.4), Committee((sure, both), 2))[1]) == 1
    assert fold([threat, denial, unsure], standing(0.4), Committee((sure, both), 2))[1] == []


def test_ledger_in_the_middle_is_what_stands() -> None:
    """`volteface positions` would show what the most nervous ledger believes."""
    before, _ = fold([said(1, -1.0)], standing(0.4))
    assert before is not None
    assert [m.value for m in before.members] == [-1.0, 0.4, 0.4]
    assert (before.value, before.since) == (0.4, standing(0.4).since)
    assert before.members[0].moved is not None
    assert elsewhere(before) == 1


def test_another_number_of_ledgers_starts_from_what_stands() -> None:
    """After a tuning the ledgers would be read by the wrong rules, or a position be forgotten."""
    before, _ = fold([said(1, -1.0)], standing(0.4))
    after, shifts = fold([said(2, -1.0, 1)], before, Committee((SLOW, SLOW, DEAF, DEAF), 2))

    assert before is not None
    assert after is not None
    assert [(s.before, s.after, s.origins) for s in shifts] == [(0.4, -1.0, 2)]


@given(series(), STANCES)
def test_committee_of_one_is_its_ledger(observations: list[Observation], value: float) -> None:
    """Desks with a single set of rules would get other alerts after the upgrade."""
    one, alone = standing(value), standing(value)
    for observation in observations:
        by_committee, told = advance(one, observation, Committee((SLOW,)), "iran")
        by_ledger, moved = ledger.advance(alone, observation, SLOW, "iran")
        assert (by_committee, told) == (by_ledger, moved)
        assert by_committee is not None
        assert by_ledger is not None
        one, alone = by_committee, by_ledger


@given(series(), st.integers(0, 25))
def test_later_readings_never_change_what_was_said(observations: list[Observation], cut: int) -> None:
    """An alert already in the channel would vanish or read differently after the next poll."""
    early, whole = fold(observations[:cut], None)[1], fold(observations, None)[1]

    assert whole[: len(early)] == early


@given(series(), STANCES)
def test_each_piece_of_evidence_moves_a_position_once(observations: list[Observation], value: float) -> None:
    """The same quotes would raise two alerts, or two alerts would share a key and one be lost."""
    shifts = fold(observations, standing(value), Committee((QUICK, QUICK, SLOW), 2))[1]
    used = [e.url for shift in shifts for e in shift.evidence]

    assert len(used) == len(set(used))
    assert len({shift.key for shift in shifts}) == len(shifts)


@given(series(), STANCES)
def test_store_keeps_ledgers_that_stand_apart(observations: list[Observation], value: float) -> None:
    """Each pass reads them from the store: what was lost there would change every later alert."""
    after, _ = fold(observations, standing(value))
    assert after is not None
    assert standings_from_json(standings_to_json(after.members)) == after.members
    assert all(len(m.evidence) <= KEPT and len(m.pending) <= KEPT for m in after.members)


@pytest.mark.parametrize("ledgers", [1, 2, 3, 7, 15])
def test_more_than_half_decide_unless_said_otherwise(ledgers: int) -> None:
    """A config with a committee and no quorum would raise an alert on one ledger's word."""
    rules = DetectRules.model_validate({"committee": [{}] * (ledgers - 1)})
    assert rules.needed == ledgers // 2 + 1
    assert DetectRules.model_validate({"committee": [{}] * (ledgers - 1), "quorum": 1}).needed == 1
    with pytest.raises(ValueError, match="is more than there are ledgers"):
        DetectRules.model_validate({"committee": [{}] * (ledgers - 1), "quorum": ledgers + 1})
