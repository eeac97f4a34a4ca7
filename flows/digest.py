"""The digest flow: once a day, where everybody stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.outcome import tell
from flows.retry import TRANSIENT
from volteface.config import Config
from volteface.config_file import load_config
from volteface.digest_send import DigestReport, is_due, send_digest
from volteface.sinks import sink_for
from volteface.store import Store


@flow(name="digest", flow_run_name="digest", timeout_seconds=300)
def tell_the_day(config_file: str = "config.yaml", as_of: datetime | None = None) -> State[DigestReport]:
    """Send the digest if it is time and it was not sent. `as_of` simulates the time."""
    config, now = load_config(Path(config_file)), as_of or datetime.now(UTC)
    if not is_due(config.digest, now):
        line, report = f"not due: it is sent from {config.digest.at:%H:%M} {config.digest.timezone} on", DigestReport()
    else:
        report = send_once(config, now)
        line = report.line()
    tell("digest", line, line)
    outcome = Failed if report.fault else Completed
    return outcome(message=line, data=report)


@task(name="send the digest", cache_policy=NO_CACHE, **TRANSIENT)
def send_once(config: Config, now: datetime) -> DigestReport:
    """At most one message a day."""
    with Store.open(config.database) as store:
        return send_digest(config, store, sink_for(config), now)
