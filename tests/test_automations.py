"""The automations on a real Prefect server: a webhook on loopback hears what went wrong."""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prefect import get_client
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from test_scheduled_run import free_port

from deploy.automations import dead_runs, install
from deploy.serve import QUIET, environment, prefect_server
from flows.events import delivery, emit, outages
from volteface.config import Config
from volteface.config_file import load_config
from volteface.deliver import DeliverReport
from volteface.notices import NoticeReport
from volteface.store.notices import NoticeRow

pytestmark = [
    pytest.mark.slow,
    # Prefect leaves sockets of its clients to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).parents[1]
NOW = datetime.now(UTC)
BLIND = NoticeRow(1, "coverage-iran", False, "only 1 of 3 sources can be seen", NOW, NOW, NOW, False, None, None)


class Hook:
    """A webhook on loopback that keeps the texts it gets."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        texts = self.texts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                texts.append(json.loads(body)["text"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever)
    thread.start()
    yield hook
    hook.server.shutdown()
    thread.join()
    hook.server.server_close()


@pytest.fixture(scope="module")
def config() -> Config:
    """A desk on which a minute without a poll is too long."""
    loaded = load_config(ROOT / "config.yaml")
    return loaded.model_copy(update={"health": loaded.health.model_copy(update={"poll_max_min": 1})})


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A whole server, as `volteface serve` starts it: the harness' one runs no automations."""
    with (
        pytest.MonkeyPatch.context() as variables,
        prefect_server(free_port(), tmp_path_factory.mktemp("prefect")) as api,
    ):
        for name, value in (QUIET | environment(api)).items():
            variables.setenv(name, value)
        with temporary_settings({PREFECT_API_URL: api, PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            yield api
    gc.collect()


def wait(done: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not done():
        time.sleep(0.5)
    return done()


def test_failed_delivery_low_coverage_and_dead_poller_reach_the_webhook(config: Config, hook: Hook) -> None:
    """With our own process gone there would be nobody left to say so."""
    names = install(config, {"VOLTEFACE_OPS_WEBHOOK": hook.url}, private=True)

    emit((*delivery(DeliverReport(dead=1)), *outages(NoticeReport(began=(BLIND,)))))

    assert "volteface: tell of nothing polls" in names
    failed = "volteface: delivery failed\n1 given up"
    silent = "volteface: nothing polls\nno poll run was completed for 1 minutes: is `volteface serve` alive?"
    assert wait(lambda: failed in hook.texts, 60), hook.texts
    assert wait(lambda: f"volteface: outage\n{BLIND.words}" in hook.texts, 60), hook.texts
    assert wait(lambda: silent in hook.texts, 180), hook.texts


def test_installing_again_adds_nothing(config: Config, hook: Hook) -> None:
    """Each restart would add another set, and each outage would be told once more."""
    with get_client(sync_client=True) as client:
        before = client.request("POST", "/automations/count").json()
        install(config, {"VOLTEFACE_OPS_WEBHOOK": hook.url}, private=True)

        assert client.request("POST", "/automations/count").json() == before


def test_without_a_webhook_dead_runs_are_still_marked(config: Config) -> None:
    """A desk without a webhook would have runs that look alive for ever."""
    assert install(config, {}) == (dead_runs().name,)


def test_server_phones_nobody(server: str) -> None:
    """Every ten minutes the server would call its makers; and the UI that opens would call an analyst."""
    with get_client(sync_client=True) as client:
        settings = client.request("GET", "/admin/settings").json()["server"]

    assert settings["analytics_enabled"] is False
    assert settings["ui"]["show_promotional_content"] is False
    assert settings["ui"]["v2_enabled"] is False
