"""Operators that keep, turn or suspend a position: each case is a pair of opposites that differ in little else."""

from __future__ import annotations

import pytest
from reader_samples import fiction, read, reader_for, shipped, signs

from extractors.reader import StanceReader
from volteface.config import Config
from volteface.types import Mode

INVENTED_SIDES = Config.model_validate({**dict(fiction()), "axes": shipped().axes})
READER, INVENTED = reader_for(shipped()), reader_for(INVENTED_SIDES)

Pair = tuple[str, str, str, str]
"""(side, axis, towards, away)"""

IMPLICATIVES: list[Pair] = [
    ("iran", "negotiation", "Iran agrees to negotiate with Washington", "Iran refuses to negotiate with Washington"),
    ("iran", "negotiation", "Tehran never refused to negotiate", "Tehran never agreed to negotiate"),
    ("us", "negotiation", "Washington manages to restart the talks", "Washington fails to restart the talks"),
    ("us", "sanctions", "Washington hesitates to reimpose sanctions", "Washington hesitates to ease sanctions"),
    ("us", "sanctions", "Treasury refrains from imposing sanctions", "Treasury refrains from lifting sanctions"),
    ("us", "military", "US forces cease their strikes", "US forces do not cease their strikes"),
    (
        "us",
        "military",
        "Washington shrinks from an attack on Iran",
        "Washington does not shrink from an attack on Iran",
    ),
    ("us", "military", "US stops short of attacking Iran", "US comes close to attacking Iran"),
    ("iran", "nuclear", "Iran stops enriching uranium", "Iran goes on enriching uranium"),
    ("iran", "nuclear", "Iran gives up enrichment", "Iran will never give up enrichment"),
    ("iran", "nuclear", "Tehran renounces nuclear weapons", "Tehran refuses to renounce nuclear weapons"),
    ("iran", "nuclear", "Araghchi does not exclude a cap on enrichment", "Araghchi excludes a cap on enrichment"),
    ("iran", "military", "Iran accepts the ceasefire", "Iran does not accept the ceasefire"),
    ("iran", "military", "Iran refrains from retaliation", "Iran does not refrain from retaliation"),
]
NESTED: list[Pair] = [
    ("us", "sanctions", "Washington no longer refuses to ease sanctions", "Washington still refuses to ease sanctions"),
    ("iran", "negotiation", "Pezeshkian refuses to rule out talks", "Pezeshkian refuses to accept talks"),
    ("iran", "negotiation", "Iran stops refusing to talk to Witkoff", "Iran stops talking to Witkoff"),
    ("iran", "negotiation", "Tehran denies refusing talks", "Tehran denies seeking talks"),
    ("us", "negotiation", "Trump does not want the talks to collapse", "Trump wants the talks to collapse"),
    ("iran", "negotiation", "Araghchi regrets the end of the talks", "Araghchi welcomes the end of the talks"),
    ("us", "negotiation", "Witkoff warns against ending the dialogue", "Witkoff warns against resuming the dialogue"),
    ("us", "sanctions", "Trump cancels plan to reimpose sanctions", "Trump cancels plan to suspend sanctions"),
    ("us", "sanctions", "OFAC decides not to revoke the waiver", "OFAC decides not to renew the waiver"),
    ("us", "military", "Senate fails to approve military action", "Senate fails to stop military action"),
    ("us", "military", "Trump vows never to attack Iran", "Trump vows to attack Iran"),
    ("us", "military", "Hegseth denies refusing a ceasefire", "Hegseth denies accepting a ceasefire"),
    ("iran", "nuclear", "Iran ends its refusal to admit inspectors", "Iran keeps up its refusal to admit inspectors"),
    ("iran", "nuclear", "Iran refuses to expel inspectors", "Iran refuses to accept inspectors"),
]
DENIALS: list[Pair] = [
    ("iran", "negotiation", "Baghaei confirms that talks are under way", "Baghaei denies that talks are under way"),
    (
        "iran",
        "negotiation",
        "Iran denies it is about to leave the table",
        "Iran confirms it is about to leave the table",
    ),
    ("us", "negotiation", "Witkoff denies having rejected the offer", "Witkoff denies having accepted the offer"),
    ("us", "negotiation", "US envoy denies the talks have collapsed", "US envoy admits the talks have collapsed"),
    ("iran", "negotiation", "Iran dismisses as false a report that it broke off talks", "Iran breaks off talks"),
    ("iran", "nuclear", "Eslami confirms that enrichment has stopped", "Eslami denies that enrichment has stopped"),
    ("iran", "nuclear", "Iran denies seeking nuclear weapons", "Iran no longer denies seeking nuclear weapons"),
    ("us", "sanctions", "Bessent denies that sanctions are planned", "Bessent denies that sanctions will be lifted"),
    ("us", "military", "Trump denies that he plans to attack Iran", "Trump confirms that he plans to attack Iran"),
    ("iran", "military", "Iran denies breaking the truce", "Iran denies keeping the truce"),
]
TIME_AND_DEGREE: list[Pair] = [
    ("iran", "negotiation", "Iran has yet to reject the proposal", "Iran has yet to accept the proposal"),
    ("iran", "negotiation", "Iran is close to accepting the text", "Iran is far from accepting the text"),
    ("iran", "negotiation", "Tehran hardly doubts that a deal is possible", "Tehran hardly believes in a deal"),
    ("iran", "negotiation", "Iran still believes in diplomacy", "Iran no longer believes in diplomacy"),
    ("us", "negotiation", "Rubio no longer calls the talks useless", "Rubio still calls the talks useless"),
    ("us", "sanctions", "Trump has yet to impose new sanctions", "Trump has yet to lift the sanctions"),
    ("us", "military", "Trump no longer threatens to strike Iran", "Trump still threatens to strike Iran"),
    ("us", "military", "Washington would rather not use force", "Washington would rather use force"),
]
PREDICATES: list[Pair] = [
    ("us", "sanctions", "Sanctions will be lifted, Bessent says", "Sanctions will be kept, Bessent says"),
    ("us", "sanctions", "Sanctions will not stay in force, says Rubio", "Sanctions will stay in force, says Rubio"),
    ("us", "sanctions", "The blockade is over, Hegseth says", "The blockade is not over, Hegseth says"),
    (
        "us",
        "sanctions",
        "Sanctions have been lifted by the US Treasury",
        "Sanctions have been imposed by the US Treasury",
    ),
    ("iran", "negotiation", "Talks have not been cancelled, Tehran says", "Talks have been cancelled, Tehran says"),
    ("iran", "negotiation", "Araghchi says a deal is not impossible", "Araghchi says a deal is not possible"),
    ("us", "negotiation", "Trump says the talks are no waste of time", "Trump says the talks are a waste of time"),
    ("iran", "negotiation", "Larijani says talks are not useless", "Larijani says talks are useless"),
    ("iran", "negotiation", "Pezeshkian does not see talks as a trap", "Pezeshkian sees talks as a trap"),
    (
        "iran",
        "negotiation",
        "It would be wrong to refuse dialogue, Pezeshkian says",
        "It is wrong to talk, Pezeshkian says",
    ),
    ("iran", "nuclear", "Enrichment will not continue, Eslami says", "Enrichment will continue, Eslami says"),
    ("us", "military", "The bombing has ended, Hegseth says", "The bombing has not ended, Hegseth says"),
    ("us", "military", "Rubio takes military action off the table", "Rubio keeps military action on the table"),
]
NOUNS: list[Pair] = [
    ("iran", "negotiation", "Iran's refusal to hold talks is over", "Iran's refusal to hold talks continues"),
    ("iran", "negotiation", "Iran drops its refusal to meet US envoys", "Iran repeats its refusal to meet US envoys"),
    ("iran", "negotiation", "Iran gives up its opposition to talks", "Iran hardens its opposition to talks"),
    ("us", "negotiation", "US suspends its withdrawal from the accord", "US completes its withdrawal from the accord"),
    ("us", "negotiation", "Rubio sees every reason to keep talking", "Rubio sees no reason to keep talking"),
    ("us", "negotiation", "Rubio sees no reason to end the talks", "Rubio sees every reason to end the talks"),
    (
        "iran",
        "negotiation",
        "Iran has no intention of quitting the talks",
        "Iran has no intention of resuming the talks",
    ),
    ("iran", "negotiation", "Tehran has no objection to direct talks", "Tehran has objections to direct talks"),
    ("iran", "nuclear", "Iran lifts its ban on inspectors", "Iran upholds its ban on inspectors"),
    ("us", "sanctions", "US scraps plan to sanction ports", "US scraps plan to lift sanctions"),
    ("us", "military", "Trump turns down a plan to strike Iran", "Trump takes up a plan to strike Iran"),
]
PARTICLES_AND_DOORS: list[Pair] = [
    ("us", "military", "Trump calls the strikes off", "Trump refuses to call the strikes off"),
    ("us", "military", "CENTCOM pulls its bombers away", "CENTCOM refuses to pull its bombers away"),
    ("us", "military", "The Pentagon stands down its bombers", "The Pentagon does not stand down its bombers"),
    ("us", "military", "US pulls back its warships", "US refuses to pull back its warships"),
    ("iran", "military", "Iranian army stands down", "Iranian army refuses to stand down"),
    ("iran", "negotiation", "Tehran takes up the offer of talks", "Tehran turns down the offer of talks"),
    ("iran", "nuclear", "Iran lets inspectors into Fordow", "Iran keeps inspectors out of Fordow"),
    ("iran", "negotiation", "Iran will not leave the talks", "Iran leaves the talks"),
    ("us", "negotiation", "Washington keeps the door open", "Washington closes the door"),
    ("us", "negotiation", "Washington has not closed the door to talks", "Washington has not opened the door to talks"),
]
THREATS_AND_DEMANDS: list[Pair] = [
    ("us", "military", "Trump drops threat to bomb Iran", "Trump repeats threat to bomb Iran"),
    ("us", "military", "Trump stops threatening Iran with bombs", "Trump keeps threatening Iran with bombs"),
    ("iran", "military", "Iran's threat to close the strait is withdrawn", "Iran's threat to close the strait stands"),
    ("us", "sanctions", "US drops threat of new sanctions", "US renews threat of new sanctions"),
    ("iran", "nuclear", "Iran withdraws its threat to expel inspectors", "Iran renews its threat to expel inspectors"),
    (
        "us",
        "nuclear",
        "US drops the demand that Iran scrap all centrifuges",
        "US demands that Iran scrap all centrifuges",
    ),
    ("us", "nuclear", "Washington no longer insists on zero enrichment", "Washington insists on zero enrichment"),
    ("us", "nuclear", "Washington denies demanding zero enrichment", "Washington confirms demanding zero enrichment"),
    ("us", "nuclear", "Rubio: we would tolerate some enrichment", "Rubio: we would not tolerate any enrichment"),
    ("us", "nuclear", "Witkoff no longer opposes enrichment", "Witkoff opposes enrichment"),
    ("us", "nuclear", "Rubio refuses to rule out enrichment in Iran", "Rubio refuses to accept enrichment in Iran"),
    ("us", "nuclear", "Trump lets Iran enrich uranium", "Trump forbids Iran to enrich uranium"),
]
COORDINATION: list[Pair] = [
    (
        "iran",
        "negotiation",
        "Iran will not reject talks or end contacts",
        "Iran will not accept talks or renew contacts",
    ),
    (
        "iran",
        "negotiation",
        "Iran will neither leave nor suspend the talks",
        "Iran will neither join nor back the talks",
    ),
    (
        "iran",
        "nuclear",
        "Iran will not enrich uranium or test a warhead",
        "Iran will not cap enrichment or ship out uranium",
    ),
    ("iran", "nuclear", "Iran neither enriches nor stockpiles uranium", "Iran will neither stop nor limit enrichment"),
]
FOR_AND_AGAINST: list[Pair] = [
    ("us", "negotiation", "Washington decides for talks", "Washington decides against talks"),
    ("iran", "negotiation", "Pezeshkian is in favour of direct talks", "Pezeshkian is against direct talks"),
    ("us", "sanctions", "Congress votes against new sanctions", "Congress votes for new sanctions"),
    ("us", "military", "Trump decides against striking Iran", "Trump decides in favour of striking Iran"),
    ("us", "military", "US sticks to the ceasefire", "US breaches the ceasefire"),
    ("iran", "nuclear", "Iran honours the enrichment limit", "Iran exceeds the enrichment limit"),
]
OTHER_SIDES: list[Pair] = [
    (
        "norland",
        "negotiation",
        "Norland no longer refuses talks with Sudria",
        "Norland still refuses talks with Sudria",
    ),
    ("sudria", "negotiation", "Sudria denies having left the talks", "Sudria admits having left the talks"),
    ("norland", "sanctions", "Norland drops its threat of tariffs", "Norland repeats its threat of tariffs"),
    ("sudria", "sanctions", "Sudria will not impose tariffs on Norland", "Sudria will not lift tariffs on Norland"),
    ("norland", "nuclear", "Norland gives up its nuclear weapons", "Norland will never give up its nuclear weapons"),
    ("sudria", "nuclear", "Sudria refuses to expel inspectors", "Sudria refuses to admit inspectors"),
    ("norland", "military", "Norland rules out a ground operation", "Norland does not rule out a ground operation"),
    ("sudria", "military", "Sudria withdraws its threat to strike", "Sudria renews its threat to strike"),
]
BANK = (IMPLICATIVES, NESTED, DENIALS, TIME_AND_DEGREE, PREDICATES, NOUNS, PARTICLES_AND_DOORS, THREATS_AND_DEMANDS)
PAIRS = [pair for pairs in (*BANK, COORDINATION, FOR_AND_AGAINST) for pair in pairs]
UNDECIDED = [
    "Trump has not decided whether to strike Iran",
    "Iran neither confirms nor denies plans for a missile strike",
    "Pentagon declines to comment on plans for a strike on Iran",
]
NOT_TURNED = [
    ("us", "military", -1, "US steps up its strikes against Iran"),
    ("us", "sanctions", -1, "US imposes sanctions against Iran"),
    ("iran", "negotiation", 1, "Araghchi wants a deal to end the dispute over water"),
    ("iran", "negotiation", 1, "Iran agrees to talks by the end of August"),
    ("iran", "negotiation", -1, "Iran rejects the offer of talks as useless"),
    ("us", "negotiation", 1, "Trump: I won't walk out of the talks"),
    ("us", "negotiation", -1, "TRUMP: WE WON'T TALK TO IRAN"),
    ("iran", "military", -1, "Iran shrugs off US sanctions and threatens strikes"),
    ("iran", "military", -1, "Iran will not surrender"),
    ("us", "nuclear", -1, "Rubio accuses Iran of not stopping enrichment"),
    ("us", "nuclear", -1, "Trump vows to deny Iran a nuclear weapon"),
    ("us", "military", -1, "US bombs missile sites in Iran"),
    ("us", "military", 1, "CENTCOM denies bombing missile sites in Iran"),
]
DEEDS = [
    ("sanctions", -1.0, "US imposes a full embargo on Iranian oil"),
    ("sanctions", -0.7, "OFAC imposed sanctions on five companies that ship Iranian oil"),
    ("sanctions", -0.7, "US Treasury sanctions Iranian banks"),
    ("sanctions", 0.7, "Treasury eases sanctions on Iranian gas"),
    ("sanctions", 1.0, "US lifts sanctions on Iranian banks"),
    ("negotiation", -1.0, "Iran suspends the talks"),
    ("negotiation", 0.7, "Iran resumes talks with Washington"),
    ("negotiation", 1.0, "Iran signs a deal with Washington"),
    ("nuclear", -1.0, "Iran expels inspectors"),
    ("nuclear", -0.7, "Iran expands enrichment"),
    ("nuclear", 1.0, "Iran halts enrichment"),
    ("military", -1.0, "US launches strikes on Iranian ports"),
    ("military", 0.7, "US postpones the strikes on Iranian ports"),
]


def of_side(reader: StanceReader, config: Config, text: str, side: str, axis: str) -> set[int]:
    """Signs of what a side states on an axis."""
    found = signs(read(reader, text))
    return {sign for holder, about, sign in found if config.office[holder].side == side and about == axis}


@pytest.mark.parametrize(("side", "axis", "towards", "away"), PAIRS)
def test_opposites_are_told_apart(side: str, axis: str, towards: str, away: str) -> None:
    """One word turns an offer into a refusal: misread, the alert says the opposite of the news."""
    assert of_side(READER, shipped(), towards, side, axis) == {1}
    assert of_side(READER, shipped(), away, side, axis) == {-1}


@pytest.mark.parametrize(("side", "axis", "towards", "away"), OTHER_SIDES)
def test_any_pair_of_sides(side: str, axis: str, towards: str, away: str) -> None:
    """A desk that watches two other countries would get alerts with the wrong sign."""
    assert of_side(INVENTED, INVENTED_SIDES, towards, side, axis) == {1}
    assert of_side(INVENTED, INVENTED_SIDES, away, side, axis) == {-1}


@pytest.mark.parametrize("text", UNDECIDED)
def test_what_is_left_open_has_no_direction(text: str) -> None:
    """`Will not say whether it strikes` would be told as restraint."""
    assert not {sign for _, _, sign in signs(read(READER, text))} - {0}


@pytest.mark.parametrize(("side", "axis", "sign", "text"), NOT_TURNED)
def test_words_that_only_look_like_operators(side: str, axis: str, sign: int, text: str) -> None:
    """`Strikes against`, `by the end of August` and a claim dismissed `as useless` would turn a position about."""
    assert of_side(READER, shipped(), text, side, axis) == {sign}


@pytest.mark.parametrize(("axis", "stance", "text"), DEEDS)
def test_a_deed_stands_on_the_rung_that_names_it(axis: str, stance: float, text: str) -> None:
    """New sanctions on five companies would weigh as much as a blockade, and every deed look like the utmost."""
    (reading,) = (reading for reading in read(READER, text) if reading.axis == axis)
    assert reading.mode is Mode.ACT
    assert reading.stance == stance


def test_words_never_reach_the_outermost_rung() -> None:
    """A minister's word about strikes would weigh as much as the strikes."""
    said = read(READER, "Hegseth says the US will strike Iran")
    assert [reading.stance for reading in said if reading.axis == "military"] == [-0.4]


def test_rungs_of_other_names_still_grade() -> None:
    """A config with rungs called x, y and z must be read as before, not fail."""
    (reading,) = read(reader_for(fiction()), "Norland rejects talks with Sudria")
    assert reading.stance == -1
