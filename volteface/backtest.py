"""Alerts of a replay against a timeline of known shifts: what was found, what was missed, how late, how many in vain.

A shift is found by an alert of its side, axis and direction from six hours before it (the first reports may precede the
hour on record) to 48 hours after it. A row without an hour stands for its whole day. An alert is in vain if it fits no
row of any kind; rows that are no shift (a reaffirmation, a contested claim) excuse alerts and are not to be found.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median

from volteface.config import Config
from volteface.detect import Held
from volteface.errors import VoltefaceError
from volteface.types import Observation, Shift, sign_of

EARLY = timedelta(hours=6)
LATE = timedelta(hours=48)
WEEK = timedelta(days=7)
COLUMNS = ("date_utc", "time_utc", "actor", "side", "axis", "direction", "kind", "description")
BOTH = "both"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a timeline. `start` and `end` are equal where its hour is known, else the ends of its day."""

    start: datetime
    end: datetime
    sides: tuple[str, ...]
    axis: str
    direction: str
    kind: str
    actor: str
    description: str

    @property
    def is_shift(self) -> bool:
        """Whether it is to be found."""
        return self.kind == "shift"

    def fits(self, alert: Shift) -> bool:
        """Whether an alert tells of this."""
        return (
            alert.direction == self.direction
            and alert.axis == self.axis
            and alert.side in self.sides
            and self.start - EARLY <= alert.at <= self.end + LATE
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """The rows of a period."""

    start: date
    end: date
    """Included."""
    rows: tuple[Row, ...]
    ignored: int = 0
    """Rows of the period whose side is none of the config's."""

    @property
    def weeks(self) -> float:
        """Length of the period."""
        return ((self.end - self.start).days + 1) / 7


@dataclass(frozen=True, slots=True)
class Score:
    """Counts, and the figures that follow from them."""

    shifts: int
    found: int
    alerts: int
    fitting: int
    weeks: float
    delays_h: tuple[float, ...] = ()
    """Of the shifts found: from the row's hour (or the end of its day) to the first alert, at least 0."""

    @property
    def recall(self) -> float:
        """Share of shifts found; 0 where there are none."""
        return self.found / self.shifts if self.shifts else 0.0

    @property
    def precision(self) -> float:
        """Share of alerts that fit a row; 0 where there are none."""
        return self.fitting / self.alerts if self.alerts else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def alerts_per_week(self) -> float:
        """Alerts a week."""
        return self.alerts / self.weeks

    @property
    def unmatched_per_week(self) -> float:
        """Alerts in vain a week."""
        return (self.alerts - self.fitting) / self.weeks

    @property
    def delay_h(self) -> float | None:
        """Median delay in hours; None where nothing was found."""
        return median(self.delays_h) if self.delays_h else None

    def __add__(self, other: Score) -> Score:
        return Score(
            self.shifts + other.shifts,
            self.found + other.found,
            self.alerts + other.alerts,
            self.fitting + other.fitting,
            self.weeks + other.weeks,
            self.delays_h + other.delays_h,
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one shift of the timeline."""

    row: Row
    alert: Shift | None
    """The first that tells of it."""
    why_missed: str = ""

    @property
    def delay_h(self) -> float | None:
        """Hours from the row to the alert, at least 0; None where it was missed."""
        return max(0.0, (self.alert.at - self.row.end) / timedelta(hours=1)) if self.alert else None


@dataclass(frozen=True, slots=True)
class Backtest:
    """A replay held against a timeline."""

    timeline: Timeline
    outcomes: tuple[Outcome, ...]
    """One a shift, by time."""
    alerts: tuple[tuple[Shift, bool], ...]
    """Each with whether it fits a row."""

    @property
    def score(self) -> Score:
        """The figures over everything."""
        return self.part(lambda _: True, lambda _: True)

    def part(self, row: Callable[[Row], bool], alert: Callable[[Shift], bool], weeks: float | None = None) -> Score:
        """The figures over some rows and some alerts; `weeks` is what they are counted over, by default the period."""
        outcomes = [o for o in self.outcomes if row(o.row)]
        fitting = [fits for shift, fits in self.alerts if alert(shift)]
        delays = tuple(d for o in outcomes if (d := o.delay_h) is not None)
        over = self.timeline.weeks if weeks is None else weeks
        return Score(len(outcomes), len(delays), len(fitting), sum(fitting), over, delays)


def read_timeline(path: Path, config: Config, start: date, end: date) -> Timeline:
    """The rows dated from `start` to `end` (UTC days, both included).

    CSV with the columns of `COLUMNS` (more are allowed). `side` is the id of a side of the config or its beginning
    (`IR` for `iran`), or `both`. Raises VoltefaceError with the line where it cannot be read.
    """
    found = [row for row in _read(path, config) if start <= row.start.date() <= end]
    rows = tuple(sorted((row for row in found if row.sides), key=lambda row: row.start))
    return Timeline(start, end, rows, len(found) - len(rows))


def _read(path: Path, config: Config) -> list[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [column for column in COLUMNS if column not in (table.fieldnames or ())]
            if missing:
                raise VoltefaceError(f"{path}: no column {', '.join(missing)}; a timeline has {', '.join(COLUMNS)}")
            return [_row(path, table.line_num, line, config) for line in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise VoltefaceError(f"{path}: cannot be read as a timeline: {error}") from error


def _row(path: Path, number: int, line: dict[str, str], config: Config) -> Row:
    if any(line[column] is None for column in COLUMNS[:-1]):
        raise VoltefaceError(f"{path}, line {number}: fewer cells than columns")
    try:
        day = date.fromisoformat(line["date_utc"])
        hour = time.fromisoformat(line["time_utc"]) if line["time_utc"] else None
    except (ValueError, TypeError) as error:
        raise VoltefaceError(f"{path}, line {number}: not a day and an hour: {error}") from error
    start = datetime.combine(day, hour or time(), UTC)
    return Row(
        start=start,
        end=start if hour else start + timedelta(days=1),
        sides=_sides(line["side"], config),
        axis=line["axis"],
        direction=line["direction"],
        kind=line["kind"],
        actor=line["actor"],
        description=line["description"] or "",
    )


def _sides(word: str, config: Config) -> tuple[str, ...]:
    if word.lower() == BOTH:
        return tuple(side.id for side in config.sides)
    found = tuple(side.id for side in config.sides if word and side.id.startswith(word.lower()))
    return found if len(found) == 1 else ()


def backtest(
    config: Config,
    timeline: Timeline,
    alerts: Sequence[Shift],
    observations: Sequence[Observation] = (),
    held: Sequence[Held] = (),
) -> Backtest:
    """Hold alerts against a timeline. `observations` and `held` only serve to say why a shift was missed.

    Alerts of two days after the period still count: they may tell of its last shifts.
    """
    first = datetime.combine(timeline.start, time(), UTC)
    last = datetime.combine(timeline.end, time(), UTC) + timedelta(days=1) + LATE
    alerts = sorted((a for a in alerts if first <= a.at < last), key=lambda alert: alert.at)
    by_kind = _by_kind(timeline.rows)
    judged = tuple((a, any(row.fits(a) for row in by_kind.get((a.axis, a.direction), ()))) for a in alerts)
    outcomes = []
    for row in timeline.rows:
        if row.is_shift:
            alert = next((a for a in alerts if row.fits(a)), None)
            outcomes.append(Outcome(row, alert, "" if alert else _why(config, row, observations, held)))
    return Backtest(timeline, tuple(outcomes), judged)


def _by_kind(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.axis, row.direction), []).append(row)
    return found


def _why(config: Config, row: Row, observations: Sequence[Observation], held: Sequence[Held]) -> str:
    back = next((hold for hold in held if row.fits(hold.shift)), None)
    if back:
        return f"held back as {back.reason}"
    if not observations:
        return ""
    upwards = 1 if row.direction == "towards" else -1
    window = (row.start - EARLY, row.end + LATE)
    near = [o for o in observations if o.axis == row.axis and window[0] <= o.seen <= window[1]]
    that_way = [o for o in near if config.side_of(o.holder).id in row.sides and sign_of(o.stance) == upwards]
    if not that_way:
        return "nothing was read of this side that way"
    readings = "1 reading" if len(that_way) == 1 else f"{len(that_way)} readings"
    return f"{readings} that way did not move a position"
