"""The life of an alert, pure: (alert, what came after it) → the alert as it stands. Times are those of observations.

An alert is *open* while it is provisional or confirmed and younger than `detect.alert_life_h`. A second independent
origin, a deed or the office's own channel confirms it; the holder's next move ends it; another office of the same side
that takes the other direction is told as a divergence. Each of these is a numbered `AlertChange`, few by construction:
one confirmation, one for each number in `detect.updates_at`, one deed, one first-hand source, one for each diverging
office, one end.

Feeds are polled one after the other, so an observation may lie before the alert that it touches: what it brings about
counts as of the alert, and old news is no evidence for a newer position.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import prod

from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.config import Config
from volteface.ledger import Rules, independent
from volteface.types import AlertState, Evidence, Mode, Shift, Standing

LIVE = frozenset({AlertState.PROVISIONAL, AlertState.CONFIRMED})
KEPT = 12
"""Independent pieces of evidence that an alert keeps: as many as `detect.updates_at` can ask for."""
SHOWN = 2
"""Quotes that a change carries."""


def is_open(alert: Alert, at: datetime, config: Config) -> bool:
    """Whether the alert can still change at that time."""
    age = at - alert.shift.at
    return alert.shift.state in LIVE and age <= timedelta(hours=config.detect.alert_life_h)


def raised(shift: Shift, standing: Standing, rules: Rules) -> Alert:
    """A new alert: it knows everything that moved the position, not only what the shift quotes."""
    return Alert(_grown(shift, [e for e in standing.evidence if e not in shift.evidence], rules))


def with_evidence(alert: Alert, standing: Standing, at: datetime, rules: Rules) -> Alert:
    """The open alert of a holder whose standing position has taken in what was seen `at`.

    Evidence that says nothing worth telling is kept all the same: the alert's count of origins goes by it.
    """
    return _supported(alert, standing.evidence, at, rules, standing.holder)


def with_deed(alert: Alert, move: Shift, config: Config, rules: Rules) -> Alert:
    """The open alert after another office of the side has made the same move: its words are a restatement, its deeds
    may be new."""
    deeds = [e for e in move.evidence if e.mode is Mode.ACT]
    whose = f"the same move by {config.office[move.holder].name}; "
    return _supported(alert, deeds, move.at, rules, move.holder, whose)


def _supported(
    alert: Alert, evidence: Sequence[Evidence], at: datetime, rules: Rules, holder: str, whose: str = ""
) -> Alert:
    known = alert.shift.evidence
    fresh = [e for e in evidence if e not in known and _agrees(e, alert.shift, rules)]
    grown = _grown(alert.shift, fresh, rules)
    if grown == alert.shift:
        return alert
    told = _worth_telling(alert.shift, grown, rules)
    if told is None:
        return replace(alert, shift=grown)
    kind, words = told
    new = tuple(e for e in grown.evidence if e not in known)
    return _changed(replace(alert, shift=grown), kind, at, whose + words, holder, new[::-1])


def after_own_move(alert: Alert, move: Shift, config: Config, *, told: bool) -> Alert:
    """The open alert of a holder who has moved again; `told`: the move raised an alert of its own."""
    if move.direction != alert.shift.direction:
        return _moved_back(alert, move, config, told=told)
    further = (move.after - alert.shift.after) * (1 if move.direction == "towards" else -1) > 0
    rung = _rung(move, config)
    if further and rung != _rung(alert.shift, config):
        words = f"gone further, to “{rung}”"
    elif told:
        words = f"the same move again, to “{rung}”"
    else:
        return alert
    return _ended(alert, ChangeKind.SUPERSEDED, move, words, told=told)


def with_divergence(alert: Alert, move: Shift, config: Config, *, told: bool) -> Alert:
    """The open alert of another holder of the side after a move in the other direction; each office is told once, and
    again where it goes a rung further."""
    known = [c for c in alert.changes if c.kind is ChangeKind.DIVERGENCE and c.holder == move.holder]
    if not all(_further(move, change, config) for change in known):
        return alert
    office = config.office[move.holder].name
    before, after = (config.axis[move.axis].rung(value).name for value in (move.before, move.after))
    way = f"from “{before}” to “{after}”" if before != after else f"further to “{after}”"
    words = f"{office} takes the other direction, {way}"
    successor = move.key if told else ""
    return _changed(alert, ChangeKind.DIVERGENCE, move.at, words, move.holder, move.evidence, successor)


def diverging(alerts: Iterable[Alert], move: Shift) -> Alert | None:
    """Of open alerts the latest from which a move of another office of the same side turns away, if there is one."""
    return max(contrary(alerts, move), key=lambda a: a.shift.at, default=None)


def contrary(alerts: Iterable[Alert], move: Shift) -> list[Alert]:
    """Those of other offices of the side that tell the other direction."""
    return [a for a in _of_others(alerts, move) if a.shift.direction != move.direction]


def repeated(alerts: Iterable[Alert], move: Shift) -> Alert | None:
    """Of open alerts the latest of another office of the side that told the same move, if there is one."""
    same = (a for a in _of_others(alerts, move) if a.shift.direction == move.direction)
    return max(same, key=lambda a: a.shift.at, default=None)


def _of_others(alerts: Iterable[Alert], move: Shift) -> list[Alert]:
    where = (move.side, move.axis)
    return [a for a in alerts if (a.shift.side, a.shift.axis) == where and a.shift.holder != move.holder]


def _further(move: Shift, told: AlertChange, config: Config) -> bool:
    """Whether a divergence goes a rung beyond one that was told."""
    way = 1 if move.direction == "towards" else -1
    beyond = all((move.after - piece.stance) * way > 0 for piece in told.evidence)
    return beyond and f"“{_rung(move, config)}”" not in told.words


def _agrees(evidence: Evidence, shift: Shift, rules: Rules) -> bool:
    """Whether it is evidence of the position that the alert tells of, and not older than what can have moved it."""
    recent = evidence.published >= shift.at - timedelta(hours=rules.detect.window_h)
    return recent and not rules.far(evidence.stance, shift.after)


def _grown(shift: Shift, fresh: Sequence[Evidence], rules: Rules) -> Shift:
    """The shift with the fresh evidence that adds an origin, a first deed or a first word of the office's own."""
    kept, origins = list(shift.evidence), {e.origin_id for e in shift.evidence}
    separate = independent((*shift.evidence, *fresh))
    for e in fresh:
        firsts = e.origin_id not in origins and (_first_deed(e, kept) or _first_hand(e, kept, rules))
        if (e in separate or firsts) and len(kept) < KEPT:
            kept.append(e)
    if len(kept) == len(shift.evidence) and len(separate) <= shift.origins:
        return shift
    return replace(
        shift,
        evidence=tuple(kept),
        origins=max(shift.origins, len(separate)),
        confidence=max(shift.confidence, 1 - prod(1 - e.confidence for e in separate)),
    )


def _first_deed(evidence: Evidence, known: Sequence[Evidence]) -> bool:
    return evidence.mode is Mode.ACT and all(e.mode is not Mode.ACT for e in known)


def _first_hand(evidence: Evidence, known: Sequence[Evidence], rules: Rules) -> bool:
    own = rules.first_hand
    return rules.is_first_hand(evidence) and all(e.outlet not in own for e in known)


def _worth_telling(before: Shift, after: Shift, rules: Rules) -> tuple[ChangeKind, str] | None:
    new = [e for e in after.evidence if e not in before.evidence]
    deed = next((e for e in new if _first_deed(e, before.evidence)), None)
    own = next((e for e in new if _first_hand(e, before.evidence, rules)), None)
    first = before.state is AlertState.PROVISIONAL
    kind = ChangeKind.CONFIRMED if first else ChangeKind.EVIDENCE
    if first and after.origins > 1 and new:
        return kind, f"second independent origin: {new[-1].outlet}{', with a deed' if deed else ''}"
    if deed:
        return kind, f"a deed after the words: {deed.outlet}"
    if own:
        return kind, f"a first-hand source: {own.outlet}"
    if new and any(before.origins < mark <= after.origins for mark in rules.detect.updates_at):
        return kind, f"{after.origins} independent origins, the latest {new[-1].outlet}"
    return None


def _moved_back(alert: Alert, move: Shift, config: Config, *, told: bool) -> Alert:
    age, rung = max(move.at - alert.shift.at, timedelta(0)), _rung(move, config)
    if age <= timedelta(hours=config.detect.walk_back_h):
        words = f"moved back to “{rung}” {age / timedelta(hours=1):.0f} h later"
        return _ended(alert, ChangeKind.WALKED_BACK, move, words, told=told)
    return _ended(alert, ChangeKind.SUPERSEDED, move, f"moved back to “{rung}” {age.days} days later", told=told)


def _ended(alert: Alert, kind: ChangeKind, move: Shift, words: str, *, told: bool) -> Alert:
    return _changed(alert, kind, move.at, words, move.holder, move.evidence, move.key if told else "")


_STATE = {
    ChangeKind.CONFIRMED: AlertState.CONFIRMED,
    ChangeKind.WALKED_BACK: AlertState.WALKED_BACK,
    ChangeKind.SUPERSEDED: AlertState.SUPERSEDED,
}


def _changed(
    alert: Alert,
    kind: ChangeKind,
    at: datetime,
    words: str,
    holder: str,
    evidence: Sequence[Evidence],
    successor: str = "",
) -> Alert:
    shift = replace(alert.shift, state=_STATE.get(kind, alert.shift.state))
    number = len(alert.changes) + 1
    at = max(at, shift.at, *(c.at for c in alert.changes))
    change = AlertChange(shift.key, number, kind, at, words, shift.state, holder, tuple(evidence)[:SHOWN], successor)
    return Alert(shift, (*alert.changes, change))


def _rung(shift: Shift, config: Config) -> str:
    return config.axis[shift.axis].rung(shift.after).name
