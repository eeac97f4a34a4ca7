"""`make demo`: the main job on sample feeds over loopback HTTP, as real Prefect flow runs under a simulated clock."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from deploy.sample_web import Item, Sample, SampleWeb, load_sample
from deploy.serve import QUIET, prefect_server
from volteface.config import Config
from volteface.config_file import load_config
from volteface.detect import Held
from volteface.summary import moved

ROOT = Path(__file__).parents[1]
WINDOW = timedelta(hours=90)
"""Items of so many hours are taken in one pass, so that the spring of 2025 fits into a minute."""


def main() -> int:
    """Run the demo; returns the exit code."""
    sample = load_sample()
    with tempfile.TemporaryDirectory(prefix="volteface-demo-") as folder:
        home = Path(folder)
        os.environ.update(QUIET | {"PREFECT_HOME": str(home / "prefect"), "PREFECT_LOGGING_LEVEL": "WARNING"})
        with SampleWeb(sample, lambda: CLOCK["now"]) as web, prefect_server(_free_port(), home / "prefect") as api:
            os.environ["PREFECT_API_URL"] = api
            config_file = _demo_config(home, web.address, sample)
            return _tell(config_file, sample)


CLOCK: dict[str, datetime] = {"now": datetime(2025, 2, 1, tzinfo=UTC)}
"""The simulated time, which the sample web server shares with the flows."""


def _tell(config_file: Path, sample: Sample) -> int:
    from flows.alert import raise_alerts
    from flows.analyze import analyze_articles
    from flows.poll import poll_feeds

    out, held, totals = Console(highlight=False), [], Counter[str]()
    out.print(
        f"{len(sample.items)} items of {len(sample.feeds)} sample feeds, February to April 2025 (sentences are ours). "
        "Each pass is three Prefect flow runs: poll, analyze, alert.\n"
    )
    for now in passes(sample.items):
        CLOCK["now"] = now
        out.print(f"[bold]{now:%a %d %b %Y %H:%M} UTC[/]", style="reverse")
        polled = asyncio.run(_run_async(poll_feeds, config_file, now))
        read: Any = analyze_articles(str(config_file), as_of=now, return_state=True)
        found: Any = raise_alerts(str(config_file), as_of=now, return_state=True)
        for name, state in (("poll", polled), ("analyze", read), ("alert", found)):
            out.print(f"  {name:8} {state.name}: {state.message}", markup=False)
        held += found.result(raise_on_failure=False).held
        totals.update({"alerts": found.result(raise_on_failure=False).alerts, **read.result().skipped})
    _close(out, load_config(config_file), held, totals)
    return 0 if totals["alerts"] else 1


async def _run_async(flow: Any, config_file: Path, now: datetime) -> Any:
    return await flow(str(config_file), as_of=now, return_state=True)


def passes(items: Sequence[Item]) -> Iterator[datetime]:
    """Times at which to poll: as few as possible, but no item older than `WINDOW`."""
    waiting = sorted(item.at for item in items)
    while waiting:
        now = max(at for at in waiting if at - waiting[0] <= WINDOW) + timedelta(minutes=15)
        yield now
        waiting = [at for at in waiting if at > now]


def _close(out: Console, config: Config, held: Sequence[Held], totals: Counter[str]) -> None:
    alerts = totals.pop("alerts")
    out.print(f"\n[bold]{alerts} alerts, above, exactly as Slack would get them.[/] What was held back, and why:")
    table = Table("holder", "axis", "from", "to", "why it is no news")
    for hold in held:
        table.add_row(*moved(hold.shift, config), hold.reason)
    if held:
        out.print(table)
    for reason, count in totals.items():
        words = "copies of a story already read" if reason == "copy" else f"not read as news: {reason}"
        out.print(f"  {count} articles: {words}")
    out.print(
        "\nNext: `volteface feeds check`, then `volteface poll` with your own config.yaml, or `volteface serve` to run "
        'unattended.\nSet VOLTEFACE_SLACK_TOKEN to send to Slack (README, "First real run").'
    )


def _demo_config(home: Path, address: str, sample: Sample) -> Path:
    """The shipped config with the sample feeds, a fresh database and loopback allowed."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    keys = ("outlet", "country", "ownership", "covers")
    document["feeds"] = [
        {"id": name, "url": f"{address}/{name}.xml", "language": "en", "page": "never", **{k: feed[k] for k in keys}}
        for name, feed in sample.feeds.items()
    ]
    document["database"] = f"sqlite:///{home}/demo.db"
    document["poll"] = {"allow_private_addresses": True, "host_gap_s": 0, "silent_after_h": 240}
    document["detect"] = {**document.get("detect", {}), "max_age_h": WINDOW.total_seconds() / 3600 + 1}
    path = home / "config.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
