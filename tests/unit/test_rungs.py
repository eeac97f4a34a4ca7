"""Deeds that the words name, and the rungs that are named after them."""

import pytest
from reader_samples import shipped

from extractors.phrases import tokenize
from extractors.rungs import as_told
from volteface.types import Mode


@pytest.mark.parametrize(
    ("text", "mode", "axis", "read", "told"),
    [
        ("The US sends a second aircraft carrier", Mode.ACT, "military", -1.0, -0.7),
        ("Trump warns Iran", Mode.SPEECH, "military", -1.0, -0.4),
        ("A carrier strike group attacks the port", Mode.ACT, "military", -1.0, -1.0),
        ("Iran expels the inspectors", Mode.ACT, "nuclear", -0.7, -1.0),
        ("Iran says it may expel the inspectors", Mode.SPEECH, "nuclear", -0.4, -0.4),
        ("Iran is set for talks before a deal is reached", Mode.ACT, "negotiation", 0.7, 0.7),
        ("The talk in Tehran is of missiles", Mode.ACT, "military", -0.4, -0.4),
        ("The delegation smiled", Mode.ACT, "negotiation", 0.7, 0.7),
        ("Undecided on strikes", Mode.SPEECH, "military", 0.0, 0.0),
    ],
)
def test_a_deed_stands_on_the_rung_of_its_name(text: str, mode: Mode, axis: str, read: float, told: float) -> None:
    """A drill would be told as strikes, an expulsion as a mere limit, or talk of missiles as missiles fired."""
    assert as_told(tokenize(text), mode, shipped().axis[axis], read) == told
