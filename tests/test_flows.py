"""The three flows on a real Prefect server: what an operator sees, what is retried, what survives a kill."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from local_slack import TOKEN, LocalSlack
from local_web import LocalWeb
from prefect import flow, get_client
from prefect.client.schemas.filters import ArtifactFilter
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness
from store_samples import alerted

from deploy.demo import demo_config
from deploy.sample_web import Clock, SampleWeb, load_sample
from deploy.serve import QUIET, TAG
from flows.alert import find_shifts, raise_alerts
from flows.analyze import analyze_articles
from flows.poll import poll_due, poll_feeds, process_workers
from volteface.config_file import load_config
from volteface.errors import ModelError, StoreError, VoltefaceError
from volteface.fetch import Web
from volteface.store import Store
from volteface.types import Observation

pytestmark = [
    pytest.mark.slow,
    # Prefect leaves sockets of its clients to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
WEDNESDAY = datetime(2025, 3, 12, 17, 45, tzinfo=UTC)
ITEM = """<?xml version="1.0"?><rss version="2.0"><channel><title>Sample</title><link>http://x/</link>
<item><title>News of {name}</title><link>http://x/{name}</link><guid>{name}</guid><description>It rains.</description>
<pubDate>Wed, 12 Mar 2025 12:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture(scope="module", autouse=True)
def prefect_api() -> Iterator[str]:
    """A Prefect server of our own. Heartbeats off: ending one takes 0.9 s a run."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in QUIET.items():
            environment.setenv(name, value)
        with (
            prefect_test_harness(server_startup_timeout=120),
            temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        ):
            yield PREFECT_API_URL.value()
    gc.collect()  # Here, where the warning is expected, and not in somebody else's test.


def poll(config: Path, now: datetime) -> State[Any]:
    async def run() -> State[Any]:
        return await poll_feeds(str(config), as_of=now, return_state=True)

    return asyncio.run(run())


def run_name(state: State[Any]) -> str:
    with get_client(sync_client=True) as client:
        return client.read_flow_run(state.state_details.flow_run_id).name


def artifact(state: State[Any], key: str) -> str:
    """What the run left for its reader."""
    run = state.state_details.flow_run_id
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id={"any_": [run]}))
    (one,) = (page for page in found if page.key == key)
    return str(one.data)


def edited(config: Path, **changes: Any) -> Path:
    document = yaml.safe_load(config.read_text(encoding="utf-8"))
    config.write_text(yaml.safe_dump(document | changes, sort_keys=False), encoding="utf-8")
    return config


def feeds_at(web: LocalWeb, *names: str) -> list[dict[str, Any]]:
    same = {"country": "INT", "ownership": "independent", "language": "en", "covers": ["iran"], "page": "never"}
    return [same | {"id": name, "outlet": name, "url": web.url(f"/{name}.xml")} for name in names]


@dataclass(frozen=True)
class Pass:
    """One pass over the sample feeds."""

    polled: State[Any]
    read: State[Any]
    alerted: State[Any]


@pytest.fixture(scope="module")
def sample_pass(tmp_path_factory: pytest.TempPathFactory) -> Pass:
    """Of a desk that has a `|` in the name of an outlet."""
    sample = load_sample()
    sample.feeds["continental"]["outlet"] = "The | Continental"
    with SampleWeb(sample, Clock(WEDNESDAY)) as web:
        config = demo_config(tmp_path_factory.mktemp("pass"), web.address, sample)
        polled = poll(config, WEDNESDAY)
        read = analyze_articles(str(config), as_of=WEDNESDAY, return_state=True)
        return Pass(polled, read, raise_alerts(str(config), as_of=WEDNESDAY, return_state=True))


def test_run_says_what_happened(sample_pass: Pass) -> None:
    """An operator would have to open every run to learn what it did."""
    lines = [state.message or "" for state in (sample_pass.polled, sample_pass.read, sample_pass.alerted)]

    assert re.fullmatch(r"8 feeds due: 21 new; 1 unchanged, 1 failed", lines[0])
    assert re.fullmatch(r"21 articles: 4 read, \d+ readings?, 1 copy, 1 opinion, 15 stale", lines[1])
    assert re.match(r"\d+ readings: \d+ shifts?", lines[2])
    assert [run_name(s) for s in (sample_pass.polled, sample_pass.read, sample_pass.alerted)] == lines


def test_artifacts_are_readable(sample_pass: Pass) -> None:
    """The page of a run would not tell which feed failed, or what was not read and why."""
    polled, read = artifact(sample_pass.polled, "poll"), artifact(sample_pass.read, "analyze")

    assert re.search(r"## Failed\n\n- \*\*\[Isfahan Echo\]\(http\S+\)\*\* \(isfahan_echo\): .*503", polled)
    assert "not read: opinion | 1 | a commentator's wish is nobody's position" in read
    assert artifact(sample_pass.alerted, "alert")


def test_pipe_breaks_no_table(sample_pass: Pass) -> None:
    """A `|` in a feed's words would shift the columns of everything after it."""
    rows = [line for line in artifact(sample_pass.polled, "poll").splitlines() if line.startswith("|")]

    assert any("The \\| Continental" in row for row in rows)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The shipped config with a store of its own."""
    path = tmp_path / "config.yaml"
    path.write_text((Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return edited(path, database=f"sqlite:///{tmp_path}/store.db")


def test_undelivered_message_fails_the_run(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revoked token would go unnoticed until somebody misses an alert; or the alert would be lost by then."""
    with LocalSlack() as slack, Store.open(load_config(desk).database) as store:
        monkeypatch.setenv("VOLTEFACE_SLACK_TOKEN", TOKEN)
        edited(desk, slack=slack.config.model_dump())
        alerted(store, "k1")
        slack.tokens.clear()
        refused = raise_alerts(str(desk), as_of=WEDNESDAY, return_state=True)
        slack.tokens.add(TOKEN)
        later = raise_alerts(str(desk), as_of=WEDNESDAY + timedelta(minutes=5), return_state=True)

        assert refused.is_failed()
        assert "NOT DELIVERED" in run_name(refused)
        assert "## Undelivered\n\n1 waiting" in artifact(refused, "alert")
        assert later.is_completed()
        assert (later.message, slack.keys) == ("0 readings: 0 shifts; 1 sent", ["k1"])


class FailingStore:
    """A store whose readings cannot be had the first `times`."""

    def __init__(self, times: int, error: VoltefaceError) -> None:
        self.readings, self.asked, self._times, self._error = self, 0, times, error

    def undetected(self, limit: int) -> list[Observation]:
        """As `Store.readings.undetected`, of which it is one."""
        self.asked += 1
        if self.asked <= self._times:
            raise self._error
        return []


@pytest.mark.parametrize(
    ("error", "asked", "ends"),
    [(StoreError("the database stayed locked"), 2, "COMPLETED"), (ModelError("no such model"), 1, "FAILED")],
)
def test_only_what_may_pass_is_retried(error: VoltefaceError, asked: int, ends: str, desk: Path) -> None:
    """A locked database would cost a whole run; or a wrong model would be tried for a minute before anybody hears."""
    config, store = load_config(desk), FailingStore(1, error)

    @flow
    def only_find() -> None:
        find_shifts.with_options(retry_delay_seconds=0)(config, store, WEDNESDAY)  # type: ignore[arg-type]

    state = only_find(return_state=True)

    assert (store.asked, state.type.value) == (asked, ends)


class LockedAtFirst:
    """A store that cannot be had when it is first asked for anything."""

    def __init__(self, store: Store) -> None:
        self._store, self._asked = store, False

    def __getattr__(self, name: str) -> Any:
        if not self._asked:
            self._asked = True
            raise StoreError("the database stayed locked")
        return getattr(self._store, name)


def test_a_poll_waits_for_a_locked_database(desk: Path) -> None:
    """Each pass that meets a locked database would be lost, and shown as failed."""
    with LocalWeb() as web, Store.open(load_config(desk).database) as store:
        web.route("/quick.xml", body=ITEM.format(name="quick").encode())
        edited(desk, feeds=feeds_at(web, "quick"), poll={"allow_private_addresses": True, "host_gap_s": 0})
        config, locked = load_config(desk), LockedAtFirst(store)

        @flow
        async def only_poll() -> int:
            async with Web(config.poll) as client:
                due = poll_due.with_options(retry_delay_seconds=0)
                return (await due(config, locked, client, process_workers(), WEDNESDAY)).new  # type: ignore[arg-type]

        assert asyncio.run(only_poll()) == 1


def test_killed_poll_goes_on(desk: Path, prefect_api: str) -> None:
    """A power cut during a pass would lose what was fetched."""
    with LocalWeb() as web, Store.open(load_config(desk).database) as store:
        web.route("/quick.xml", body=ITEM.format(name="quick").encode())
        web.route("/slow.xml", body=ITEM.format(name="slow").encode(), delay=60)
        rules = {"allow_private_addresses": True, "host_gap_s": 0}
        edited(desk, feeds=feeds_at(web, "quick", "slow"), poll=rules)
        kill_poll(desk, prefect_api, when=lambda: store.articles.wanting_reading(10))
        web.route("/slow.xml", body=ITEM.format(name="slow").encode())

        state = poll(desk, WEDNESDAY)

        assert state.message == "1 feed due: 1 new"
        assert sorted(a.title for a in store.articles.wanting_reading(10)) == ["News of quick", "News of slow"]


def kill_poll(config: Path, api: str, when: Callable[[], Any]) -> None:
    """Start the flow in a process of its own and kill that once `when` comes true."""
    call = f"asyncio.run(flows.poll.poll_feeds({str(config)!r}, as_of={WEDNESDAY!r}))"
    code = f"import asyncio, datetime, prefect, flows.poll\nwith prefect.tags({TAG!r}): {call}"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"PREFECT_API_URL": api}, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while not when():
            assert time.monotonic() < deadline, "the quick feed never came in"
            assert process.poll() is None, "the flow ended before it could be killed"
            time.sleep(0.1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
