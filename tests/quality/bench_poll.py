"""How fast, how lean and how smooth a pass over 2,000 feeds is, beside two other ways in the same run.

    python -m tests.quality.bench_poll                    # all three; about ten minutes
    python -m tests.quality.bench_poll --only ours --timeout 30 --drip-s 60

Each contender is a process of its own, and `tests/quality/feed_farm.py`, which it asks, is another. Each first polls
all feeds once (all in full); measured is the pass of the next day: 70 % answer 304, 1 % never, 1 % drip, 28 % in full.
A stall is how much later than asked a task of the same event loop woke up (`heartbeat.py`). On a busy machine that is
also the wait for a processor: without it, and without what a process that does nothing but sleep woke up late, it is of
our making. Beside it stands the most processor time that the loop took between two beats.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import feedparser_sgmllib
import httpx
import psutil

from tests.quality.feed_farm import Kind, etag_of, kind_of, url_of
from tests.quality.heartbeat import HEARTBEAT_S, Heart
from volteface.config import Config
from volteface.config_file import load_config
from volteface.fetch import Web
from volteface.poll import Polled, poll
from volteface.store import Store
from volteface.workers import Workers

WALL_S, RSS_MB, STALL_MS, TIMES = 60.0, 700.0, 100.0, 5.0
"""The goals: at most so long, so large and so stalled, and so many times as fast as one feed after the other."""
WATCH_S = 0.2
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True)
class Setting:
    """One measurement: how many feeds, on which port, with how much patience for one answer (seconds)."""

    feeds: int
    port: int
    timeout_s: float
    concurrency: int

    def day(self, number: int) -> None:
        """Let the farm's day begin."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/day/{number}", timeout=10):
            pass

    def urls(self) -> dict[int, str]:
        """Number → address of every feed."""
        return {number: url_of(number, self.port) for number in range(self.feeds)}


@dataclass(frozen=True)
class Pass:
    """What one pass took. `rss_mb` is filled in by who watches: the peak of the process and its workers together."""

    name: str
    wall_s: float
    cpu_s: float = 0.0
    rss_mb: float = 0.0
    live_s: float = 0.0
    """Of the wall time, that spent on feeds that answer (only where feeds are asked one after the other)."""
    stall_ms: float = 0.0
    stall_own_ms: float = 0.0
    stall_cpu_ms: float = 0.0
    idle_ms: float = 0.0
    """The longest time by which who watches woke up late: the machine as a whole stood still."""
    load: float = 0.0
    said: str = ""


def config_of(setting: Setting) -> Config:
    """The project's configuration with the farm's feeds."""
    mine = load_config(Path("config.yaml"))
    common = {"outlet": "Farm", "country": "INT", "ownership": "independent", "language": "en", "page": "never"}
    feeds = [{"id": f"feed_{n:05}", "url": url, **common} for n, url in setting.urls().items()]
    rules = {"timeout_s": setting.timeout_s, "concurrency": setting.concurrency, "allow_private_addresses": True}
    return Config.model_validate(dict(mine) | {"feeds": feeds, "poll": mine.poll.model_copy(update=rules)})


def ours(setting: Setting, folder: Path) -> Pass:
    """The step poll as the flow runs it: client, store and two worker processes."""
    config = config_of(setting)
    with Store.open(f"sqlite:///{folder / 'store.db'}") as store, Workers() as workers:
        asyncio.run(_poll_once(config, store, workers, NOW))
        setting.day(2)
        return asyncio.run(_poll_once(config, store, workers, NOW + timedelta(days=2)))


async def _poll_once(config: Config, store: Store, workers: Workers, now: datetime) -> Pass:
    heart, began = Heart(), time.perf_counter()
    beating = asyncio.create_task(heart.beat())
    await asyncio.sleep(0)
    async with Web(config.poll) as web:
        report = await poll(config, store, web, workers, lambda: now)
    wall = time.perf_counter() - began
    await asyncio.sleep(2 * HEARTBEAT_S)
    beating.cancel()
    fresh = report.count(Polled.FRESH)
    said = f"{report.line()}; {fresh} with news"
    stalls = {"stall_ms": heart.stall_ms, "stall_own_ms": heart.own_ms, "stall_cpu_ms": heart.cpu_ms}
    return Pass("ours", wall, **stalls, said=said)


def sequential(setting: Setting, folder: Path) -> Pass:
    """feedparser and httpx, one feed after the other, nothing stored; it is given the first day's validators."""
    setting.day(2)
    took = dict.fromkeys(Kind, 0.0)
    counts = {"304": 0, "parsed": 0, "failed": 0}
    with httpx.Client(timeout=setting.timeout_s, trust_env=False) as client:
        for number, url in setting.urls().items():
            began = time.perf_counter()
            counts[_ask_one(client, url, etag_of(number))] += 1
            took[kind_of(number)] += time.perf_counter() - began
    live = sum(seconds for kind, seconds in took.items() if kind not in (Kind.DEAD, Kind.DRIP))
    said = ", ".join(f"{count} {what}" for what, count in counts.items())
    return Pass("feedparser + httpx, sequential", sum(took.values()), live_s=live, said=said)


def _ask_one(client: httpx.Client, url: str, etag: str) -> str:
    try:
        response = client.get(url, headers={"If-None-Match": etag})
    except httpx.HTTPError:
        return "failed"
    if response.status_code == 304:
        return "304"
    return "parsed" if feedparser.parse(response.content).entries else "failed"


def library(setting: Setting, folder: Path) -> Pass:
    """The library reader with as many workers as we have requests in flight."""
    # Its own copy of feedparser wants sgmllib3k, which we lack; what our feedparser uses in its place is the same code.
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import make_reader

    timeout = (setting.timeout_s, setting.timeout_s)
    with make_reader(str(folder / "reader.db"), session_timeout=timeout, search_enabled=False) as mine:
        for url in setting.urls().values():
            mine.add_feed(url)
        mine.update_feeds(scheduled=False, workers=setting.concurrency)
        setting.day(2)
        began = time.perf_counter()
        results = list(mine.update_feeds_iter(scheduled=False, workers=setting.concurrency))
        wall = time.perf_counter() - began
    failed = sum(isinstance(result.value, Exception) for result in results)
    new = sum(result.updated_feed.new for result in results if result.updated_feed)
    return Pass("reader", wall, said=f"{len(results)} feeds, {new} new, {failed} failed")


CONTENDERS: dict[str, Callable[[Setting, Path], Pass]] = {"ours": ours, "sequential": sequential, "reader": library}


def run_one(name: str, setting: Setting) -> Pass:
    """A contender in this process, with the processor time of its measured and its first pass together."""
    with tempfile.TemporaryDirectory() as folder:
        result = CONTENDERS[name](setting, Path(folder))
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return replace(result, cpu_s=sum(u.ru_utime + u.ru_stime for u in usage), load=os.getloadavg()[0])


def watched(name: str, setting: Setting) -> Pass:
    """A contender in a process of its own, whose memory is sampled."""
    command = [
        sys.executable,
        "-m",
        "tests.quality.bench_poll",
        "--contender",
        name,
        "--farm",
        json.dumps(asdict(setting)),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        peak, idle_s, root = 0, 0.0, psutil.Process(process.pid)
        while process.poll() is None:
            peak, began = max(peak, _memory(root)), time.perf_counter()
            time.sleep(WATCH_S)
            idle_s = max(idle_s, time.perf_counter() - began - WATCH_S)
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    if process.returncode:
        raise SystemExit(f"{name} failed")
    return replace(Pass(**json.loads(lines[-1])), rss_mb=peak / 1e6, idle_ms=idle_s * 1000)


def _memory(root: psutil.Process) -> int:
    total = 0
    with suppress(psutil.Error):  # one that ends meanwhile spoils this sample, and the next is near
        for process in (root, *root.children(recursive=True)):
            total += process.memory_info().rss
    return total


@contextmanager
def farm(drip_s: float) -> Iterator[int]:
    """The port of a farm that runs meanwhile, on day 1."""
    command = [sys.executable, "-m", "tests.quality.feed_farm", "--drip-s", str(drip_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def table(passes: list[Pass]) -> str:
    """The passes as Markdown, and whether the goals are met."""
    rows = [
        "| way | wall, s | on feeds that answer, s | CPU of all passes, s | RSS, MB | longest stall, ms "
        "| without waiting for a processor, ms | most CPU at once, ms | of a sleeper, ms | load | it says |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {p.name} | {p.wall_s:.1f} | {_told(p.live_s)} | {p.cpu_s:.1f} | {p.rss_mb:.0f} | {_told(p.stall_ms)} "
        f"| {_told(p.stall_own_ms)} | {_told(p.stall_cpu_ms)} | {_told(p.idle_ms)} | {p.load:.1f} | {p.said} |"
        for p in passes
    ]
    return "\n".join([*rows, "", *verdicts(passes)])


def _told(value: float) -> str:
    return f"{value:.1f}" if value else ""


def verdicts(passes: list[Pass]) -> list[str]:
    """A line for each goal that these passes can tell of."""
    by_name = {p.name: p for p in passes}
    mine, slow = by_name.get("ours"), by_name.get("feedparser + httpx, sequential")
    goals: list[tuple[str, bool]] = []
    if mine:
        goals += [
            (f"wall {mine.wall_s:.1f} s, at most {WALL_S:g}", mine.wall_s <= WALL_S),
            (f"RSS {mine.rss_mb:.0f} MB, at most {RSS_MB:g}", mine.rss_mb <= RSS_MB),
            (f"stall {mine.stall_ms:.0f} ms, at most {STALL_MS:g} (load {mine.load:.1f})", mine.stall_ms <= STALL_MS),
            (f"stall without the wait for a processor {mine.stall_own_ms:.0f} ms", mine.stall_own_ms <= STALL_MS),
            (f"CPU at once {mine.stall_cpu_ms:.0f} ms, at most {STALL_MS:g}", mine.stall_cpu_ms <= STALL_MS),
        ]
    if mine and slow:
        times = slow.wall_s / mine.wall_s
        goals.append((f"{times:.1f} times the sequential way, at least {TIMES:g}", times >= TIMES))
    return [f"{'met   ' if met else 'MISSED'} {what}" for what, met in goals]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=2000)
    parser.add_argument("--timeout", type=float, default=5, help="seconds for one answer, for all three")
    parser.add_argument("--drip-s", type=float, default=8, help="how long a slow feed drips, where one lets it")
    parser.add_argument("--concurrency", type=int, default=30)
    parser.add_argument("--only", choices=CONTENDERS, nargs="*", default=list(CONTENDERS))
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--farm", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Run the contenders one after the other."""
    args = arguments()
    if args.contender:
        sys.stdout.write(json.dumps(asdict(run_one(args.contender, Setting(**json.loads(args.farm))))) + "\n")
        return
    passes = []
    for name in args.only:
        with farm(args.drip_s) as port:
            passes.append(watched(name, Setting(args.feeds, port, args.timeout, args.concurrency)))
        sys.stdout.write(table(passes[-1:]) + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"\n{table(passes)}\n")


if __name__ == "__main__":
    main()
