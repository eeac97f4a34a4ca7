"""Keeping the system itself in order: `volteface health`, `metrics`, `watchdog`, `tidy`, `backup`, `restore`."""

from __future__ import annotations

import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from volteface.errors import VoltefaceError

if TYPE_CHECKING:
    from volteface.config import Config
    from volteface.health import Health

_FILE = click.Path(dir_okay=False, path_type=Path)
SHORT_WAIT_S = 2.0
"""Who asks for health wants an answer, also where the database hangs."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def health(config_file: Path, as_json: bool) -> None:
    """Exit code 0 if the system polls, sees, reads and delivers, otherwise 1 and what is wrong. No network."""
    from volteface.config_file import load_config
    from volteface.secrets import app_token

    verdict, buttons = _health(load_config(config_file)), app_token() is not None
    if as_json:
        click.echo(json.dumps(_as_json(verdict) | {"buttons": buttons}, ensure_ascii=False))
    else:
        if buttons:
            click.echo("buttons: on, for `volteface serve` or `listen` to answer")
        for fault in verdict.faults:
            click.echo(f"{fault.key}: {fault.words}")
        click.echo("healthy" if verdict.healthy else "unhealthy")
    sys.exit(0 if verdict.healthy else 1)


def _health(config: Config) -> Health:
    from volteface.errors import StoreError
    from volteface.health import check, unreachable
    from volteface.store import Store

    now = _now()
    try:
        with Store.open(config.database, create=False, lock_wait_s=SHORT_WAIT_S) as store:
            return check(config, store, now)
    except StoreError as error:
        return unreachable(error, now)


def _as_json(verdict: Health) -> dict[str, object]:
    faults = [{"key": f.key, "words": f.words, "since": f.since.isoformat()} for f in verdict.faults]
    return {"healthy": verdict.healthy, "at": verdict.at.isoformat(), "faults": faults}


@click.command()
@click.option("--port", type=int, help="Answer at http://HOST:PORT/metrics until stopped, instead of printing once.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at, with --port.")
@click.pass_obj
def metrics(config_file: Path, port: int | None, host: str) -> None:
    """The state of everything for Prometheus, computed from the store."""
    from prometheus_client import generate_latest, start_http_server

    from volteface.config_file import load_config
    from volteface.health import Snapshot, look
    from volteface.metrics import registry
    from volteface.store import Store

    config = load_config(config_file)

    def ask(now: datetime) -> Snapshot:
        # Opened anew each time: the endpoint outlives restarts and restores of the database.
        with Store.open(config.database, create=False, lock_wait_s=SHORT_WAIT_S) as store:
            return look(config, store, now)

    answers = registry(config, ask, _now)
    if port is None:
        click.echo(generate_latest(answers).decode(), nl=False)
        return
    stop = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # Before the server's thread begins, which inherits it.
    try:
        server, _ = start_http_server(port, addr=host, registry=answers)
    except OSError as error:
        raise VoltefaceError(f"cannot listen at {host}:{port}: {error.strerror}. Choose another --port") from error
    click.echo(f"metrics at http://{host}:{server.server_port}/metrics; stop with Ctrl-C or SIGTERM")
    signal.sigwait(stop)
    server.shutdown()


@click.command()
@click.pass_obj
def watchdog(config_file: Path) -> None:
    """Check health once and tell the channel: once when an outage begins, once when it is over. For cron."""
    from volteface.config_file import load_config
    from volteface.sinks import sink_for
    from volteface.storeless import outage_file
    from volteface.watchdog import watch

    config = load_config(config_file)
    report = watch(config, sink_for(config), outage_file(config), _now())
    click.echo(report.line())
    sys.exit(1 if report.fault else 0)


@click.command()
@click.pass_obj
def tidy(config_file: Path) -> None:
    """Drop what is past the times under `retention`. Safe while everything else runs."""
    from volteface.config_file import load_config
    from volteface.retention import tidy as run
    from volteface.store import Store

    config = load_config(config_file)
    with Store.open(config.database) as store:
        click.echo(run(config, store, _now()).line())


@click.command()
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
@click.pass_obj
def backup(config_file: Path, file: Path, force: bool) -> None:
    """Copy the database to FILE while everything else runs."""
    from volteface.config_file import load_config
    from volteface.store import backup as copies

    config = load_config(config_file)
    copies.backup(config.database, file, force=force)
    click.echo(f"{file}: {_holdings(config)}, {file.stat().st_size / 1e6:,.1f} MB")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the data that the database holds.")
@click.pass_obj
def restore(config_file: Path, file: Path, force: bool) -> None:
    """Bring back what `backup` copied to FILE. Stop `volteface serve` first."""
    from volteface.config_file import load_config
    from volteface.store import backup as copies

    config = load_config(config_file)
    copies.restore(config.database, file, force=force)
    click.echo(f"restored {_holdings(config)}")


def _now() -> datetime:
    # Not `deploy.once.utc_now`: that module brings the whole pipeline along, and a probe must be quick.
    return datetime.now(UTC)


def _holdings(config: Config) -> str:
    from volteface.store import Store
    from volteface.summary import plural

    with Store.open(config.database) as store:
        totals = store.census.totals()
    alerts = sum(totals.alerts.values())
    counts = ((totals.articles, "article"), (totals.readings, "reading"), (alerts, "alert"))
    return ", ".join(f"{count:,} {plural(count, what)}" for count, what in counts)


COMMANDS = (health, metrics, watchdog, tidy, backup, restore)
