"""The housekeeping flow: what is past its time goes, from our store and from Prefect's record of our runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect import flow, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed

from flows.outcome import tell
from flows.progress import progress
from flows.retry import TRANSIENT
from volteface.config import Config
from volteface.config_file import load_config
from volteface.retention import TidyReport, tidy
from volteface.store import Store
from volteface.summary_care import housekeeping_line, housekeeping_page

TAG = "volteface"
"""Tag of our deployments' runs: a Prefect server may hold others' as well, and those are not ours to drop."""
BATCH = 100
ENDED = (StateType.COMPLETED, StateType.FAILED, StateType.CANCELLED, StateType.CRASHED)


@flow(name="housekeeping", flow_run_name="housekeeping", timeout_seconds=3600)
def keep_house(config_file: str = "config.yaml", as_of: datetime | None = None) -> State[TidyReport]:
    """Drop what `retention` of the config lets go. `as_of` simulates the time."""
    config, now = load_config(Path(config_file)), as_of or datetime.now(UTC)
    report = tidy_store(config, now)
    runs = prune_runs(now - timedelta(days=config.retention.prefect_days))
    line = housekeeping_line(report, runs)
    tell("housekeeping", line, housekeeping_page(report, runs, config))
    return Completed(message=line, data=report)


@task(name="tidy the store", cache_policy=NO_CACHE, **TRANSIENT)
def tidy_store(config: Config, now: datetime) -> TidyReport:
    """In short transactions, so that the other flows go on."""
    with Store.open(config.database) as store:
        return tidy(config, store, now)


@task(name="prune old runs", cache_policy=NO_CACHE)
def prune_runs(before: datetime) -> int:
    """Delete our ended runs from before then, with their pages; their logs the server drops itself. How many."""
    return asyncio.run(_prune(before))


async def _prune(before: datetime) -> int:
    pruned = 0
    async with get_client() as client:
        old = _old(before)
        total = await client.count_flow_runs(flow_run_filter=old)
        with progress("progress-housekeeping", "old runs", lambda: (pruned, total)):
            while batch := await client.read_flow_runs(flow_run_filter=old, limit=BATCH):
                for run in batch:
                    await _drop(client, run)
                    pruned += 1
    return pruned


def _old(before: datetime) -> FlowRunFilter:
    # Not by end: a run that was cancelled before it began has none.
    old = {
        "tags": {"all_": [TAG]},
        "state": {"type": {"any_": list(ENDED)}},
        "expected_start_time": {"before_": before},
    }
    return FlowRunFilter.model_validate(old)


async def _drop(client: PrefectClient, run: FlowRun) -> None:
    """The pages first: once the run is gone, nobody can tell whose they were."""
    pages = await client.read_artifacts(
        artifact_filter=ArtifactFilter.model_validate({"flow_run_id": {"any_": [run.id]}})
    )
    # The server's own vacuum may be faster.
    for page in pages:
        with suppress(ObjectNotFound):
            await client.delete_artifact(page.id)
    with suppress(ObjectNotFound):
        await client.delete_flow_run(run.id)
