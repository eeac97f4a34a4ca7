"""What must hold when all is quiet: nothing lost, nothing twice, everything in order. Each fault found is one line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.faults.plan import START, Plan
from tests.local_slack import LocalSlack, keys
from volteface.config import Config
from volteface.slack_render import render
from volteface.store import Store
from volteface.store.records import AlertRecord


def quiet(store: Store, articles: int) -> bool:
    """Whether everything that was published is in the store, and no step has anything left to do."""
    counts = store.articles.counts(START)
    waiting = counts.wanting_text or counts.wanting_reading or store.readings.undetected(1)
    return counts.seen >= articles and not waiting and not store.outbox.pending()


def waiting(store: Store) -> str:
    """What is left to do, in words."""
    counts, pending = store.articles.counts(START), store.outbox.pending()
    feeds = [f"{feed.feed} until {feed.next_due:%d %H:%M} ({feed.error})" for feed in store.feeds.all() if feed.error]
    sends = [f"{row.key} after {row.attempts} attempts ({row.error})" for row in pending]
    return f"{counts}; feeds {feeds}; messages {sends}"


def faults(plan: Plan, config: Config, store: Store, slack: LocalSlack) -> list[str]:
    """What is wrong after the run; nothing if it is as it must be."""
    records = sorted(store.alerts.records(1000), key=lambda record: record.shift.at)
    return [
        *_articles(plan, store),
        *_alerts(plan, store, records),
        *_shown(slack, records),
        *_threads(slack, config, records),
    ]


def _articles(plan: Plan, store: Store) -> Iterator[str]:
    counts = store.articles.counts(START)
    if (counts.seen, counts.read) != (len(plan.items), len(plan.items)):
        yield f"{len(plan.items)} articles published, {counts.seen} stored, {counts.read} read"


def _alerts(plan: Plan, store: Store, records: list[AlertRecord]) -> Iterator[str]:
    found: defaultdict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for record in records:
        found[record.shift.holder, record.shift.axis].append([change.kind.value for change in record.changes])
    if found != plan.expected:
        yield f"alerts {dict(found)}, expected {plan.expected}"
    if dead := store.outbox.dead():
        yield f"given up: {[(row.key, row.error) for row in dead]}"


def _shown(slack: LocalSlack, records: list[AlertRecord]) -> Iterator[str]:
    wanted = {key for record in records for key in _keys(record)}
    shown = Counter(slack.all_keys)
    if lost := sorted(wanted - shown.keys()):
        yield f"never shown: {lost}"
    if twice := sorted(key for key, times in shown.items() if times > 1):
        yield f"shown twice: {twice}"
    if stray := sorted(shown.keys() - wanted):
        yield f"shown, but not in the store: {stray}"


def _keys(record: AlertRecord) -> list[str]:
    return [record.shift.key, *(f"{record.shift.key}#{change.number}" for change in record.changes)]


def _threads(slack: LocalSlack, config: Config, records: list[AlertRecord]) -> Iterator[str]:
    """Each alert's message as it should read at the end, and under it its changes by number."""
    threads = {}
    for number, post in enumerate(slack.posts):
        (key,) = keys([post])
        threads[key] = [key, *keys(slack.thread(number))], post["text"]
    for record in records:
        lines, text = threads.get(record.shift.key, ([], ""))
        if lines != _keys(record):
            yield f"thread {lines}, expected {_keys(record)}"
        if text != (expected := render(record.shift, config, (), record.changes).text):
            yield f"reads {text!r}, expected {expected!r}"
