"""`volteface alerts`: what was told, what became of it, and whether it arrived."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from volteface.config import Config
    from volteface.store.records import AlertRecord


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="So many, the newest first.")
@click.pass_obj
def alerts(config_file: Path, as_json: bool, limit: int) -> None:
    """The latest alerts: state, what changed them, and whether they were delivered."""
    from deploy.once import open_store, utc_now
    from volteface.config_file import load_config

    config = load_config(config_file)
    with open_store(config) as store:
        records = store.alerts.records(limit)
        mutes = store.verdicts.mutes(utc_now())
    if as_json:
        for record in records:
            click.echo(json.dumps(alert_json(record), ensure_ascii=False))
    else:
        show_alerts(config, records)
        for mute in mutes:
            click.echo(f"Muted: {mute.holder} on {mute.axis} until {mute.until:%Y-%m-%d %H:%M} UTC")


def alert_json(record: AlertRecord) -> dict[str, Any]:
    """One alert for programs; times as ISO text, values in −1 … +1."""
    shift = record.shift
    return {
        "key": shift.key,
        "at": shift.at.isoformat(),
        "side": shift.side,
        "holder": shift.holder,
        "person": shift.person,
        "axis": shift.axis,
        "direction": shift.direction,
        "before": shift.before,
        "after": shift.after,
        "state": shift.state.value,
        "confidence": shift.confidence,
        "origins": shift.origins,
        "evidence": [{"outlet": e.outlet, "url": e.url, "quote": e.quote} for e in shift.evidence],
        "changes": [
            {"number": c.number, "at": c.at.isoformat(), "kind": c.kind.value, "words": c.words, "alert": c.successor}
            for c in record.changes
        ],
        "delivery": record.delivery,
        "receipt": record.receipt,
        "error": record.error,
        "updates_waiting": record.updates_waiting,
        "updates_given_up": record.updates_given_up,
    }


def show_alerts(config: Config, records: Sequence[AlertRecord]) -> None:
    """A few lines each: when and who, from where to where, state and delivery, then what happened since."""
    from rich.console import Console

    out = Console(highlight=False)
    if not records:
        out.print("No alert has been raised yet.")
    for record in records:
        for line in _story(config, record):
            out.print(line, markup=False, soft_wrap=True)


def _story(config: Config, record: AlertRecord) -> Iterable[str]:
    shift = record.shift
    office, axis = config.office.get(shift.holder), config.axis.get(shift.axis)
    before, after = (axis.rung(v).name if axis else f"{v:+.1f}" for v in (shift.before, shift.after))
    yield f"{shift.at:%Y-%m-%d %H:%M}  {office.name if office else shift.holder}: {before} → {after}"
    state = shift.state.value.replace("_", " ")
    origins = f"{shift.origins} independent origin{'' if shift.origins == 1 else 's'}"
    yield f"    {state}, {origins}; {_delivery(record)}; alert {shift.key}"
    for change in record.changes:
        yield f"    {change.at:%Y-%m-%d %H:%M}  {change.kind.value.replace('_', ' ')}: {change.words}"


def _delivery(record: AlertRecord) -> str:
    waiting = f", {record.updates_waiting} of its changes waiting" if record.updates_waiting else ""
    lost = f", {record.updates_given_up} of its changes given up" if record.updates_given_up else ""
    error = f" ({record.error})" if record.error else ""
    return f"{record.delivery}{waiting}{lost}{error}"
