"""deploy/prefect.yaml as an operator uses it: a real Prefect server, `prefect deploy --all`, a real worker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from test_scheduled_run import free_port

from deploy.deployments import specs
from deploy.serve import environment, prefect_server
from volteface.config_file import load_config

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
PATIENCE_S = 240
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def desk(folder: Path) -> Path:
    """The shipped config with a database in that folder."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(document | {"database": f"sqlite:///{folder}/store.db"}), encoding="utf-8")
    return path


def call(env: dict[str, str], folder: Path, *command: str) -> str:
    """What one of the venv's programs prints; the test fails with it."""
    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run([program, *command[1:]], env=env, cwd=folder, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], Path]]:
    """A server with our work pool and everything deployed: its API, the environment of its clients, a folder."""
    folder = tmp_path_factory.mktemp("pool")
    with prefect_server(free_port(), folder / "prefect") as api:
        env = os.environ | environment(api) | {"PREFECT_HOME": str(folder / "client"), "VOLTEFACE_CONFIG": ""}
        config = str(desk(folder))
        call(env, folder, "prefect", "--no-prompt", "work-pool", "create", "volteface", "--type", "process")
        written = ("--out", "prefect.yaml", "--config-at", config, "--install")
        call(env, folder, "volteface", "--config", config, "deployments", *written)
        call(env, folder, "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", "prefect.yaml")
        yield api, env, folder


def test_deploy_all_gives_every_schedule(pool: tuple[str, dict[str, str], Path]) -> None:
    """A fleet would lack a flow, run it at other times, or let its runs pile up after an outage."""
    api, _env, folder = pool
    flows = {flow["id"]: flow["name"] for flow in httpx.post(f"{api}/flows/filter", json={}).json()}
    found = httpx.post(f"{api}/deployments/filter", json={}).raise_for_status().json()

    crons = {flows[d["flow_id"]]: [s["schedule"]["cron"] for s in d["schedules"]] for d in found}
    assert crons == {spec.flow.name: [spec.cron] for spec in specs(load_config(folder / "config.yaml"))}
    for deployment in found:
        assert deployment["work_pool_name"] == "volteface"
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


def test_install_marks_dead_runs(pool: tuple[str, dict[str, str], Path]) -> None:
    """A worker that is stopped leaves its run as running for ever, and nothing would correct it."""
    api, _env, _folder = pool

    automations = httpx.post(f"{api}/automations/filter", json={}).raise_for_status().json()

    assert "volteface: mark dead runs crashed" in {automation["name"] for automation in automations}


def test_a_worker_of_the_pool_does_the_work(pool: tuple[str, dict[str, str], Path]) -> None:
    """Every run of a fleet would crash for want of code that is installed, or of a folder that is not."""
    api, env, folder = pool
    deployment = httpx.get(f"{api}/deployments/name/housekeeping/volteface").raise_for_status().json()["id"]
    run = started(api, deployment)
    worker = [str(Path(sys.executable).with_name("prefect")), "worker", "start", "--pool", "volteface"]
    with (folder / "worker.log").open("w") as log, subprocess.Popen(worker, env=env, stdout=log, stderr=log) as process:
        try:
            state = ended(api, run)
        finally:
            process.kill()

    assert state["type"] == "COMPLETED", (folder / "worker.log").read_text()[-3000:]


def started(api: str, deployment: str, tries: int = 10) -> str:
    """The run's id. While its SQLite file is locked the server answers 503, as Prefect's clients expect."""
    for _ in range(tries):
        answer = httpx.post(f"{api}/deployments/{deployment}/create_flow_run", json={})
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        time.sleep(1)
    return str(answer.raise_for_status().json()["id"])


def ended(api: str, run: str) -> dict[str, Any]:
    """The run's state once it has ended, or the last one when patience did."""
    deadline = time.monotonic() + PATIENCE_S
    state: dict[str, Any] = {}
    while time.monotonic() < deadline and state.get("type") not in ENDED:
        time.sleep(2)
        state = httpx.get(f"{api}/flow_runs/{run}").raise_for_status().json()["state"]
    return state
