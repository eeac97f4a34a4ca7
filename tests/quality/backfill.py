"""What several workers make of a backfill: python -m tests.quality.backfill [--items 3000] [--workers 1 --workers 2].

Runs `volteface backfill --only-read` on the first items of an archive, once for each number of workers, and compares
the files. The processor time holds everything: start-up, Prefect's server and the model, which each worker loads.
"""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import click

from tests.quality.instruments import SHARED

ARCHIVE = SHARED / "data/news/archive_2026_01_to_04.jsonl.gz"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Run:
    """One run; times in seconds."""

    workers: int
    wall: float
    processor: float
    steady: float
    """From the first chunk in the file to the last."""
    load: float
    kept: bytes


def slice_of(archive: Path, items: int, folder: Path) -> Path:
    """The first items as a file of their own."""
    target = folder / "slice.jsonl"
    with gzip.open(archive, "rt", encoding="utf8") as lines, target.open("w", encoding="utf8") as file:
        file.writelines(islice(lines, items))
    return target


def run(archive: Path, workers: int, port: int, folder: Path) -> Run:
    """One run to its end."""
    kept = folder / f"{workers}.jsonl"
    words = ("--only-read", "--readings", str(kept), "--workers", str(workers), "--port", str(port))
    command = [sys.executable, "-m", "deploy.cli", "backfill", str(archive), *words]
    env = os.environ | {"PREFECT_HOME": str(folder / "prefect")}
    before, begun, first = _processor(), time.monotonic(), None
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            time.sleep(0.2)
            if first is None and kept.exists() and kept.stat().st_size > 200:
                first = time.monotonic()
    if process.returncode:
        raise SystemExit(f"the run with {workers} workers failed")
    last = kept.stat().st_mtime - time.time() + time.monotonic()
    wall, steady = time.monotonic() - begun, last - (first or last)
    return Run(workers, wall, _processor() - before, steady, os.getloadavg()[0], kept.read_bytes())


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@click.command(help=__doc__)
@click.option("--items", default=3000, show_default=True)
@click.option("--workers", multiple=True, type=int, default=(1, 2), show_default=True)
@click.option("--port", default=4299, show_default=True)
def main(items: int, workers: tuple[int, ...], port: int) -> None:
    """Command line."""
    with tempfile.TemporaryDirectory() as name:
        archive = slice_of(ARCHIVE, items, Path(name))
        runs = [run(archive, number, port, Path(name)) for number in workers]
    click.echo("| workers | wall, s | first to last chunk, s | processor, s | load at the end |\n|---|---|---|---|---|")
    for one in runs:
        click.echo(f"| {one.workers} | {one.wall:.0f} | {one.steady:.0f} | {one.processor:.0f} | {one.load:.1f} |")
    click.echo("the same bytes" if len({one.kept for one in runs}) == 1 else "DIFFERENT BYTES")


if __name__ == "__main__":
    main()
