"""The news of a soak: shifts told by two outlets each in our own words, and rain that is nobody's position."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Story:
    """A holder's move on one axis, as two outlets tell it."""

    holder: str
    axis: str
    standing: float
    """Where the holder stood before."""
    direction: str
    """`towards` the other side or `away` from it: what the alert must say."""
    tellings: tuple[tuple[str, str], tuple[str, str]]
    """Title and text."""


# One for each side and axis: of a second office that departs from the first, an alert may be held back as divergence.
STORIES = (
    Story(
        "iran_supreme_leader", "negotiation", -0.7, "towards",
        (
            (
                "Supreme Leader agrees to direct talks with America",
                "Iran's Supreme Leader Mojtaba Khamenei agreed on live television to direct talks with the US.",
            ),
            (
                "Khamenei accepts negotiations with Washington",
                "Ayatollah Mojtaba Khamenei accepted negotiations with the US and told the cabinet to prepare a team.",
            ),
        ),
    ),
    Story(
        "us_president", "negotiation", 0.4, "away",
        (
            (
                "Trump breaks off talks with Iran",
                "President Donald Trump broke off the talks with Iran and ordered the American team to fly home.",
            ),
            (
                "White House: president rejects further negotiations with Tehran",
                "President Trump rejected any further negotiations with Iran after a meeting with his advisers.",
            ),
        ),
    ),
    Story(
        "us_treasury", "sanctions", -0.7, "towards",
        (
            (
                "Treasury lifts oil sanctions on Iran",
                "The US Treasury lifted sanctions on Iran's oil exports and issued licences for its tankers.",
            ),
            (
                "US Treasury eases measures against Iranian banks",
                "The US Treasury Department eased sanctions on Iran and took nine of its banks off the list.",
            ),
        ),
    ),
    Story(
        "iran_military", "military", 0.4, "away",
        (
            (
                "Revolutionary Guards fire missiles at American base",
                "Iran's Revolutionary Guards attacked a US base in the Gulf with ballistic missiles at dawn.",
            ),
            (
                "Iranian armed forces strike US warship",
                "The Iranian armed forces launched drones at an American destroyer and attacked a second US vessel.",
            ),
        ),
    ),
    Story(
        "us_military", "military", 0.4, "away",
        (
            (
                "CENTCOM bombs Iranian launch sites",
                "US Central Command bombed missile sites in southern Iran with aircraft from two carriers.",
            ),
            (
                "American forces strike targets in Iran",
                "The US military struck Iran overnight and hit an air base near Isfahan, the Pentagon announced.",
            ),
        ),
    ),
    Story(
        "iran_president", "nuclear", -0.7, "towards",
        (
            (
                "Pezeshkian halts uranium enrichment",
                "Iranian President Masoud Pezeshkian halted uranium enrichment at all sites and invited inspectors.",
            ),
            (
                "Iran's president suspends enrichment",
                "President Masoud Pezeshkian suspended Iran's enrichment of uranium and agreed to limits on stocks.",
            ),
        ),
    ),
)  # fmt: skip
_NOUNS = (
    "harbour", "council", "lantern", "meadow", "orchard", "ferry", "willow", "ledger", "beacon", "cellar", "quarry",
    "ribbon", "anchor", "barrel", "candle", "garden", "island", "kettle", "ladder", "market", "needle", "parcel",
)  # fmt: skip
_DEEDS = ("painted", "repaired", "moved", "counted", "sold", "found", "measured", "opened", "closed", "forgot")


def rain(number: int) -> tuple[str, str]:
    """Title and text of an item that says nothing of anybody's position, and resembles no other."""
    chance = random.Random(f"rain {number}")
    sentences = " ".join(_sentence(chance) for _ in range(6))
    one, two = chance.sample(_NOUNS, 2)
    return f"The {one} and the {two}, part {number}", f"{sentences} This was number {number} in the village chronicle."


def _sentence(chance: random.Random) -> str:
    one, two, three = chance.sample(_NOUNS, 3)
    return f"Somebody {chance.choice(_DEEDS)} the {one} behind the {two} and {chance.choice(_DEEDS)} the {three}."
