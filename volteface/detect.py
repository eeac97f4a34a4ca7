"""The detect step: new readings → standings, alerts and changes of open ones, and what was held back and why; one
transaction.

The ledger says when a holder moved. Whether that is news is decided here, for the side as a whole: several offices
saying the same within hours make one alert, and a restatement of what was already told makes none. What new readings
mean for alerts that were raised before is decided in `life.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256

from volteface import life
from volteface.alert_types import Alert, AlertChange
from volteface.blindness import blind_spots
from volteface.committee import Committee, advance
from volteface.config import Config, Ownership, Position
from volteface.config_detect import LedgerRules
from volteface.ledger import Rules
from volteface.store import Store
from volteface.types import Evidence, Mode, Observation, Shift, Standing

RESTATEMENT, DIVERGENCE = "restatement", "divergence"


@dataclass(frozen=True, slots=True)
class Held:
    """A move of the ledger that raised no alert, and why. A divergence is told as a change of the alert before it."""

    shift: Shift
    kind: str
    """`restatement` or `divergence`: for counting."""
    reason: str
    """In words, for a reader."""


@dataclass(frozen=True, slots=True)
class DetectReport:
    """What the new readings came to."""

    observations: int = 0
    shifts: tuple[Shift, ...] = ()
    """Raised as alerts."""
    alerts: int = 0
    """Of these, new in the store."""
    held: tuple[Held, ...] = ()
    blind: tuple[str, ...] = ()
    """What could not be seen when the alerts were raised."""
    changes: tuple[AlertChange, ...] = ()
    """New steps in the life of alerts, those of `shifts` among them."""
    changed: tuple[Alert, ...] = ()
    """The alerts that the new readings raised or touched, as they stand now."""


def detect(config: Config, store: Store, now: datetime, limit: int = 5000) -> DetectReport:
    """Take up to `limit` new readings into the ledger, raise an alert for each move that is news, and keep open alerts
    true.

    Costs time in proportion to the new readings and the alerts of the last `detect.alert_life_h`, not to the history.
    Raises StoreError; then nothing was saved.
    """
    observations = store.readings.undetected(limit)
    if not observations:
        return DetectReport()
    store.ledger.seed(seeds(config))
    standings = store.ledger.of((o.holder, o.axis) for o in observations)
    known = store.alerts.open(_horizon(config, observations[0]))
    fold = _Fold(config, rules_of(config), standings, known[::-1])
    for observation in observations:
        if _watched(config, observation):
            fold.take(observation)
    blind = blind_spots(config, store.feeds.all(), now) if fold.raised else ()
    changed = fold.alerts.changed()
    saved = store.readings.save_detection(
        [o.reading_id for o in observations],
        fold.changed(),
        [(shift, blind) for shift in fold.raised],
        now,
        [alert for alert in changed if alert.changes or alert.shift not in fold.raised],
    )
    return DetectReport(
        len(observations), tuple(fold.raised), saved, tuple(fold.held), blind, fold.alerts.new_changes(), changed
    )


def _watched(config: Config, what: Observation | Shift) -> bool:
    """Whether the config still has the office and the axis: both may be edited away while readings and alerts wait."""
    return what.holder in config.office and what.axis in config.axis


def _horizon(config: Config, first: Observation) -> datetime:
    """Alerts raised before it can neither change nor hold anything back."""
    return first.seen - timedelta(hours=max(config.detect.alert_life_h, config.detect.cooldown_h))


def seeds(config: Config) -> tuple[Standing, ...]:
    """The standing positions that the config starts from."""
    return tuple(_seed(position) for position in config.positions)


def rules_of(config: Config) -> dict[str, Rules]:
    """By side, what counts for an alert that was raised: the first ledger's rules, with the widest window of all; a
    government's feeds are first hand for the side that they cover."""
    own = [feed for feed in config.feeds if feed.ownership is Ownership.GOVERNMENT]
    detect = config.detect.model_copy(update={"window_h": max(r.window_h for r in config.detect.ledgers)})
    return {s.id: Rules(detect, frozenset(f.outlet for f in own if s.id in f.covers)) for s in config.sides}


def committees_of(config: Config) -> dict[str, Committee]:
    """The ledgers that must agree, by side; what is not a ledger's own rule is the same for all."""
    detect = config.detect
    members = [detect.model_copy(update=dict(rules)) for rules in detect.ledgers]
    own = [[getattr(rules, name) for name in LedgerRules.model_fields] for rules in detect.ledgers]
    mark, agree = sha256(repr(own).encode()).hexdigest()[:12], timedelta(hours=detect.agree_h)
    return {
        side: Committee(tuple(replace(rules, detect=member) for member in members), detect.needed, agree, mark)
        for side, rules in rules_of(config).items()
    }


def _seed(position: Position) -> Standing:
    since = datetime.combine(position.since, time(), UTC)
    evidence = Evidence("config", "", position.evidence, since, stance=position.value, family="config")
    return Standing(position.holder, position.axis, position.value, since, since, (evidence,))


class _Alerts:
    """Alerts that can still change or hold something back, and what one pass makes of them."""

    def __init__(self, config: Config, rules: Mapping[str, Rules], known: Sequence[Alert]) -> None:
        self._config, self._rules = config, rules
        self._known = {alert.shift.key: alert for alert in known if _watched(config, alert.shift)}
        self._now = dict(self._known)

    def shifts(self) -> list[Shift]:
        """In the order in which they were raised."""
        return [alert.shift for alert in self._now.values()]

    def changed(self) -> tuple[Alert, ...]:
        return tuple(alert for key, alert in self._now.items() if alert != self._known.get(key))

    def new_changes(self) -> tuple[AlertChange, ...]:
        return tuple(c for a in self.changed() for c in a.changes[self._steps(a) :])

    def take_evidence(self, standing: Standing, at: datetime) -> None:
        for alert in self._open_of(standing.holder, standing.axis, at):
            self._keep(life.with_evidence(alert, standing, at, self._rules[alert.shift.side]))

    def take_move(self, move: Shift, standing: Standing, hold: Held | None) -> None:
        """What a move of the ledger to a new standing position, told or held back, means for the alerts before it."""
        told = hold is None
        for alert in self._open_of(move.holder, move.axis, move.at):
            self._keep(life.after_own_move(alert, move, self._config, told=told))
        if told:
            self._turn(move)
            self._now.setdefault(move.key, life.raised(move, standing, self._rules[move.side]))
        elif hold is not None and hold.kind == DIVERGENCE:
            self._diverge(move, told=False)
        else:
            self._join(move)

    def _turn(self, move: Shift) -> None:
        """An alert's move, to the alerts of other offices of the side that tell the opposite."""
        # What is said of "Iran" or "the US" may be anybody's word: such a move is no office against another.
        if self._config.office[move.holder].catch_all:
            return
        self._diverge(move, told=True)
        # Once an office speaks for itself, what was told of the country is what it has moved back from.
        for alert in life.contrary(self._open(move.at), move):
            if self._config.office[alert.shift.holder].catch_all:
                self._keep(life.after_own_move(alert, move, self._config, told=True))

    def _diverge(self, move: Shift, *, told: bool) -> None:
        offices = (a for a in self._open(move.at) if not (told and self._config.office[a.shift.holder].catch_all))
        left = life.diverging(offices, move)
        if left is not None:
            self._keep(life.with_divergence(left, move, self._config, told=told))

    def _join(self, move: Shift) -> None:
        """The same move of another office, to the alert that told it: a deed may be new there."""
        same = life.repeated(self._open(move.at), move)
        if same is not None:
            self._keep(life.with_deed(same, move, self._config, self._rules[move.side]))

    def _steps(self, alert: Alert) -> int:
        known = self._known.get(alert.shift.key)
        return len(known.changes) if known else 0

    def _open(self, at: datetime) -> list[Alert]:
        return [alert for alert in self._now.values() if life.is_open(alert, at, self._config)]

    def _open_of(self, holder: str, axis: str, at: datetime) -> list[Alert]:
        return [alert for alert in self._open(at) if (alert.shift.holder, alert.shift.axis) == (holder, axis)]

    def _keep(self, alert: Alert) -> None:
        self._now[alert.shift.key] = alert


class _Fold:
    """The state of one pass over new readings."""

    def __init__(
        self,
        config: Config,
        rules: Mapping[str, Rules],
        standings: dict[tuple[str, str], Standing],
        known: Sequence[Alert],
    ) -> None:
        self._config, self._committees, self._standings = config, committees_of(config), standings
        self._touched: set[tuple[str, str]] = set()
        self.alerts = _Alerts(config, rules, known)
        self.raised: list[Shift] = []
        self.held: list[Held] = []

    def take(self, observation: Observation) -> None:
        key = (observation.holder, observation.axis)
        before = self._standings.get(key)
        side = self._config.side_of(observation.holder).id
        standing, shift = advance(before, observation, self._committees[side], side)
        if standing is not None and shift is not None:
            standing = self._tell(standing, shift)
        if standing is not None and standing != before:
            self._standings[key] = standing
            self._touched.add(key)
            self.alerts.take_evidence(standing, observation.seen)

    def changed(self) -> list[Standing]:
        return [self._standings[key] for key in sorted(self._touched)]

    def _tell(self, standing: Standing, shift: Shift) -> Standing:
        hold = held_back(self._config, shift, self.alerts.shifts())
        self.alerts.take_move(shift, standing, hold)
        if hold is not None:
            self.held.append(hold)
            return standing
        self.raised.append(shift)
        return replace(standing, alerted=shift.at)


def held_back(config: Config, shift: Shift, alerts: Sequence[Shift]) -> Held | None:
    """Why a move is no news after the alerts already raised, in the order in which they were; None where it is."""
    # Both ways: feeds are polled one after the other, and a clock that ran ahead must not silence the weeks after.
    near = timedelta(hours=config.detect.cooldown_h)
    told = [a for a in alerts if (a.side, a.axis) == (shift.side, shift.axis) and abs(shift.at - a.at) <= near]
    if not told:
        return None
    last = sorted(told, key=lambda alert: alert.at)[-1]
    if shift.direction == last.direction:
        return _restatement(config, shift, last)
    return _divergence(config, shift, last)


def _restatement(config: Config, shift: Shift, last: Shift) -> Held | None:
    further = (shift.after - last.after) * (1 if shift.direction == "towards" else -1)
    a_rung_further = further > 0 and _rung(config, shift) != _rung(config, last)
    office, before = config.office[shift.holder], config.office[last.holder]
    # What was told of "Iran" or "the US" may have been this very office's word.
    higher = office.rank < before.rank and not before.catch_all
    if a_rung_further or (higher and further >= 0):
        return None
    words = "restatement" if shift.holder == last.holder else "same move"
    return Held(shift, RESTATEMENT, f"{words}: already alerted {_ago(shift, last)} by {_office(config, last)}")


def _divergence(config: Config, shift: Shift, last: Shift) -> Held | None:
    office, above = config.office[shift.holder], config.office[last.holder]
    # What is said of "Iran" or "the US" may be anybody's word, the highest office's among them.
    if office.catch_all or office.rank <= above.rank:
        return None
    # Strikes after a superior's truce are news at any hour, and no footnote to the truce.
    if shift.after == config.axis[shift.axis].rungs[0].value and any(e.mode is Mode.ACT for e in shift.evidence):
        return None
    reason = f"divergence: {office.name} departs from {above.name}, alerted {_ago(shift, last)}"
    return Held(shift, DIVERGENCE, reason)


def _rung(config: Config, shift: Shift) -> float:
    return config.axis[shift.axis].rung(shift.after).value


def _office(config: Config, shift: Shift) -> str:
    return config.office[shift.holder].name


def _ago(shift: Shift, last: Shift) -> str:
    return f"{(shift.at - last.at) / timedelta(hours=1):.0f} h ago"
