"""What the control room shows while it happens, held against what lives; and what everything costs."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.soak.desk import Desk
from tests.soak.processes import below, processes, runs_alive

EVERY_S = 5.0
UNFINISHED = ("RUNNING", "PENDING", "CANCELLING")
PAGE = 200


@dataclass(slots=True)
class Ghost:
    """A run that the API calls unfinished although no process of it lives."""

    name: str
    state: str
    since: float
    lasted_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cost:
    """One look at the services."""

    at_s: float
    server_cpu_s: float
    server_mib: float
    serve_cpu_s: float
    """With its runs that ended, and all lives before."""
    serve_mib: float
    runs: int
    """Processes of runs."""
    runs_mib: float


@dataclass
class Watch:
    """Looks every five seconds, in a thread of its own."""

    desk: Desk
    begun: float
    ghosts: dict[str, Ghost] = field(default_factory=dict)
    costs: list[Cost] = field(default_factory=list)
    blind_s: float = 0.0
    """Seconds for which the API did not answer."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _open: set[str] = field(default_factory=set)
    """Ghosts that were there at the last look."""

    def run(self) -> None:
        """Until `stop`."""
        while not self._stop.wait(EVERY_S):
            self.look()

    def stop(self) -> None:
        """No further look."""
        self._stop.set()

    def look(self) -> None:
        """Once."""
        self._cost()
        unfinished = _unfinished(self.desk.api)
        if unfinished is None:
            self.blind_s += EVERY_S
            return
        # The living are listed after the API was asked: who ended in between is not yet a ghost, but looks like one.
        alive, now = runs_alive(processes()), time.monotonic()
        ghosts = {run["id"]: run for run in unfinished if run["id"] not in alive}
        for name, run in ghosts.items():
            ghost = self.ghosts.get(name) if name in self._open else None
            if ghost is None:
                ghost = self.ghosts[name] = Ghost(run["name"], run["state_type"], now)
            ghost.state, ghost.lasted_s = run["state_type"], max(ghost.lasted_s, now - ghost.since)
        self._open = set(ghosts)

    def _cost(self) -> None:
        server, serve, everybody = self.desk.server, self.desk.serve, list(processes())
        by_pid = {process.pid: process for process in everybody}
        own, ours = by_pid.get(server.pid or 0), by_pid.get(serve.pid or 0)
        runs = below(serve.pid, everybody) if serve.pid else []
        if own is None or ours is None:
            return
        cost = Cost(
            at_s=time.monotonic() - self.begun,
            server_cpu_s=server.cpu_s + own.cpu_s,
            server_mib=own.rss_mib,
            serve_cpu_s=serve.cpu_s + ours.cpu_s,
            serve_mib=ours.rss_mib,
            runs=len(runs),
            runs_mib=sum(run.rss_mib for run in runs),
        )
        self.costs.append(cost)


def _unfinished(api: str) -> list[dict[str, Any]] | None:
    """Runs that claim to go on; None where the API does not answer."""
    try:
        return runs(api, {"state": {"type": {"any_": list(UNFINISHED)}}})
    except httpx.HTTPError:
        return None


def runs(api: str, which: dict[str, Any]) -> list[dict[str, Any]]:
    """Flow runs, by expected start. Raises httpx.HTTPError."""
    found: list[dict[str, Any]] = []
    with httpx.Client(trust_env=False, timeout=20) as client:
        while True:
            asked = {"flow_runs": which, "sort": "EXPECTED_START_TIME_ASC", "limit": PAGE, "offset": len(found)}
            page = client.post(f"{api}/flow_runs/filter", json=asked).raise_for_status().json()
            found += page
            if len(page) < PAGE:
                return found


def flow_names(api: str) -> dict[str, str]:
    """Names of flows by their id. Raises httpx.HTTPError."""
    found = httpx.post(f"{api}/flows/filter", json={}, trust_env=False, timeout=20).raise_for_status().json()
    return {flow["id"]: flow["name"] for flow in found}


def states(api: str, run: str) -> list[str]:
    """The types of a run's states, in order. Raises httpx.HTTPError."""
    asked = {"flow_run_id": run}
    answer = httpx.get(f"{api}/flow_run_states/", params=asked, trust_env=False, timeout=20).raise_for_status()
    return [state["type"] for state in sorted(answer.json(), key=lambda state: state["timestamp"])]
