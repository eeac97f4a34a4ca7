"""From documents to cases: who is judged, and what the direction network gets to see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from reader_samples import shipped

from extractors.actors import ActorLexicon
from extractors.case_finder import CaseFinder
from extractors.cases import Case
from extractors.grammar import Grammar
from extractors.masking import HOLDER, OTHER, OWN
from volteface.types import Document

LEXICON = ActorLexicon(shipped())
FINDER = CaseFinder(LEXICON, Grammar(LEXICON))


def cases(text: str, *, day: str = "2026-02-10", title: str = "", outlet: str = "") -> dict[str, Case]:
    when = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return {case.office: case for case in FINDER.cases(0, Document(text, title, outlet, when))}


def test_each_named_holder_is_a_case_of_its_own() -> None:
    """A sentence with two speakers would give one of them the other's position."""
    found = cases("Araghchi rejects Trump's offer of talks")

    assert {"iran_foreign_ministry", "us_president"} <= set(found)
    assert found["iran_foreign_ministry"].masked.startswith(f"{HOLDER} rejects {OTHER}")
    assert found["us_president"].masked.startswith(f"{OTHER} rejects {HOLDER}")


def test_title_and_name_of_one_person_are_one_mask() -> None:
    """A long title would look like several actors."""
    found = cases("Iranian Foreign Minister Abbas Araghchi met the US envoy Steve Witkoff in Muscat")

    assert found["iran_foreign_ministry"].masked.count(HOLDER) == 1


def test_own_side_and_other_side_are_told_apart() -> None:
    """The network could not tell a quarrel inside a side from one between the sides."""
    found = cases("Khamenei overrules Pezeshkian on talks with Washington")

    assert found["iran_supreme_leader"].masked == f"{HOLDER} overrules {OWN} on talks with {OTHER}"


def test_no_name_reaches_the_network() -> None:
    """A model that sees names learns opinions about them and fails on another pair of sides."""
    (case,) = [c for c in cases("Tehran accuses America of bad faith").values() if c.office == "iran_gov"]

    assert "Tehran" not in case.masked
    assert "America" not in case.masked


def test_former_officials_are_no_case() -> None:
    """What a man says years after he left would move the office that he held."""
    assert "us_state" not in cases("Pompeo says talks with Iran are a mistake")


@pytest.mark.parametrize(("day", "person"), [("2026-02-10", "Ali Khamenei"), ("2026-04-10", "Mojtaba Khamenei")])
def test_office_is_held_by_the_man_of_that_day(day: str, person: str) -> None:
    """Two men named Khamenei held one office."""
    assert cases("Khamenei vows revenge on America", day=day)["iran_supreme_leader"].person == person


def test_the_outlet_can_be_the_speaker() -> None:
    """Posts in the first person on an office-holder's own channel would be nobody's."""
    found = cases("We will hit them very hard!", outlet="Truth Social (@realDonaldTrump)")

    assert found["us_president"].masked.startswith(f"{HOLDER}: We will")


def test_spans_are_exact() -> None:
    """A quote in an alert would not be what stands in the article."""
    text = "Rain fell on Tuesday. Iran rules out talks with the US. Markets rose."
    case = cases(text)["iran_gov"]

    assert text[slice(*case.span)] == "Iran rules out talks with the US."


@pytest.mark.parametrize(
    ("text", "title", "doubted"),
    [
        ("Iran opens talks with the US.", "", set()),
        ("Iran opens talks.", "Washington sends an envoy", set()),
        ("Iran opens talks with Finland.", "Helsinki waits", {"talks", "pressure"}),
        ("Iran opens talks with Finland after meeting the US.", "", {"talks"}),
        ("Iran negotiates with Finland, and Washington watches.", "", {"talks"}),
        ("Iran opens talks with Finland over games in the US.", "", {"talks"}),
        ("Iran opens talks with Finland and the US.", "", set()),
        ("Iran opens talks with Finland before talks with Washington.", "", set()),
        ("Iran opens talks with mediators, and Washington watches.", "", set()),
        ("Iran opens talks on Friday with its creditors, says Washington.", "", set()),
        ("Iran and US Open Peace Talks With Help From Finland", "", set()),
        ("Iran, whom the US watches, imposes sanctions on Finland.", "", {"pressure"}),
        ("Iran imposes sanctions on the US and Finland.", "", set()),
        ("Iran eases Finnish oil sanctions after a call from Washington.", "", {"pressure"}),
        ("Iran denounces American oil sanctions.", "", set()),
        ("Iran imposes sanctions on a Finland-based refinery over American oil.", "", set()),
        ("Iran lifts the Hormuz blockade, Washington says.", "", set()),
        ("Finnish sanctions aside, Iran defies sanctions, says Washington.", "", set()),
        ("Iran imposes sanctions, and the US tariffs on Finland.", "", set()),
    ],
)
def test_talks_with_somebody_else_are_marked(text: str, title: str, doubted: set[str]) -> None:
    """Talks with a third country would be told as a move towards the other side."""
    assert cases(text, title=title)["iran_gov"].unaddressed == doubted
