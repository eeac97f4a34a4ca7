"""An alert's picture: the holder's position over the last 30 days on the named steps of its axis. Pure.

matplotlib is imported only when something is drawn: it takes a second. The same input gives the same bytes, under the
same matplotlib. Meaning rests on shape and fill, never on colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from volteface.config import Axis, Config
from volteface.mrkdwn import clean
from volteface.slack_blocks import date
from volteface.types import Mode, Observation, Shift

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPAN = timedelta(days=30)
"""How far back a picture goes."""
SIZE, DPI = (7.2, 3.4), 110
"""Inches, and pixels in each."""
DRAWN = 400
"""The latest readings that are drawn: more would be one blot."""
NAME = 36
"""Characters of a name; with longer ones on the axis there would be no room for the picture."""

INK, PALE = "#1d1c1d", "#b8b8b8"
MARKS = {Mode.SPEECH: ("o", "none", "statement"), Mode.ACT: ("s", INK, "act"), Mode.REPORT: ("^", "none", "report")}
"""Shape, fill and name of each kind of reading."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and the same in words for who cannot see it."""

    png: bytes
    words: str
    name: str
    """Of the file."""


def chart(shift: Shift, readings: Sequence[Observation], config: Config) -> Picture | None:
    """The picture of a shift; `readings` of its holder and axis, the oldest first. None where the axis is gone."""
    axis = config.axis.get(shift.axis)
    if axis is None:
        return None
    office = config.office.get(shift.holder)
    who = clean(office.name if office else shift.holder)[:NAME]
    before, after = (clean(axis.rung(value).name)[:NAME] for value in (shift.before, shift.after))
    title = f"{who[:1].upper()}{who[1:]} on {clean(axis.name)[:NAME]}"
    words = f"{title}: {before} → {after}, {date(shift.at)}"
    return Picture(_png(shift, readings[-DRAWN:], axis, title), words, "position.png")


def _png(shift: Shift, readings: Sequence[Observation], axis: Axis, title: str) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, dpi=DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    plot = figure.add_subplot()
    figure.suptitle(title, fontsize=10, x=0.01, ha="left", parse_math=False, color=INK)
    _position(plot, shift)
    _points(plot, readings)
    _scales(plot, shift, axis)
    plot.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=5, fontsize=8, frameon=False)
    out = BytesIO()
    # Without the version of matplotlib in it.
    canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def _position(plot: Axes, shift: Shift) -> None:
    """The standing position as a line, and where it moved."""
    start, end = _days(shift)
    # What stood before the position that was left is not known here.
    since, moved = max(start, _number(shift.since)), _number(shift.at)
    plot.step([since, moved, end], [shift.before, shift.after, shift.after], where="post", color=INK, lw=1.6,
              label="position")  # fmt: skip
    plot.axvline(moved, color=INK, lw=1, ls="--", label=f"shift, {date(shift.at)}")


def _points(plot: Axes, readings: Sequence[Observation]) -> None:
    for mode, (shape, fill, name) in MARKS.items():
        own = [reading for reading in readings if reading.mode is mode]
        if own:
            times = [_number(reading.published) for reading in own]
            stances = [reading.stance for reading in own]
            plot.scatter(
                times, stances, marker=shape, s=30, facecolors=fill, edgecolors=INK, lw=1.1, zorder=3, label=name
            )


def _scales(plot: Axes, shift: Shift, axis: Axis) -> None:
    plot.set_xlim(*_days(shift))
    plot.set_ylim(min(-1.0, axis.rungs[0].value) - 0.12, max(1.0, axis.rungs[-1].value) + 0.12)
    names = [clean(rung.name)[:NAME] for rung in axis.rungs]
    plot.set_yticks([rung.value for rung in axis.rungs], names, fontsize=8, parse_math=False)
    weeks = [shift.at - timedelta(days=days) for days in (28, 21, 14, 7, 0)]
    plot.set_xticks([_number(day) for day in weeks], [date(day) for day in weeks], fontsize=8)
    plot.grid(axis="y", color=PALE, lw=0.6)
    plot.spines[["top", "right"]].set_visible(False)


def _days(shift: Shift) -> tuple[float, float]:
    return _number(shift.at - SPAN), _number(shift.at + timedelta(days=2))


def _number(when: datetime) -> float:
    """Days, as a place on the time axis."""
    return when.timestamp() / 86_400
