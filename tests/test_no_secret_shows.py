"""A marked token through every failure of delivery, under Prefect: it is in no log, artifact or database."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from local_hook import LOST_REPLY, SECRET, LocalHook
from local_slack import TOKEN, Fault, LocalSlack
from local_socket import APP_TOKEN
from prefect import get_client
from prefect.settings import (
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_SERVER_DATABASE_CONNECTION_URL,
    temporary_settings,
)
from prefect.testing.utilities import prefect_test_harness
from store_samples import NOON, alerted

from deploy.serve import QUIET
from flows.alert import raise_alerts
from volteface.store import Store

pytestmark = [
    pytest.mark.slow,
    # Prefect leaves sockets of its clients to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
CODES = ["token_revoked", "is_archived", "msg_too_long", "fatal_error", "message_not_found", "ratelimited", "new_to_us"]
"""One of each kind of `volteface.slack_faults`, and one that it does not know."""
ALERTS = 5
"""More than there are failures that bury a message."""
RUNS = 40
"""More than there are failures that end a run."""
HOOK_ANSWERS = [
    (404, "no_service"), (410, "channel_is_archived"), (400, "invalid_payload"), (429, ""), (500, "rollup_error"),
    (200, "<html>"), (LOST_REPLY, ""),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def prefect_files() -> Iterator[Path]:
    """The folder in which a Prefect server of our own keeps everything."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in QUIET.items():
            environment.setenv(name, value)
        with (
            prefect_test_harness(server_startup_timeout=120),
            temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        ):
            url = PREFECT_SERVER_DATABASE_CONNECTION_URL.value()
            assert url
            yield Path(url.split("///")[1]).parent
    gc.collect()  # Here, where the warning is expected, and not in somebody else's test.


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """A desk with a store of its own and alerts that wait."""
    url = f"sqlite:///{tmp_path}/desk.db"
    with Store.open(url) as store:
        alerted(store, *(f"k{number}" for number in range(ALERTS)))
    return written(tmp_path / "config.yaml", url, "https://slack.com/api/")


def written(path: Path, url: str, api_url: str) -> Path:
    slack = {"channel": "#iran-us", "api_url": api_url}
    document = yaml.safe_load((Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(document | {"database": url, "slack": slack}), encoding="utf-8")
    return path


def told(folder: Path) -> bytes:
    """Everything that the files of a folder hold."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def run(config_file: Path, number: int) -> str:
    """One run of the alert flow, hours after the one before; what its state says."""
    state = raise_alerts(str(config_file), as_of=NOON + timedelta(hours=number), return_state=True)
    return str(state.message)


def posted(slack: LocalSlack) -> int:
    return [call.method for call in slack.calls].count("chat.postMessage")


def artifacts() -> str:
    with get_client(sync_client=True) as client:
        return "".join(str(found.data) for found in client.read_artifacts())


def test_bot_token_shows_nowhere(
    config_file: Path,
    prefect_files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The token would be readable in the control room, in a backup or in a log that somebody mails around."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("VOLTEFACE_SLACK_TOKEN", TOKEN)
    # What the listener does with it: test_listen_connection.py.
    monkeypatch.setenv("VOLTEFACE_SLACK_APP_TOKEN", APP_TOKEN)
    faults = [*(fault for fault in Fault if fault is not Fault.SILENCE), *CODES]  # Silence would take its 15 s.
    with LocalSlack() as slack:
        written(config_file, f"sqlite:///{tmp_path}/desk.db", slack.config.api_url)
        slack.fail("chat.postMessage", *faults)
        said = []
        while len(said) < RUNS and posted(slack) <= len(faults):
            said.append(run(config_file, len(said)))

    assert posted(slack) > len(faults)
    shown = "".join([*said, artifacts(), caplog.text, *(repr(record.__dict__) for record in caplog.records)])
    assert "token_revoked" in shown
    assert b"token_revoked" in told(prefect_files)
    assert b"msg_too_long" in told(tmp_path)
    for secret in (TOKEN, APP_TOKEN):
        assert secret not in shown
        assert secret.encode() not in told(prefect_files) + told(tmp_path)


def test_webhook_address_shows_nowhere(
    config_file: Path,
    prefect_files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever reads a log or a backup could post to the channel."""
    caplog.set_level(logging.DEBUG)
    with LocalHook() as hook:
        monkeypatch.setenv("VOLTEFACE_SLACK_WEBHOOK", f"http://{hook.place}")
        for answer in HOOK_ANSWERS:
            hook.answer(*answer)
        said = [run(config_file, 100 + number) for number in range(len(HOOK_ANSWERS))]

    assert hook.asked > len(HOOK_ANSWERS)
    shown = "".join([*said, artifacts(), caplog.text, *(repr(record.__dict__) for record in caplog.records)])
    assert "no_service" in shown
    assert SECRET not in shown
    assert b"no_service" in told(prefect_files)
    assert b"invalid_payload" in told(tmp_path)
    assert SECRET.encode() not in told(prefect_files) + told(tmp_path)
