"""One run from its first news to quiet, on loopback servers of its own, and what was wrong with it."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from tests.faults import judge
from tests.faults.plan import (
    FEEDS,
    ROUND,
    START,
    TOPICS,
    Death,
    FeedFault,
    Item,
    Kind,
    Plan,
    feed_document,
    page_document,
)
from tests.faults.program import COLLIDED, SLACK_TIMEOUT_S, Fuse, Killed, Life, Machine, live_as_process
from tests.local_slack import CHANNEL, LocalSlack
from tests.local_web import LocalWeb
from tests.slack_methods import Channel
from volteface.config import Config
from volteface.config_file import load_config
from volteface.errors import StoreError
from volteface.store import Store, schema

BETWEEN = timedelta(minutes=20)
"""Simulated time between two passes: longer than a sender's lease and than any wait for a feed."""
PASSES = 30
"""A round that is not quiet after so many passes never will be."""
PATIENCE_S = 60.0
"""For a real process: one that neither ends nor can be killed in that time is a finding."""
SETTLE_S = 0.03
"""After a kill: what the dead process had sent is still in the servers' hands."""


HTML = {"Content-Type": "text/html"}


class Slack(LocalSlack):
    """A local Slack that can begin anew."""

    def forget(self) -> None:
        """No message, no fault to come."""
        self.channels = {CHANNEL: Channel(CHANNEL, "iran-us")}
        self._faults.clear()
        self.calls.clear()


@dataclass(slots=True)
class Tally:
    """What was inflicted."""

    lives: int = 0
    deaths: int = 0
    sigkills: int = 0
    collisions: int = 0
    """Lives of one of two programs that ended because the other had been there first."""


class World:
    """The servers of one database, used by one run after the other. Use as a context manager."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._folder = Path(tempfile.mkdtemp(prefix="volteface-faults-"))
        self._web = LocalWeb()
        self.slack = Slack(silence_s=SLACK_TIMEOUT_S + 0.2)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["tests.faults.__main__"])
        self.tally = Tally()

    def __enter__(self) -> Self:
        self._web.__enter__()
        self.slack.__enter__()
        self.config = _config(self._url(), self._web.address, self.slack)
        self._threads = ThreadPoolExecutor(2)
        self._machines = (Machine(self.config), Machine(self.config))
        self._store = Store.open(self.config.database)
        self._engine = sa.create_engine(self.config.database)
        return self

    def __exit__(self, *exc: object) -> None:
        for machine in self._machines:
            machine.close()
        self._threads.shutdown()
        self._store.close()
        self._engine.dispose()
        self.slack.__exit__(*exc)
        self._web.__exit__(None, None, None)
        shutil.rmtree(self._folder)

    def _url(self) -> str:
        return f"sqlite:///{self._folder / 'store.db'}" if self._database == "sqlite" else self._database

    def run(self, plan: Plan) -> list[str]:
        """What was wrong at the end of the run, in words; nothing if it is as it must be.

        Raises StoreError where a program that is alone is refused, or a process ends in a way that nobody ordered.
        """
        self._clean()
        for method, faults in plan.slack.items():
            self.slack.fail(method, *faults)
        deaths, feed_faults = iter(plan.deaths), iter(plan.feeds)
        for number in range(len(plan.rounds)):
            published = tuple(item for some in plan.rounds[: number + 1] for item in some)
            for some in range(PASSES):
                self._publish(published, next(feed_faults, FeedFault.NONE))
                self._pass(plan, START + number * ROUND + some * BETWEEN, deaths)
                if judge.quiet(self._store, len(published)):
                    break
            else:
                return [f"round {number} never became quiet: {judge.waiting(self._store)}"]
        return self.wrong(plan)

    def wrong(self, plan: Plan) -> list[str]:
        """What is wrong with the store and the channel as they are, in words."""
        return judge.faults(plan, self.config, self._store, self.slack)

    def _clean(self) -> None:
        self.slack.forget()
        with self._engine.begin() as connection:
            for table in reversed(schema.metadata.sorted_tables):
                connection.execute(sa.delete(table))

    def _publish(self, items: tuple[Item, ...], fault: FeedFault) -> None:
        for number in range(FEEDS):
            own = tuple(item for item in items if item.feed == number)
            body = feed_document(own, self._web.address)
            cut = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 3]
            broken = {FeedFault.CUT: cut, FeedFault.EMPTY: b""}.get(fault)
            status = 500 if fault is FeedFault.ERROR_500 else 200
            self._web.route(
                f"/{number}.xml", body=body if broken is None else broken, status=status, raw=broken is not None
            )
        for item in items:
            if item.page:
                self._web.route(f"/article/{item.number}", body=page_document(item), headers=HTML)

    def _pass(self, plan: Plan, now: datetime, deaths: Iterator[Death | None]) -> None:
        """One pass of one program, or of two at once."""
        senders = ("one", "two") if plan.pair else ("one",)
        lives = [(sender, next(deaths, None) or Death()) for sender in senders]
        self.tally.lives += len(lives)
        if plan.kind is Kind.SIGKILL:
            self._processes_live(now, lives)
        elif plan.pair:
            ends = zip(self._machines, lives, strict=True)
            list(self._threads.map(lambda end: self._live(end[0], now, *end[1]), ends))
        else:
            self._live(self._machines[0], now, *lives[0])

    def _live(self, machine: Machine, now: datetime, sender: str, death: Death) -> None:
        try:
            machine.live(self.config, now, sender, Fuse(death.boundary))
        except Killed:
            self.tally.deaths += 1
        except StoreError:
            # What came first in another program's transaction; the next pass starts over. Alone it is a finding.
            if threading.current_thread() is threading.main_thread():
                raise
            self.tally.collisions += 1

    def _processes_live(self, now: datetime, lives: list[tuple[str, Death]]) -> None:
        begun = time.monotonic()
        running = [
            self._processes.Process(target=live_as_process, args=(Life(self.config, now, sender, death.boundary),))
            for sender, death in lives
        ]
        for process in running:
            process.start()
        for process, (_, death) in sorted(zip(running, lives, strict=True), key=lambda pair: pair[1][1].after_s or 1e9):
            if death.after_s is not None:
                process.join(max(0.0, begun + death.after_s - time.monotonic()))
                process.kill()
            process.join(PATIENCE_S)
            self._count(process.exitcode, alone=len(lives) == 1)
        time.sleep(SETTLE_S)

    def _count(self, exit_code: int | None, *, alone: bool) -> None:
        killed, collided = exit_code == -signal.SIGKILL, exit_code == COLLIDED
        self.tally.deaths += killed
        self.tally.sigkills += killed
        self.tally.collisions += collided
        if (collided and alone) or not (killed or collided or exit_code == 0):
            raise StoreError(f"the process ended with exit code {exit_code}")


def _config(database: str, web: str, slack: LocalSlack) -> Config:
    """The shipped offices and axes, with feeds on loopback, and rules by which one deed moves a position."""
    shipped = load_config(Path(__file__).parents[2] / "config.yaml")
    source = {"country": "INT", "ownership": "independent", "language": "en"}
    feeds = [{"id": f"feed_{n}", "url": f"{web}/{n}.xml", "outlet": f"Outlet {n}", **source} for n in range(FEEDS)]
    stands = {
        "value": -0.6,
        "since": START.date() - timedelta(days=90),
        "statement": "Against.",
        "evidence": "Said so.",
    }
    changed = {
        "database": database,
        "feeds": feeds,
        "positions": [{"holder": holder, "axis": axis, **stands} for holder, axis in TOPICS],
        "poll": {"allow_private_addresses": True, "host_gap_s": 0, "timeout_s": 10, "max_interval_s": 600},
        "detect": {"strength": 0.5, "resistance": 0.0},
        "slack": {"channel": CHANNEL, "api_url": slack.config.api_url},
    }
    return Config.model_validate({**dict(shipped), **changed})
