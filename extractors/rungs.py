"""How far a deed or word goes: the rung of an axis whose own name tells of it.

`imposes sanctions` is what a rung called `new sanctions` means, and `blockade or full embargo` is another. Rungs and
sentences are compared by classes of deeds, so that a config may call its rungs as it likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from extractors.inflection import forms
from extractors.phrases import PhraseTable, Token, tokenize
from volteface.config import Axis
from volteface.types import SIGN_CUT, Mode, sign_of

_DEEDS = {
    "break": """
        break off, walk out, walk away, suspend, pull out, quit, leave, cancel, call off, cut off, boycott, recall,
        break down, collapse""",
    "reject": """
        reject, refuse, rule out, turn down, spurn, rebuff, decline, dismiss, no talks, out of the question, will
        not negotiate, won't negotiate, say no""",
    "doubt": "doubt, deny, question, distrust, sceptical, skeptical, pointless, useless, waste of time, no point",
    "settle": """
        deal accepted, accept the deal, accept a deal, sign, deal reached, reach a deal, agreement reached, ratify""",
    "talk": """
        talks agreed, under way, agree to, resume, hold talks, meet, attend, to meet, second round, next round,
        progress, constructive, productive, positive talks""",
    "blockade": "blockade, embargo, siege",
    "impose": """
        new sanctions, impose, reimpose, reinstate, slap, designate, blacklist, snapback, fresh sanctions, sanction
        network, add sanctions, tighten, sanctioned, sanctioning, hit with sanctions, expand sanctions""",
    "keep": """
        keep, maintain, uphold, stay in place, remain, defy, not fear, not afraid, shrug off, evade, extend
        sanctions, not lift, not ease""",
    "ease": """
        ease, waive, waiver, relax, release, unfreeze, exempt, loosen, general license, general licence, suspend
        sanctions, pause""",
    "lift": "lift, remove sanctions, scrap sanctions, revoke sanctions, end sanctions, drop sanctions",
    "expel": "expel, bar, throw out, breakout, break out, nuclear test, build a bomb, build nuclear weapons, weaponise",
    "expand": """
        expand, increase, step up, install, accelerate, raise enrichment, dismantle, zero enrichment, full
        dismantlement, end enrichment, scrap, give up, resume enrichment""",
    "insist": "insist, warn, must never, cannot have, right to, will not give up, won't give up, not negotiable",
    "limit": """
        limit, cap, accept, admit, dilute, down-blend, ship out, freeze, inspection, inspections, reduce, civil
        enrichment""",
    "halt": "halt, settle, stop enriching, stop enrichment, suspend enrichment, shut down",
    "strike": """
        strike, attack, bomb, hit, shell, raid, shoot down, fire missiles, launch missiles, launch strikes, invade,
        air strike, airstrike, sink, seize, fire on, fire at, kill, missile, drone, rocket, operation, bombing,
        bombardment, shelling, assault, offensive, invasion, blow up, destroy, assassinate, aggression, torpedo,
        retaliation, intercept, intervention""",
    "mobilise": """
        ultimatum, mobilisation, mobilise, mobilize, deploy, deadline, send warships, warships, carrier, within
        hours, hours to, armada, buildup, drill, exercise, war game, manoeuvre, maneuver, rehearse, test-fire, test
        fire, unveil, reinforcement, reinforce, dispatch, bombers, destroyer, warship, troops, fighter jets, strike
        group, missile boats, mass, on alert, closure, close the strait, shut the strait""",
    "threaten": "threaten, warn, vow, threat, warning",
    "hold": """
        hold fire, postpone, delay, call off, stand down, pull back, withdraw, halt strikes, pause, suspend strikes,
        stop bombing, reopen""",
    "truce": "ceasefire, cease-fire, truce, armistice",
}
"""Classes of deeds: the words for each, in rung names and in the news alike."""
_BLOWS = frozenset({"strike"})


def _entries() -> Iterator[tuple[str, str]]:
    for deed, text in _DEEDS.items():
        for phrase in text.split(","):
            yield from ((form, deed) for form in sorted(forms(" ".join(phrase.split()))))


_TABLE = PhraseTable(_entries())


@lru_cache(maxsize=256)
def _of_name(name: str) -> frozenset[str]:
    return _told(tokenize(name))


def _told(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(found.value for found in _TABLE.find(list(tokens)))


def named_rung(tokens: Iterable[Token], mode: Mode, axis: Axis, sign: int) -> float | None:
    """The furthest rung of the sign (-1, +1) whose name tells of a deed that the words tell too; None where none does.

    Blows are told as acts only: who speaks of strikes has not struck.
    """
    told = _told(tokens) - (frozenset() if mode is Mode.ACT else _BLOWS)
    return max(_named(told, axis, sign), key=abs, default=None)


def as_told(tokens: Iterable[Token], mode: Mode, axis: Axis, stance: float) -> float:
    """A stance, set to the furthest rung of its sign whose name tells of a deed that the words tell too.

    Unchanged where no rung's name does. Only a deed of confrontation goes further for its name, and blows are left to
    the network: of strikes, truces and deals many speak who have not made them. But a carrier sent is no strike,
    whatever the network makes of it.
    """
    told, sign = _told(tokens), sign_of(stance)
    furthest = max(_named(told, axis, sign), key=abs, default=stance)
    further = _named(told - _BLOWS, axis, sign) if mode is Mode.ACT and sign < 0 else []
    return max([min(stance, furthest, key=abs), *further], key=abs)


def _named(told: frozenset[str], axis: Axis, sign: int) -> list[float]:
    """The rungs of the sign whose names tell of one of the deeds."""
    return [rung.value for rung in axis.rungs if rung.value * sign > SIGN_CUT and _of_name(rung.name) & told]
