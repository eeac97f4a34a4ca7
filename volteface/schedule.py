"""When to ask a feed again, and with which validators. Pure: (state, what happened, now, rules) → state.

How we decide is what publishers ask of feed readers: never before they say (max-age, Expires, Retry-After, ttl), seldom
where little is published, ever more seldom where it fails, and with their own validators, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

from volteface.config import Feed
from volteface.config_poll import PollRules
from volteface.errors import FetchError, VoltefaceError
from volteface.feed_health import with_items
from volteface.feed_types import FeedState, Fetched, ParsedFeed
from volteface.skip_times import next_open

DAY_S = 86_400.0
WISH_CAP_S = DAY_S
"""Longest wish of a server that we honour: some ask for years."""
SAME_MOVES = 3
"""A permanent redirect is believed after so many identical answers: misconfigured servers redirect everything."""
POLLS_A_GAP = 4
"""Polls in the usual time between two items of a feed."""
LIVELY_CAP_S = 3600.0
"""Longest interval of a feed that had an item in the last week."""
SILENT_SHARE = 100
"""A feed whose last item is t old is asked every t/100."""
RECHECK_SILENT_S = 3 * DAY_S
"""Some servers answer 304 for ever: a silent feed is asked without validators once in so long."""
DOUBTFUL_GAPS = 10
"""The first time, a busy feed is asked so after a silence of this many of its usual gaps (a day at the least)."""
TOO_MANY_S = 3600.0
"""How long a server is left alone that says 429 and not for how long; twice as long at each further failure."""
VALIDATOR_CAP = 1000
ERROR_CAP = 300


def body_hash(body: bytes) -> str:
    """Tells whether a body is the one of last time."""
    return sha256(body).hexdigest()


def rules_for(feed: Feed, rules: PollRules) -> PollRules:
    """The rules with the feed's own bounds of the interval, where it has any."""
    if feed.min_interval_s is None and feed.max_interval_s is None:
        return rules
    low = feed.min_interval_s or min(rules.min_interval_s, feed.max_interval_s or rules.min_interval_s)
    high = feed.max_interval_s or max(rules.max_interval_s, low)
    return rules.model_copy(update={"min_interval_s": low, "max_interval_s": high})


def validators(state: FeedState, now: datetime) -> tuple[str | None, str | None]:
    """ETag and Last-Modified to send: those stored, or none where a long silence makes the server's 304 doubtful."""
    if state.newest and state.checked:
        doubts = [_doubts((moment - state.newest).total_seconds(), state.gap_s) for moment in (state.checked, now)]
        if doubts[0] < doubts[1]:
            return None, None
    return state.etag, state.modified


def _doubts(silence_s: float, gap_s: float | None) -> int:
    """How often a silence of this length has given reason to doubt a 304."""
    first = min(max(DOUBTFUL_GAPS * (gap_s or DAY_S), DAY_S), RECHECK_SILENT_S)
    return 0 if silence_s < first else 1 + int((silence_s - first) // RECHECK_SILENT_S)


def after_success(
    state: FeedState,
    fetched: Fetched,
    parsed: ParsedFeed | None,
    now: datetime,
    rules: PollRules,
    *,
    known: int = 0,
    taken: Collection[str] = (),
) -> FeedState:
    """After a 200. `parsed` is None where the body is the one of last time and was not parsed again.

    `known`: how many of its items were taken before. `taken`: addresses of other feeds, which this one may not move to.
    A body that is not a feed is a failure: its validators are not kept, or the next poll could not recover. Nor are
    those of one that breaks off, whose items are taken.
    """
    if parsed and parsed.reason:
        return after_failure(state, FetchError(parsed.reason, transient=False), now, rules)
    whole = parsed is None or parsed.whole
    state = _with_document(state, parsed, known, now, rules) if parsed else _unchanged(state, now, rules)
    state = replace(
        state,
        etag=_kept(fetched.headers.get("etag")) if whole else None,
        modified=_kept(fetched.headers.get("last-modified")) if whole else None,
        body_hash=body_hash(fetched.body) if whole else None,
    )
    return _moved(_healthy(state, fetched, now), fetched, taken)


def _with_document(state: FeedState, parsed: ParsedFeed, known: int, now: datetime, rules: PollRules) -> FeedState:
    dates = [min(entry.published, now) for entry in parsed.entries if entry.published]
    newest = max(dates, default=now if parsed.entries else None)
    state = with_items(state, dates, len(parsed.entries), known, now)
    interval = max(interval_for(dates, now, rules) * state.pace, rules.min_interval_s)
    ttl = min(max(parsed.ttl_s or 0, rules.min_interval_s), WISH_CAP_S)
    return replace(
        state,
        newest=max(filter(None, (newest, state.newest)), default=None),
        interval_s=max(interval, ttl),
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
    )


def _unchanged(state: FeedState, now: datetime, rules: PollRules) -> FeedState:
    return replace(state, interval_s=_quiet(state, now, rules))


def after_not_modified(
    state: FeedState, fetched: Fetched, now: datetime, rules: PollRules, *, taken: Collection[str] = ()
) -> FeedState:
    """After a 304: healthy; validators that it carries replace ours, those that it leaves out stay."""
    state = replace(
        state,
        etag=_kept(fetched.headers.get("etag")) or state.etag,
        modified=_kept(fetched.headers.get("last-modified")) or state.modified,
    )
    return _moved(_healthy(_unchanged(state, now, rules), fetched, now), fetched, taken)


def after_failure(state: FeedState, error: VoltefaceError, now: datetime, rules: PollRules) -> FeedState:
    """After anything else: back off, linearly where it may pass by itself, else doubling; both have a cap.

    A wish of the server (Retry-After) is a floor, and 429 without one means an hour, then two, then four. 410 ends
    polling until the feed gets another URL in the configuration, or is disabled there and enabled again.
    """
    failures = state.failures + 1
    transient = isinstance(error, FetchError) and error.transient
    factor = failures if transient else 2 ** min(failures, 16)
    delay = max(min(rules.default_interval_s * factor, rules.max_interval_s), _asked_of_us(error, state.failures))
    return replace(
        state,
        checked=now,
        failures=failures,
        failing_since=state.failing_since or now,
        error=str(error)[:ERROR_CAP],
        gone=isinstance(error, FetchError) and error.status == 410,
        next_due=_due(state, now, max(delay, rules.min_interval_s)),
    )


def _asked_of_us(error: VoltefaceError, failures_before: int) -> float:
    """Seconds for which a failure asks to be left alone."""
    if not isinstance(error, FetchError):
        return 0.0
    wish = error.retry_after or 0.0
    if error.status == 429 and not wish:
        wish = TOO_MANY_S * 2 ** min(failures_before, 16)
    return min(wish, WISH_CAP_S)


def interval_for(dates: Iterable[datetime], now: datetime, rules: PollRules) -> float:
    """Seconds between polls that suit a feed with items of these dates."""
    dates = sorted(dates)
    week = [date for date in dates if now - date <= timedelta(days=7)]
    if not dates or 0 < len(week) < 2:
        interval = rules.default_interval_s
    elif week:
        # The span of what we see, not the week: a busy feed shows only its last hours.
        gap = (now - week[0]).total_seconds() / len(week)
        interval = min(gap / POLLS_A_GAP, LIVELY_CAP_S)
    else:
        interval = max((now - dates[-1]).total_seconds() / SILENT_SHARE, LIVELY_CAP_S)
    return min(max(interval, rules.min_interval_s), rules.max_interval_s)


def server_wish(headers: dict[str, str], now: datetime) -> float:
    """Seconds for which the server calls its answer fresh (max-age, else Expires); 0 without a usable wish."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0.0
    age = re.search(r"(?<![a-z-])max-age\s*=\s*\"?(\d{1,12})", control)
    if age:
        return min(float(age[1]), WISH_CAP_S)
    expires, date = http_date(headers.get("expires")), http_date(headers.get("date"))
    if expires is None:
        return 0.0
    return min(max((expires - (date or now)).total_seconds(), 0.0), WISH_CAP_S)


def http_date(text: str | None) -> datetime | None:
    """An HTTP date in UTC; None for what is none (`0`, `-1`, garbage)."""
    if not text or not text[:1].isalpha():
        return None
    try:
        when = parsedate_to_datetime(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def jitter(feed: str, span_s: float) -> float:
    """0 to `span_s` seconds, always the same for a feed: feeds spread out, and stay where they are."""
    return int.from_bytes(sha256(feed.encode()).digest()[:4], "big") / 2**32 * span_s


def _kept(validator: str | None) -> str | None:
    return validator if validator and len(validator) <= VALIDATOR_CAP else None


def _quiet(state: FeedState, now: datetime, rules: PollRules) -> float:
    """The interval of a feed that has nothing new: as it was, longer where the silence is long."""
    silence = (now - state.newest).total_seconds() if state.newest else 0.0
    interval = max(state.interval_s, silence / SILENT_SHARE if silence > 7 * DAY_S else 0.0)
    return min(max(interval, rules.min_interval_s), rules.max_interval_s)


def _healthy(state: FeedState, fetched: Fetched, now: datetime) -> FeedState:
    delay = max(state.interval_s, server_wish(fetched.headers, now))
    return replace(
        state,
        checked=now,
        succeeded=now,
        failures=0,
        failing_since=None,
        error=None,
        gone=False,
        next_due=_due(state, now, delay),
    )


def _due(state: FeedState, now: datetime, delay_s: float) -> datetime:
    due = now + timedelta(seconds=delay_s + jitter(state.feed, delay_s / 10))
    return next_open(due, state.skip_hours, state.skip_days)


def _moved(state: FeedState, fetched: Fetched, taken: Collection[str]) -> FeedState:
    """Count identical permanent redirects; adopt the new address, without validators of the old, when it is time.

    The address of another feed is never adopted: two feeds would become one.
    """
    if fetched.moved_to is None or fetched.moved_to in taken:
        return replace(state, moved_to=None, moves=0)
    moves = state.moves + 1 if fetched.moved_to == state.moved_to else 1
    if moves < SAME_MOVES:
        return replace(state, moved_to=fetched.moved_to, moves=moves)
    return replace(state, url=fetched.moved_to, moved_to=None, moves=0, etag=None, modified=None, body_hash=None)
