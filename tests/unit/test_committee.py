"""The committee: a position moves when enough ledgers have moved it, and then for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_samples import NOON, STANCES, folded, observe, series, standing

from volteface import ledger
from volteface.committee import Committee, advance, elsewhere
from volteface.config_detect import DetectRules
from volteface.ledger import KEPT, Rules
from volteface.store.codec import standings_from_json, standings_to_json
from volteface.types import Mode, Observation, Shift, Standing, sign_of

QUICK, SLOW, DEAF = (Rules(DetectRules(strength=strength, speech_weight=0.7)) for strength in (0.5, 1.2, 9.0))
THREE = Committee((QUICK, SLOW, DEAF), quorum=2)


def fold(
    observations: Sequence[Observation], start: Standing | None, committee: Committee = THREE
) -> tuple[Standing | None, list[Shift]]:
    return folded(lambda stands, observation: advance(stands, observation, committee, "iran"), observations, start)


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
    sure, patient = (Rules(DetectRules(strength=0.5, min_confidence=c, resistance=0)) for c in (0.9, 0.5))
    patient = replace(patient, detect=patient.detect.model_copy(update={"strength": 0.8, "window_h": 5}))
    for days, told in ((1, 1), (3, 0)):
        unsure = [observe(n, -1.0, 24 * days, mode=Mode.SPEECH, confidence=0.7) for n in (8, 9)]
        after, shifts = fold([said(1, -1.0), *unsure], standing(0.4), Committee((sure, patient), 2))
        assert len(shifts) == told, days
        assert after is not None
        assert after.value == (-1.0 if told else 0.4)


def test_move_that_nobody_joined_can_be_told_later() -> None:
    """A ledger that had moved by itself would never move again: a position would be lost to its vote, in silence."""
    first, alone = fold([said(1, -1.0)], standing(0.4))
    later, shifts = fold([said(2, -1.0, 24 * 9), said(3, -1.0, 24 * 9 + 1)], first)

    assert alone == []
    assert later is not None
    assert [(s.before, s.after) for s in shifts] == [(0.4, -1.0)]
    assert later.value == -1.0


def test_position_in_the_middle_of_those_that_agree_is_told() -> None:
    """An alert would say strikes where most of what was heard was an ultimatum."""
    far = Rules(DetectRules(strength=0.9, speech_weight=1, min_confidence=0.9, resistance=0))
    near = Rules(DetectRules(strength=1.4, speech_weight=1, min_confidence=0.5, resistance=0))
    ultimatum = [observe(n, -0.7, n, mode=Mode.SPEECH, confidence=0.8) for n in (1, 2)]
    reports = [*ultimatum, observe(3, -1.0, 3, mode=Mode.SPEECH, confidence=0.95)]
    _, shifts = fold(reports, standing(0.4), Committee((far, near, near), 3))
    assert [(s.before, s.after) for s in shifts] == [(0.4, -0.7)]


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


@pytest.mark.parametrize("rules", [(SLOW, SLOW, DEAF, DEAF), (DEAF, QUICK, SLOW)])
def test_other_rules_start_from_what_stands(rules: tuple[Rules, ...]) -> None:
    """After a tuning a move that a ledger made by its old rules would be half of an alert."""
    before, _ = fold([said(1, -1.0)], standing(0.4), replace(THREE, fingerprint="old"))
    after, shifts = fold([observe(2, 0.4, 1)], before, Committee(rules, 2, fingerprint="new"))

    assert shifts == []
    assert after is not None
    assert [(m.value, m.moved) for m in after.members] == [(0.4, None)] * len(rules)


def test_without_a_committee_its_ledgers_are_forgotten() -> None:
    """A desk that goes back to one ledger would keep what fifteen had thought, for ever."""
    before, _ = fold([said(1, -1.0)], standing(0.4))
    after, shifts = fold([observe(2, -1.0, 1)], before, Committee((SLOW,)))

    assert after is not None
    assert (after.members, after.value, len(shifts)) == ((), -1.0, 1)


@given(series(), STANCES)
def test_alert_begins_where_the_position_stood(observations: list[Observation], value: float) -> None:
    """An alert would say `from threats` of a holder whom `volteface positions` had at strikes, or go the wrong way."""
    stands: Standing | None = standing(value)
    for observation in observations:
        assert stands is not None
        before, (stands, shift) = stands, advance(stands, observation, Committee((QUICK, QUICK, SLOW), 2), "iran")
        assert stands is not None
        if shift:
            assert (shift.before, shift.since) == (before.value, before.since)
            assert (shift.after, shift.at) == (stands.value, observation.seen)
            assert (shift.direction == "towards") == (shift.after > shift.before)
        else:
            relaxed = sign_of(stands.value) == sign_of(before.value) and abs(stands.value) < abs(before.value)
            assert stands.value == before.value or relaxed
            assert stands.confirmed >= before.confirmed


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
