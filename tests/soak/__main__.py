"""Soak the whole system: python -m tests.soak [--minutes 30] [--seed 0] [--out soak.json].

A real Prefect server, a real `volteface serve` with every schedule at a minute, feeds and Slack on loopback. Server and
service are stopped and killed, the database is locked, a feed dies and returns. Exit code 1 if anything was lost,
doubled, or shown otherwise than it was; the folder with all logs is kept then.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from tests.soak import judge
from tests.soak.desk import Desk, desk
from tests.soak.plan import FRAIL, Blow, Item, Plan, Strike, plan
from tests.soak.processes import below, processes, runs_alive
from tests.soak.report import Felt, as_json, page, summary
from tests.soak.watch import Watch

TICK_S = 0.5
DRAIN_S = 600.0
"""After the planned time, for what is not done yet."""
SETTLE_S = 75.0
"""When nothing is left to do: until the runs that found that out have ended, too."""
HUNT_S = 75.0
"""How long to wait for a run to be there to be killed."""


class Soak:
    """One soak as it goes on."""

    def __init__(self, running: Desk, planned: Plan) -> None:
        self._desk, self._plan = running, planned
        self._begun = time.monotonic()
        self.watch = Watch(running, self._begun)
        self.felt: list[Felt] = []
        self.killed: set[str] = set()
        self._aim_s: float | None = None
        """When the next blow falls, once a run was seen for it."""

    @property
    def at_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun

    def run(self) -> None:
        """From the first item to quiet."""
        thread = threading.Thread(target=self.watch.run, daemon=True)
        thread.start()
        items, blows = list(self._plan.items), list(self._plan.blows)
        while items or blows or self.at_s < self._plan.seconds:
            self._tick(items, blows)
        self._drain()
        self.watch.stop()
        thread.join()

    def _tick(self, items: list[Item], blows: list[Strike]) -> None:
        while items and items[0].at_s <= self.at_s:
            self._desk.publish(items.pop(0), datetime.now(UTC))
        if blows and self._ripe(blows[0]):
            self._strike(blows.pop(0).blow)
        self._desk.server.supervise()
        self._desk.serve.supervise()
        time.sleep(TICK_S)

    def _ripe(self, strike: Strike) -> bool:
        """Whether it is time, and some way into a run; but no blow waits for a run for ever."""
        if self.at_s >= strike.at_s and self._aim_s is None and (self._runs() or self.at_s > strike.at_s + HUNT_S):
            self._aim_s = self.at_s + strike.into_s
        return self._aim_s is not None and self.at_s >= self._aim_s

    def _drain(self) -> None:
        deadline = self.at_s + DRAIN_S
        while self.at_s < deadline and not judge.quiet(self._desk, self._plan):
            self._tick([], [])
        settled = self.at_s + SETTLE_S
        while self.at_s < settled:
            self._tick([], [])
        self._desk.serve.stop()
        self.watch.look()

    def _strike(self, blow: Blow) -> None:
        at, runs = self.at_s, self._runs()
        self._aim_s = None
        self._blow(blow, runs)
        self.felt.append(Felt(at, datetime.now(UTC), blow, len(runs)))
        click.echo(f"{at:6.0f} s  {blow}; {len(runs)} runs in progress")

    def _blow(self, blow: Blow, runs: dict[str, int]) -> None:
        match blow:
            case Blow.SERVER_STOPPED:
                self._desk.server.stop()
            case Blow.SERVER_KILLED:
                self._desk.server.kill(everybody=True)
            case Blow.ALL_KILLED:
                self._desk.serve.kill(everybody=True)
                self.killed |= runs.keys()
            case Blow.SERVE_KILLED:
                self._desk.serve.kill(everybody=False)
            case Blow.DATABASE_LOCKED:
                self._desk.lock_database()
            case Blow.FEED_DIES | Blow.FEED_RETURNS:
                self._desk.feed_dead = blow is Blow.FEED_DIES
                self._desk.show(FRAIL)

    def _runs(self) -> dict[str, int]:
        pid = self._desk.serve.pid
        return runs_alive(below(pid, processes())) if pid else {}


@click.command(help=__doc__)
@click.option("--minutes", default=30.0, show_default=True, help="Length, without the time to come to rest.")
@click.option("--seed", default=0, show_default=True, help="Of the plan.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="JSON of what was seen.")
def main(minutes: float, seed: int, out: Path | None) -> None:
    """Command line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that no server is left behind.
    folder, planned = Path(tempfile.mkdtemp(prefix="volteface-soak-")), plan(minutes, seed)
    with desk(folder, planned) as running:
        soak = Soak(running, planned)
        soak.run()
        wrong = judge.faults(running, planned, soak.watch, soak.killed)
        found = summary(running, planned, soak.watch, soak.felt, wrong, seed)
    click.echo(page(found))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(as_json(found), encoding="utf-8")
    if wrong:
        click.echo(f"logs: {folder}")
    else:
        shutil.rmtree(folder)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
