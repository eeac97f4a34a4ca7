"""A backtest for people (Markdown) and for programs (JSON). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from textwrap import shorten
from typing import Any

from volteface.backtest import Backtest, Outcome, Row, Score
from volteface.config import Config
from volteface.replay import Coverage
from volteface.types import Shift

QUOTED = 160
"""Characters of a quote in the page: enough to see what it is about."""

_HEAD = ("shifts", "found", "recall", "alerts", "precision", "F1", "alerts a week", "in vain a week", "median delay")


def as_json(config: Config, result: Backtest, coverage: Coverage) -> dict[str, Any]:
    """Everything that the Markdown says, for programs. Times are ISO with zone, delays hours."""
    return {
        "from": result.timeline.start.isoformat(),
        "to": result.timeline.end.isoformat(),
        "figures": _figures(result.score),
        "by_axis": {name: _figures(score) for name, score in _by_axis(config, result)},
        "by_side": {name: _figures(score) for name, score in _by_side(config, result)},
        "by_holder": {
            name: {"alerts": score.alerts, "fitting": score.fitting} for name, score in _by_holder(config, result)
        },
        "shifts": [_shift_row(outcome) for outcome in result.outcomes],
        "alerts": [_alert_row(alert) | {"fits": fits} for alert, fits in result.alerts],
        "coverage": {
            "items": coverage.items,
            "read": coverage.read,
            "outlets": coverage.outlets,
            "empty_days": [day.isoformat() for day in coverage.empty_days],
            "timeline_rows_of_other_sides": result.timeline.ignored,
        },
    }


def as_markdown(config: Config, result: Backtest, coverage: Coverage) -> str:
    """A page that a desk can read: the figures, what was found and missed and why, which alerts were in vain."""
    found = [o for o in result.outcomes if o.alert]
    missed = [o for o in result.outcomes if not o.alert]
    parts = [
        f"# Backtest, {result.timeline.start} to {result.timeline.end}",
        summary(result.score),
        _figure_table("", [("all", result.score), *_by_axis(config, result), *_by_side(config, result)]),
        _section("Alerts by holder", ("holder", "alerts", "fit the timeline"), _holder_rows(config, result)),
        _section(f"Missed: {len(missed)} of {len(result.outcomes)} shifts", _MISSED_HEAD, map(_missed, missed)),
        _section(f"Found: {len(found)}", _FOUND_HEAD, map(_found, found)),
        _section(
            "Alerts in vain", ("at", "holder", "axis", "move", "quote"),
            (_alert(config, alert) for alert, fits in result.alerts if not fits),
        ),
        _coverage(result, coverage),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


_MISSED_HEAD = ("when", "who", "axis", "direction", "what", "why")
_FOUND_HEAD = ("when", "who", "axis", "direction", "what", "alert at", "by", "delay")


def summary(score: Score) -> str:
    """The figures in two sentences."""
    delay = "" if score.delay_h is None else f", in the middle case {_hours(score.delay_h)} after the event"
    return (
        f"{score.found} of {score.shifts} shifts were told{delay}. {score.alerts_per_week:.1f} alerts a week, of which "
        f"{score.unmatched_per_week:.1f} fit nothing in the timeline (either false, or the timeline does not have it)."
    )


def _by_axis(config: Config, result: Backtest) -> list[tuple[str, Score]]:
    def part(axis: str) -> Score:
        return result.part(lambda row: row.axis == axis, lambda alert: alert.axis == axis)

    return [(axis.id, part(axis.id)) for axis in config.axes]


def _by_side(config: Config, result: Backtest) -> list[tuple[str, Score]]:
    def part(side: str) -> Score:
        return result.part(lambda row: side in row.sides, lambda alert: alert.side == side)

    return [(side.id, part(side.id)) for side in config.sides]


def _by_holder(config: Config, result: Backtest) -> list[tuple[str, Score]]:
    def part(holder: str) -> Score:
        return result.part(lambda _: False, lambda alert: alert.holder == holder)

    found = [(office.id, part(office.id)) for office in config.offices]
    return sorted((row for row in found if row[1].alerts), key=lambda row: -row[1].alerts)


def _figures(score: Score) -> dict[str, float | int | None]:
    return {
        "shifts": score.shifts,
        "found": score.found,
        "recall": round(score.recall, 4),
        "alerts": score.alerts,
        "precision": round(score.precision, 4),
        "f1": round(score.f1, 4),
        "alerts_per_week": round(score.alerts_per_week, 4),
        "unmatched_per_week": round(score.unmatched_per_week, 4),
        "delay_h_median": None if score.delay_h is None else round(score.delay_h, 4),
    }


def _shift_row(outcome: Outcome) -> dict[str, Any]:
    row = outcome.row
    return {
        "start": _iso(row.start),
        "end": _iso(row.end),
        "actor": row.actor,
        "sides": list(row.sides),
        "axis": row.axis,
        "direction": row.direction,
        "description": row.description,
        "alert": _alert_row(outcome.alert) if outcome.alert else None,
        "delay_h": outcome.delay_h,
        "why_missed": outcome.why_missed,
    }


def _alert_row(alert: Shift) -> dict[str, Any]:
    return {
        "at": _iso(alert.at),
        "key": alert.key,
        "side": alert.side,
        "holder": alert.holder,
        "axis": alert.axis,
        "direction": alert.direction,
    }


def _figure_table(title: str, rows: Sequence[tuple[str, Score]]) -> str:
    return _section(title, ("", *_HEAD), (_score_cells(name, score) for name, score in rows))


def _score_cells(name: str, score: Score) -> tuple[str, ...]:
    return (
        name,
        str(score.shifts),
        str(score.found),
        f"{score.recall:.2f}" if score.shifts else "",
        str(score.alerts),
        f"{score.precision:.2f}" if score.alerts else "",
        f"{score.f1:.2f}" if score.shifts and score.alerts else "",
        f"{score.alerts_per_week:.1f}",
        f"{score.unmatched_per_week:.1f}",
        "" if score.delay_h is None else _hours(score.delay_h),
    )


def _holder_rows(config: Config, result: Backtest) -> Iterable[tuple[str, ...]]:
    for name, score in _by_holder(config, result):
        yield config.office[name].name, str(score.alerts), str(score.fitting)


def _when(row: Row) -> str:
    return f"{row.start:%Y-%m-%d}" + (f" {row.start:%H:%M}" if row.start == row.end else "")


def _found(outcome: Outcome) -> tuple[str, ...]:
    row, alert = outcome.row, outcome.alert
    told = (f"{alert.at:%m-%d %H:%M}", alert.holder) if alert else ("", "")
    return (_when(row), row.actor, row.axis, row.direction, row.description, *told, _hours(outcome.delay_h or 0.0))


def _missed(outcome: Outcome) -> tuple[str, ...]:
    row = outcome.row
    return _when(row), row.actor, row.axis, row.direction, row.description, outcome.why_missed


def _alert(config: Config, alert: Shift) -> tuple[str, ...]:
    axis = config.axis[alert.axis]
    quote = shorten(alert.evidence[0].quote, QUOTED, placeholder=" …") if alert.evidence else ""
    move = f"{axis.rung(alert.before).name} → {axis.rung(alert.after).name}"
    return f"{alert.at:%Y-%m-%d %H:%M}", config.office[alert.holder].name, axis.name, move, quote


def _coverage(result: Backtest, coverage: Coverage) -> str:
    lines = [
        "## Coverage",
        f"{coverage.items} items of {coverage.outlets} outlets, {coverage.read} of them read (the others are copies, "
        "or in languages that are not read).",
    ]
    if coverage.empty_days:
        days = ", ".join(f"{day}" for day in coverage.empty_days)
        lines.append(f"Days without any item, on which nothing could be found: {days}.")
    if result.timeline.ignored:
        count = result.timeline.ignored
        rows = "1 row of the timeline is of a side" if count == 1 else f"{count} rows of the timeline are of sides"
        lines.append(f"{rows} that the config does not watch.")
    return "\n\n".join(lines)


def _section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        return ""
    table = [_line(head), _line(["---"] * len(head)), *map(_line, cells)]
    return "\n".join([*([f"## {title}", ""] if title else []), *table])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def _hours(hours: float) -> str:
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
