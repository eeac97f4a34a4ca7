"""What the command line shows. Colour only repeats what the words say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from volteface.blindness import coverage
from volteface.committee import division
from volteface.config import Config
from volteface.feed_check import FeedCheck
from volteface.feed_types import FeedState
from volteface.replay import ReplayResult
from volteface.status import FeedHealth, Status
from volteface.types import Standing

COLOUR = {"healthy": "green", "silent": "yellow", "failing": "red", "gone": "red", "not yet polled": "dim"}


def _console() -> Console:
    return Console(highlight=False)


def ago(then: datetime | None, now: datetime) -> str:
    """`never`, `12 min`, `5 h`, `3 d`."""
    if then is None:
        return "never"
    return lasting((now - then).total_seconds())


def lasting(seconds: float) -> str:
    """`12 min`, `5 h`, `3 d`."""
    minutes = max(int(seconds // 60), 0)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"


def show_feeds(config: Config, feeds: Sequence[FeedHealth], now: datetime) -> None:
    """One row a feed, then how much of each side is in sight."""
    table = Table("feed", "health", "polled", "last item", "usual gap", "repeats", "failures", "note")
    for feed in feeds:
        state = feed.state
        table.add_row(
            feed.feed,
            f"[{COLOUR[feed.health]}]{feed.health}[/]",
            ago(state.checked if state else None, now),
            ago(state.newest if state else None, now),
            lasting(state.gap_s) if state and state.gap_s else "",
            f"{state.repeats:.0%}" if state and state.repeats is not None else "",
            str(state.failures if state else 0),
            escape(feed_note(state, now) if state else ""),
        )
    out = _console()
    out.print(table)
    out.print("repeats: share of a feed's items known from the poll before; at 0 % items may have been missed")
    for row in coverage(config, (feed.state for feed in feeds if feed.state), now).values():
        out.print(row.words)


def feed_note(state: FeedState, now: datetime) -> str:
    """What else is worth knowing: the error and since when, items that slid off, a move."""
    notes = []
    if state.error:
        since = f" (for {ago(state.failing_since, now)})" if state.failing_since else ""
        notes.append(state.error + since)
    if state.slid:
        faster = f", asked {1 / state.pace:.1f}x as often" if state.pace < 1 else ""
        notes.append(f"items slid off unseen {ago(state.slid, now)} ago{faster}")
    if state.moved_to:
        notes.append(f"moving to {state.moved_to}")
    return "; ".join(notes)


def show_positions(config: Config, standings: Sequence[Standing], *, evidence: bool) -> None:
    """One row of the ledger each: holder, axis, now, since, last confirmed, what carries it."""
    table = Table(
        "holder", "axis", "stands at", "value", "since", "last confirmed", "evidence" if evidence else "in words"
    )
    for standing in standings:
        last = standing.evidence[-1] if standing.evidence else None
        words = f"{last.quote} ({last.outlet}{', ' + last.url if last.url else ''})" if last else ""
        axis = config.axis[standing.axis]
        table.add_row(
            escape(config.office[standing.holder].name),
            escape(axis.name),
            escape(axis.rung(standing.value).name + _split(standing)),
            f"{standing.value:+.1f}",
            f"{standing.since:%Y-%m-%d}",
            f"{standing.confirmed:%Y-%m-%d}",
            escape(words if evidence else words[:60]),
        )
    _console().print(table)


def _split(standing: Standing) -> str:
    words = division(standing)
    return f" ({words})" if words else ""


def show_status(config: Config, status: Status, now: datetime) -> None:
    """Feeds in short, positions, undelivered alerts."""
    out, health = _console(), Counter(feed.health for feed in status.feeds)
    out.print("[bold]Feeds[/]  " + ", ".join(f"{count} {word}" for word, count in health.most_common()))
    for row in status.coverage:
        out.print(f"  {row.words}")
    for feed in status.feeds:
        if feed.health not in ("healthy", "not yet polled") and feed.state:
            error = f": {feed.state.error}" if feed.state.error else ""
            out.print(f"  {feed.feed} {feed.health}, last new item {ago(feed.state.newest, now)}{error}", markup=False)
    counts = status.counts
    out.print(
        f"[bold]Last 24 h[/]  {counts.seen} articles, {counts.read} read, {counts.copies} copies, "
        f"{counts.wanting_text} wait for text, {counts.wanting_reading} for reading"
    )
    show_positions(config, status.positions, evidence=False)
    _show_outbox(out, status)


def _show_outbox(out: Console, status: Status) -> None:
    out.print(f"[bold]Undelivered[/]  {len(status.waiting)} waiting, {len(status.dead)} given up")
    for row in (*status.waiting, *status.dead):
        word = "given up" if row.dead_at else f"waiting, {row.attempts} attempts"
        out.print(
            f"  {row.shift.holder} {row.shift.axis} {row.created:%Y-%m-%d %H:%M}: {word}: {row.error}", markup=False
        )


def status_json(status: Status) -> dict[str, Any]:
    """The same for programs; times as ISO text."""
    return {
        "feeds": [
            {"feed": f.feed, "health": f.health, "error": f.state.error if f.state else None} for f in status.feeds
        ],
        "coverage": [{"side": c.side, "sources": c.of, "seeing": c.seen} for c in status.coverage],
        "positions": [
            {"holder": s.holder, "axis": s.axis, "value": s.value, "since": s.since.isoformat()}
            for s in status.positions
        ],
        "last_24h": asdict(status.counts),
        "waiting": [row.key for row in status.waiting],
        "given_up": [row.key for row in status.dead],
    }


def show_checks(results: Sequence[FeedCheck]) -> None:
    """What each feed answered, the broken ones first."""
    table = Table("feed", "works", "entries", "says", "moved to")
    for result in sorted(results, key=lambda r: (r.ok, r.feed)):
        table.add_row(
            result.feed,
            "yes" if result.ok else "[red]NO[/]",
            str(result.entries),
            escape(result.reason or ""),
            escape(result.moved_to or ""),
        )
    _console().print(table)
    works = sum(result.ok for result in results)
    moved = sum(bool(result.moved_to) for result in results)
    _console().print(f"{works} of {len(results)} feeds work; {moved} have moved: put the new address into config.yaml")


@contextmanager
def progress(doing: str = "replaying") -> Iterator[Callable[[int, int], None]]:
    """A progress bar where there is a terminal; yields `tick(done, total)`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not Console(stderr=True).is_terminal) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_replay(result: ReplayResult, target: Path) -> None:
    """The figures of a replay."""
    for name, value in result.summary.items():
        words = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        _console().print(f"{name:28} {words}", markup=False)
    _console().print(f"{len(result.alerts)} alerts written to {target}", markup=False)
