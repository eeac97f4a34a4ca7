"""Generated training statements: their labels are only as good as their grammar."""

from __future__ import annotations

import re

import yaml

from extractors.inflection import principal_parts
from extractors.masking import HOLDER, OTHER
from tests.quality.opposites import pairs
from training.generate import ACTIONS, generated
from volteface.types import sign_of

AXES = ("negotiation", "sanctions", "nuclear", "military")
ACTS = [act for bank in yaml.safe_load(ACTIONS.read_text(encoding="utf-8")).values() for act in bank["acts"]]
MANY = generated(AXES, 6000, 3)


def signs(pattern: str) -> set[tuple[str, int]]:
    """(axis, sign) of every generated statement that holds the pattern."""
    found = [e for e in MANY if re.search(pattern, e.text)]
    return {(a, sign_of(s)) for e in found for a, s in zip(AXES, e.stances, strict=True) if s is not None}


def test_equal_seed_gives_equal_examples() -> None:
    """A training run could not be repeated."""
    assert generated(AXES, 50, 7) == generated(AXES, 50, 7)
    assert generated(AXES, 50, 7) != generated(AXES, 50, 8)


def test_irregular_verbs_are_inflected_as_the_reader_knows_them() -> None:
    """Training statements would say `gived`, and the network learn words that nobody writes."""
    assert [principal_parts(verb) for verb in ("give", "put", "cancel", "rule", "hold")] == [
        ("gave", "given"),
        ("put", "put"),
        ("cancelled", "cancelled"),
        ("ruled", "ruled"),
        ("held", "held"),
    ]


def test_refusal_turns_and_negated_refusal_turns_back() -> None:
    """The network would learn that a word is negative, not what it does to its complement."""
    kind = "|".join(re.escape(words.replace("{B}", OTHER)) for words, value in ACTS if value > 0)
    refused = signs(rf"\] (refuses|refused|declines|declined|will refuse) to ({kind})")
    back = signs(rf"\] (does not|no longer|will not|never) (refuses?|declines?|hesitates?) to ({kind})")

    assert {sign for _, sign in refused} == {-1}
    assert {sign for _, sign in back} == {1}
    assert {sign for _, sign in signs(r"\] (will not|does not|did not|won't) (bomb|attack|invade)")} == {1}


def test_questions_and_reports_of_others_have_no_stance() -> None:
    """A question would be read as an offer."""
    silent = [e for e in MANY if e.text.startswith(("Will ", "Analysts expect", f"{OTHER} urges"))]

    assert silent
    assert all(stance is None for e in silent for stance in e.stances)


def test_both_directions_and_silence_on_every_axis() -> None:
    """A class that is never seen is never predicted."""
    found = {(a, None if s is None else sign_of(s)) for e in MANY for a, s in zip(AXES, e.stances, strict=True)}

    assert found == {(axis, sign) for axis in AXES for sign in (None, -1, 1)}


def test_held_out_opposites_are_not_among_them() -> None:
    """The figure for opposites would measure memory."""
    seen = {re.sub(r"\W+", " ", e.text.replace(HOLDER, "X").replace(OTHER, "Y")).lower() for e in MANY}
    held_out = {
        re.sub(r"\W+", " ", half.replace("{A}", "X").replace("{B}", "Y")).lower().strip()
        for pair in pairs(300, 0)
        for half in pair.template.split("|")
    }

    assert not [half for half in held_out for text in seen if half in text]
