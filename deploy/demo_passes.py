"""The demo's passes over the sample feeds, and what stands below the last of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from rich.console import Console
from rich.table import Table

from deploy.once import open_store
from deploy.sample_web import Clock, Item, Sample
from flows.alert import raise_alerts
from flows.analyze import analyze_articles
from flows.poll import poll_feeds
from volteface.config import Config
from volteface.config_file import load_config
from volteface.detect import Held
from volteface.status import FAILING, Status, gather
from volteface.summary import moved, why_not_read

WINDOW = timedelta(hours=90)
"""Items of so many hours are taken in one pass, so that the spring of 2025 fits into a minute."""


@dataclass
class Told:
    """What the passes came to."""

    alerts: int = 0
    held: list[Held] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    runs: int = 0


def run_passes(out: Console, config_file: Path, sample: Sample, clock: Clock) -> int:
    """Run every pass and the summary; returns the exit code: 1 if there was no alert."""
    told = Told()
    # Heartbeats tell a server that a run on another machine is alive; ending one takes 0.9 s.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        for now in passes(sample.items):
            clock.now = now
            _one_pass(out, str(config_file), now, told)
    _close(out, load_config(config_file), clock.now, told)
    return 0 if told.alerts else 1


def passes(items: Sequence[Item]) -> Iterator[datetime]:
    """Times at which to poll: as few as possible, but no item older than `WINDOW`."""
    waiting = sorted(item.at for item in items)
    while waiting:
        now = max(at for at in waiting if at - waiting[0] <= WINDOW) + timedelta(minutes=15)
        yield now
        waiting = [at for at in waiting if at > now]


def _one_pass(out: Console, config_file: str, now: datetime, told: Told) -> None:
    out.print(f"\n[dim]{now:%a %-d %b %Y, %H:%M} UTC[/]")
    _say(out, "poll", asyncio.run(_poll(config_file, now)))
    read = _say(out, "analyze", analyze_articles(config_file, as_of=now, return_state=True))
    found = _say(out, "alert", raise_alerts(config_file, as_of=now, return_state=True))
    told.alerts += found.alerts
    told.held += found.held
    told.skipped.update(read.skipped)
    told.runs += 3


async def _poll(config_file: str, now: datetime) -> State[Any]:
    return await poll_feeds(config_file, as_of=now, return_state=True)


def _say(out: Console, flow: str, state: State[Any]) -> Any:
    """One line for the run; its result, or what it failed with."""
    out.print(f"  {flow:8} {state.message}", markup=False, style=None if state.is_completed() else "red")
    return state.result()


def _close(out: Console, config: Config, now: datetime, told: Told) -> None:
    alerts = f"{told.alerts} alert{'' if told.alerts == 1 else 's'}"
    out.print(f"\n[bold]{alerts}[/] in {told.runs} flow runs, above, exactly as Slack would get them.")
    out.print("\n[bold]What was held back, and why[/]\n")
    if told.held:
        out.print(_moves(config, told.held), soft_wrap=False)
    with open_store(config) as store:
        out.print(_sources(config, told.skipped, gather(config, store, now)), soft_wrap=False)
    out.print(
        "\nNext: `volteface feeds check`, then `volteface poll` with your own config.yaml, or `volteface serve` to run "
        'unattended.\nSet VOLTEFACE_SLACK_TOKEN to send to Slack (README, "First real run").'
    )


def _moves(config: Config, held: Sequence[Held]) -> Table:
    table = Table("who", "on", "from", "to", "why it is no alert", title="Moves of a position", title_justify="left")
    for hold in held:
        table.add_row(*moved(hold.shift, config), hold.reason)
    return table


def _sources(config: Config, skipped: Counter[str], status: Status) -> Table:
    table = Table("how many", "what", "why", title="Articles and feeds", title_justify="left")
    for note, count in skipped.most_common():
        table.add_row(str(count), f"article{'s' * (count > 1)}: {note}", why_not_read(note))
    for feed in status.feeds:
        if feed.health == FAILING and feed.state:
            error = f"{feed.state.error}, {feed.state.failures} polls in a row; every alert says what it could not see"
            table.add_row("1", f"feed: {config.feed[feed.feed].outlet}", error)
    return table
