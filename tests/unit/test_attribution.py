"""Who says or does what."""

from __future__ import annotations

import pytest
from reader_samples import on, shipped

from extractors.actors import ActorLexicon
from extractors.attribution import Attribution, Context
from extractors.candidates import Role
from extractors.grammar import Grammar

GRAMMAR = Grammar(ActorLexicon(shipped()))
ATTRIBUTION = Attribution(GRAMMAR)
DAY = on("2026-02-10")


def ties(text: str, title: str = "") -> set[tuple[str, Role]]:
    """(office, role) of each candidate."""
    context = Context(DAY, GRAMMAR.parse(title, DAY) if title else None)
    return {(candidate.office, candidate.role) for candidate in ATTRIBUTION.candidates(text, context)}


@pytest.mark.parametrize(
    "text",
    [
        "Araghchi says the door is open",
        "Araghchi: the door is open",
        "The door is open, says Araghchi",
        "'The door is open' - Araghchi",
        "The door is open, Iranian Foreign Minister Araghchi said.",
        "Abbas Araghchi, who landed in Muscat at noon, said that the door was open.",
        "According to Araghchi's deputies, hope remains, Araghchi told reporters.",
    ],
)
def test_speakers_in_every_form_of_news(text: str) -> None:
    """A form that is missed is a statement that nobody hears."""
    assert ("iran_foreign_ministry", Role.SPEAKER) in ties(text)


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("Hotels emptied after Trump's threat to the islands", "us_president"),
        ("Insurers left the Gulf following Iranian missile strikes", "iran_gov"),
        ("Schools closed after a joint US-Israeli attack", "us_gov"),
        ("A depot struck by US drones was still burning", "us_gov"),
    ],
)
def test_deeds_named_in_passing(text: str, office: str) -> None:
    """An attack that a story about hotels mentions is still an attack."""
    assert (office, Role.EVENT) in ties(text)


@pytest.mark.parametrize(
    "text",
    [
        "Oman says it hosted US-Iran talks",
        "Markets watch the Iran war",
        "Will Iran reject the plan?",
        "Analysts say Iran will reject the plan",
        "Iran will reject the plan, analysts say",
        "Any US strike would spread, a professor in Oslo said",
        "Iranian protesters filled the square",
        "Former Secretary of State Pompeo says Iran must yield",
        "Khamenei killed in his compound",
    ],
)
def test_nobody_of_the_two_sides_takes_a_position(text: str) -> None:
    """Words of analysts, mediators and former officials would raise alerts about positions that nobody took."""
    assert ties(text) == set()


def test_what_one_says_of_the_other_is_the_speakers() -> None:
    """`Trump says Iran wants a deal` is not a word from Iran."""
    assert {office for office, _ in ties("Trump says Iran wants a deal")} == {"us_president"}


def test_both_subjects_of_one_verb() -> None:
    """A joint step is a step of each."""
    assert {office for office, _ in ties("US and Iran agree to meet in Rome")} == {"us_gov", "iran_gov"}


def test_pronoun_speaks_for_the_titles_speaker() -> None:
    """`He said` in the first line belongs to the man in the headline."""
    assert ties("He said the door was open.", "Araghchi says talks go on") == {("iran_foreign_ministry", Role.SPEAKER)}
    assert ties("He said the door was open.") == set()


def test_titles_without_a_country_are_resolved_in_the_sentence() -> None:
    """`the foreign minister` after `Iran` is Iran's; Oman's is nobody of ours."""
    assert ("iran_foreign_ministry", Role.SPEAKER) in ties("Iran is patient, the foreign minister said.")
    assert ties("Oman's foreign minister said the two were close.") == set()
