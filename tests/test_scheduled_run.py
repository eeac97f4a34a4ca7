"""`volteface serve` as a user runs it, up to runs that the *scheduler* made: what no weaker test can prove.

Without upper bounds pip gives prefect 3.8.8 a FastAPI (0.151 and later) with which its server does not start, and a
SQLAlchemy (2.1 and later) with which everything starts and runs by hand, but the scheduler never creates a run, and
nothing in the UI says so. The bounds in pyproject.toml exist for that, and this test for the bounds.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from local_web import LocalWeb

from deploy.serve import QUIET, prefect_server

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
PATIENCE_S = 300
"""The next minute, ten seconds until the runner looks, a new process: 80 s where nothing else runs on the machine."""
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Sample</title><link>http://x/</link>
<item><title>Rain in Lisbon</title><link>http://x/1</link><guid>1</guid><description>It rains.</description>
<pubDate>{date:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item></channel></rss>"""


@dataclass(frozen=True)
class Served:
    """What is left of one service that ran until its flows had been scheduled, and was stopped then."""

    api: str
    runs: dict[str, dict[str, Any]]
    """The first scheduled run of each flow that ended."""
    interrupted: str
    """State of a run that was in progress when the service was stopped."""
    returncode: int
    stop_s: float
    printed: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(config: Path, folder: Path, *args: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """`volteface serve` in another directory than the project's, with a home of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "VOLTEFACE_", *QUIET))}
    command = [str(Path(sys.executable).with_name("volteface")), "--config", config.name, "serve", *args]
    with (
        (folder / "serve.log").open("w") as log,
        subprocess.Popen(
            command, cwd=config.parent, env=clean | {"HOME": str(folder)} | env, stdout=log, stderr=log, text=True
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def wait_for(done: Callable[[], Any], process: subprocess.Popen[str], log: Path) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := done():
            return found
        time.sleep(1)
    pytest.fail(f"waited in vain; `volteface serve` printed:\n{log.read_text()[-3000:]}")


def ended_runs(api: str) -> dict[str, dict[str, Any]] | None:
    """The first run that the scheduler made and that ended, by flow; None until poll and alert both have one."""
    filters = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}, "sort": "END_TIME_DESC"}
    found = httpx.post(f"{api}/flow_runs/filter", json=filters).raise_for_status().json()
    names = {flow["id"]: flow["name"] for flow in httpx.post(f"{api}/flows/filter", json={}).json()}
    runs = {names[run["flow_id"]]: run for run in found if run["auto_scheduled"]}
    return runs if {"poll", "alert"} <= runs.keys() else None


def state_of(api: str, run: dict[str, Any]) -> str:
    return str(httpx.get(f"{api}/flow_runs/{run['id']}").raise_for_status().json()["state_type"])


def is_up(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


def configured(folder: Path, web: LocalWeb) -> Path:
    """The shipped config with one loopback feed, every minute; analyze, which needs the model, hardly ever."""
    web.route("/feed.xml", body=RSS.format(date=datetime.now(UTC) - timedelta(hours=1)).encode())
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    feed = {"id": "sample", "url": web.url("/feed.xml"), "outlet": "Sample", "country": "INT", "language": "en"}
    document["feeds"] = [feed | {"ownership": "independent", "covers": ["iran"], "page": "never"}]
    document["database"] = f"sqlite:///{folder}/store.db"
    document["poll"] = {"allow_private_addresses": True, "host_gap_s": 0}
    document["schedule"] = {"poll": "* * * * *", "analyze": "0 0 1 1 *", "alert": "* * * * *"}
    path = folder / "desk.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def config(folder: Path) -> Iterator[Path]:
    with LocalWeb() as web:
        yield configured(folder, web)


@pytest.fixture(scope="module")
def served(folder: Path, config: Path) -> Iterator[Served]:
    """The server stays for the tests to ask; the service has come and gone."""
    home = folder / "prefect"
    with (
        prefect_server(free_port(), home) as api,
        started(config, folder, PREFECT_API_URL=api, PREFECT_HOME=str(home)) as process,
    ):
        runs = wait_for(lambda: ended_runs(api), process, folder / "serve.log")
        analyze = httpx.get(f"{api}/deployments/name/analyze/volteface").raise_for_status().json()["id"]
        run = httpx.post(f"{api}/deployments/{analyze}/create_flow_run", json={}).raise_for_status().json()
        wait_for(lambda: state_of(api, run) == "RUNNING", process, folder / "serve.log")
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        returncode = process.wait(90)
        stop_s = time.monotonic() - began
        yield Served(api, runs, state_of(api, run), returncode, stop_s, (folder / "serve.log").read_text())


def test_scheduled_runs_complete(served: Served) -> None:
    """Unattended, nothing would ever be polled or alerted, while everything looks healthy."""
    poll, alert = served.runs["poll"], served.runs["alert"]

    assert (poll["state_type"], alert["state_type"]) == ("COMPLETED", "COMPLETED"), served.printed
    assert poll["name"] == "1 feed due: 1 new"
    assert alert["name"] == "0 readings: 0 shifts"


def test_sigterm_ends_cleanly_and_pauses_nothing(served: Served) -> None:
    """A restart by systemd would hang, count as a failure, leave the schedules off, or leave a run that looks alive."""
    deployments = httpx.post(f"{served.api}/deployments/filter", json={}).json()
    flows = httpx.post(f"{served.api}/flows/filter", json={}).json()
    names = {flow["name"] for flow in flows if flow["id"] in {deployment["flow_id"] for deployment in deployments}}

    assert served.returncode == 0, served.printed
    assert served.stop_s < 60
    assert served.interrupted == "CANCELLED"
    assert {"poll", "analyze", "alert", "watchdog", "housekeeping"} <= names
    assert not any(deployment["paused"] for deployment in deployments)
    assert all(schedule["active"] for deployment in deployments for schedule in deployment["schedules"])


def test_missed_runs_do_not_pile_up(served: Served) -> None:
    """After an outage every missed run would start at once, side by side."""
    for deployment in httpx.post(f"{served.api}/deployments/filter", json={}).json():
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


def test_first_lines_say_where_everything_is(served: Served, config: Path) -> None:
    """A person could not tell which config and database are in use, or where alerts go."""
    first = served.printed.split("Runner")[0]

    for part in (f"1 feed of {config}", f"{config.parent}/store.db", "no Slack token", "poll at * * * * *", served.api):
        assert part in first


def test_port_in_use_is_explained(served: Served, config: Path, folder: Path) -> None:
    """A second start would end in a traceback of a server's, or fight the first one."""
    (folder / "second").mkdir()
    port = served.api.split(":")[-1].removesuffix("/api")

    with started(config, folder / "second", "--port", port) as process:
        returncode = process.wait(60)

    assert returncode == 1
    printed = (folder / "second/serve.log").read_text()
    assert f"PREFECT_API_URL={served.api}" in printed
    assert "Traceback" not in printed


def test_own_server_ends_with_the_service(config: Path, folder: Path) -> None:
    """Each restart would leave a server behind, and the next start would find its port taken."""
    (folder / "own").mkdir()
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    with started(config, folder / "own", "--port", str(port)) as process:
        wait_for(lambda: is_up(api), process, folder / "own/serve.log")

        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 0
    assert not is_up(api)
