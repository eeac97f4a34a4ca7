"""What becomes of an open alert: confirmed, walked back, superseded, contradicted from its own side, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shift_samples import FOUND, config, evidence, shift

from volteface.alert_types import Alert
from volteface.config import Config
from volteface.config_detect import DetectRules
from volteface.ledger import Rules, independent
from volteface.life import after_own_move, diverging, is_open, raised, with_deed, with_divergence, with_evidence
from volteface.types import AlertState, Evidence, Mode, Shift, Standing

RULES = Rules(DetectRules(), frozenset({"President.ir"}))
CONFIG = config()


def piece(number: int, **fields: object) -> Evidence:
    """Evidence of the alert's position, of an origin and a family of its own."""
    plain = {"outlet": f"Outlet {number}", "family": f"family {number}", "origin_id": number, "stance": -0.7}
    return evidence(f"No talks, for the {number}. time.", **(plain | fields))


def alert(**fields: object) -> Alert:
    """Provisional, on one origin's word."""
    return Alert(shift(**({"evidence": (piece(1),), "origins": 1} | fields)))


def standing(*pieces: Evidence) -> Standing:
    return Standing("iran_president", "negotiation", -0.7, FOUND, FOUND, pieces)


def told(after: Alert) -> list[tuple[int, str, str]]:
    return [(c.number, c.kind.value, c.state.value) for c in after.changes]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_second_independent_origin_confirms() -> None:
    """An alert would stay provisional although two newsrooms stand behind it."""
    after = with_evidence(alert(), standing(piece(1), piece(2)), FOUND, RULES)

    assert told(after) == [(1, "confirmed", "confirmed")]
    assert after.changes[0].words == "second independent origin: Outlet 2"
    assert after.changes[0].evidence == (piece(2),)
    assert (after.shift.state, after.shift.origins) == (AlertState.CONFIRMED, 2)
    assert after.shift.evidence == (piece(1), piece(2))
    assert after.shift.confidence >= alert().shift.confidence


@pytest.mark.parametrize(
    "again",
    [
        piece(2, origin_id=1),
        piece(2, family="family 1"),
        piece(2, stance=0.4),
        piece(1),
    ],
    ids=["a copy", "a sister paper", "another position", "the same report"],
)
def test_what_is_not_independent_or_not_the_position_confirms_nothing(again: Evidence) -> None:
    """One wire story carried by many would be told as confirmed."""
    assert with_evidence(alert(), standing(piece(1), again), FOUND, RULES) == alert()


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        (piece(2, family="family 1", mode=Mode.ACT), "a deed after the words: Outlet 2"),
        (piece(2, family="family 1", outlet="President.ir"), "a first-hand source: President.ir"),
    ],
)
def test_deed_or_the_office_itself_confirms(proof: Evidence, words: str) -> None:
    """Words that were followed by the deed would still be called provisional."""
    after = with_evidence(alert(), standing(piece(1), proof), FOUND, RULES)

    assert told(after) == [(1, "confirmed", "confirmed")]
    assert (after.changes[0].words, after.shift.origins) == (words, 1)


def test_deed_after_confirmed_words_is_told_once() -> None:
    """The step from word to deed would pass in silence, or be told with each report of it."""
    confirmed = alert(state=AlertState.CONFIRMED, evidence=(piece(1), piece(2)), origins=2)
    deed, more = piece(3, mode=Mode.ACT), piece(4, family="family 3", mode=Mode.ACT)

    once = with_evidence(confirmed, standing(deed), FOUND, RULES)
    twice = with_evidence(once, standing(deed, more), FOUND, RULES)

    assert told(once) == [(1, "evidence", "confirmed")]
    assert once.changes[0].words == "a deed after the words: Outlet 3"
    assert twice == once


def test_new_origins_are_told_at_few_numbers_and_counted_at_all() -> None:
    """A desk would get a line for each newspaper that joins in, or see an old count."""
    after = alert()
    counts = []
    for number in range(2, 12):
        after = with_evidence(after, standing(piece(number)), FOUND, RULES)
        counts.append((after.shift.origins, len(after.changes)))

    assert counts == [(2, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 2), (8, 3), (9, 3), (10, 3), (11, 3)]
    assert [c.words for c in after.changes[1:]] == [
        "4 independent origins, the latest Outlet 4",
        "8 independent origins, the latest Outlet 8",
    ]


def test_same_standing_again_changes_nothing() -> None:
    """Each pass would tell the same confirmation again."""
    carried = standing(piece(1), piece(2))
    after = with_evidence(alert(), carried, FOUND, RULES)

    assert with_evidence(after, carried, FOUND, RULES) is after


def test_raised_alert_knows_all_that_moved_it() -> None:
    """What moved the position but was not quoted would be told as new a moment later."""
    pieces = [piece(n) for n in range(1, 7)]
    new = raised(shift(evidence=tuple(pieces[:4]), origins=6, state=AlertState.CONFIRMED), standing(*pieces), RULES)

    assert (new.shift.origins, new.changes) == (6, ())
    assert with_evidence(new, standing(*pieces), FOUND, RULES) is new


def move(after: float, at: float, **fields: object) -> Shift:
    """The president's next move, `at` hours after the alert."""
    towards = "towards" if after > -0.7 else "away"
    plain = {"key": "next", "at": FOUND + hours(at), "before": -0.7, "after": after, "direction": towards}
    return shift(**(plain | fields))


@pytest.mark.parametrize(
    ("next_move", "was_told", "expected", "words"),
    [
        (move(0.4, 10.5), True, "walked_back", "moved back to “open to talks on terms” 10 h later"),
        (move(0.4, 72), False, "walked_back", "moved back to “open to talks on terms” 72 h later"),
        (move(0.4, 73), True, "superseded", "moved back to “open to talks on terms” 3 days later"),
        (move(-0.7, 5, direction="away"), True, "superseded", "the same move again, to “rejects talks”"),
    ],
)
def test_holders_next_move_ends_the_alert(next_move: Shift, was_told: bool, expected: str, words: str) -> None:
    """A reader who comes late would take a position for standing that was left long ago."""
    after = after_own_move(alert(), next_move, CONFIG, told=was_told)

    assert told(after) == [(1, expected, expected)]
    assert after.changes[0].words == words
    assert after.changes[0].successor == ("next" if was_told else "")
    assert not is_open(after, FOUND, CONFIG)


def test_going_a_rung_further_supersedes_and_a_restatement_does_not() -> None:
    """The threat would look like the last word beside the strike, or each restatement would close the alert."""
    left = alert(after=0.0, before=0.4)

    further = after_own_move(left, move(-0.7, 5, direction="away"), CONFIG, told=False)
    same = after_own_move(left, move(-0.1, 5, direction="away"), CONFIG, told=False)

    assert told(further) == [(1, "superseded", "superseded")]
    assert further.changes[0].words == "gone further, to “rejects talks”"
    assert same is left


def two_voices() -> Config:
    offices = [dict(office) for office in config().offices]
    return config(offices=[*offices, {"id": "iran_majlis", "side": "iran", "name": "Iran's parliament", "rank": 5}])


def test_other_office_in_the_other_direction_is_a_divergence_told_once() -> None:
    """A parliament's vote would look like the president's own change of mind, or be told with each report."""
    other = move(0.4, 3, holder="iran_majlis", evidence=(piece(7), piece(8), piece(9)))

    once = with_divergence(alert(), other, two_voices(), told=False)
    twice = with_divergence(once, replace(other, key="later"), two_voices(), told=False)

    assert told(once) == [(1, "divergence", "provisional")]
    change = once.changes[0]
    assert change.words == (
        "Iran's parliament takes the other direction, from “rejects talks” to “open to talks on terms”"
    )
    assert (change.holder, change.evidence, change.successor) == ("iran_majlis", (piece(7), piece(8)), "")
    assert twice is once


def test_divergence_that_goes_a_rung_further_is_told_again() -> None:
    """An office that first grumbled and then broke with its president would be told as grumbling."""
    asks = move(0.0, 3, holder="iran_majlis", evidence=(piece(7, stance=0.0),))
    offers = move(0.4, 5, holder="iran_majlis", evidence=(piece(8, stance=0.4),))

    once = with_divergence(alert(), asks, two_voices(), told=False)
    further = with_divergence(once, offers, two_voices(), told=False)
    back = with_divergence(further, asks, two_voices(), told=False)

    assert told(further) == [(1, "divergence", "provisional"), (2, "divergence", "provisional")]
    assert back is further


def test_deed_of_another_office_joins_and_its_words_do_not() -> None:
    """The side would act on what its president said, and the alert say that there are only words."""
    words = alert(evidence=(piece(1), piece(2)), origins=2, state=AlertState.CONFIRMED)
    says = move(-0.7, 3, holder="iran_majlis", direction="away", evidence=(piece(7),))
    does = replace(says, evidence=(piece(8, mode=Mode.ACT),))

    after = with_deed(words, does, two_voices(), RULES)

    assert with_deed(words, says, two_voices(), RULES) is words
    assert [(c.kind.value, c.holder) for c in after.changes] == [("evidence", "iran_majlis")]
    assert after.changes[0].words == "the same move by Iran's parliament; a deed after the words: Outlet 8"
    assert with_deed(after, does, two_voices(), RULES) is after


def test_divergence_is_from_the_latest_alert_of_another_office_and_direction() -> None:
    """It would be hung on an old alert, on the holder's own, or on one that says the same."""
    mine = move(0.4, 3, holder="iran_majlis")
    old, new = alert(key="old", at=FOUND - hours(9)), alert(key="new")
    own, same = alert(key="own", holder="iran_majlis"), alert(key="same", direction="towards")
    foreign = alert(key="foreign", side="us")

    assert diverging([old, new, own, same, foreign], mine) == new
    assert diverging([own, same, foreign], mine) is None


def test_article_edited_long_after_is_no_evidence_of_a_newer_position() -> None:
    """A correction in last week's report would be told as a new witness of what was said today."""
    old = piece(2, published=FOUND - timedelta(hours=49))

    assert with_evidence(alert(), standing(piece(1), old), FOUND - timedelta(hours=49), RULES) == alert()


def test_story_never_runs_backwards() -> None:
    """A thread would say that an alert was confirmed before it was raised, or walked back in minus three hours."""
    confirmed = with_evidence(alert(), standing(piece(2)), FOUND + hours(2), RULES)
    after = after_own_move(confirmed, move(0.4, -3), CONFIG, told=True)

    assert [c.at for c in after.changes] == [FOUND + hours(2), FOUND + hours(2)]
    assert after.changes[1].words == "moved back to “open to talks on terms” 0 h later"


def test_alert_closes_with_age() -> None:
    """A report of next month would reopen a thread that nobody reads, and every pass would look at all alerts."""
    assert is_open(alert(), FOUND + hours(168), CONFIG)
    assert not is_open(alert(), FOUND + hours(169), CONFIG)


def test_independent_takes_the_first_of_each_origin_and_family() -> None:
    """Two carriers of one agency would be counted as two witnesses."""
    first, second = piece(1), piece(2)

    assert independent([first, piece(3, origin_id=1), second, piece(4, family="family 2")]) == (first, second)
