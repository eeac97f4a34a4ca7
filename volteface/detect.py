"""The detect step: new readings → standings, alerts, and what was held back and why; one transaction.

The ledger says when a holder moved. Whether that is news is decided here, for the side as a whole: several offices
saying the same within hours make one alert, and a restatement of what was already told makes none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from volteface.blindness import blind_spots
from volteface.config import Config, Ownership, Position
from volteface.ledger import Rules, advance
from volteface.store import Store
from volteface.types import Evidence, Observation, Shift, Standing

RECENT = 50
"""Alerts looked back on: weeks at the rate that an analyst accepts, and more than a cool-down can hold."""


@dataclass(frozen=True, slots=True)
class Held:
    """A move of the ledger that was not told, and why."""

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


def detect(config: Config, store: Store, now: datetime, limit: int = 5000) -> DetectReport:
    """Take up to `limit` new readings into the ledger and raise an alert for each move that is news.

    Costs time in proportion to the new readings, not to the history. Raises StoreError; then nothing was saved.
    """
    observations = store.readings.undetected(limit)
    if not observations:
        return DetectReport()
    store.ledger.seed(seeds(config))
    fold = _Fold(config, rules_of(config), store.ledger.all(), store.alerts.recent(RECENT))
    for observation in observations:
        fold.take(observation)
    blind = blind_spots(config, store.feeds.all(), now) if fold.raised else ()
    saved = store.readings.save_detection(
        [o.reading_id for o in observations], fold.changed(), [(shift, blind) for shift in fold.raised], now
    )
    return DetectReport(len(observations), tuple(fold.raised), saved, tuple(fold.held), blind)


def seeds(config: Config) -> tuple[Standing, ...]:
    """The standing positions that the config starts from."""
    return tuple(_seed(position) for position in config.positions)


def rules_of(config: Config) -> Rules:
    """The config's rules; feeds of a government's own are first hand."""
    own = frozenset(feed.outlet for feed in config.feeds if feed.ownership is Ownership.GOVERNMENT)
    return Rules(config.detect, own)


def _seed(position: Position) -> Standing:
    since = datetime.combine(position.since, time(), UTC)
    evidence = Evidence("config", "", position.evidence, since, stance=position.value, family="config")
    return Standing(position.holder, position.axis, position.value, since, since, (evidence,))


@dataclass
class _Fold:
    """The state of one pass over new readings."""

    config: Config
    rules: Rules
    standings: dict[tuple[str, str], Standing]
    recent: Sequence[Shift]
    raised: list[Shift] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    touched: set[tuple[str, str]] = field(default_factory=set)

    def take(self, observation: Observation) -> None:
        key = (observation.holder, observation.axis)
        side = self.config.side_of(observation.holder).id
        standing, shift = advance(self.standings.get(key), observation, self.rules, side)
        if shift is not None:
            standing = self._tell(standing, shift)
        if self.standings.get(key) != standing:
            self.standings[key] = standing
            self.touched.add(key)

    def changed(self) -> list[Standing]:
        return [self.standings[key] for key in sorted(self.touched)]

    def _tell(self, standing: Standing, shift: Shift) -> Standing:
        hold = held_back(self.config, shift, [*self.recent, *self.raised])
        if hold is not None:
            self.held.append(hold)
            return standing
        self.raised.append(shift)
        return replace(standing, alerted=shift.at)


def held_back(config: Config, shift: Shift, alerts: Sequence[Shift]) -> Held | None:
    """Why a move is no news after the alerts already raised; None where it is."""
    horizon = shift.at - timedelta(hours=config.detect.cooldown_h)
    told = [a for a in alerts if (a.side, a.axis) == (shift.side, shift.axis) and a.at >= horizon]
    last = max(told, key=lambda alert: alert.at, default=None)
    if last is None:
        return None
    if shift.direction == last.direction:
        return _restatement(config, shift, last)
    return _divergence(config, shift, last)


def _restatement(config: Config, shift: Shift, last: Shift) -> Held | None:
    further = (shift.after - last.after) * (1 if shift.direction == "towards" else -1)
    a_rung_further = further > 0 and _rung(config, shift) != _rung(config, last)
    higher = config.office[shift.holder].rank < config.office[last.holder].rank
    if a_rung_further or (higher and shift.holder != last.holder and further >= 0):
        return None
    words = "restatement" if shift.holder == last.holder else "same move"
    return Held(shift, "restatement", f"{words}: already alerted {_ago(shift, last)} by {_office(config, last)}")


def _divergence(config: Config, shift: Shift, last: Shift) -> Held | None:
    office, above = config.office[shift.holder], config.office[last.holder]
    # What is said of "Iran" or "the US" may be anybody's word, the highest office's among them.
    if office.catch_all or office.rank <= above.rank:
        return None
    reason = f"divergence: {office.name} departs from {above.name}, alerted {_ago(shift, last)}"
    return Held(shift, "divergence", reason)


def _rung(config: Config, shift: Shift) -> float:
    return config.axis[shift.axis].rung(shift.after).value


def _office(config: Config, shift: Shift) -> str:
    return config.office[shift.holder].name


def _ago(shift: Shift, last: Shift) -> str:
    return f"{(shift.at - last.at) / timedelta(hours=1):.0f} h ago"
