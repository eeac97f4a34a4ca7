"""Whether the system sees, reads and delivers: what is wrong, in words, since when. Pure but for `look`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from volteface.blindness import Coverage
from volteface.config import Config
from volteface.config_care import HealthRules
from volteface.errors import StoreError
from volteface.feed_types import FeedState
from volteface.notices import Notice
from volteface.status import Status, gather
from volteface.store import Store
from volteface.store.census import Queue, Totals
from volteface.store.records import PendingRow
from volteface.verdicts import MUTED


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of everything at one moment, as the database has it."""

    status: Status
    totals: Totals
    bytes: int
    """Size of the store."""


@dataclass(frozen=True, slots=True)
class Health:
    """The verdict."""

    at: datetime
    faults: tuple[Notice, ...]
    """Empty where all is well."""

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def look(config: Config, store: Store, now: datetime) -> Snapshot:
    """Read the present state. No network, no model. Raises StoreError."""
    return Snapshot(gather(config, store, now), store.census.totals(), store.retention.size())


def check(config: Config, store: Store, now: datetime) -> Health:
    """The verdict of this moment. A store that cannot be asked is a fault, not an error."""
    try:
        return judge(config, look(config, store, now), now)
    except StoreError as error:
        return unreachable(error, now)


def unreachable(error: StoreError, now: datetime) -> Health:
    """The verdict where the database cannot be asked."""
    return Health(now, (Notice("database", str(error), now),))


def judge(config: Config, seen: Snapshot, now: datetime) -> Health:
    """Everything that is wrong, the gravest first."""
    rules, status = config.health, seen.status
    unpolled = tuple(_unpolled([f.state for f in status.feeds if f.state], rules, now))
    faults = (
        *unpolled,
        # Where nothing is polled nothing is in sight: one outage, and one message.
        *(() if unpolled else _uncovered(status.coverage, config, now)),
        *_undelivered(status.waiting, rules, now),
        *_buried(status.dead),
        *_unread(seen.totals, rules, now),
    )
    return Health(now, faults)


def last_success(states: Iterable[FeedState]) -> datetime | None:
    """When a feed was last read."""
    return max((s.succeeded for s in states if s.succeeded), default=None)


def _unpolled(states: Sequence[FeedState], rules: HealthRules, now: datetime) -> Iterator[Notice]:
    live = [state for state in states if not state.gone]
    if not live:
        why = "no feed was ever polled: `volteface poll` has not run on this database"
        yield Notice("poll", f"all {len(states)} feeds are gone: correct their addresses" if states else why, now)
        return
    # A desk of feeds that are due once a day is not ill in between.
    patience = timedelta(minutes=rules.poll_max_min)
    failing = sum(bool(state.failures) for state in live)
    overdue = any(now - state.next_due > patience / 2 for state in live)
    since = last_success(live) or min(state.next_due for state in live)
    if (overdue or failing == len(live)) and now - since > patience:
        why = f"{failing} of {len(live)} feeds fail" if failing > len(live) / 2 else "the poller does not run"
        yield Notice("poll", f"no feed was read for {_lasting(now - since)}: {why}", since)


def _uncovered(rows: Iterable[Coverage], config: Config, now: datetime) -> Iterator[Notice]:
    for row in rows:
        # Those of which nothing came yet get the time of a first poll: `poll` tells if it does not come.
        if row.seen + row.unheard < config.health.coverage_min * row.of:
            out = ", ".join(f"{n} {what}" for n, what in ((row.failing, "failing"), (row.silent, "silent")) if n)
            of = f"{row.seen} of {row.of} sources on {row.name}"
            yield Notice(f"coverage-{row.side}", f"only {of} can be seen: {out}", now)


def _undelivered(waiting: Iterable[PendingRow], rules: HealthRules, now: datetime) -> Iterator[Notice]:
    patience = timedelta(minutes=rules.undelivered_max_min)
    late = [row for row in _next_of_each(waiting) if now - _wanted_at(row) > patience]
    if late:
        since = min(_wanted_at(row) for row in late)
        why = next((f": {row.error}" for row in late if row.error), ": nothing tries to send them")
        yield Notice("delivery", f"{_alerts(len(late))} undelivered for {_lasting(now - since)}{why}", since)


def _next_of_each(waiting: Iterable[PendingRow]) -> Iterable[PendingRow]:
    """The message of each alert that may be sent next: a change waits behind its alert's own, however long that is."""
    following: dict[str, PendingRow] = {}
    for row in sorted(waiting, key=lambda row: row.number):
        following.setdefault(row.key, row)
    return following.values()


def _wanted_at(row: PendingRow) -> datetime:
    """From when on the message is late: one that is held back on purpose has failed at nothing."""
    if row.error and not row.error.startswith(MUTED):
        return row.refused_since or row.created
    return max(row.created, row.not_before or row.created)


def _buried(dead: Sequence[PendingRow]) -> Iterator[Notice]:
    if unseen := [row for row in dead if not row.acknowledged]:
        since, last = min(row.dead_at or row.created for row in unseen), unseen[-1]
        what = f"{_alerts(len({row.key for row in unseen}))} given up: {last.error or 'no reason kept'}"
        yield Notice("dead-letters", f"{what}; once seen to: `volteface verdict {last.key} acknowledged`", since)


def _unread(totals: Totals, rules: HealthRules, now: datetime) -> Iterator[Notice]:
    queues = (("texts", totals.wanting_text, "its page"), ("reading", totals.wanting_reading, "being read"))
    for key, queue, what in queues:
        if _late(queue, rules, now) and queue.oldest is not None:
            count = f"{queue.count:,} article{'' if queue.count == 1 else 's'}"
            yield Notice(
                key, f"{count} unread; the oldest waits for {what} {_lasting(now - queue.oldest)}", queue.oldest
            )


def _late(queue: Queue, rules: HealthRules, now: datetime) -> bool:
    return queue.oldest is not None and now - queue.oldest > timedelta(minutes=rules.unread_max_min)


def _alerts(count: int) -> str:
    return f"{count} alert{'' if count == 1 else 's'}"


def _lasting(span: timedelta) -> str:
    minutes = span / timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days"
