"""The ledger: when a holder has moved, and when it only spoke again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_samples import NOON, STANCES, folded, observe, series, standing

from volteface.config_detect import DetectRules
from volteface.ledger import KEPT, Rules, advance
from volteface.types import AlertState, Mode, Observation, Shift, Standing, sign_of

RULES = Rules(
    DetectRules(
        min_confidence=0.5, min_move=0.3, window_h=48, strength=0.9, half_life_h=24, resistance=0.5, relax_h=168
    )
)


def fold(observations: Sequence[Observation], start: Standing | None = None) -> tuple[Standing | None, list[Shift]]:
    return folded(lambda stands, observation: advance(stands, observation, RULES, "iran"), observations, start)


def test_act_against_the_position_is_a_shift_at_once() -> None:
    """An air strike would wait for a second newsroom before anybody heard of it."""
    after, shifts = fold([observe(1, -1.0)], standing(0.4))

    assert [(s.direction, s.before, s.after, s.state) for s in shifts] == [("away", 0.4, -1.0, AlertState.PROVISIONAL)]
    assert after is not None
    assert (after.value, after.pending, after.since) == (-1.0, (), NOON)


def test_going_further_the_same_way_is_a_shift() -> None:
    """Threat, ultimatum and strikes would be one alert, the first."""
    _, shifts = fold([observe(1, -0.7, 1), observe(2, -1.0, 30)], standing(-0.4))

    assert [(s.before, s.after, s.direction) for s in shifts] == [(-0.4, -0.7, "away"), (-0.7, -1.0, "away")]


def test_report_from_before_the_position_reverses_nothing() -> None:
    """A slow feed that brings the morning's strikes after the noon's truce would be told as the truce broken."""
    truce = [observe(1, 1.0, 6), observe(2, 1.0, 6)]
    late = [replace(observe(n, -1.0, 1), seen=NOON + timedelta(hours=8)) for n in (3, 4, 5)]
    after, shifts = fold([*truce, *late], standing(-1.0))

    assert [s.after for s in shifts] == [1.0]
    assert after is not None
    assert (after.value, after.pending) == (1.0, ())
    anew = fold([replace(o, published=o.seen) for o in late], after)[1]
    assert [s.after for s in anew] == [-1.0]


def test_unsure_reading_is_no_first_position() -> None:
    """A guess about an office never heard before would stand as its position, and the truth be told as a shift."""
    assert fold([observe(1, 1.0, confidence=0.05)]) == (None, [])
    after, shifts = fold([observe(1, 1.0, confidence=0.05), observe(2, -0.7, 1)])

    assert shifts == []
    assert after is not None
    assert after.value == -0.7


def test_position_that_relaxed_stands_since_the_milder_word() -> None:
    """The digest would say "threatens since April" of somebody who struck in April and threatens since June."""
    after, _ = fold([observe(1, -0.4, 24 * 8)], standing(-1.0))

    assert after is not None
    assert (after.value, after.since) == (-0.4, NOON + timedelta(days=8))


def test_milder_word_of_the_same_sign_is_no_shift() -> None:
    """In a war every threat would be announced as a move towards peace."""
    after, shifts = fold([observe(n, -0.4, n) for n in range(1, 9)], standing(-1.0))

    assert shifts == []
    assert after is not None
    assert after.value == -1.0


def test_after_a_quiet_week_the_stronger_thing_is_news_again() -> None:
    """The second war of a year would never be announced."""
    quiet = observe(1, -0.4, 24 * 8)
    _, shifts = fold([quiet, observe(2, -1.0, 24 * 20)], standing(-1.0))

    assert [(s.before, s.after) for s in shifts] == [(-0.4, -1.0)]


@pytest.mark.parametrize(("share", "moved"), [(0.0, True), (0.1, True), (0.5, False)])
def test_volume_alone_moves_nothing(share: float, moved: bool) -> None:
    """In a week with five times the reports, five times the misreadings would add up to a shift."""
    rules = Rules(RULES.detect.model_copy(update={"min_share": share, "resistance": 0.0}))
    threats = [observe(n, -0.7, n / 10) for n in range(1, 9)]
    misread = [observe(n, -1.0, n / 10, mode=Mode.SPEECH) for n in (9, 10)]
    now: Standing | None = standing(-0.7)
    for observation in (*threats, *misread):
        now, shift = advance(now, observation, rules, "iran")

    assert (shift is not None) == moved


@pytest.mark.parametrize(("start", "moved"), [(0, True), (500, True), (4000, False)])
def test_what_stands_deep_in_an_article_weighs_less(start: int, moved: bool) -> None:
    """The history below each story would be alerted as news, again and again."""
    _, shifts = fold([replace(observe(1, -1.0), start=start)], standing(0.4))

    assert bool(shifts) == moved


def test_one_named_speaker_in_one_outlet_is_not_enough() -> None:
    """A single misread sentence would raise an alert."""
    after, shifts = fold([observe(1, 0.7, mode=Mode.SPEECH)], standing(-0.4))

    assert shifts == []
    assert after is not None
    assert [e.stance for e in after.pending] == [0.7]


def test_second_independent_report_confirms() -> None:
    """A statement carried by two newsrooms would not be heard."""
    _, shifts = fold([observe(n, 0.7, n, mode=Mode.SPEECH) for n in (1, 2)], standing(-0.4))

    assert [(s.state, s.origins, len(s.evidence)) for s in shifts] == [(AlertState.CONFIRMED, 2, 2)]


@pytest.mark.parametrize("same", ["origin", "family"])
def test_copies_and_sister_outlets_confirm_nothing(same: str) -> None:
    """One wire report in many outlets, or in one group's papers, would count as many."""
    shared = {"origin": 7} if same == "origin" else {"family": "one group"}
    _, shifts = fold([observe(n, 0.7, n / 10, mode=Mode.SPEECH, **shared) for n in range(1, 20)], standing(-0.4))

    assert shifts == []


def test_unnamed_sources_weigh_little() -> None:
    """Two leaks would be announced as a change of position."""
    _, shifts = fold([observe(n, 0.7, n, mode=Mode.REPORT) for n in (1, 2)], standing(-0.4))

    assert shifts == []


def test_doubtful_reading_leaves_the_ledger_alone() -> None:
    """A reader's guesses would pile up to an alert."""
    before = standing(-0.4)
    after, shifts = fold([observe(n, 1.0, n, confidence=0.45) for n in range(1, 20)], before)

    assert (after, shifts) == (before, [])


@pytest.mark.parametrize(("mode", "moves"), [(Mode.ACT, True), (Mode.SPEECH, False), (Mode.REPORT, False)])
def test_deed_may_be_less_sure_than_words(mode: Mode, moves: bool) -> None:
    """A threshold high enough for words would be deaf to the headline that tells of the strike."""
    deaf = Rules(DetectRules(min_confidence=0.9, act_confidence=0.5, strength=0.1, speech_weight=1, report_weight=1))
    _, shift = advance(standing(-0.4), observe(1, 1.0, mode=mode, confidence=0.6), deaf, "iran")

    assert (shift is not None) == moves


def test_restatements_resist() -> None:
    """A holder who says the old thing all day long would be said to have changed by two stray sentences."""
    said_again = [observe(n, -0.4, n / 10, mode=Mode.SPEECH) for n in range(1, 7)]
    contrary = [observe(n, 0.7, 1 + n / 10, mode=Mode.SPEECH) for n in (11, 12)]

    assert fold(contrary, standing(-0.4))[1] != []
    assert fold([*said_again, *contrary], standing(-0.4))[1] == []


def test_old_evidence_fades() -> None:
    """Two sentences a day and a half apart would be added up as if said together."""
    _, shifts = fold([observe(1, 0.7, 0, mode=Mode.SPEECH), observe(2, 0.7, 40, mode=Mode.SPEECH)], standing(-0.4))

    assert shifts == []


def test_first_observation_is_a_position_and_no_shift() -> None:
    """The first word ever read from an office would be called a change."""
    after, shifts = fold([observe(1, -1.0)])

    assert shifts == []
    assert after is not None
    assert after.value == -1.0


def test_restatement_refreshes_the_date_of_confirmation() -> None:
    """`status` would show a position as unconfirmed for months while it is repeated daily."""
    after, _ = fold([observe(1, -0.4, 5)], standing(-0.4))

    assert after is not None
    assert after.confirmed == NOON + timedelta(hours=5)


def test_shift_tells_what_carried_the_old_position() -> None:
    """The alert could not show what was said before."""
    _, shifts = fold([observe(1, -1.0)], standing(0.4))

    assert [e.quote for e in shifts[0].prior] == ["Where it stood."]
    assert shifts[0].since == NOON - timedelta(days=90)


@given(series(), st.integers(0, 25))
def test_later_readings_never_change_what_was_said(observations: list[Observation], cut: int) -> None:
    """An alert already in the channel would vanish or read differently after the next poll."""
    early, whole = fold(observations[:cut])[1], fold(observations)[1]

    assert whole[: len(early)] == early


@given(series(), STANCES)
def test_each_piece_of_evidence_moves_a_position_once(observations: list[Observation], value: float) -> None:
    """The same quotes would raise two alerts, or two alerts would share a key and one be lost."""
    shifts = fold(observations, standing(value))[1]
    used = [e.url for shift in shifts for e in shift.evidence]

    assert len(used) == len(set(used))
    assert len({shift.key for shift in shifts}) == len(shifts)


@given(series(), STANCES)
def test_a_shift_is_a_real_move_in_its_direction(observations: list[Observation], value: float) -> None:
    """An alert would say `towards` of a holder who hardened, or tell of a move too small to matter."""
    for shift in fold(observations, standing(value))[1]:
        move = shift.after - shift.before
        milder = sign_of(shift.after) == sign_of(shift.before) != 0 and abs(shift.after) < abs(shift.before)
        assert abs(move) >= 0.3 - 1e-9
        assert (shift.direction == "towards") == (move > 0)
        assert not milder


@given(series())
def test_key_does_not_depend_on_row_numbers(observations: list[Observation]) -> None:
    """A ledger that is rebuilt from the readings would send every alert again."""
    renumbered = [replace(o, reading_id=o.reading_id + 1000, article_id=o.article_id + 1000) for o in observations]

    assert [s.key for s in fold(renumbered)[1]] == [s.key for s in fold(observations)[1]]


@given(series())
def test_memory_of_a_standing_is_bounded(observations: list[Observation]) -> None:
    """A row of the ledger would grow with every article of a war."""
    many = [replace(o, reading_id=o.reading_id + k * 100) for k in range(3) for o in observations]
    after, _ = fold(many, standing(0.0))

    assert after is not None
    assert len(after.evidence) <= KEPT
    assert len(after.pending) <= KEPT
