"""False alarms as a rate, and the runs of detection that they are counted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tests.quality.observed import Period
from tests.quality.streams import Stretch
from volteface.config import Config
from volteface.tuning import detect_in_memory
from volteface.types import Observation, Shift, sign_of

BURN_IN = 28
"""Days in which the ledger finds the stretch's own position; alarms in them do not count."""
WATCHED = 28
YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Rate:
    """Alarms over simulated stream-time."""

    alarms: int
    stream_days: float

    @property
    def per_year(self) -> float:
        """Alarms a stream-year."""
        return self.alarms / self.stream_days * YEAR if self.stream_days else 0.0

    @property
    def error(self) -> float:
        """Standard error of `per_year` if alarms come singly (Poisson)."""
        return max(1.0, self.alarms) ** 0.5 / self.stream_days * YEAR if self.stream_days else 0.0

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.alarms + other.alarms, self.stream_days + other.stream_days)


def blank(config: Config) -> Config:
    """Without starting positions: each simulated stream takes its own first one."""
    return config.model_copy(update={"positions": ()})


def alarms(config: Config, observations: Sequence[Observation], since: datetime) -> list[Shift]:
    """The alerts from a time on."""
    return [alert for alert in detect_in_memory(config, observations).alerts if alert.at >= since]


def opposite(period: Period, stretch: Stretch) -> list[Observation]:
    """Real readings on the axis of the other sign, as this holder's."""
    away = -sign_of(stretch.stance)
    found = (o for o in period.observations if o.axis == stretch.axis and sign_of(o.stance) == away)
    return [replace(o, holder=stretch.holder) for o in found]
