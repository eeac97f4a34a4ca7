"""The state of everything as Prometheus metrics, computed from the store at each scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from volteface.config import Config
from volteface.errors import StoreError
from volteface.health import Snapshot, judge, last_success
from volteface.status import FAILING, GONE, HEALTHY, NEVER, SILENT
from volteface.types import AlertState

STATES = (HEALTHY, SILENT, FAILING, GONE, NEVER)


def registry(config: Config, look: Callable[[datetime], Snapshot], now: Callable[[], datetime]) -> CollectorRegistry:
    """A registry that asks `look(now)` at each scrape; where that raises StoreError, `volteface_up` is 0."""
    registry = CollectorRegistry()
    registry.register(_StoreCollector(config, look, now))
    return registry


class _StoreCollector(Collector):
    def __init__(self, config: Config, look: Callable[[datetime], Snapshot], now: Callable[[], datetime]) -> None:
        self._config, self._look, self._now = config, look, now

    def describe(self) -> list[Metric]:
        # Otherwise registering asks the database.
        return []

    def collect(self) -> Iterator[Metric]:
        now = self._now()
        try:
            seen = self._look(now)
        except StoreError:
            yield _gauge("up", "Whether the database can be asked.", 0)
            return
        yield _gauge("up", "Whether the database can be asked.", 1)
        yield from families(self._config, seen, now)


def families(config: Config, seen: Snapshot, now: datetime) -> Iterator[Metric]:
    """Every metric of a snapshot. Ages are in seconds."""
    yield _gauge("healthy", "Whether `volteface health` finds nothing wrong.", judge(config, seen, now).healthy)
    yield from _feeds(seen, now)
    yield from _articles(seen, now)
    yield from _alerts(seen, now)
    yield _gauge("store_bytes", "Size of the database.", seen.bytes)


def _feeds(seen: Snapshot, now: datetime) -> Iterator[Metric]:
    health = Counter(feed.health for feed in seen.status.feeds)
    states = [feed.state for feed in seen.status.feeds if feed.state]
    by_state = {state: health[state] for state in STATES}
    yield _labelled("feeds", "Enabled feeds by state.", "state", by_state)
    if (success := last_success(states)) is not None:
        yield _gauge("last_successful_poll_age_seconds", "Since a feed was last read.", _age(success, now))
    sides = seen.status.coverage
    yield _labelled("sources", "Sources that cover a side.", "side", {r.side: r.of for r in sides})
    yield _labelled("sources_in_sight", "Of these, in sight.", "side", {r.side: r.seen for r in sides})


def _articles(seen: Snapshot, now: datetime) -> Iterator[Metric]:
    totals, counts = seen.totals, seen.status.counts
    queues = {"text": totals.wanting_text, "reading": totals.wanting_reading}
    yield _gauge("articles", "Articles in the store.", totals.articles)
    yield _gauge("articles_seen_24h", "Articles first seen in the last 24 hours.", counts.seen)
    yield _gauge("articles_read_24h", "Of these, read.", counts.read)
    yield _labelled(
        "articles_waiting", "Articles by what they wait for.", "for", {k: q.count for k, q in queues.items()}
    )
    ages = {key: _age(queue.oldest, now) for key, queue in queues.items()}
    yield _labelled("articles_waiting_age_seconds", "Age of the oldest of these.", "for", ages)
    yield _gauge("readings", "Readings in the store.", totals.readings)
    yield _gauge("readings_undetected", "Readings that no detector has seen.", totals.undetected)


def _alerts(seen: Snapshot, now: datetime) -> Iterator[Metric]:
    totals, waiting = seen.totals, seen.status.waiting
    by_state = {state.value: totals.alerts.get(state.value, 0) for state in AlertState}
    yield _labelled("alerts", "Alerts ever raised, by state.", "state", by_state)
    delivered = CounterMetricFamily("volteface_alerts_delivered", "Messages (alerts and changes of them) that arrived.")
    delivered.add_metric((), totals.delivered)
    yield delivered
    yield _gauge("outbox_pending", "Messages still to be sent.", len(waiting))
    yield _gauge("outbox_dead", "Messages that were given up.", totals.dead)
    oldest = min((row.created for row in waiting), default=None)
    yield _gauge("outbox_age_seconds", "Age of the oldest message still to be sent.", _age(oldest, now))


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"volteface_{name}", words, value=float(value))


def _labelled(name: str, words: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"volteface_{name}", words, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), float(value))
    return family
