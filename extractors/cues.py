"""English cue words of news about conflict and diplomacy. No country, person or dispute is named here.

Objects are what positions are about, with the direction that they have when a side pursues them (+1 accommodates,
-1 confronts). Shifters keep or turn the direction of their object: to *postpone* (down) a *strike* (-1) accommodates.
The classes follow PLOVER's event types, cut to what four kinds of question need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from extractors.inflection import forms
from extractors.phrases import PhraseTable


class Kind(StrEnum):
    """What a cue does in a sentence."""

    OBJECT = "object"
    KEEP = "keep"
    TURN = "turn"
    NEGATE = "negate"
    THREAT = "threat"
    CONDEMN = "condemn"
    DEFY = "defy"
    CONCEDE = "concede"
    DEMAND = "demand"
    REPORT = "report"
    BREAK = "break"
    IF = "if"


@dataclass(frozen=True, slots=True)
class Cue:
    """What a phrase means. `family` and `value` are set for objects: the kind of event, and its direction."""

    kind: Kind
    family: str = ""
    value: int = 0
    weight: float = 1.0
    noun: bool = False
    """A thing or an event, never a verb: after a country's name, `missiles` is what it fired."""


# family: (direction, weight, noun, words)
_OBJECTS: tuple[tuple[str, int, float, bool, str], ...] = (
    ("force", -1, 1.0, True, """
        strike, air strike, airstrike, attack, missile attack, drone attack, drone strike, missile, ballistic
        missile, bombing, bombing campaign, bombardment, raid, assault, aggression, invasion, shelling,
        hostility, retaliation, military action, military force, military operation, military strike, military
        option, military attack, military intervention, military campaign, combat operation, military presence,
        military buildup, military build-up, military threat, ground operation, ground troop, armed force, use
        of force, naval blockade, war crime, reprisal, offensive, operation, drone, rocket, warship, carrier,
        bomber, air campaign, mobilisation, mobilization, escalation, armada, fleet, paratrooper, warplane,
        fighter jet, jet, destroyer, torpedo, vengeance, revenge, explosive, counterattack, barrage, incursion,
        airstrike campaign, lethal force, deadly force, act of war, artillery"""),
    ("force", -1, 1.0, False, """
        attack, strike, bomb, bombard, shell, raid, invade, shoot down, hit back, fire missiles, fire on, fire
        at, open fire, retaliate, avenge, obliterate, destroy, annihilate, wipe out, crush, punish, seize,
        harass, sink, assassinate, hit, blow up, escalate, mobilise, mobilize, deploy, intervene, go to war,
        wage war, strike back, pound, flatten, torpedo, inflict, answered in kind, firm answer, pull the
        trigger, put troops, send troops, dispatch, rescue, use force, take action, build up, prepare for war,
        long war, longer war, start of war, locked and loaded, all hell, big trouble, finger on the trigger,
        fingers on the trigger, on the trigger, hand on the trigger, options on the table, option on the table,
        off the table, take out, regime change, close the strait, close strait, block the strait, shut the
        strait, shut strait, keep the strait, hit hard, kill, target, strike hard, pay a price, heavy price,
        steep price, crushing response, harsh response, decisive response, firm response, severe consequence,
        steep consequence, serious consequence, dire consequence, respond in kind, respond forcefully, will
        respond, go unanswered, legitimate target, resist, defend ourselves, defend itself, teach a lesson,
        surrender, bow down, give in, will yield, not yield, stand firm"""),
    ("force", -1, 0.5, True, """
        war, conflict, combat, consequence, confrontation, fighting, ultimatum, weapon, bloodshed"""),
    ("force", -1, 0.5, False, """
        fight, fire, respond, response, confront, ready for war, prepared for war, military, violence, battle"""),
    ("restraint", 1, 1.0, True, """
        ceasefire, cease-fire, cease fire, truce, de-escalation, restraint, armistice, pause in strikes, safe
        passage, non-aggression, peaceful solution, diplomatic solution"""),
    ("restraint", 1, 1.0, False, """
        de-escalate, deescalate, stand down, hold fire, hold off, hold back, avoid war, avert war, pull back,
        reopen the strait, reopen, reopening, allow passage, conditional passage, end the war, end this war, end
        of the war, end to the war, exercise restraint, show restraint, lay down arms, open the strait, allow
        ships, strait open, reopening of the strait, spare"""),
    ("restraint", 1, 0.5, False, "calm, peace, stability, peaceful, violation"),
    ("talks", 1, 1.0, True, """
        talk, talks, negotiation, diplomacy, dialogue, deal, agreement, accord, mediation, peace talk, peace
        deal, nuclear talk, nuclear deal, nuclear negotiation, nuclear agreement, peace plan, peace proposal,
        round of talks, negotiating table, ceasefire talk, ceasefire proposal, ceasefire plan, peace agreement,
        diplomatic solution, compromise, diplomatic path, common ground, memorandum, framework, memo, peace,
        roadmap, prisoner swap, prisoner exchange, outreach, goodwill, breakthrough, settlement"""),
    ("talks", 1, 1.0, False, """
        negotiate, renegotiate, talk to, talk with, make a deal, strike a deal, reach a deal, sit down with,
        engage with, hold talks, come to the table, return to the table, hit a deal, bargain, make peace,
        mediate, want to talk, be talking, are talking, were talking, is talking, to talk"""),
    ("talks", 1, 0.5, True, """
        meeting, proposal, offer, letter, message, round, session, delegation, negotiator, plan, contact, term,
        channel, envoy, text, draft, condition, demand, mediator, progress, summit, table, reply, visit, trip,
        window, door, outline, paper, counterproposal"""),
    ("talks", 1, 0.5, False, "meet, engage, discuss, communicate, diplomat, speak with, negotiable"),
    ("pressure", -1, 1.0, True, """
        sanction, new sanction, embargo, blockade, maximum pressure, economic pressure, tariff, snapback, snap
        back, penalty, economic warfare, economic war, asset freeze, secondary sanction, export ban, oil ban,
        price cap, levy, sanctions list, terrorist list, terror list, terror designation, designation, financial
        pressure, blacklist, economic terrorism, restriction"""),
    ("pressure", -1, 1.0, False, """
        sanction, designate, interdict, blockade, blacklist, freeze assets, freeze funds, embargo, freeze,
        penalise, penalize"""),
    ("relief", 1, 1.0, True, """
        sanctions relief, sanction relief, waiver, exemption, sanctions waiver, frozen fund, frozen asset,
        frozen money, general license, general licence, economic relief, relief from sanctions, easing of
        sanctions, lifting of sanctions"""),
    ("relief", 1, 1.0, False, "unfreeze, release funds, waive, unsanction"),
    ("nuclear", -1, 1.0, True, """
        enrichment, uranium enrichment, uranium, stockpile, centrifuge, nuclear weapon, nuclear bomb, nuclear
        arm, atomic bomb, atomic weapon, nuclear programme, nuclear program, nuclear capability, nuclear
        activity, nuclear site, nuclear facility, plutonium, warhead, weaponisation, weaponization, nuclear
        ambition, nuclear test, enriched uranium, uranium stockpile, nuclear material, nuclear breakout, nuclear
        arsenal, dismantlement, atomic programme, atomic program, reactor"""),
    ("nuclear", -1, 1.0, False, "enrich, weaponise, weaponize, go nuclear, reprocess"),
    ("inspection", 1, 1.0, True, """
        inspector, inspection, nuclear inspector, nuclear inspection, nuclear watchdog, nuclear limit,
        enrichment limit, enrichment freeze, enrichment pause, additional protocol, safeguards, iaea, nuclear
        agency, un watchdog, cooperation with the agency, agency's camera, civil enrichment"""),
    ("inspection", 1, 1.0, False, """
        denuclearise, denuclearize, denuclearization, denuclearisation, disarm, disarmament"""),
)  # fmt: skip

_KEEP = """
    want, seek, agree to, agree, accept, support, back, welcome, praise, hail, urge, call for, hope for, hope,
    resume, restart, continue, launch, carry out, conduct, impose, announce, order, prepare, start, begin, send,
    offer, propose, sign, reach, approve, pursue, drop demand, drop precondition, keep, maintain, extend,
    expand, increase, step up, ready to, ready for, prepared to, willing to, open to, set to, to attend, attend,
    favour, favor, prefer, insist on, confirm, enforce, reinstate, restore, reimpose, tighten, admit, grant,
    hold out, convey, pass, make progress, good, very good, positive, constructive, productive, optimistic,
    great, well, serious, useful, possible, close to, near, return to, join, bring, commit to, promise, intend
    to, plan to, defend, vow to keep, encourage, embrace"""
_TURN = """
    reject, refuse, rule out, suspend, halt, stop, cancel, call off, walk out of, walk out, walk away, pull out,
    pull out of, quit, end, abandon, scrap, drop, dismiss, rebuff, spurn, snub, shun, decline, deny, oppose,
    resist, block, prevent, avoid, avert, delay, postpone, put off, pause, hold off, shelve, lift, ease, relax,
    loosen, remove, scale back, limit, cap, curb, reduce, dismantle, give up, surrender, forgo, freeze,
    renounce, expel, bar, ban, withdraw, withdraw from, abort, stall, collapse, fail, break off, cut off, doubt,
    question, ridicule, mock, distrust, mistrust, fruitless, pointless, useless, futile, unwise, impossible,
    unacceptable, off the table, frustrated, not thrilled, unreasonable, dead, all but over, blow off, scuttle,
    sink, violate, breach, defeat, dilute, ship out, hand over, roll back, restrict, wind down, release, waive,
    skip, boycott, stay away, no need for, lack, waste of time, dead end, deadlock, never going to, hesitate,
    against, far apart, pull back, back away, back down, turn down, undermine, derail, torpedo, disappointed,
    false, lie, fake, baseless, fabricated, excuse, deception, illusion, empty, close the door, shut the door,
    rather than, instead of, limits, too late, terminate, forbid, prohibit, fear, afraid of, afraid,
    precondition, preconditions, no sense, worse, regret, brush off, brush aside, retract, backtrack, repeal,
    shrug off, wave off, play down, veto, laugh off, blend down, down-blend, ship abroad, out of, drain,
    convert, idle, out of the question, step back from, short of, drop plan, drop bid, lose confidence, lose
    faith, no intention, disavow, fabrication, untrue, tired, unwilling, reluctant, harm"""
_NEGATE = """
    not, no, never, neither, nobody, none, nothing, without, cannot, no longer, no more, far from, hardly,
    unable to, not a, zero, nowhere"""
_THREAT = """
    threaten, threat, vow, warn, warn of, warning, ultimatum, swear, pledge to, menace, deadline, threats,
    warnings, last warning, brace for, give hours, saber-rattling, sabre-rattling, red line"""
_CONDEMN = """
    condemn, denounce, slam, blast, decry, deplore, lambast, criticise, criticize, accuse, violation of,
    illegal, reckless, war crime, barbaric, blame, outrage, brand, unprovoked, terrorist, hostile"""
_DEFY = """
    defy, evade, circumvent, bypass, withstand, neutralise, neutralize, overcome, thrive under, bow to, give
    in to, get around, not afraid of, not fear, break the"""
_CONCEDE = """
    accept, tolerate, live with, allow, let, permit, recognise, recognize, acknowledge, entertain, consider"""
_DEMAND = """
    demand, must, should, has to, have to, need to, needs to, ought to, insist, call on, urge, require,
    press, push for, push"""
_REPORT = """
    say, tell, add, claim, assert, insist, declare, note, stress, announce, write, post, tweet, reiterate,
    repeat, report, argue, explain, remark, comment, respond, reply, suggest, indicate, acknowledge, admit,
    boast, predict, believe, think, expect, speak, call, describe, maintain, emphasise, emphasize,
    underline, confirm, estimate, reveal, signal, hint, ask, express, describe as, quip"""
_BREAK = """
    , ; : — – | but although though while after as amid amidst despite before following because since until
    whereas during ahead"""
_IF = "if, unless, should they, in case, in the event, whether, were to, until, when"


_PREDICATES = {
    Kind.REPORT: _REPORT,
    Kind.KEEP: _KEEP,
    Kind.TURN: _TURN,
    Kind.CONDEMN: _CONDEMN,
    Kind.DEMAND: _DEMAND,
    Kind.DEFY: _DEFY,
    Kind.CONCEDE: _CONCEDE,
}


def _words(text: str) -> Iterator[str]:
    return (" ".join(word.split()) for word in text.split(",") if word.strip())


def _entries() -> Iterator[tuple[str, Cue]]:
    for kind, text in _PREDICATES.items():
        for word in _words(text):
            yield from ((form, Cue(kind)) for form in sorted(forms(word)))
    for family, value, weight, noun, text in sorted(_OBJECTS, key=lambda row: row[3]):
        for word in _words(text):
            yield from ((form, Cue(Kind.OBJECT, family, value, weight, noun)) for form in sorted(_shapes(word, noun)))
    for word in _words(_THREAT):
        yield from ((form, Cue(Kind.THREAT)) for form in sorted(forms(word)))
    for kind, text in {Kind.NEGATE: _NEGATE, Kind.IF: _IF}.items():
        yield from ((word, Cue(kind)) for word in _words(text))
    yield from ((word, Cue(Kind.BREAK)) for word in _BREAK.split())


def _shapes(word: str, noun: bool) -> set[str]:
    if not noun:
        return forms(word)
    head = word[:-1] + "ies" if word.endswith("y") and word[-2] not in "aeiou" else word + "s"
    return {word, head}


def table() -> PhraseTable[Cue]:
    """The cues as a table; where a phrase stands under two heads, the later head of `_entries` holds."""
    return PhraseTable(_entries())


FAMILY_GROUPS = {
    "force": "force",
    "restraint": "force",
    "talks": "talks",
    "pressure": "pressure",
    "relief": "pressure",
    "nuclear": "nuclear",
    "inspection": "nuclear",
}
"""Families that are the two ends of one question."""
