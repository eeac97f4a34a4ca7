"""Which way: negation, denial, threats, demands, balance, and axes that no cue knows."""

from __future__ import annotations

import numpy as np
import pytest
from reader_samples import WordEmbedder, fiction, read, reader_for, rules_for, shipped, signs

from extractors.candidates import Candidate, Role
from extractors.judges import load_judge
from extractors.reader import UNADDRESSED
from extractors.stance import pursuers
from extractors.topic import AxisTopics
from volteface.errors import ModelError

READER = reader_for(shipped())


@pytest.mark.parametrize(
    ("text", "holder", "axis", "sign"),
    [
        ("Iran rules out talks with Washington", "iran_gov", "negotiation", -1),
        ("Iran does not rule out talks with Washington", "iran_gov", "negotiation", 1),
        ("Araghchi says Iran is ready to negotiate", "iran_foreign_ministry", "negotiation", 1),
        ("Araghchi says Iran is not ready to negotiate", "iran_foreign_ministry", "negotiation", -1),
        ("Araghchi says Iran won't negotiate", "iran_foreign_ministry", "negotiation", -1),
        ("Baghaei denies that any talks are under way", "iran_foreign_ministry", "negotiation", -1),
        ("Iran suspends negotiations with the US", "iran_gov", "negotiation", -1),
        ("Trump orders strikes on Iranian ports", "us_president", "military", -1),
        ("Trump postpones strikes on Iranian ports", "us_president", "military", 1),
        ("The US bombs nuclear facilities in Iran", "us_gov", "military", -1),
        ("Iran strikes oil tankers off the American base", "iran_gov", "military", -1),
        ("Pentagon threatens Iran with air strikes", "us_military", "military", -1),
        ("US Treasury imposes sanctions on Iranian tankers", "us_treasury", "sanctions", -1),
        ("US Treasury lifts sanctions on Iranian tankers", "us_treasury", "sanctions", 1),
        ("US Treasury will not lift sanctions on Iranian tankers", "us_treasury", "sanctions", -1),
        ("Iran expands uranium enrichment", "iran_gov", "nuclear", -1),
        ("Iran halts uranium enrichment", "iran_gov", "nuclear", 1),
        ("Rubio says Iran must end uranium enrichment", "us_state", "nuclear", -1),
        ("Rubio says Washington could accept some enrichment", "us_state", "nuclear", 1),
        ("Iran condemns the air strikes as a crime", "iran_gov", "military", -1),
    ],
)
def test_direction(text: str, holder: str, axis: str, sign: int) -> None:
    """A negation missed turns an offer into a refusal, and the alert into its opposite."""
    assert (holder, axis, sign) in signs(read(READER, text))


def test_both_ways_is_balanced() -> None:
    """An offer and a refusal of equal weight must not be told as a move."""
    found = read(READER, "Pezeshkian welcomes diplomacy and rejects negotiations")
    assert ("iran_president", "negotiation", 0) in signs(found)


def test_a_deed_goes_further_than_a_threat() -> None:
    """The stance is graded: a strike is not a warning."""
    (threat,) = read(READER, "Iran threatens missile strikes on the base")
    (strike,) = read(READER, "Iran launches missile strikes on the base")
    assert strike.stance < threat.stance < 0


def test_the_side_that_has_the_programme_is_read_from_the_config() -> None:
    """`No enrichment` is a concession from the one that enriches and a demand from the other."""
    assert pursuers(shipped()) == {"nuclear": "iran", "pressure": "us"}
    assert pursuers(fiction()) == {}


def test_probabilities_are_a_distribution() -> None:
    """The ledger weighs evidence by these figures."""
    config = shipped()
    model = rules_for(config)
    text = "Iran rules out talks"
    candidate = Candidate(text, 0, 4, "iran_gov", "iran", "", Role.AGENT, (5, len(text)))
    shares = model.judge([candidate], config.axes)
    assert shares.shape == (1, len(config.axes), 4)
    assert np.allclose(shares.sum(axis=2), 1, atol=1e-5)
    assert model.judge([], config.axes).shape == (0, len(config.axes), 4)


def test_an_axis_of_ones_own_is_read_by_its_exemplars() -> None:
    """A desk that adds an axis on fishing gets readings without new code, and negation turns them too."""
    reader = reader_for(fiction())
    assert ("norland_gov", "fishing", -1) in signs(read(reader, "Norland shuts its herring waters."))
    assert ("norland_gov", "fishing", 1) in signs(read(reader, "Norland opens its herring waters."))
    assert ("norland_gov", "fishing", -1) in signs(read(reader, "Norland never opens its herring waters."))
    assert ("norland_gov", "truce_line", 1) in signs(read(reader, "Norland agrees to talks with Sudria"))


def test_the_encoder_is_asked_only_where_cues_do_not_reach() -> None:
    """Encoding every sentence would halve the speed of the pipeline for nothing."""
    embedder = WordEmbedder()
    reader = reader_for(shipped(), embedder)
    before = embedder.texts
    read(reader, "Iran rules out talks with Washington")
    assert embedder.texts == before


def test_unknown_instrument_is_refused() -> None:
    """A typing error in models.direction must not fall back to another instrument in silence."""
    config = shipped()
    wrong = config.model_copy(update={"models": config.models.model_copy(update={"direction": "crystal-ball"})})
    with pytest.raises(ModelError, match="crystal-ball"):
        load_judge(wrong, AxisTopics(config, WordEmbedder()))


@pytest.mark.parametrize(
    ("text", "share"),
    [("Tehran opens talks.", UNADDRESSED), ("Tehran fires missiles.", 1.0), ("Tehran halts enrichment.", 1.0)],
)
def test_who_is_not_named_is_doubted(text: str, share: float) -> None:
    """A deal with somebody else would count as much as one with the other side; a strike names nobody."""
    reader = reader_for(shipped())
    (alone,) = read(reader, text)
    (named,) = read(reader, text, title="A message for Washington")

    assert alone.confidence == pytest.approx(named.confidence * share, abs=0.002)
