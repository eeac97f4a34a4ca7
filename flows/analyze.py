"""The analyze flow: articles that want reading → readings, in batches."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

import extractors
from flows.outcome import tell
from flows.progress import Count, progress, shrinking
from flows.retry import TRANSIENT
from volteface.analyze import AnalyzeReport, analyze, analyze_all
from volteface.config import Config
from volteface.config_file import load_config
from volteface.copies import CopyIndex
from volteface.store import Store
from volteface.summary import analyze_line, analyze_page
from volteface.types import Extractors


@flow(name="analyze", flow_run_name="analyze", timeout_seconds=3600)
def analyze_articles(config_file: str = "config.yaml", as_of: datetime | None = None) -> State[AnalyzeReport]:
    """Read every article that waits. `as_of` simulates the time (demo, backfill)."""
    config, now = load_config(Path(config_file)), as_of or datetime.now(UTC)
    store = Store.open(config.database)
    try:
        with progress("progress-analyze", "articles", _articles(store)):
            total = analyze_all(config, store, lambda: instruments(config), now, read_batch)
    finally:
        store.close()
    tell("analyze", analyze_line(total), analyze_page(total))
    return Completed(message=analyze_line(total), data=total)


def _articles(store: Store) -> Count:
    return shrinking(lambda: store.census.totals().wanting_reading.count)


@lru_cache(maxsize=1)
def instruments(config: Config) -> Extractors:
    """Build once for all runs of a process (the demo's, not those of `serve`): loading the model takes seconds."""
    return extractors.build(config)


@task(name="read a batch", cache_policy=NO_CACHE, **TRANSIENT)
def read_batch(config: Config, store: Store, instruments: Extractors, now: datetime, index: CopyIndex) -> AnalyzeReport:
    """Up to 256 articles in one transaction; a run that dies leaves them for the next."""
    return analyze(config, store, instruments, now, index=index)
