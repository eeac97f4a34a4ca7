"""The watchdog flow: whether the others are alive, judged by what they left in the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect import flow, get_client, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
from prefect.client.schemas.objects import State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Completed, Failed

from flows.dashboard import gathered, publish
from flows.events import emit, feed_silent, outages
from flows.outcome import tell
from volteface.config import Config
from volteface.config_file import load_config
from volteface.notices import NoticeReport
from volteface.sinks import sink_for
from volteface.storeless import outage_file
from volteface.summary_care import watchdog_line, watchdog_page
from volteface.watchdog import fell_silent, watch


@flow(name="watchdog", flow_run_name="watchdog", timeout_seconds=300)
def watch_over(config_file: str = "config.yaml", as_of: datetime | None = None) -> State[NoticeReport]:
    """Check health; tell the channel when an outage begins and when it is over. `as_of` simulates the time."""
    config, now = load_config(Path(config_file)), as_of or datetime.now(UTC)
    report = check_health(config, now)
    emit((*outages(report), *map(feed_silent, fell_silent(config, _last_look(now), now))))
    state, dashboard = gathered(config, now)
    publish(dashboard)
    line = watchdog_line(report, state)
    tell("watchdog", line, watchdog_page(report))
    # An outage is the system's failure, not this run's: but nobody heard of it, and that must be seen in the UI.
    outcome = Failed if report.fault else Completed
    return outcome(message=line, data=report)


@task(name="check health", cache_policy=NO_CACHE)
def check_health(config: Config, now: datetime) -> NoticeReport:
    """No retries: a database that cannot be asked is what this is to find out."""
    return watch(config, sink_for(config), outage_file(config), now)


def _last_look(now: datetime) -> datetime:
    """When the run before this one began; a day ago where there is none, so that a start tells of what is new."""
    ended = {"state": {"type": {"any_": [StateType.COMPLETED, StateType.FAILED]}}}
    name = {"name": {"any_": ["watchdog"]}}
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter.model_validate(name),
            flow_run_filter=FlowRunFilter.model_validate(ended),
            sort=FlowRunSort.START_TIME_DESC,
            limit=1,
        )
    began = runs[0].start_time if runs else None
    return began or now - timedelta(days=1)
