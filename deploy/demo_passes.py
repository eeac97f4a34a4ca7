"""The demo's passes over the sample feeds, and what stands below the last of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from deploy.once import open_store
from deploy.sample_web import Clock, Item, Sample
from flows.alert import raise_alerts
from flows.analyze import analyze_articles
from flows.poll import poll_feeds
from volteface.config import Config
from volteface.config_file import load_config
from volteface.console import WIDEST
from volteface.detect import Held
from volteface.poll import Polled, counted
from volteface.status import FAILING, Status, gather
from volteface.store import Store
from volteface.summary import moved, plural, why_not_read
from volteface.types import Evidence

WINDOW = timedelta(hours=12)
"""Items of so many hours are taken in one pass: the spring of 2025 fits into a minute, and evidence is still fresh."""


@dataclass
class Told:
    """What the passes came to."""

    alerts: int = 0
    held: list[Held] = field(default_factory=list)
    noted: dict[tuple[str, str, str], Evidence] = field(default_factory=dict)
    """Evidence of a departure that has not moved a position, by holder, axis and quote."""
    skipped: Counter[str] = field(default_factory=Counter)
    runs: int = 0


def run_passes(out: Console, config_file: Path, sample: Sample, clock: Clock) -> int:
    """Run every pass and the summary; returns the exit code: 1 if there was no alert."""
    told, config = Told(), load_config(config_file)
    # Heartbeats tell a server that a run on another machine is alive; ending one takes 0.9 s.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}), open_store(config) as store:
        for now in passes(sample.items):
            clock.now = now
            _one_pass(out, str(config_file), now, told)
            _note(store, told)
        _close(out, config, gather(config, store, clock.now), told)
    return 0 if told.alerts else 1


def passes(items: Sequence[Item]) -> Iterator[datetime]:
    """Times at which to poll: as few as possible, but no item older than `WINDOW`."""
    waiting = sorted(item.at for item in items)
    while waiting:
        now = max(at for at in waiting if at - waiting[0] <= WINDOW) + timedelta(minutes=15)
        yield now
        waiting = [at for at in waiting if at > now]


def _one_pass(out: Console, config_file: str, now: datetime, told: Told) -> None:
    polled = _result(out, asyncio.run(_poll(config_file, now)))
    read = _result(out, analyze_articles(config_file, as_of=now, return_state=True))
    feeds = counted((polled.new, "new"), (polled.count(Polled.FAILED), "failed"))
    skipped = counted(*((count, reason) for reason, count in read.skipped.items() if reason != "copy"))
    articles = counted((read.read, "read"), (read.copies, plural(read.copies, "copy", "copies")))
    steps = (
        feeds,
        ", ".join(filter(None, (articles, skipped))),
        counted((read.readings, plural(read.readings, "reading"))),
    )
    out.print(f"[dim]{now:%a %_d %b %Y, %H:%M}[/]  {' → '.join(filter(None, steps))}")
    found = _result(out, raise_alerts(config_file, as_of=now, return_state=True))
    for shift in found.shifts:
        for evidence in shift.evidence:
            told.noted.pop((shift.holder, shift.axis, evidence.quote), None)
    told.alerts += found.alerts
    told.held += found.held
    told.skipped.update(read.skipped)
    told.runs += 3


async def _poll(config_file: str, now: datetime) -> State[Any]:
    return await poll_feeds(config_file, as_of=now, return_state=True)


def _result(out: Console, state: State[Any]) -> Any:
    """What a run came to; raises what it failed with."""
    if not state.is_completed():
        out.print(state.message, style="red", markup=False)
    return state.result()


def _note(store: Store, told: Told) -> None:
    """Remember what the ledger keeps in mind although it has moved nothing."""
    for standing in store.ledger.all().values():
        for evidence in standing.pending:
            told.noted[standing.holder, standing.axis, evidence.quote] = evidence


def _close(out: Console, config: Config, status: Status, told: Told) -> None:
    alerts = f"{told.alerts} {plural(told.alerts, 'alert')}"
    out.print(f"\n[bold]{alerts}[/], above, exactly as Slack would get them, in {told.runs} flow runs.")
    out.print("\n[bold]What was held back, and why[/]\n")
    for table in (_moves(config, told.held), _noted(config, told.noted), _sources(told.skipped, status)):
        if table.row_count:
            out.print(table, soft_wrap=False, width=min(out.width, WIDEST))
    out.print(
        "\nNext: `volteface feeds check`, then `volteface poll` with your own config.yaml, or `volteface serve` to run "
        'unattended.\nSet VOLTEFACE_SLACK_TOKEN to send to Slack (README, "First real run").'
    )


def _moves(config: Config, held: Sequence[Held]) -> Table:
    table = _table("Moves of a position that are no news", "who", "on", "from", "to", "why")
    for hold in held:
        table.add_row(*moved(hold.shift, config), hold.reason)
    return table


def _noted(config: Config, noted: Mapping[tuple[str, str, str], Evidence]) -> Table:
    """One row for all that departs from one position in one direction: its first quote, in one line."""
    table = _table("Words that did not move a position")
    table.add_column("what was said", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("on", no_wrap=True)
    table.add_column("why", no_wrap=True)
    alike: dict[tuple[str, str, bool], list[str]] = {}
    for (holder, axis, quote), evidence in noted.items():
        alike.setdefault((holder, axis, evidence.stance > 0), []).append(quote)
    for (_, axis, _), quotes in alike.items():
        why = "only one account" if len(quotes) == 1 else f"{len(quotes)} accounts, outweighed"
        table.add_row(quotes[0], config.axis[axis].name, why)
    return table


def _sources(skipped: Counter[str], status: Status) -> Table:
    table = _table("Articles that were not read, and feeds that could not be", "how many", "what", "why")
    for note, count in skipped.most_common():
        table.add_row(str(count), f"{plural(count, 'article')}: {note}", why_not_read(note))
    for feed in status.feeds:
        if feed.health == FAILING and feed.state:
            error = (feed.state.error or "").split(": http")[0]
            why = f"{error}, {feed.state.failures} times in a row; alerts say what they could not see"
            table.add_row("1", f"dead feed: {feed.outlet}", why)
    return table


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, title=title, title_justify="left", title_style="", box=SIMPLE_HEAD, expand=True)
