"""Statements with labels by construction: what is said, turned or kept by the frame that it stands in.

Negation, denial, double negation, refusal, readiness, report of the other side, question, history. The frames and
phrases here are for training; those of `tests/quality/opposites.yaml` are held out and were written by somebody else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from extractors.masking import HOLDER, OTHER
from training.examples import Example

PHRASES: dict[str, tuple[tuple[str, float], ...]] = {
    "negotiation": (
        ("hold talks with {B}", 0.7), ("meet envoys of {B}", 0.7), ("return to the table with {B}", 0.7),
        ("negotiate with {B}", 0.7), ("resume negotiations with {B}", 0.7), ("sign an agreement with {B}", 1.0),
        ("accept the proposal of {B}", 0.7), ("answer the letter of {B}", 0.4), ("send a delegation to the talks", 0.7),
        ("engage in diplomacy with {B}", 0.4), ("discuss a deal", 0.4), ("sit down with {B}", 0.7),
        ("break off talks with {B}", -1.0), ("walk away from the table", -0.7), ("suspend negotiations with {B}", -0.7),
        ("cancel the meeting with {B}", -0.7), ("abandon diplomacy", -0.7), ("quit the talks", -0.7),
    ),
    "sanctions": (
        ("lift sanctions on {B}", 1.0), ("ease the embargo on {B}", 0.7), ("unfreeze funds of {B}", 0.7),
        ("grant waivers for the oil of {B}", 0.7), ("relax economic pressure on {B}", 0.7),
        ("exempt buyers of oil from {B}", 0.7), ("offer {B} relief from sanctions", 0.4),
        ("impose fresh sanctions on {B}", -0.7), ("tighten the embargo on {B}", -0.7), ("blockade ports of {B}", -1.0),
        ("blacklist banks of {B}", -0.7), ("keep up maximum pressure on {B}", -0.4), ("punish buyers of oil from {B}", -0.7),
    ),
    "nuclear": (
        ("limit uranium enrichment", 0.7), ("let inspectors into its nuclear sites", 0.7), ("ship out its uranium", 1.0),
        ("halt enrichment", 1.0), ("dilute its stockpile of enriched uranium", 0.7), ("cap its nuclear programme", 0.7),
        ("cooperate with nuclear inspectors", 0.7), ("freeze its centrifuges", 0.7),
        ("expand uranium enrichment", -0.7), ("expel the nuclear inspectors", -1.0), ("install more centrifuges", -0.7),
        ("enrich uranium to weapons grade", -1.0), ("leave the non-proliferation treaty", -1.0),
        ("build a nuclear bomb", -1.0), ("bar inspectors from its nuclear sites", -0.7),
    ),
    "military": (
        ("halt its strikes on {B}", 0.7), ("extend the ceasefire with {B}", 1.0), ("withdraw its warships", 0.7),
        ("hold fire", 0.7), ("pull back its troops", 0.7), ("accept a truce with {B}", 1.0), ("call off the attack", 0.7),
        ("reopen the strait to shipping", 0.7), ("spare the power plants of {B}", 0.4),
        ("attack {B}", -1.0), ("strike bases of {B}", -1.0), ("send more warships towards {B}", -0.7),
        ("close the strait", -0.7), ("retaliate against {B}", -0.4), ("bomb {B}", -1.0), ("use force against {B}", -0.7),
        ("launch missiles at {B}", -1.0), ("go to war with {B}", -0.7), ("mobilise its army against {B}", -0.7),
    ),
}  # fmt: skip
KEEP = (
    "{S} says it will {x}", "{S} agrees to {x}", "{S} is prepared to {x}", "{S} vows to {x}", "{S} plans to {x}",
    "{S} has decided to {x}", "{S} confirms that it will {x}", "{S} signals it is willing to {x}", "{S} intends to {x}",
    "'We will {x}': {S}", "{S}: we are ready to {x}", "It is time to {x}, {S} said", "{S} will {x}, its spokesman said",
    "{S} does not refuse to {x}", "{S} will not hesitate to {x}", "{S} does not rule out a decision to {x}",
    "{S} denies that it refused to {x}", "Nothing will keep us from the decision to {x}, {S} said",
    "{S} insists that it will {x}, whatever {B} says", "{S} has not changed its mind and will {x}",
)  # fmt: skip
TURN = (
    "{S} says it will not {x}", "{S} refuses to {x}", "{S} is not prepared to {x}", "{S} is unwilling to {x}",
    "{S} denies that it will {x}", "{S} has no plans to {x}", "{S} rules out any move to {x}", "{S} drops plans to {x}",
    "{S} is no longer willing to {x}", "{S} rejects calls to {x}", "'We will never {x}': {S}", "{S}: we won't {x}",
    "There is no reason to {x}, {S} said", "{S} declines to {x}", "{S} swears it does not want to {x}",
    "{S} will not {x} after all, its spokesman said", "{S} denies reports of a plan to {x}", "{S} has decided not to {x}",
    "Under no circumstances will we {x}, {S} said", "{S} dismisses the idea that it could {x}",
)  # fmt: skip
SILENT = (
    "Will {S} {x}?", "Analysts expect {S} to {x}", "{B} says that {S} will {x}", "{B} urges {S} to {x}",
    "Ten years ago {S} promised to {x}", "Why {S} might {x}", "{B} claims {S} has agreed to {x}",
    "A mediator hopes that {S} will {x}", "{B} denies that {S} will {x}", "What happens if {S} decides to {x}",
)  # fmt: skip
TAILS = (
    "",
    "",
    "",
    " on Sunday",
    ", state media say",
    " - live updates",
    " as tensions rise",
    ", officials say",
    "…",
    ".",
)


def generated(axes: Sequence[str], count: int, seed: int) -> list[Example]:
    """`count` examples, equal for equal seed; two fifths kept, two fifths turned, one fifth silent."""
    rng = random.Random(seed)
    return [_one(axes, rng, f"gen-{number}") for number in range(count)]


def _one(axes: Sequence[str], rng: random.Random, row: str) -> Example:
    axis = rng.choice([axis for axis in axes if axis in PHRASES])
    phrase, value = rng.choice(PHRASES[axis])
    frames, stance = rng.choice(list(_kinds(value)))
    text = rng.choice(frames).replace("{x}", phrase) + rng.choice(TAILS)
    text = text.replace("{S}", HOLDER).replace("{B}", OTHER)
    stances = tuple(stance if a == axis else None for a in axes)
    modes = tuple("speech" if a == axis and stance is not None else "" for a in axes)
    return Example(row, "iran_us", text, ("negation",), stances, modes)


def _kinds(value: float) -> Iterator[tuple[Sequence[str], float | None]]:
    """Frames, and the stance that they make of a phrase's: to refuse a deal rejects it, to refuse war only restrains."""
    turned = -0.7 if value > 0 else 0.4
    yield from ((KEEP, value), (KEEP, value), (TURN, turned), (TURN, turned), (SILENT, None))
