"""Two machines on one PostgreSQL store, as docs/install/growing.md has them: what is done once, and what decides it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import local_postgres
import pytest
import yaml
from local_web import LocalWeb
from store_samples import NOON, arrival, feed, state
from test_deployments import call
from test_scheduled_run import free_port

from deploy.deployments import prefect_yaml
from deploy.serve import environment, prefect_server
from volteface.config_file import load_config
from volteface.store import Store

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
PATIENCE_S = 400
FEEDS, ITEMS = 3, 4
NEVER = "0 0 1 1 *"
_READ = """
import json, sys
sys.path.insert(0, "tests")
from fakes import LengthEmbedder, MarkedReader
from store_samples import NOON
from volteface.analyze import analyze_all
from volteface.config_file import load_config
from volteface.store import Store
from volteface.types import Extractors
from pathlib import Path
config, reader = load_config(Path("config.yaml")), MarkedReader()
with Store.open(sys.argv[1]) as store:
    sys.stdin.readline()
    analyze_all(config, store, lambda: Extractors(LengthEmbedder(), reader), NOON)
print(len(reader.read_texts))
"""


def test_readers_that_meet_count_each_article_once(store: Store, database_url: str) -> None:
    """`volteface poll` by hand beside the service: each reading would stand twice in the store and weigh double."""
    store.feeds.sync([feed()], NOON)
    texts = [f"Number {n} says so again. {{us_president sanctions -0.7 act 0.9}}" for n in range(600)]
    store.feeds.save_poll(state(), [arrival(n, title=f"News{n} of{n} day{n}", text=t) for n, t in enumerate(texts)])
    command = [sys.executable, "-c", _READ, database_url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    running = [subprocess.Popen(command, **pipes) for _ in range(2)]

    work = [int(process.communicate("go\n", timeout=240)[0]) for process in running]

    totals = store.census.totals()
    assert (totals.wanting_reading.count, totals.readings) == (0, 600)
    assert sum(work) >= 600


@dataclass(frozen=True)
class Fleet:
    """What is left of two workers that ran until all was polled and read."""

    runs: list[dict[str, Any]]
    asked: list[str]
    logs: list[str]
    articles: int
    waiting: int


def news(web: LocalWeb, folder: Path, url: str) -> Path:
    """The shipped config on that store, with feeds that take three seconds each, polled and read every minute."""
    at = datetime.now(UTC) - timedelta(hours=1)
    item = "<item><title>News {0} of {1}</title><link>http://x/{1}/{0}</link><guid>{0}</guid><description>Iran's "
    item += "president said on day {0} that he is ready for talks with the United States.</description>"
    item += f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
    for name in range(FEEDS):
        items = "".join(item.format(number, name) for number in range(ITEMS))
        head = '<?xml version="1.0"?><rss version="2.0"><channel><title>Sample</title><link>http://x/</link>'
        web.route(f"/{name}.xml", body=f"{head}{items}</channel></rss>".encode(), delay=3)
    same = {"country": "INT", "ownership": "independent", "language": "en", "covers": ["iran"], "page": "never"}
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")) | {
        "database": url,
        "feeds": [same | {"id": f"f{n}", "outlet": f"Outlet {n}", "url": web.url(f"/{n}.xml")} for n in range(FEEDS)],
        "poll": {"allow_private_addresses": True, "host_gap_s": 0, "default_interval_s": 3600, "min_interval_s": 3600},
        "models": {"direction": "rules"},
        "schedule": {"poll": "* * * * *", "analyze": "* * * * *"}
        | dict.fromkeys(("alert", "housekeeping", "watchdog", "digest"), NEVER),
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


@contextmanager
def workers(env: dict[str, str], folder: Path) -> Iterator[list[Path]]:
    """Two workers of the pool, each of which takes one run at a time; their logs."""
    command = [str(Path(sys.executable).with_name("prefect")), "worker", "start", "--pool", "volteface", "--limit", "1"]
    logs = [folder / "one.log", folder / "two.log"]
    with ExitStack() as stack:
        for log in logs:
            out = stack.enter_context(log.open("w"))
            process = stack.enter_context(
                subprocess.Popen([*command, "--name", log.stem], env=env, cwd=folder, stdout=out, stderr=out)
            )
            stack.callback(process.kill)
        yield logs


def fire_twice(api: httpx.Client, flow: str) -> None:
    """Two runs of a deployment that are due now."""
    deployment = api.get(f"/deployments/name/{flow}/volteface").raise_for_status().json()["id"]
    for _ in range(2):
        api.post(f"/deployments/{deployment}/create_flow_run", json={}).raise_for_status()


def runs(api: httpx.Client) -> list[dict[str, Any]]:
    """All that ended, in the order of their starts, each with its flow's name as `flow`."""
    names = {flow["id"]: flow["name"] for flow in api.post("/flows/filter", json={}).raise_for_status().json()}
    ended = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]}}}}
    found = api.post("/flow_runs/filter", json=ended).raise_for_status().json()
    return sorted((run | {"flow": names[run["flow_id"]]} for run in found), key=lambda run: run["start_time"] or "")


def wait_for(done: Callable[[], bool], logs: list[Path]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            pytest.fail("\n".join(log.read_text()[-2000:] for log in logs))
        time.sleep(2)


@pytest.fixture(scope="module")
def fleet(postgres: local_postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two runs of poll due at once, then two of analyze, beside those of the schedule; Prefect in PostgreSQL, too."""
    folder, url = tmp_path_factory.mktemp("fleet"), postgres.url(postgres.create())
    with pytest.MonkeyPatch.context() as environ:
        prefect_url = postgres.url(postgres.create()).replace("+psycopg", "+asyncpg")
        environ.setenv("PREFECT_API_DATABASE_CONNECTION_URL", prefect_url)
        server = prefect_server(free_port(), folder / "prefect")
        with LocalWeb() as web, server as api, Store.open(url) as store:
            yield seen(web, api, store, folder, url)


def seen(web: LocalWeb, api: str, store: Store, folder: Path, url: str) -> Fleet:
    config = news(web, folder, url)
    env = os.environ | environment(api) | {"PREFECT_HOME": str(folder / "client"), "PREFECT_WORKER_QUERY_SECONDS": "2"}
    call(env, folder, "prefect", "--no-prompt", "work-pool", "create", "volteface", "--type", "process")
    (folder / "prefect.yaml").write_text(prefect_yaml(load_config(config), str(config), "volteface"), encoding="utf-8")
    call(env, folder, "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", "prefect.yaml")
    with httpx.Client(base_url=api, timeout=PATIENCE_S, headers={"Connection": "close"}) as client:
        return watched(client, web, store, env, folder)


def watched(api: httpx.Client, web: LocalWeb, store: Store, env: dict[str, str], folder: Path) -> Fleet:
    fire_twice(api, "poll")
    with workers(env, folder) as logs:
        wait_for(lambda: store.census.totals().articles == FEEDS * ITEMS, logs)
        fire_twice(api, "analyze")
        wait_for(lambda: is_over(api, store), logs)
        totals = store.census.totals()
        said = [log.read_text() for log in logs]
        return Fleet(runs(api), web.paths(), said, totals.articles, totals.wanting_reading.count)


def is_over(api: httpx.Client, store: Store) -> bool:
    """Whether all was read, and both flows have a run that the scheduler made."""
    scheduled = {run["flow"] for run in runs(api) if run["auto_scheduled"] and run["state_type"] == "COMPLETED"}
    return not store.census.totals().wanting_reading.count and {"poll", "analyze"} <= scheduled


def test_two_workers_fetch_and_read_everything_once(fleet: Fleet) -> None:
    """Publishers would be asked twice as often, and processors be paid for reading the same."""
    read = [re.match(r"(\d+) articles?:", run["name"]) for run in fleet.runs if run["flow"] == "analyze"]

    assert Counter(fleet.asked) == {f"/{name}.xml": 1 for name in range(FEEDS)}
    assert (fleet.articles, fleet.waiting) == (FEEDS * ITEMS, 0)
    assert sum(int(found[1]) for found in read if found) == FEEDS * ITEMS
    assert {run["state_type"] for run in fleet.runs} <= {"COMPLETED", "CANCELLED"}, json.dumps(fleet.runs)[-2000:]


def test_runs_of_a_deployment_never_overlap(fleet: Fleet) -> None:
    """On two machines the limit of one run would hold for each of them, and no longer for both."""
    for flow in ("poll", "analyze"):
        done = [run for run in fleet.runs if run["flow"] == flow and run["state_type"] == "COMPLETED"]
        spans = sorted((run["start_time"], run["end_time"]) for run in done)
        assert len(spans) > 1
        assert all(before[1] <= after[0] for before, after in pairwise(spans)), spans
    assert "CANCELLED" in {run["state_type"] for run in fleet.runs}


def test_both_workers_take_runs(fleet: Fleet) -> None:
    """The second machine would stand idle."""
    assert all("submitted to infrastructure" in log for log in fleet.logs), fleet.logs
