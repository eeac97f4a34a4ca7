"""The alert flow: new readings → shifts → messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.dashboard import drawn, gathered, publish
from flows.events import alert_changed, delivery, emit, shift_detected
from flows.outcome import tell
from flows.retry import TRANSIENT
from volteface.config import Config
from volteface.config_file import load_config
from volteface.deliver import DeliverReport, deliver
from volteface.detect import DetectReport, detect
from volteface.fallback import fallback_for
from volteface.sinks import sink_for
from volteface.store import Store
from volteface.summary import alert_line, alert_page


@flow(name="alert", flow_run_name="alert", timeout_seconds=900)
def raise_alerts(config_file: str = "config.yaml", as_of: datetime | None = None) -> State[DetectReport]:
    """Compare new readings with the standing positions and deliver what waits. `as_of` simulates the time."""
    config, now = load_config(Path(config_file)), as_of or datetime.now(UTC)
    store = Store.open(config.database)
    try:
        found = find_shifts(config, store, now)
        # A simulated time stands still; a real one must move on, or the leases of a long pass would not.
        sent = send_waiting(config, store, (lambda: now) if as_of else _utc_now)
        pictures = drawn(config, store, found.shifts)
    finally:
        store.close()
    emit((*map(shift_detected, found.shifts), *map(alert_changed, found.changes), *delivery(sent)))
    line = alert_line(found, sent)
    if found.shifts or found.changes or sent.sent or sent.dead or sent.fault:
        publish((*pictures, *gathered(config, now)[1]))
    tell("alert", line, alert_page(found, sent, config))
    outcome = Failed if sent.dead or sent.fault else Completed  # A message that nobody will get must be seen in the UI.
    return outcome(message=line, data=found)


@task(name="find shifts", cache_policy=NO_CACHE, **TRANSIENT)
def find_shifts(config: Config, store: Store, now: datetime) -> DetectReport:
    """New readings into the ledger, in one transaction."""
    return detect(config, store, now)


@task(name="send waiting messages", cache_policy=NO_CACHE, **TRANSIENT)
def send_waiting(config: Config, store: Store, now: Callable[[], datetime]) -> DeliverReport:
    """One message for each outbox row; what fails stays queued."""
    return deliver(config, store, sink_for(config), now, sender="alert-flow", fallback=fallback_for())


def _utc_now() -> datetime:
    return datetime.now(UTC)
