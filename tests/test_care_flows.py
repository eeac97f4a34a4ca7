"""Watchdog and housekeeping on a real Prefect server: who hears of an outage, and what is left of old runs."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from local_slack import TOKEN, LocalSlack
from prefect import flow, get_client, tags
from prefect.client.schemas.filters import ArtifactFilter
from prefect.client.schemas.objects import State
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness
from store_samples import alerted, shift

from deploy.serve import QUIET, TAG
from flows.events import delivery, emit, feed_silent, shift_detected
from flows.housekeeping import keep_house
from flows.outcome import tell
from flows.watchdog import watch_over
from volteface.config_file import load_config
from volteface.deliver import DeliverReport
from volteface.status import SILENT, FeedHealth
from volteface.store import Store

pytestmark = [
    pytest.mark.slow,
    # Prefect leaves sockets of its clients to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def prefect_api() -> Iterator[None]:
    """A Prefect server of our own. Heartbeats off: ending one takes 0.9 s a run."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in QUIET.items():
            environment.setenv(name, value)
        with (
            prefect_test_harness(server_startup_timeout=120),
            temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        ):
            # One sender of events lives as long as the process: another module's still calls that module's server.
            EventsWorker.drain_all(timeout=10, at_exit=False)
            yield
            EventsWorker.drain_all(timeout=10, at_exit=False)
    gc.collect()


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The shipped config with a store of its own, in which nothing was ever polled."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "config.yaml"
    document |= {"database": f"sqlite:///{tmp_path}/store.db"}
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def page(state: State[Any], key: str) -> str:
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter.model_validate({"flow_run_id": {"any_": [state.state_details.flow_run_id]}})
        )
    (one,) = (one for one in found if one.key == key)
    return str(one.data)


def events(name: str) -> list[dict[str, Any]]:
    """The newest events of that name."""
    query = {"filter": {"event": {"name": [name]}}}
    with get_client(sync_client=True) as client:
        found: list[dict[str, Any]] = client.request("POST", "/events/filter", json=query).json()["events"]
    return found


def test_outage_is_told_once_and_seen_in_the_runs(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dead-man's switch would be silent, or wake the desk every ten minutes."""
    now = datetime.now(UTC)
    with LocalSlack() as slack:
        monkeypatch.setenv("VOLTEFACE_SLACK_TOKEN", TOKEN)
        document = yaml.safe_load(desk.read_text(encoding="utf-8"))
        desk.write_text(yaml.safe_dump(document | {"slack": slack.config.model_dump(mode="json")}), encoding="utf-8")
        first = watch_over(str(desk), as_of=now, return_state=True)
        second = watch_over(str(desk), as_of=now + timedelta(minutes=10), return_state=True)

        assert (first.message or "").endswith("; reads; delivers; 1 outage: poll; 1 notice sent")
        assert (second.message or "").endswith("; reads; delivers; 1 outage: poll")
        assert len(slack.keys) == 1
    assert "| poll |" in page(second, "watchdog")
    (event,) = until(lambda: events("volteface.outage.began"))
    assert event["resource"]["prefect.resource.id"] == "volteface.outage.poll"
    assert event["payload"]["topic"] == "poll"


def test_notice_that_nobody_hears_fails_the_run(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel and the UI would both look calm."""
    with LocalSlack() as slack:
        monkeypatch.setenv("VOLTEFACE_SLACK_TOKEN", TOKEN)
        document = yaml.safe_load(desk.read_text(encoding="utf-8"))
        desk.write_text(yaml.safe_dump(document | {"slack": slack.config.model_dump(mode="json")}), encoding="utf-8")
        slack.tokens.clear()

        state = watch_over(str(desk), return_state=True)

    assert state.is_failed()
    assert "NOT DELIVERED" in (state.message or "")


def test_housekeeping_drops_old_runs_of_ours_alone(desk: Path) -> None:
    """Prefect's database would grow for ever; or the runs of others on the same server would vanish."""

    @flow
    def sample() -> None:
        tell("sample", "a line", "a page")

    with Store.open(load_config(desk).database) as store:
        alerted(store, "k1")
    with tags(TAG):
        ours = sample(return_state=True)
    theirs = sample(return_state=True)

    young = keep_house(str(desk), return_state=True)
    old = keep_house(str(desk), as_of=datetime.now(UTC) + timedelta(days=15), return_state=True)

    assert "old run" not in (young.message or "")
    assert "1 old run deleted" in (old.message or "")
    assert "| Prefect runs with logs and pages | 1 | 14 days |" in page(old, "housekeeping")
    with get_client(sync_client=True) as client:
        left = {run.id for run in client.read_flow_runs()}
        pages = {artifact.flow_run_id for artifact in client.read_artifacts()}
    gone, kept = ours.state_details.flow_run_id, theirs.state_details.flow_run_id
    assert gone not in left | pages
    assert kept in left & pages


def test_shift_and_failed_delivery_are_events() -> None:
    """An automation or a webhook of the desk would have nothing to listen to."""
    emit([shift_detected(shift("k-event"))])
    emit(delivery(DeliverReport(dead=1, waiting=2)))
    emit(delivery(DeliverReport(fault="token_revoked", waiting=2)))

    (found,) = until(lambda: events("volteface.shift.detected"))
    assert found["resource"]["prefect.resource.id"] == "volteface.position.iran_president.negotiation"
    assert (found["payload"]["key"], found["payload"]["direction"]) == ("k-event", "towards")
    (failed,) = until(lambda: events("volteface.delivery.failed"))
    assert failed["payload"] == {"fault": "", "dead": 1, "waiting": 2}
    (refused,) = until(lambda: events("volteface.delivery.refused"))
    assert refused["payload"] == {"fault": "token_revoked", "dead": 0, "waiting": 2}


def test_feed_that_falls_silent_is_an_event_once(desk: Path) -> None:
    """A source would dry up unseen; or be an event every ten minutes for as long as it is silent."""
    config, now = load_config(desk), datetime.now(UTC)
    with Store.open(config.database) as store:
        store.feeds.sync(config.feeds, now)
        for state in store.feeds.all():
            store.feeds.save_poll(replace(state, checked=now, succeeded=now, newest=now), [])
        watch_over(str(desk))
        first, other, *_ = store.feeds.all()
        falls = datetime.now(UTC) + timedelta(seconds=1)
        store.feeds.save_poll(replace(first, newest=falls - timedelta(hours=config.poll.silent_after_h)), [])
    time.sleep(1.5)

    watch_over(str(desk))
    watch_over(str(desk))
    emit([feed_silent(FeedHealth(other.feed, "The last event", SILENT, other))])

    assert until(lambda: [e for e in events("volteface.feed.silent") if e["payload"]["feed"] == other.feed])
    told = [e for e in events("volteface.feed.silent") if e["payload"]["feed"] == first.feed]
    assert len(told) == 1


def until(done: Callable[[], Any]) -> Any:
    """What `done` gives, once it gives anything: the server takes events in a little later."""
    deadline = time.monotonic() + 60
    while not (found := done()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return found
