"""The control room on a real Prefect server: the dashboard, pictures, progress, and events as documented."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from documented_events import documented
from prefect import flow, get_client
from prefect.client.schemas.filters import ArtifactFilter
from prefect.client.schemas.objects import Artifact, State
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness
from store_samples import NOON, alerted, arrival, feed, later, outcome, reading, state

from deploy.serve import QUIET
from flows.alert import raise_alerts
from flows.dashboard import publish
from flows.progress import progress, shrinking
from flows.watchdog import watch_over
from volteface.config_file import load_config
from volteface.dashboard import CHART, KEYS, Board
from volteface.errors import StoreError
from volteface.store import Store
from volteface.types import Mode

pytestmark = [
    pytest.mark.slow,
    # Prefect leaves sockets of its clients to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).parents[1]
NOBODY = "http://127.0.0.1:9/api"


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
    path.write_text(yaml.safe_dump(document | {"database": f"sqlite:///{tmp_path}/store.db"}), encoding="utf-8")
    return path


def left_by(ended: State[Any]) -> dict[str, Artifact]:
    """The pages of a run, by key."""
    run = {"flow_run_id": {"any_": [ended.state_details.flow_run_id]}}
    with get_client(sync_client=True) as client:
        return {page.key: page for page in client.read_artifacts(artifact_filter=ArtifactFilter.model_validate(run))}


def events(prefix: str) -> list[dict[str, Any]]:
    query = {"filter": {"event": {"prefix": [prefix]}}}
    with get_client(sync_client=True) as client:
        return list(client.request("POST", "/events/filter", json=query).json()["events"])


def until(done: Callable[[], Any]) -> Any:
    """What `done` gives, once it gives anything."""
    deadline = time.monotonic() + 60
    while not (found := done()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def test_watchdog_keeps_the_dashboard(desk: Path) -> None:
    """An operator would have to put the state together from seventy runs; or see yesterday's after the poller died."""
    config, now = load_config(desk), datetime.now(UTC)
    with Store.open(config.database) as store:
        store.feeds.sync(config.feeds, now)
        for known in store.feeds.all()[1:]:
            store.feeds.save_poll(replace(known, checked=now, succeeded=now, newest=now), [])

    run = watch_over(str(desk), as_of=now, return_state=True)

    total = len(config.feeds)
    seen = f"sees {total - 1} of {total} feeds, reads, delivers"
    assert run.message == seen
    pages = left_by(run)
    assert set(KEYS) < pages.keys()
    assert all(str(pages[key].data).startswith(f"**S{seen[1:]}**") for key in KEYS)
    assert pages["dashboard-feeds"].description == f"{total - 1} of {total} feeds in sight: 1 not yet polled"


def test_dashboard_tells_of_a_store_that_is_gone(desk: Path, tmp_path: Path) -> None:
    """The newest pages would go on showing how well everything was before the disk failed."""
    (tmp_path / "store.db").write_bytes(b"no database" * 1000)

    pages = left_by(watch_over(str(desk), return_state=True))

    assert all(str(pages[key].description).startswith("CANNOT BE TOLD: ") for key in KEYS)


def test_shift_leaves_its_picture_and_its_event(desk: Path) -> None:
    """The run that found a shift would show words alone; or its event would lack a field that an automation reads."""
    with Store.open(load_config(desk).database) as store:
        names = ("gazette", "herald", "wire")
        store.feeds.sync([feed(name) for name in names], NOON)
        for number, name in enumerate(names):
            store.feeds.save_poll(state(name), [arrival(number, feed=name, url=f"https://{name}.example/1")])
        move = reading(-1.0, mode=Mode.ACT, confidence=1.0)
        store.articles.save_read([outcome(a, move) for a in store.articles.wanting_reading(9)], later(minutes=5))

    run = raise_alerts(str(desk), as_of=later(minutes=10), return_state=True)

    pages = left_by(run)
    assert "3 readings: 1 shift" in (run.message or "")
    assert "](data:image/png;base64,iVBOR" in str(pages[CHART].data)
    assert str(pages["dashboard-alerts"].data).count("Iran's president on negotiations:") == 1
    (event,) = until(lambda: events("volteface.shift"))
    section = documented()[event["event"]]
    assert section.faults(event["payload"]) == []
    assert section.is_about(event["resource"]["prefect.resource.id"])


def test_outage_of_a_real_run_is_as_documented(desk: Path) -> None:
    """An automation that was written after the page would find a hole where a field was promised."""
    now = datetime.now(UTC)
    watch_over(str(desk), as_of=now)
    config = load_config(desk)
    with Store.open(config.database) as store:
        store.feeds.sync(config.feeds, now)
        for known in store.feeds.all():
            store.feeds.save_poll(replace(known, checked=now, succeeded=now, newest=now), [])
    watch_over(str(desk), as_of=now + timedelta(minutes=config.health.settle_min + 1))

    over = until(lambda: events("volteface.outage.over"))

    for event in (*events("volteface.outage.began"), *over):
        assert documented()[event["event"]].faults(event["payload"]) == []


def test_long_work_shows_how_far_it_is() -> None:
    """An hour of reading would look like a run that hangs."""
    shown, queue = threading.Event(), [8]

    @flow
    def work() -> None:
        with progress("progress-sample", "articles", shrinking(lambda: queue[0]), every_s=0.1):
            queue[0] = 6
            shown.wait(30)

    thread = threading.Thread(target=lambda: (until(lambda: bars("2 of 8 articles")), shown.set()))
    thread.start()
    ended = work(return_state=True)
    thread.join()

    (bar,) = left_by(ended).values()
    assert ended.is_completed()
    assert (bar.type, bar.data, bar.description) == ("progress", 25.0, "2 of 8 articles")


def bars(words: str) -> bool:
    with get_client(sync_client=True) as client:
        return any(page.description == words for page in client.read_artifacts())


def test_short_work_leaves_no_progress() -> None:
    """Six runs an hour would each leave a page that says nothing."""

    @flow
    def work() -> None:
        with progress("progress-short", "feeds", lambda: (1, 1)):
            pass

    assert left_by(work(return_state=True)) == {}


def broken() -> tuple[int, int]:
    raise StoreError("the database stayed locked")


@pytest.mark.parametrize(("count", "api"), [(broken, None), (lambda: (1, 2), NOBODY)])
def test_display_never_fails_the_work(count: Callable[[], tuple[int, int]], api: str | None) -> None:
    """A run would be lost for the sake of a number on a page."""

    @flow
    def work() -> str:
        with temporary_settings({PREFECT_API_URL: api or PREFECT_API_URL.value()}):
            with progress("progress-broken", "feeds", count, every_s=0.05):
                time.sleep(0.5)
            publish([Board("dashboard-sample", "a line", "a page")])
        return "done"

    assert work() == "done"


def test_undelivered_alert_is_on_the_dashboard(desk: Path) -> None:
    """The alerts' page would stay calm while an alert waits."""
    with Store.open(load_config(desk).database) as store:
        alerted(store, "k1")

    pages = left_by(watch_over(str(desk), as_of=later(days=1), return_state=True))

    assert "1 waiting" in str(pages["dashboard-alerts"].description)
    assert "## Undelivered" in str(pages["dashboard-alerts"].data)
