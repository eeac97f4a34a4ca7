"""The Prefect deployments with their schedules, served from one process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from volteface.config_file import load_config
from volteface.errors import VoltefaceError

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # The V2 UI makes the operator's browser ask an outside host; V1 asks nobody.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
}
"""Nothing phones home (docs/decisions.md, "Nothing phones home")."""
START_UP_S = 90


def serve_deployments(config_file: Path) -> None:
    """Serve until stopped. Needs a Prefect API (PREFECT_API_URL)."""
    from prefect import serve
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy

    from flows.alert import raise_alerts
    from flows.analyze import analyze_articles
    from flows.poll import poll_feeds

    config = load_config(config_file)
    # A run that meets its predecessor is cancelled: missed schedules catch up once, not one by one.
    one_at_a_time = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    parts = (
        (poll_feeds, config.schedule.poll, "Polls the feeds that are due and fetches article texts."),
        (analyze_articles, config.schedule.analyze, "Reads new articles: who says or does what."),
        (raise_alerts, config.schedule.alert, "Compares readings with standing positions and delivers alerts."),
    )
    deployments: list[Any] = [
        flow.to_deployment(
            name="volteface",
            cron=cron,
            parameters={"config_file": str(config_file.resolve())},
            description=text,
            tags=["volteface"],
            concurrency_limit=one_at_a_time,
        )
        for flow, cron, text in parts
    ]
    serve(*deployments, pause_on_shutdown=False, print_starting_message=False)


@contextmanager
def prefect_server(port: int, home: Path | None = None) -> Iterator[str]:
    """A Prefect server on loopback for as long as the context lasts; yields its API address.

    Raises:
        VoltefaceError: it did not come up within 90 s; the message holds the end of what it printed.
    """
    api = f"http://127.0.0.1:{port}/api"
    env = os.environ | QUIET | {"PREFECT_SERVER_API_PORT": str(port), "PREFECT_SERVER_UI_API_URL": api}
    if home is not None:
        env["PREFECT_HOME"] = str(home)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = Path(env.get("PREFECT_HOME", Path.home() / ".prefect")) / "volteface-server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out, subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT) as server:
        try:
            _wait_until_up(api, server, log)
            yield api
        finally:
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_up(api: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_UP_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{api}/health", timeout=2, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    tail = log.read_text(errors="replace")[-1500:]
    raise VoltefaceError(f"the Prefect server did not come up within {START_UP_S} s; it printed:\n{tail}")
