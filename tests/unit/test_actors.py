"""Who is named where, by date."""

from __future__ import annotations

from datetime import datetime

import pytest
from reader_samples import fiction, on, shipped

from extractors.actors import ActorLexicon, Mention
from extractors.phrases import tokenize

LEXICON = ActorLexicon(shipped())


def named(text: str, day: datetime | None, lexicon: ActorLexicon = LEXICON) -> list[tuple[str, str]]:
    """(words, office) of each mention."""
    found: list[Mention] = lexicon.mentions(tokenize(text), day)
    return [(text[mention.start : mention.end], mention.office) for mention in found]


def test_us_is_not_a_pronoun() -> None:
    """`us` read as the United States would give Washington the words of anybody who says `us`."""
    assert named("He told us that the US would wait", on("2026-01-10")) == [("US", "us_gov")]
    assert named("LET US GO", on("2026-01-10")) == [("US", "us_gov")], "capitals alone cannot be told apart"


@pytest.mark.parametrize(
    "text",
    [
        "The Washington Post reported it",
        "A Tehran Times editorial",
        "A US-based group of exiles",
        "An Iran-backed militia",
        "A pro-Iran crowd",
        "nothing here of either",
    ],
)
def test_names_that_only_look_like_a_side(text: str) -> None:
    """An outlet or a proxy taken for a government would fill the ledger with words that it never said."""
    assert named(text, on("2026-01-10")) == []


def test_longest_name_wins() -> None:
    """`Iranian foreign minister` must not be read as the country alone."""
    assert named("Iranian foreign minister Abbas Araghchi", on("2026-01-10")) == [
        ("Iranian foreign minister", "iran_foreign_ministry"),
        ("Abbas Araghchi", "iran_foreign_ministry"),
    ]


def test_a_shared_last_name_belongs_to_who_is_in_office() -> None:
    """Two Khameneis: the son must not be held to the father's word, nor the dead father be said to speak."""
    text = "Khamenei said"
    people = [LEXICON.mentions(tokenize(text), on(day))[0].person for day in ("2025-05-01", "2026-03-20")]
    assert people == ["Ali Khamenei", "Mojtaba Khamenei"]


def test_between_two_terms_the_name_gives_no_office() -> None:
    """In the days without a leader nobody speaks for the office."""
    assert named("Khamenei said", on("2026-03-03")) == [("Khamenei", "")]


def test_former_officials_give_no_office() -> None:
    """What a former minister says is comment, not policy."""
    assert named("Pompeo said", on("2026-01-10")) == [("Pompeo", "")]
    assert named("Former Secretary of State", on("2026-01-10")) == [("Secretary of State", "")]


def test_office_follows_the_person_by_date() -> None:
    """A president who returns speaks for the office in his terms only."""
    days = ("2019-01-01", "2022-01-01", "2025-03-01")
    assert [named("Trump said", on(day)) for day in days] == [
        [("Trump", "us_president")],
        [("Trump", "")],
        [("Trump", "us_president")],
    ]


def test_without_a_date_the_latest_holder_is_meant() -> None:
    """A text without a date is read as of now."""
    assert named("Trump said", None) == [("Trump", "us_president")]


def test_another_pair_needs_no_code() -> None:
    """A user who watches other countries gets their offices from the config alone."""
    lexicon = ActorLexicon(fiction())
    assert named("NL and Vega met President Holm", on("2012-01-01"), lexicon) == [
        ("NL", "norland_gov"),
        ("Vega", "sudria_foreign_ministry"),
        ("Holm", "norland_president"),
    ]
