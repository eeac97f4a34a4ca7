"""What Prefect costs: python -m tests.soak.overhead [--minutes 4].

CPU seconds, by /proc, of the Prefect server, `volteface serve` and the processes of its runs, in minutes in which a
schedule runs and in minutes in which none does; beside `volteface poll`, which does the same steps without Prefect.
Four feeds on loopback that have nothing new.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.soak.desk import MINUTE, Desk, configure, desk
from tests.soak.plan import Plan
from tests.soak.processes import process
from tests.soak.watch import runs

NEVER = "0 0 29 2 *"
FLOWS = ("poll", "analyze", "alert", "watchdog", "digest", "housekeeping")
NOTHING = Plan(0, (), (), ())
WARM_S = 45.0
"""Until serve has started and registered its deployments."""
PASSES = 5


def schedule(*flows: str) -> dict[str, str]:
    """These flows at every minute, the others practically never."""
    return {flow: MINUTE if flow in flows else NEVER for flow in FLOWS}


def served(running: Desk, minutes: float, *flows: str) -> tuple[float, float, int]:
    """CPU seconds of the server, and of serve with its runs, and runs completed, in so many minutes."""
    configure(running, NOTHING, schedule(*flows))
    running.serve.stop()
    running.serve.start()
    time.sleep(WARM_S)
    before, done = _cpu(running), _completed(running)
    time.sleep(minutes * 60)
    after = _cpu(running)
    return after[0] - before[0], after[1] - before[1], _completed(running) - done


def _cpu(running: Desk) -> tuple[float, float]:
    both = [process(unit.pid or 0) for unit in (running.server, running.serve)]
    return tuple(seen.cpu_s if seen else 0.0 for seen in both)  # type: ignore[return-value]


def _completed(running: Desk) -> int:
    return len(runs(running.api, {"state": {"type": {"any_": ["COMPLETED"]}}}))


def plain(running: Desk) -> tuple[float, float]:
    """CPU and wall seconds of one `volteface poll`: the median of a few passes, feeds due in each or not."""
    command = [str(Path(sys.executable).with_name("volteface")), "--config", str(running.config_file), "poll"]
    seen = []
    for _ in range(PASSES):
        begun, before = time.monotonic(), os.times()
        subprocess.run(command, env=dict(running.serve.env), check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
        seen.append((cpu_s, time.monotonic() - begun))
    return sorted(seen)[PASSES // 2]


@click.command(help=__doc__)
@click.option("--minutes", default=4.0, show_default=True, help="Of each of the three measurements.")
def main(minutes: float) -> None:
    """Command line."""
    with tempfile.TemporaryDirectory() as folder, desk(Path(folder), NOTHING, schedule()) as running:
        time.sleep(WARM_S)
        cpu_s, wall_s = plain(running)
        click.echo(f"volteface poll: {cpu_s:.2f} s of CPU, {wall_s:.2f} s of wall time")
        idle = [sum(served(running, minutes)[:2]) / minutes]
        click.echo(f"nothing scheduled: {idle[0]:.2f} s of CPU a minute")
        for flows in (("poll",), ("poll", "analyze", "alert")):
            server, serve, completed = served(running, minutes, *flows)
            cycles = completed / len(flows)
            each = (server + serve - idle[0] * minutes) / max(cycles, 1)
            click.echo(
                f"{' + '.join(flows)}: {completed} runs, {each:.2f} s of CPU a cycle (server {server:.1f} s in all)"
            )


if __name__ == "__main__":
    main()
