"""Words for what positions are about, by kind of event, with the direction that they have when a side pursues them.

The classes follow PLOVER's event types, cut to what four kinds of question need. No country or person is named.
"""

from __future__ import annotations

# family: (direction, weight, noun, words)
OBJECTS: tuple[tuple[str, int, float, bool, str], ...] = (
    ("force", -1, 1.0, True, """
        strike, air strike, airstrike, attack, missile attack, drone attack, drone strike, missile, ballistic
        missile, bombing, bombing campaign, bombardment, raid, assault, aggression, invasion, shelling, hostility,
        retaliation, military action, military force, military operation, military strike, military option, military
        attack, military intervention, military campaign, combat operation, military presence, military buildup,
        military build-up, military threat, ground operation, ground troop, armed force, use of force, naval
        blockade, war crime, reprisal, offensive, operation, drone, rocket, warship, carrier, bomber, air campaign,
        mobilisation, mobilization, escalation, armada, fleet, paratrooper, warplane, fighter jet, jet, destroyer,
        torpedo, vengeance, revenge, explosive, counterattack, barrage, incursion, airstrike campaign, lethal force,
        deadly force, act of war, artillery"""),
    ("force", -1, 1.0, False, """
        attack, strike, bomb, bombard, shell, raid, invade, shoot down, hit back, fire missiles, fire on, fire at,
        open fire, retaliate, avenge, obliterate, destroy, annihilate, wipe out, crush, punish, seize, harass, sink,
        assassinate, hit, blow up, escalate, mobilise, mobilize, deploy, intervene, go to war, wage war, strike
        back, pound, flatten, torpedo, inflict, answered in kind, firm answer, pull the trigger, put troops, send
        troops, dispatch, rescue, use force, take action, build up, prepare for war, long war, longer war, start of
        war, locked and loaded, all hell, big trouble, finger on the trigger, fingers on the trigger, on the
        trigger, hand on the trigger, options on the table, option on the table, take out, regime change, close the
        strait, close strait, block the strait, shut the strait, shut strait, keep the strait, hit hard, kill,
        target, strike hard, pay a price, heavy price, steep price, crushing response, harsh response, decisive
        response, firm response, severe consequence, steep consequence, serious consequence, dire consequence,
        respond in kind, respond forcefully, will respond, legitimate target, resist, defend ourselves, defend
        itself, teach a lesson, not yield, stand firm, unconditional surrender, fire first, shoot first, strike
        first, attack first, force is, force against, by force, resort to force"""),
    ("force", -1, 0.5, True, """
    war, conflict, combat, consequence, confrontation, fighting, ultimatum, weapon, bloodshed"""),
    ("force", -1, 0.5, False, """
    fight, fire, respond, response, confront, ready for war, prepared for war, military, violence, battle"""),
    ("restraint", 1, 1.0, True, """
        ceasefire, cease-fire, cease fire, truce, de-escalation, restraint, armistice, pause in strikes, safe
        passage, non-aggression, military pact, military agreement, war powers resolution, war powers, peaceful
        solution, diplomatic solution"""),
    ("restraint", 1, 1.0, False, """
        de-escalate, deescalate, hold fire, avoid war, avert war, reopen the strait, reopen, reopening, allow
        passage, conditional passage, end the war, end this war, end of the war, end to the war, exercise restraint,
        show restraint, lay down arms, open the strait, allow ships, strait open, reopening of the strait, go
        unanswered, go unpunished"""),
    ("restraint", 1, 0.5, False, "calm, peace, stability, peaceful, violation, spare"),
    ("talks", 1, 1.0, True, """
        talk, talks, negotiation, diplomacy, dialogue, deal, agreement, accord, mediation, peace talk, peace deal,
        nuclear talk, nuclear deal, nuclear negotiation, nuclear agreement, peace plan, peace proposal, round of
        talks, negotiating table, ceasefire proposal, ceasefire plan, ceasefire talk, peace agreement, diplomatic
        solution, compromise, diplomatic path, common ground, memorandum, framework, memo, peace, roadmap, prisoner
        swap, prisoner exchange, outreach, goodwill, breakthrough, settlement"""),
    ("talks", 1, 1.0, False, """
        negotiate, renegotiate, talk to, talk with, make a deal, strike a deal, reach a deal, sit down with, engage
        with, hold talks, come to the table, return to the table, hit a deal, bargain, make peace, mediate, want to
        talk, keep talking, go on talking, be talking, are talking, were talking, is talking, to talk"""),
    ("talks", -1, 1.0, False, """
        leave the talks, leave talks, leave the table, leave the negotiating table, leave negotiations, leave the
        negotiations, leave the deal, leave the nuclear deal, leave the accord, leave the nuclear accord, leave the
        agreement, leave the pact, leave the treaty, leave the room, exit the deal, exit the accord, exit the talks"""),
    ("talks", 1, 0.5, True, """
        meeting, proposal, offer, letter, message, round, session, delegation, negotiator, plan, contact, term,
        channel, envoy, text, draft, condition, mediator, progress, summit, table, reply, visit, trip, window, door,
        outline, paper, counterproposal"""),
    ("talks", 1, 0.5, False, "meet, engage, discuss, communicate, diplomat, speak with, negotiable"),
    ("pressure", -1, 1.0, True, """
        sanction, new sanction, embargo, blockade, maximum pressure, economic pressure, tariff, snapback, snap back,
        penalty, economic warfare, economic war, asset freeze, secondary sanction, export ban, oil ban, price cap,
        levy, sanctions list, terrorist list, terror list, terror designation, designation, financial pressure,
        blacklist, economic terrorism, restriction"""),
    ("pressure", -1, 1.0, False, """
        sanction, designate, interdict, blockade, blacklist, freeze assets, freeze funds, freeze the assets, freeze
        the funds, freeze accounts, freeze the accounts, embargo, penalise, penalize"""),
    ("relief", 1, 1.0, True, """
        sanctions relief, sanction relief, waiver, exemption, sanctions waiver, frozen fund, frozen asset, frozen
        money, general license, general licence, economic relief, relief from sanctions, easing of sanctions,
        lifting of sanctions"""),
    ("relief", 1, 1.0, False, """
        unfreeze, release funds, release frozen funds, release frozen assets, waive, unsanction, off the sanctions
        list, off the blacklist"""),
    ("nuclear", -1, 1.0, True, """
        enrichment, uranium enrichment, uranium, stockpile, centrifuge, nuclear weapon, nuclear bomb, nuclear arm,
        atomic bomb, atomic weapon, nuclear programme, nuclear program, nuclear capability, nuclear activity,
        nuclear site, nuclear facility, plutonium, warhead, weaponisation, weaponization, nuclear ambition, nuclear
        test, enriched uranium, uranium stockpile, nuclear material, nuclear breakout, nuclear arsenal,
        dismantlement, atomic programme, atomic program, reactor"""),
    ("nuclear", -1, 1.0, False, """
        enrich, weaponise, weaponize, go nuclear, reprocess, build a bomb, build the bomb, build bomb, build its own
        bomb, seek a bomb, seek the bomb, seek bomb, get a bomb, get the bomb, have a bomb, have the bomb, have
        bomb, make a bomb, use the bomb"""),
    ("inspection", 1, 1.0, True, """
        inspector, inspection, nuclear inspector, nuclear inspection, nuclear watchdog, nuclear limit, enrichment
        limit, enrichment freeze, enrichment pause, additional protocol, safeguards, iaea, nuclear agency, un
        watchdog, cooperation with the agency, agency's camera, civil enrichment, limited enrichment, low
        enrichment, low-level enrichment, token enrichment, some enrichment, capped enrichment, limited uranium
        enrichment, civilian enrichment, peaceful enrichment, partial enrichment"""),
    ("inspection", 1, 1.0, False, """
    denuclearise, denuclearize, denuclearization, denuclearisation, disarm, disarmament"""),
)  # fmt: skip

FAMILY_GROUPS = {
    "force": "force",
    "restraint": "force",
    "submission": "force",
    "talks": "talks",
    "pressure": "pressure",
    "relief": "pressure",
    "nuclear": "nuclear",
    "inspection": "nuclear",
}
"""Families that are the two ends of one question."""
