"""Statements with labels by construction: an action, turned or kept by the operators that it stands under.

An operator keeps or turns the direction of its complement (the implicative signatures of Nairn, Condoravdi and Karttunen
2006), a negation turns it once more, and operators nest: `no longer refuses to consider lifting sanctions`. The actions are
in `actions.yaml`. `tests/quality/opposites.yaml` is held out: a test
sees to it that none of its sentences comes here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from extractors.inflection import ing, past, principal_parts, third
from extractors.masking import HOLDER, OTHER, OWN
from training.examples import Example

Bank = dict[str, list[tuple[str, float]]]
"""`acts` and `things` of one axis, each with the stance of doing or taking it."""
ACTIONS = Path(__file__).parent / "actions.yaml"

# These verbs and no others: the shipped network was trained on what comes of them, and equal seeds give equal examples.
_IRREGULAR = {
    verb: principal_parts(verb)
    for verb in (
        *("hold", "meet", "send", "speak", "give", "put", "break", "withdraw", "cut", "tear", "shut", "take", "let"),
        *("keep", "leave", "build", "go", "quit", "freeze", "unfreeze", "get", "see", "say", "seek", "stand", "think"),
    )
} | {
    "show": ("showed", "shown"), "hide": ("hid", "hidden"), "strike": ("struck", "struck"), "shake": ("shook", "shaken"),
    "forget": ("forgot", "forgotten"), "withhold": ("withheld", "withheld"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operator:
    """What stands above an action: a verb or an adjective, the form that it asks of its complement, and its sign."""

    words: str
    sign: int
    form: str
    """`to` (base form), `ing`, `thing` (a noun phrase) or `that` (a clause)."""
    adjective: bool = False
    negatable: bool = True
    """Whether its negation says the opposite: who has not vowed anything has said nothing."""


def _operators(sign: int, form: str, words: str, *, adjective: bool = False, negatable: bool = True) -> list[Operator]:
    return [Operator(w.strip(), sign, form, adjective, negatable) for w in words.split(",")]


OPERATORS = [
    *_operators(1, "to", "agree to, plan to, intend to, want to, mean to, consent to, be going to, expect to, wish to"),
    *_operators(1, "to", "vow to, promise to, decide to, pledge to, offer to, prepare to, undertake to", negatable=False),
    *_operators(-1, "to", "refuse to, decline to, hesitate to, fail to, be too proud to, forget to"),
    *_operators(1, "to", "ready to, willing to, prepared to, determined to, free to, keen to, set to", adjective=True),
    *_operators(-1, "to", "unwilling to, reluctant to, loath to, afraid to", adjective=True),
    *_operators(1, "ing", "consider, favour, support, think about, commit itself to, contemplate, be open to"),
    *_operators(1, "ing", "keep, go on, press on with, resume, start, continue", negatable=False),
    *_operators(-1, "ing", "rule out, stop, oppose, give up, refrain from, avoid, shy away from, cease, resist"),
    *_operators(-1, "ing", "swear off, back away from, hold off, abandon the idea of, shelve the plan of, end the practice of"),
    *_operators(1, "thing", "accept, welcome, support, seek, endorse, want, back, agree to, call for, approve, consider"),
    *_operators(-1, "thing", "reject, refuse, rule out, oppose, dismiss, spurn, veto, shun, resist, scorn, decline, block"),
    *_operators(1, "thing", "open to, ready for, interested in, in favour of, prepared for", adjective=True),
    *_operators(-1, "thing", "opposed to, hostile to, averse to, unprepared for", adjective=True),
    *_operators(1, "that", "confirm, insist, affirm, announce, declare, make clear", negatable=False),
    *_operators(-1, "that", "deny", negatable=False),
]  # fmt: skip
NOMINAL = (
    ("have no plan to {x}", -1), ("have no wish to {x}", -1), ("have no desire to {x}", -1), ("have plans to {x}", 1),
    ("see good grounds to {x}", 1), ("see no grounds to {x}", -1), ("have the will to {x}", 1), ("lack the will to {x}", -1),
    ("take back the promise to {x}", -1), ("drop its refusal to {x}", 1), ("repeat its refusal to {x}", -1),
    ("withdraw the threat to {x}", -1), ("renew the threat to {x}", 1), ("scrap a plan to {x}", -1),
    ("keep to the plan to {x}", 1), ("go back on a pledge to {x}", -1), ("stand by a pledge to {x}", 1),
    ("overturn the decision to {x}", -1), ("uphold the decision to {x}", 1), ("see no sense in a decision to {x}", -1),
)  # fmt: skip
SILENT = (
    "Will {S} {x}?", "Analysts expect {S} to {x}", "{B} says that {S} will {x}", "{B} urges {S} to {x}",
    "Ten years ago {S} promised to {x}", "Why {S} might {x}", "{B} claims {S} has agreed to {x}",
    "A mediator hopes that {S} will {x}", "{B} denies that {S} will {x}", "What happens if {S} decides to {x}",
    "{B} demands that {S} {x}", "Should {S} {x}? Readers write", "A think tank advises {S} to {x}",
    "{B} doubts that {S} is willing to {x}", "Can {S} still {x}?", "Former negotiators want {S} to {x}",
)  # fmt: skip
OPENINGS = ("", "", "", "", "On Sunday ", "Live: ", "In a reversal, ", "Late at night ", "Despite criticism at home ")
TAILS = (
    "", "", "", "", " on Sunday", ", state media say", " - live updates", " as tensions rise", ", officials say", "…", ".",
    " for the time being", ", his office said", " before the deadline", ", despite pressure from allies",
)  # fmt: skip
SHARES = {"clause": 6, "we": 2, "nominal": 1, "silent": 1}
TWO_DEEP = 0.3
SPOKEN_FOR = 0.2
VOICES = (
    "{A} {f}, says {S}", "{A} {f}, {S} says", "{S} says {A} {f}", "{S}: {A} {f}", "{S} said that {A} {f}",
    "{A} {f}, according to {S}", "{A} {f}, {S} told reporters",
)  # fmt: skip
"""The holder speaks for its side."""
DONE = ("third", "third", "past", "perfect")


def generated(axes: Sequence[str], count: int, seed: int) -> list[Example]:
    """`count` examples, equal for equal seed: statements kept and turned, and a ninth where the holder says nothing."""
    bank = yaml.safe_load(ACTIONS.read_text(encoding="utf-8"))
    rng = random.Random(seed)
    known = [axis for axis in axes if axis in bank]
    return [_example(axes, rng.choice(known), bank, rng, f"gen-{number}") for number in range(count)]


def _example(axes: Sequence[str], axis: str, bank: dict[str, Bank], rng: random.Random, row: str) -> Example:
    text, stance, mode = _sentence(bank[axis], rng)
    opening = rng.choice(OPENINGS) if text.startswith("{S} ") else ""
    text = opening + text + rng.choice(TAILS)
    text = text.replace("{S}", HOLDER).replace("{A}", OWN).replace("{B}", OTHER)
    stances = tuple(stance if a == axis else None for a in axes)
    modes = tuple(mode if a == axis else "" for a in axes)
    return Example(row, "iran_us", text, ("negation",), stances, modes)


def _sentence(bank: Bank, rng: random.Random) -> tuple[str, float | None, str]:
    kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
    act, value = _drawn(bank["acts"], rng)
    if kind == "silent":
        return rng.choice(SILENT).replace("{x}", act), None, ""
    if kind == "nominal":
        words, sign = rng.choice(NOMINAL)
        text = f"{{S}} {_finite(words, rng.choice(['third', 'past']))}".replace("{x}", act)
        return text, _stance(value, sign), "speech"
    predicate = _predicate(bank, rng)
    if kind == "we" and " that it " not in predicate.words:
        return *_quoted(predicate, rng), "speech"
    if predicate.deed and rng.random() < 0.6:
        return f"{{S}} {_finite(predicate.words, rng.choice(DONE))}", predicate.value, "act"
    finite, sign = _conjugated(predicate, rng)
    frame = rng.choice(VOICES) if rng.random() < SPOKEN_FOR else "{S} {f}"
    return frame.replace("{f}", finite), _stance(predicate.value, predicate.sign * sign), "speech"


@dataclass(frozen=True, slots=True)
class Predicate:
    """Words in base form (`refuse to lift sanctions on {B}`), the action's value and the sign of all above it."""

    words: str
    value: float
    sign: int
    adjective: bool
    negatable: bool
    deed: bool = False
    """The action itself, with nothing above it."""


def _predicate(bank: Bank, rng: random.Random) -> Predicate:
    if rng.random() < 0.15:
        act, value = _drawn(bank["acts"], rng)
        return Predicate(act, value, 1, False, True, deed=True)
    operator = rng.choice(OPERATORS)
    words, value, sign = _complement(operator, bank, rng)
    return Predicate(f"{operator.words} {words}", value, operator.sign * sign, operator.adjective, operator.negatable)


def _complement(operator: Operator, bank: Bank, rng: random.Random) -> tuple[str, float, int]:
    if operator.form == "thing":
        thing, value = _drawn(bank["things"], rng)
        return thing, value, 1
    act, value = _drawn(bank["acts"], rng)
    if operator.form == "that":
        inner, sign = _conjugated(_above(act, value, rng), rng)
        return f"that it {inner}", value, sign
    if rng.random() >= TWO_DEEP:
        return (_gerund(act) if operator.form == "ing" else act), value, 1
    below = _above(act, value, rng)
    return _gerund(below.words) if operator.form == "ing" else below.words, value, below.sign


def _above(act: str, value: float, rng: random.Random) -> Predicate:
    """One verb over an action, to stand under another; half of the time the action alone."""
    if rng.random() < 0.5:
        return Predicate(act, value, 1, False, True)
    inner = rng.choice([o for o in OPERATORS if o.form in ("to", "ing") and not o.adjective and "be " not in o.words])
    words = f"{inner.words} {_gerund(act) if inner.form == 'ing' else act}"
    return Predicate(words, value, inner.sign, False, inner.negatable)


def _conjugated(predicate: Predicate, rng: random.Random) -> tuple[str, int]:
    """A finite form for a third person, and -1 where it is negated."""
    words = f"be {predicate.words}" if predicate.adjective else predicate.words
    plain = [_finite(words, tense) for tense in ("third", "third", "past", "perfect", "will")]
    plain += [f"still {plain[0]}"] if not words.startswith("be ") else [f"is still {words[3:]}", f"remains {words[3:]}"]
    if not predicate.negatable or rng.random() < 0.5:
        return rng.choice(plain), 1
    return rng.choice(list(_negated(words))), -1


def _negated(words: str) -> Iterator[str]:
    if words.startswith("be "):
        yield from (f"is {word} {words[3:]}" for word in ("not", "not", "no longer", "by no means", "hardly"))
    else:
        yield from (f"does not {words}", f"no longer {_finite(words, 'third')}", f"never {_finite(words, 'third')}")
        yield f"did not {words}"
    yield from (f"will not {words}", f"will never {words}", f"won't {words}", f"will no longer {words}")


def _quoted(predicate: Predicate, rng: random.Random) -> tuple[str, float]:
    """The holder's own words."""
    words = predicate.words.replace("itself", "ourselves").replace(" it ", " we ").replace(" its ", " our ")
    verb = "are " if predicate.adjective else ""
    words = words.removeprefix("be ")
    verb = "are " if predicate.words.startswith("be ") else verb
    negated = predicate.negatable and rng.random() < 0.5
    clause = rng.choice(_refusals(verb, words) if negated else (f"we {verb}{words}", f"we still {verb}{words}"))
    frame = rng.choice(("{S}: {w}", "'{W}', {S} says", '{S}: "{W}"', '"{W}," {S} told reporters', "{W}, {S} warned"))
    text = frame.replace("{w}", clause).replace("{W}", clause[0].upper() + clause[1:])
    return text, _stance(predicate.value, predicate.sign * (-1 if negated else 1))


def _refusals(verb: str, words: str) -> tuple[str, ...]:
    if verb:
        return f"we are not {words}", f"we are no longer {words}", f"we were never {words}", f"we will not be {words}"
    return (
        f"we do not {words}",
        f"we will not {words}",
        f"we will never {words}",
        f"we no longer {words}",
        f"we don't {words}",
    )


def _stance(value: float, sign: int) -> float:
    """To refuse a deal rejects it; to refuse a war only restrains, and so does to keep it in reserve."""
    if sign > 0:
        return value
    return -0.7 if value > 0 else 0.4


def _drawn(rows: Sequence[tuple[str, float]], rng: random.Random) -> tuple[str, float]:
    words, value = rng.choice(rows)
    return words, value


def _gerund(words: str) -> str:
    first, _, rest = words.partition(" ")
    return f"{'being' if first == 'be' else ing(first)} {rest}".strip()


def _finite(words: str, tense: str) -> str:
    first, _, rest = words.partition(" ")
    return f"{_verb(first, tense)} {rest}".strip()


def _verb(verb: str, tense: str) -> str:
    if verb in ("be", "have"):
        table = {"be": ("is", "was", "has been", "will be"), "have": ("has", "had", "has had", "will have")}
        return dict(zip(("third", "past", "perfect", "will"), table[verb], strict=True))[tense]
    before, participle = _IRREGULAR.get(verb, (past(verb), past(verb)))
    return {"third": third(verb), "past": before, "perfect": f"has {participle}", "will": f"will {verb}"}[tense]
