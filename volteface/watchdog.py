"""The dead-man's switch: health, and who hears of it. Looks at what was left behind: no step need be alive."""

from __future__ import annotations

from datetime import datetime, timedelta

from volteface.blindness import quiet
from volteface.config import Config
from volteface.errors import StoreError
from volteface.health import check, unreachable
from volteface.notices import Notice, NoticeReport, Sender, tell
from volteface.status import SILENT, FeedHealth, healths
from volteface.store import Store
from volteface.storeless import OutageFile, tell_outage, tell_over


def watch(config: Config, sink: Sender, memory: OutageFile, now: datetime) -> NoticeReport:
    """Check health, and tell what begins and what is over. Raises nothing for the store's or the sink's sake.

    `memory` is for outages of the store itself.
    """
    try:
        with Store.open(config.database) as store:
            faults = (*check(config, store, now).faults, *_of_feeds(config, store, now))
            report = tell(config, store, sink, faults, now)
    except StoreError as error:
        (fault,) = unreachable(error, now).faults
        return tell_outage(sink, fault, memory, now)
    return tell_over(report, sink, memory, timedelta(minutes=config.health.settle_min), now)


def fell_silent(config: Config, before: datetime, now: datetime) -> tuple[FeedHealth, ...]:
    """The feeds that answer, and became silent between the two moments; none where the store cannot be asked."""
    try:
        with Store.open(config.database) as store:
            states = {state.feed: state for state in store.feeds.all()}
    except StoreError:
        return ()
    limit, feeds = config.poll.silent_after_h, healths(config, states, now)
    return tuple(f for f in feeds if f.health == SILENT and f.state and not quiet(f.state, limit, before))


def _of_feeds(config: Config, store: Store, now: datetime) -> tuple[Notice, ...]:
    """A feed that died makes nobody blind by itself, but somebody has to look for its new address."""
    found = store.feeds.notices(now, timedelta(hours=config.poll.notice_after_h))
    return tuple(Notice(notice.key, notice.words, notice.since) for notice in found)
