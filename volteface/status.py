"""The state of the whole system, gathered from the store: feeds, positions, undelivered alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from volteface.blindness import Coverage, coverage, fails, quiet
from volteface.config import Config
from volteface.detect import seeds
from volteface.feed_types import FeedState
from volteface.store import Store
from volteface.store.records import Counts, PendingRow
from volteface.types import Standing

HEALTHY, SILENT, FAILING, GONE, NEVER = "healthy", "silent", "failing", "gone", "not yet polled"


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """One feed, as a person asks for it."""

    feed: str
    outlet: str
    health: str
    state: FeedState | None


@dataclass(frozen=True, slots=True)
class Status:
    """Everything `volteface status` shows."""

    feeds: tuple[FeedHealth, ...]
    coverage: tuple[Coverage, ...]
    positions: tuple[Standing, ...]
    counts: Counts
    waiting: tuple[PendingRow, ...]
    dead: tuple[PendingRow, ...]


def gather(config: Config, store: Store, now: datetime) -> Status:
    """Read the present state."""
    states = {state.feed: state for state in store.feeds.all()}
    return Status(
        feeds=healths(config, states, now),
        coverage=tuple(coverage(config, states.values(), now).values()),
        positions=positions(config, store.ledger.all()),
        counts=store.articles.counts(now - timedelta(days=1)),
        waiting=tuple(store.outbox.pending()),
        dead=tuple(store.outbox.dead()),
    )


def healths(config: Config, states: Mapping[str, FeedState], now: datetime) -> tuple[FeedHealth, ...]:
    """Every enabled feed, in the config's order; `states` by feed."""
    return tuple(health(config, f.id, states.get(f.id), now) for f in config.feeds if f.enabled)


def health(config: Config, feed: str, state: FeedState | None, now: datetime) -> FeedHealth:
    """Healthy, silent, failing or gone. A feed that cannot be read is never called silent."""
    return FeedHealth(feed, config.feed[feed].outlet, _word(config, state, now), state)


def _word(config: Config, state: FeedState | None, now: datetime) -> str:
    if state is None or state.checked is None:
        return NEVER
    if state.gone:
        return GONE
    if fails(state):
        return FAILING
    return SILENT if quiet(state, config.poll.silent_after_h, now) else HEALTHY


def positions(config: Config, ledger: Mapping[tuple[str, str], Standing]) -> tuple[Standing, ...]:
    """The ledger in the config's order; the config's seed where nothing has been read yet.

    Without the offices and axes that were edited out of the config: nobody watches them any more.
    """
    rows = {(s.holder, s.axis): s for s in seeds(config)} | dict(ledger)
    order = {o.id: i for i, o in enumerate(config.offices)}
    watched = (s for s in rows.values() if s.holder in order and s.axis in config.axis)
    return tuple(sorted(watched, key=lambda s: (order[s.holder], s.axis)))
