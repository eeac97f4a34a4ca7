"""The detector alone: what it makes of perfect readings of the timeline, and what the reader leaves it to find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tests.quality.observed import Period
from tests.quality.streams import in_order
from volteface.backtest import EARLY, LATE, Row, Score, backtest
from volteface.config import Axis, Config
from volteface.tuning import detect_in_memory
from volteface.types import Mode, Observation, sign_of

OUTLETS = 3
"""Independent origins of each row, an hour apart."""


def perfect_readings(config: Config, rows: tuple[Row, ...]) -> list[Observation]:
    """Each row as three readings of the side's catch-all office: a rung further, or across where it turns."""
    standing: dict[tuple[str, str], float] = {}
    found: list[Observation] = []
    for row in rows:
        for side in row.sides:
            holder = next(office.id for office in config.offices if office.side == side and office.catch_all)
            if (side, row.axis) not in standing:
                standing[side, row.axis] = _seed(config, holder, row.axis)
                # Whoever has no position takes the first one that is read: give each its starting one.
                found += _readings(row, holder, standing[side, row.axis], len(found), early=timedelta(days=7))
            standing[side, row.axis] = _next(config.axis[row.axis], standing[side, row.axis], row.direction)
            found += _readings(row, holder, standing[side, row.axis], len(found))
    return in_order(found)


def _seed(config: Config, holder: str, axis: str) -> float:
    return next((p.value for p in config.positions if (p.holder, p.axis) == (holder, axis)), 0.0)


def _next(axis: Axis, value: float, direction: str) -> float:
    way = 1 if direction == "towards" else -1
    beyond = [rung.value for rung in axis.rungs if (rung.value - value) * way > 0 and sign_of(rung.value) == way]
    # At the end of the ladder nothing is further: the rung is said again.
    return min(beyond, key=abs, default=float(way))


def _readings(
    row: Row, holder: str, value: float, number: int, early: timedelta = timedelta(0)
) -> Iterator[Observation]:
    at = (row.start if row.start == row.end else row.start + timedelta(hours=12)) - early
    for n in range(OUTLETS):
        seen = at + timedelta(hours=n)
        yield Observation(
            reading_id=number + n,
            holder=holder,
            axis=row.axis,
            stance=value,
            mode=Mode.ACT if abs(value) >= 0.7 else Mode.SPEECH,
            confidence=1.0,
            quote=f"Statement {number}.",
            person="",
            article_id=number + n,
            origin_id=number + n,
            outlet=f"Outlet {n}",
            family=f"Outlet {n}",
            url=f"https://example.org/{number + n}",
            published=seen,
            seen=seen,
        )


def ablation(period: Period) -> dict[str, Score]:
    """Figures of the present rules: as read, perfectly read, and real readings with the wrong ones taken out."""
    config, rows = period.config, period.timeline.rows
    inputs = {
        "as read": list(period.observations),
        "only the readings that agree with the timeline": [o for o in period.observations if _agrees(config, rows, o)],
        "perfect readings of every row": perfect_readings(config, rows),
    }
    return {
        name: backtest(config, period.timeline, detect_in_memory(config, observations).alerts).score
        for name, observations in inputs.items()
    }


def _agrees(config: Config, rows: tuple[Row, ...], o: Observation) -> bool:
    way = {1: "towards", -1: "away"}.get(sign_of(o.stance))
    side = config.side_of(o.holder).id
    fitting = (row for row in rows if row.axis == o.axis and row.direction == way and side in row.sides)
    return any(row.start - EARLY <= o.seen <= row.end + LATE for row in fitting)


def readable(period: Period) -> float:
    """Share of shifts of which at least one reading of the right side, axis and sign exists in time."""
    shifts = [row for row in period.timeline.rows if row.is_shift]
    return sum(any(_agrees(period.config, (row,), o) for o in period.observations) for row in shifts) / len(shifts)
