"""Words that keep, turn or suspend the direction of what they govern.

The order is that of Nairn, Condoravdi and Karttunen (2006): each operator has a signature, what it does to its
complement where it holds itself, and where it is denied. `Refuse` turns and, denied, turns back; `confirm` keeps and,
denied, leaves everything open. Verbs that raise negation (`does not want` is `wants not`) are two-way like the others.
"""

from __future__ import annotations

KEEPING, TURNING, AFFIRMED, OPEN = (1, -1), (-1, 1), (1, 0), (0, 0)
"""Signatures: polarity of the complement where the operator holds, and where it is denied (0: left open)."""

KEEP = """
    want, seek, agree to, agree, support, back, welcome, praise, hail, urge, call for, hope for, hope, resume,
    restart, continue, launch, carry out, conduct, impose, announce, order, prepare, start, begin, send, offer,
    propose, sign, reach, approve, pursue, keep, maintain, extend, expand, increase, step up, ready to, ready for,
    prepared to, willing to, open to, set to, to attend, attend, favour, favor, prefer, enforce, reinstate, restore,
    reimpose, tighten, admit, grant, hold out, convey, pass, make progress, good, very good, positive, constructive,
    productive, optimistic, great, well, serious, useful, possible, close to, near, return to, join, bring, commit
    to, intend to, plan to, defend, encourage, embrace, manage to, succeed in, dare to, choose to, opt for, opt to,
    decide to, decide on, decide for, decide in favour of, decide in favor of, vote for, vote to, vote in favour of,
    vote in favor of, in favour of, in favor of, stick to, stick with, abide by, adhere to, comply with, honour,
    honor, uphold, observe, respect, renew, reaffirm, stand by, hold on to, hold fast to, cling to, stay in, remain
    in, press on with, press ahead with, push ahead with, go ahead with, proceed with, carry on, go on, keep up,
    persist in, take up, heed, adopt, ratify, endorse, authorise, authorize, finalise, finalize, conclude, rejoin,
    re-enter, revive, relaunch, raise, toughen, harden, intensify, ramp up, prolong, bring forward, broaden, widen,
    reinforce, keep faith in, have faith in, believe in, trust in, interested in, interest in, every reason, every
    intention, make sense, worthwhile, worth, feasible, viable, acceptable, within reach, in force, in place, under
    way, underway, on track, alive, say yes to, leave open, leave for, leave the door, still stand, still stands,
    still on the table, on the table, promise, promise to, vow to keep, willingness, readiness, stand ready to,
    stand ready for, on the point of, on the verge of, about to, poised to, bent on, determined to, committed to,
    undertake to, consent to, assent to, volunteer to, bow to calls, give the green light, greenlight, install,
    slap, no choice but to, help but, love to, heat up, look forward to"""
"""Keep, and turn where they are denied."""

TURN = """
    reject, refuse, rule out, suspend, halt, stop, cancel, call off, pull out, pull out of, quit, end, abandon,
    scrap, drop, dismiss, rebuff, spurn, snub, shun, decline, deny, oppose, resist, block, prevent, avoid, avert,
    delay, postpone, put off, pause, shelve, lift, ease, relax, loosen, remove, scale back, limit, cap, curb,
    reduce, dismantle, give up, give up on, forgo, freeze, abolish, renounce, expel, bar, ban, withdraw, withdraw
    from, keep out, keep out of, drag its feet, abort, stall, collapse, fail, fail to, break off, cut off, doubt,
    question, ridicule, mock, distrust, mistrust, fruitless, pointless, useless, futile, unwise, impossible,
    unacceptable, off the table, frustrated, not thrilled, unreasonable, dead, all but over, blow off, scuttle,
    sink, violate, breach, defeat, dilute, ship out, hand over, roll back, restrict, wind down, release, waive,
    skip, boycott, against, stay away, stay away from, no need for, lack, waste of time, dead end, deadlock, never
    going to, hesitate, hesitate to, far apart, back away, back away from, back down, back down from, turn down,
    undermine, derail, torpedo, disappointed, false, lie, fake, baseless, fabricated, excuse, deception, illusion,
    empty, rather than, instead of, limits, too late, terminate, forbid, prohibit, fear, afraid of, afraid,
    precondition, preconditions, no sense, worse, regret, brush off, brush aside, retract, backtrack, repeal, shrug
    off, wave off, play down, veto, laugh off, blend down, down-blend, ship abroad, out of, drain, convert, idle,
    out of the question, step back from, short of, stop short of, lose confidence, lose faith, no intention,
    disavow, fabrication, untrue, tired, unwilling, reluctant, harm, cease, desist from, discontinue, refrain from,
    abstain from, shrink from, shy away from, recoil from, retreat from, climb down from, back off from, back out
    of, pull away from, turn away from, step away from, row back on, walk back, go back on, renege on, break with,
    opt out of, drop out of, bow out of, stay out of, turn its back on, turn their back on, decide against, opt
    against, vote against, vote down, stand against, speak out against, come out against, argue against, advise
    against, caution against, warn against, stand firm against, is against, are against, was against, were against,
    's against, firm against, say no to, object to, opposed to, exclude, preclude, foreclose, neglect to, omit to,
    hate to, loath to, hesitant, wary of, sceptical, skeptical, lose interest, lose patience, lose hope, shut down,
    switch off, turn off, scale down, slow, slow down, cut back, throw out, kick out, obstruct, hinder, hamper,
    impede, exceed, revoke, rescind, annul, nullify, overturn, reverse, undo, repudiate, lapse, expire, shed, allay,
    delist, de-list, exempt, defuse, dial back, dial down, tone down, water down, alleviate, unprepared, unable to,
    unlikely, unthinkable, inconceivable, unrealistic, unworkable, unviable, off limits, out of reach, beyond reach,
    wrong to, be wrong, a mistake, historic mistake, grave mistake, strategic mistake, foolish, folly, senseless,
    madness, trap, ploy, sham, farce, charade, trick, is over, are over, was over, were over, be over, comes off, is
    finished, are finished, at an end, is closed, are closed, closed to, remain closed, is shut, are shut, last
    thing, too early to, premature, disband, unwind, call a halt to, put an end to, bring an end to, put a stop to,
    see off, balk at, baulk at, think twice, bury, throw away, tear up, rip up, walk out on, turn its nose up at,
    nonsense, lost chance, missed chance, poison, break down, take back, throw back, send back, hand back, disown,
    halve, slash, soften, cut ties, sever, sever ties, less confident, less likely, less interested, less willing,
    less keen, groundless, unfounded, bluff, hate, die, run out, on life support, turn his back on, turn her back
    on, turn back on, giveaway, terrible, horrible, disastrous, disaster, worthless, jeopardise, jeopardize,
    sabotage, imperil, wreck"""
"""Turn, and turn back where they are denied."""

TURN_NOUNS = """
    refusal, rejection, opposition, objection, denial, prohibition, reluctance, unwillingness, suspension,
    cancellation, cessation, removal, abandonment, renunciation, withdrawal, expulsion, breakdown, failure,
    postponement, dismissal, reversal, revocation, aversion, barrier, obstacle, impediment, hurdle"""
"""Nouns that turn their complement: `its refusal to talk`."""

TURN_NEAR = "break, cut, dilute, downblend, ship out, ship abroad, ship away, send abroad, take abroad"
"""Turn what they have as their object, not what comes later in the clause: `breaks the truce`."""

AFFIRM = "confirm, say whether, say if, comment on"
"""Keep; where they are denied, nothing is known."""

SUSPEND = """
    undecided, decide whether, decided whether, decide if, neither confirm nor deny, neither confirmed nor denied,
    neither confirms nor denies, neither confirmed nor rejected, decline to say, refuse to say, decline to comment,
    refuse to comment, yet to decide, make up his mind, make up her mind, make up its mind, make up their minds"""
"""Leave open what they govern, denied or not."""

SELF_STANDING = (
    ("submission", 1, TURNING, "surrender, bow down, give in"),
    ("force", 1, TURNING, "hold off, pull back, hold back, stand down, pull away"),
    ("talks", -1, TURNING, "walk out of, walk out, walk away, walk away from"),
    (
        "talks",
        -1,
        TURNING,
        "close the door, close door, close doors, shut the door, shut door, slam the door, slam door",
    ),
    (
        "talks",
        1,
        KEEPING,
        """
        open the door, open door, keep the door open, keep door open, leave the door open, leave door open, leave the
        door ajar, leave door ajar""",
    ),
)
"""Turn or keep what they govern, and have a family and direction where they govern nothing: `stands down its bombers`,
`stands down`."""

NEGATE = """
    not, no, never, neither, nor, nobody, none, nothing, without, cannot, no longer, no more, far from, hardly,
    scarcely, not a, zero, nowhere, yet to, anything but, by no means, in no way, under no circumstances"""
INERT = """
    not only, not just, not merely, not least, no doubt, no matter, no less, no sooner, no more than, no later than,
    no secret, no wonder, no surprise, nothing but, none other, nothing new, under threat, under threats, under the
    threat, if not, why not, no choice, no end date, no expiry date, by mistake, no deadline, nothing wrong, not
    over, not yet over, far from over, isn't over, aren't over, wasn't over, behind closed doors, to spare, by end
    of, by the end of, at the end of, until the end of, in the end, at the end of the day, week's end, year's end,
    weekend"""
"""Look like negations or threats and are none."""

THREAT = """
    threaten, threat, warn, warn of, warning, ultimatum, menace, deadline, threats, warnings, last warning, brace
    for, give hours, saber-rattling, sabre-rattling, red line"""
COMMIT = "vow, vow to, swear, swear to, pledge to"
"""Threats or promises, by what they commit to."""

DISAPPROVE = "condemn, denounce, slam, blast, decry, deplore, lambast, criticise, criticize, deride"
"""Condemn what they govern; where that is force, who condemns it stands against who used it."""
CONDEMN = """
    accuse, violation of, illegal, reckless, war crime, barbaric, blame, outrage, brand, unprovoked, terrorist,
    hostile"""
DEFY = """
    defy, evade, circumvent, bypass, withstand, neutralise, neutralize, overcome, thrive under, bow to, give in to,
    get around, not afraid of, not fear, break the siege, break the blockade, break the embargo"""
CONCEDE = """
    accept, tolerate, live with, allow, let, permit, recognise, recognize, acknowledge, entertain, consider, put up
    with, come to terms with, may keep, can keep, could keep"""
DEMAND = """
    must, should, has to, have to, need to, needs to, ought to, insist, insist on, call on, urge, require, press,
    push for, push, insistence, demanded, demanding"""
REPORT = """
    say, tell, add, claim, assert, insist, declare, note, stress, announce, write, post, tweet, reiterate, repeat,
    report, argue, explain, remark, comment, respond, reply, suggest, indicate, acknowledge, admit, boast, predict,
    believe, think, expect, speak, call, describe, maintain, emphasise, emphasize, underline, estimate, reveal,
    signal, hint, ask, express, describe as, quip"""
BREAK = """
    , ; : — – | but although though while after as amid amidst despite before following because since until whereas
    during ahead"""
IF = "if, unless, whether or not, should they, in case, in the event, whether, were to, until, when"

OWN_GIVEN_UP = """
    drop, withdraw, lift, deny, stop, cease, halt, end, retract, renounce, abandon, scrap, shelve, suspend, give up,
    rule out, back down, back down from, back away, back away from, retreat from, climb down from, walk back,
    take back, rescind, recant, waive, soften, back off from, row back on, forgo, disavow, cancel, call off"""
"""Of a threat or a demand, what its owner does: who `drops a threat` has made it, who `shrugs off a threat` has not."""
