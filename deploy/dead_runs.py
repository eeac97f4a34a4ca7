"""Runs that look alive in the Prefect server although no process executes them, and marking them crashed.

A server has one `volteface serve`, so a run of its deployments that no process of this machine executes is dead. Runs
of a work pool are its workers' own. Prefect's own means see less: a run has no heartbeat before it begins to run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from pathlib import Path
from uuid import UUID

import httpx
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from deploy.serve import TAG

LOOK_S = 60.0
"""Between two looks; a run that is about to begin has a process much sooner."""
GOING_ON = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
STOP_S = 5.0
_RUN = b"PREFECT__FLOW_RUN_ID="
_PASSING = (httpx.HTTPError, ObjectNotFound, RuntimeError)
"""The server is away (Prefect's client has a RuntimeError for that, too), or the run was dropped meanwhile."""


def mark_crashed() -> int:
    """Mark every dead run of ours; how many. For the start of `serve`, before anything of its own runs.

    Otherwise what a kill or a power cut left would look alive for ever, and its slots turn new runs away for five
    minutes. Raises httpx.HTTPError.
    """
    with get_client(sync_client=True) as client:
        return _mark(client, _dead(client))


@contextmanager
def dead_runs_marked(every_s: float = LOOK_S) -> Iterator[None]:
    """As long as the context lasts, a thread marks runs that were dead at two looks in a row.

    Such as those that ended while the server was away for longer than anybody tried to tell it.
    """
    over = threading.Event()
    look = copy_context().run  # With the settings of Prefect that hold here.
    thread = threading.Thread(target=look, args=(_keep_looking, over, every_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(STOP_S)


def _keep_looking(over: threading.Event, every_s: float) -> None:
    suspects: set[UUID] = set()
    while not over.wait(every_s):
        with suppress(*_PASSING), get_client(sync_client=True) as client:
            dead = _dead(client)
            _mark(client, dead & suspects)
            suspects = dead - suspects


def _mark(client: SyncPrefectClient, runs: set[UUID]) -> int:
    for run in runs:
        client.set_flow_run_state(
            run, Crashed(message="its process is gone: it was killed, or nobody saw how it ended")
        )
    return len(runs)


def _dead(client: SyncPrefectClient) -> set[UUID]:
    unfinished = {"state": {"type": {"any_": list(GOING_ON)}}, "tags": {"all_": [TAG]}}
    runs = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(unfinished))
    alive = _alive()
    served = (run.id for run in runs if run.deployment_id is not None and run.work_pool_name is None)
    return {run for run in served if str(run) not in alive}


def _alive() -> set[str]:
    """Ids of runs with a process on this machine: after a kill of `serve` alone they may still be at work."""
    alive = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # It ended meanwhile, or is somebody else's.
            entries = path.read_bytes().split(b"\0")
            alive |= {entry.removeprefix(_RUN).decode() for entry in entries if entry.startswith(_RUN)}
    return alive
