"""How far a long piece of work is, as an artifact of its run; short work leaves none."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Event, Thread
from uuid import UUID

import httpx
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

from volteface.errors import StoreError

EVERY_S = 3.0
"""Between two looks at the work; what ends before the first leaves no artifact."""
PATIENCE_S = 5.0
"""How long the end of the work waits for the last word on it."""
SERVER_FAULTS = (httpx.HTTPError, PrefectException, RuntimeError, OSError)
"""What a Prefect server that is gone, busy or of another mind can raise."""

log = logging.getLogger(__name__)

Count = Callable[[], tuple[int, int]]
"""(done, total) at this moment; may raise StoreError. Called in a thread of its own, for the first time at once."""


def shrinking(left: Callable[[], int], most: int | None = None) -> Count:
    """For work of which is known how much is left: what is left at first is the total, and `most` of it is done."""
    at_first: list[int] = []

    def count() -> tuple[int, int]:
        now = left()
        if not at_first:
            at_first.append(now)
        return at_first[0] - now, at_first[0] if most is None else min(at_first[0], most)

    return count


@contextmanager
def progress(key: str, unit: str, count: Count, every_s: float = EVERY_S) -> Iterator[None]:
    """While the context lasts, show under `key` how many of the `unit` (`feeds`) are done, every few seconds.

    Must be entered within a flow run. Never fails the work: a server or a store that cannot be asked costs the display.
    """
    bar, ended = _Bar(key, unit, UUID(flow_run.get_id())), Event()
    # The settings of the run, the server's address among them, are in the context.
    thread = Thread(target=copy_context().run, args=(_show, bar, count, ended, every_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENCE_S)


@dataclass
class _Bar:
    key: str
    unit: str
    run: UUID
    shown: UUID | None = field(default=None, init=False)

    def show(self, client: SyncPrefectClient, done: int, total: int) -> None:
        share = 100.0 * min(max(done, 0), total) / total if total else 100.0
        words = f"{done:,} of {total:,} {self.unit}"
        if self.shown is None:
            new = ArtifactCreate(key=self.key, type="progress", description=words, data=share, flow_run_id=self.run)
            self.shown = client.create_artifact(new).id
        else:
            client.update_artifact(self.shown, ArtifactUpdate(description=words, data=share))


def _show(bar: _Bar, count: Count, ended: Event, every_s: float) -> None:
    try:
        count()
        if ended.wait(every_s):
            return
        with get_client(sync_client=True) as client:
            while not ended.wait(every_s if bar.shown else 0):
                bar.show(client, *count())
            bar.show(client, *count())
    except (*SERVER_FAULTS, StoreError) as error:
        log.warning("%s: how far the work is cannot be shown: %s", bar.key, error)
