"""The Prefect deployments with their schedules, served from one process, and a Prefect server for them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx

from deploy.listen import listening
from volteface.config import Config
from volteface.errors import VoltefaceError

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # The V2 UI makes the operator's browser ask an outside host; V1 asks nobody.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
}
"""Nothing phones home (docs/decisions.md, "Nothing phones home"). The runner and its runs inherit it."""
KEPT = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86_400),
}
"""Without it the server keeps every run for ever. Our own store keeps what the product needs."""
HEARTBEAT_S = 60
"""How often a run shows that it lives, instead of every three minutes."""
LOST_BEATS = 5
"""After so many `automations.py` takes a run for dead: one that loaded a model on a busy machine missed three."""
TAG = "volteface"
START_UP_S = 180
"""A server of our own has answered within so long on a busy machine, too."""


def serve(config: Config, config_file: Path, port: int, say: Callable[[str], None]) -> None:
    """Run the scheduled deployments until SIGTERM, SIGHUP or Ctrl-C; the server ends with us, if we started it.

    Uses the Prefect API that PREFECT_API_URL names, or starts a server on this machine. Raises VoltefaceError.
    """
    with ExitStack() as stack:
        given = os.environ.get("PREFECT_API_URL")
        if not given:
            say(f"starting a Prefect server on port {port} (set PREFECT_API_URL to use another)")
        api = given or stack.enter_context(prefect_server(port))
        os.environ.update(environment(api))
        if given:
            require_api()
        lines = (f"{name} at {cron}" for name, cron in config.schedule.model_dump().items())
        say(f"scheduled (UTC): {', '.join(lines)}")
        shown = httpx.URL(api).copy_with(userinfo=b"")  # It may hold a password.
        say(f"Prefect API: {shown}" if given else f"watch the runs at {api.removesuffix('/api')}/runs")
        say("stop with Ctrl-C or SIGTERM: what is not done then is done by the next start")
        stack.enter_context(listening(config, say))
        serve_deployments(config, config_file, say)


def environment(api: str) -> dict[str, str]:
    """What a process needs in order to talk to that API, past any proxy if it is on this machine, and to nobody else.

    A setting of `QUIET` that the environment already has is left as it is.
    """
    direct = ",".join(filter(None, (os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "127.0.0.1,localhost")))
    quiet = {key: value for key, value in QUIET.items() if key not in os.environ}
    pulse = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S)}
    return {**quiet, **pulse, "PREFECT_API_URL": api, "NO_PROXY": direct, "no_proxy": direct}


def serve_deployments(config: Config, config_file: Path, say: Callable[[str], None]) -> None:
    """Serve until stopped. Needs a Prefect API (PREFECT_API_URL)."""
    from deploy.automations import install
    from deploy.dead_runs import dead_runs_marked, mark_crashed
    from deploy.deployments import served
    from deploy.runner import StoppableRunner

    if dead := mark_crashed():
        say(f"marked crashed: {dead} of our runs whose process is gone")
    runner = StoppableRunner(pause_on_shutdown=False)
    for deployment in served(config, config_file):
        runner.add_deployment(deployment)
    install(config, os.environ)
    with dead_runs_marked():
        runner.serve()


def require_api() -> None:
    """Raises VoltefaceError where the API of PREFECT_API_URL does not answer."""
    from prefect import get_client

    try:
        with get_client(sync_client=True) as client:
            fault = client.api_healthcheck()
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
        fault = error.__cause__ if isinstance(error.__cause__, Exception) else error
    if fault is not None:
        # httpx names the whole address, which may hold a password.
        refusal = isinstance(fault, httpx.HTTPStatusError) and f"it answers {fault.response.status_code}"
        reason = refusal or str(fault) or type(fault).__name__
        remedy = "is the server running there, and does the address end in /api?"
        raise VoltefaceError(
            f"the Prefect API that PREFECT_API_URL names cannot be used: {reason}; {remedy}"
        ) from fault


@contextmanager
def prefect_server(port: int, home: Path | None = None) -> Iterator[str]:
    """A Prefect server on loopback for as long as the context lasts; yields its API address.

    Raises:
        VoltefaceError: the port is taken, or the server did not come up in START_UP_S; the message holds the remedy, or
            the end of what the server printed.
    """
    _require_free(port)
    api = f"http://127.0.0.1:{port}/api"
    env = (
        os.environ | KEPT | environment(api) | {"PREFECT_SERVER_API_PORT": str(port), "PREFECT_SERVER_UI_API_URL": api}
    )
    if home is not None:
        env["PREFECT_HOME"] = str(home)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = Path(env.get("PREFECT_HOME", Path.home() / ".prefect")) / "volteface-server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # A session of its own: Ctrl-C must reach us first, so that runs can still report how they end.
    with (
        _unwound_by_signals(),
        log.open("wb") as out,
        subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        ) as server,
    ):
        try:
            _wait_until_up(api, server, log)
            yield api
        finally:
            _stop(server)


@contextmanager
def _unwound_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end us by way of every `finally`; by default we would die and leave the server behind."""

    def leave(_signum: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(0)

    before = {signum: signal.signal(signum, leave) for signum in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise VoltefaceError(f"port {port} cannot be used: {_who_is_there(port, error)}") from error


def _who_is_there(port: int, error: OSError) -> str:
    api = f"http://127.0.0.1:{port}/api"
    if _is_up(api):
        return f"a Prefect server already runs there. Use it with PREFECT_API_URL={api}, or choose another --port"
    return f"{error.strerror or error}. Choose another with --port"


def _is_up(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _wait_until_up(api: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_UP_S
    while time.monotonic() < deadline and server.poll() is None:
        if _is_up(api):
            return
        time.sleep(0.3)
    tail = log.read_text(errors="replace")[-1500:]
    raise VoltefaceError(f"the Prefect server did not come up within {START_UP_S} s; it printed:\n{tail}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
