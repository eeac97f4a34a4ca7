"""What `volteface serve` does with runs that died and are not known to be dead, on a real Prefect server."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from prefect import flow, get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import State
from prefect.states import Pending, Running
from prefect.testing.utilities import prefect_test_harness

from deploy.dead_runs import TAG, dead_runs_marked, mark_crashed

pytestmark = [
    pytest.mark.slow,
    # Prefect leaves sockets of its clients to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@flow
def idle() -> None:
    """A flow that nobody runs: only its runs' records count here."""


@pytest.fixture(scope="module")
def client() -> Iterator[SyncPrefectClient]:
    with prefect_test_harness(server_startup_timeout=120), get_client(sync_client=True) as client:
        yield client
    gc.collect()


def begun(client: SyncPrefectClient, state: State[Any] | None = None, pool: str | None = None) -> UUID:
    """A run of a deployment that has got as far as `state`, by default running."""
    deployment = client.create_deployment(client.create_flow(idle), name=f"of {pool}", work_pool_name=pool)
    run = client.create_flow_run_from_deployment(deployment, tags=[TAG]).id
    client.set_flow_run_state(run, state or Running(), force=True)
    return run


def state_of(client: SyncPrefectClient, run: UUID) -> str:
    return client.read_flow_run(run).state_type.value


@pytest.mark.parametrize("state", [Running, Pending])
def test_run_without_a_process_is_marked(client: SyncPrefectClient, state: type) -> None:
    """After a power cut runs would look alive for ever, and their slots would turn new ones away for five minutes."""
    run = begun(client, state())

    assert mark_crashed() == 1
    assert state_of(client, run) == "CRASHED"
    assert mark_crashed() == 0


def test_run_at_work_is_left_alone(client: SyncPrefectClient) -> None:
    """A run that outlived the service would be shown as crashed while it goes on to deliver alerts."""
    run = begun(client)
    environment = os.environ | {"PREFECT__FLOW_RUN_ID": str(run)}
    wait = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    with subprocess.Popen(wait, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()

        assert mark_crashed() == 0
        assert state_of(client, run) == "RUNNING"

    assert mark_crashed() == 1


def test_runs_of_others_are_left_alone(client: SyncPrefectClient) -> None:
    """Runs of a work pool on other machines, a backfill, and other people's runs would be shown as crashed."""
    client.create_work_pool(WorkPoolCreate(name="pool", type="process"))
    pooled = begun(client, pool="pool")
    backfill = client.create_flow_run(idle, tags=[TAG], state=Running()).id
    foreign = client.create_flow_run(idle, tags=["theirs"], state=Running()).id

    assert mark_crashed() == 0
    assert {state_of(client, run) for run in (pooled, backfill, foreign)} == {"RUNNING"}


def test_run_that_died_unseen_is_marked_while_serving(client: SyncPrefectClient) -> None:
    """A run that ended while the server was away for minutes would look alive, and hold its slot, until a restart."""
    run, deadline = begun(client), time.monotonic() + 60

    with dead_runs_marked(every_s=0.5):
        while state_of(client, run) == "RUNNING" and time.monotonic() < deadline:
            time.sleep(0.5)

    assert state_of(client, run) == "CRASHED"
