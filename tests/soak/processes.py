"""What /proc tells of our processes: who lives, for which run, and what they have cost."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
RUN = b"PREFECT__FLOW_RUN_ID="


@dataclass(frozen=True, slots=True)
class Process:
    """One process at one moment."""

    pid: int
    parent: int
    cpu_s: float
    """Its own, and of its children that ended."""
    rss_mib: float
    state: str


def process(pid: int) -> Process | None:
    """None where there is no such process (any more)."""
    try:
        # The name may hold blanks and brackets, but nothing comes after its last bracket that is not a field.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    cpu_s = sum(map(int, fields[11:15])) / TICKS
    return Process(pid, int(fields[1]), cpu_s, int(fields[21]) * PAGE_MIB, fields[0])


def processes() -> Iterator[Process]:
    """All that live now; a zombie does not."""
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and (found := process(int(path.name))) and found.state != "Z":
            yield found


def below(root: int, everybody: Iterable[Process]) -> list[Process]:
    """Children of `root`, theirs, and so on."""
    everybody, family, found = list(everybody), {root}, []
    while more := [p for p in everybody if p.parent in family and p.pid not in family]:
        found += more
        family |= {p.pid for p in more}
    return found


def run_of(pid: int) -> str | None:
    """The flow run that this process executes, if it does."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    return next((entry.removeprefix(RUN).decode() for entry in environment if entry.startswith(RUN)), None)


def runs_alive(everybody: Iterable[Process]) -> dict[str, int]:
    """Flow runs with a living process, and its id."""
    found = ((run_of(process.pid), process.pid) for process in everybody)
    return {run: pid for run, pid in found if run}
