"""When a feed is asked again, told by the numbered rules of polite polling. No clock, no network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from volteface.config import PollRules
from volteface.errors import FetchError, RefusedAddress, WorkerError
from volteface.feed_types import Entry, FeedState, Fetched, ParsedFeed
from volteface.schedule import (
    after_failure,
    after_not_modified,
    after_success,
    body_hash,
    interval_for,
    jitter,
    server_wish,
    validators,
)

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
RULES = PollRules()
URL = "https://news.example/feed.xml"
FRESH = FeedState("wire", URL, NOW)
KNOWN = replace(FRESH, etag='"a"', modified="Mon, 09 Feb 2026 08:00:00 GMT", body_hash="h", newest=NOW, checked=NOW)


def answer(headers: dict[str, str] | None = None, status: int = 200, moved_to: str | None = None) -> Fetched:
    return Fetched(status, URL, b"<rss/>", headers or {}, moved_to)


def feed(*ages_h: float, ttl_s: float | None = None) -> ParsedFeed:
    """A feed with items of these ages."""
    entries = (Entry(str(age), URL, "t", "", "", NOW - timedelta(hours=age)) for age in ages_h)
    return ParsedFeed("rss20", tuple(entries), ttl_s=ttl_s)


def wait(state: FeedState) -> float:
    """Seconds until the feed is due."""
    return (state.next_due - NOW).total_seconds()


def test_validators_are_kept_byte_for_byte() -> None:
    """The server would not recognise them, and send the whole feed every time until it blocks us."""
    odd = {"etag": 'W/"a b', "last-modified": "yesterday-ish"}

    after = after_success(FRESH, answer(odd), feed(1), NOW, RULES)

    assert validators(after, NOW) == ('W/"a b', "yesterday-ish")


def test_no_validators_before_the_first_answer() -> None:
    """An invented date could hide a feed's first items for ever."""
    assert validators(FRESH, NOW) == (None, None)


def test_an_answer_without_validators_clears_them() -> None:
    """A stale ETag would keep earning 304s for a body that is gone."""
    after = after_success(KNOWN, answer(), feed(1), NOW, RULES)

    assert (after.etag, after.modified) == (None, None)


def test_validators_are_updated_although_the_body_is_the_same() -> None:
    """The classic reader's bug: equal body, new ETag not stored, unconditional polls for ever."""
    after = after_success(KNOWN, answer({"etag": '"b"'}), None, NOW, RULES)

    assert after.etag == '"b"'


def test_a_304_keeps_what_it_does_not_replace() -> None:
    """After one sparse 304 we would download everything again."""
    after = after_not_modified(KNOWN, answer({"etag": '"b"'}, 304), NOW, RULES)

    assert (after.etag, after.modified) == ('"b"', KNOWN.modified)


def test_a_304_is_health() -> None:
    """A quiet feed would be shown as failing, and be backed off."""
    failing = replace(KNOWN, failures=3, error="HTTP 500")

    after = after_not_modified(failing, answer(status=304), NOW + timedelta(hours=1), RULES)

    assert (after.failures, after.error) == (0, None)
    assert after.checked == after.succeeded == NOW + timedelta(hours=1)


def test_a_body_that_is_no_feed_leaves_no_validators() -> None:
    """The error page's ETag would earn 304s, and the feed would never recover."""
    bad = ParsedFeed("", reason="an HTML page, not a feed")

    after = after_success(KNOWN, answer({"etag": '"error page"'}), bad, NOW, RULES)

    assert (after.etag, after.body_hash) == ('"a"', "h")
    assert (after.failures, after.error) == (1, "an HTML page, not a feed")


def test_the_body_is_remembered() -> None:
    """An unchanged body would be parsed again on every poll."""
    assert after_success(FRESH, answer(), feed(1), NOW, RULES).body_hash == body_hash(b"<rss/>")


def test_a_long_silent_feed_is_now_and_then_asked_without_validators() -> None:
    """A server that answers 304 for ever would silence its feed for good, unnoticed."""
    polls = [NOW + timedelta(hours=h) for h in range(1, 24 * 9)]
    state, unconditional = KNOWN, 0
    for now in polls:
        unconditional += validators(state, now) == (None, None)
        state = replace(state, checked=now)

    assert unconditional == 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=7200"}, 7200),
        ({"cache-control": "max-age=7200, no-cache"}, 0),
        ({"cache-control": "no-store, max-age=7200"}, 0),
        ({"cache-control": "max-age=99999999"}, 86_400),
        ({"cache-control": "s-maxage=7200"}, 0),
        ({"cache-control": "max-age=-5"}, 0),
        ({"expires": format_datetime(NOW + timedelta(hours=2), usegmt=True)}, 7200),
        ({"expires": "Tue, 10 Feb 2026 20:00:00 GMT", "date": "Tue, 10 Feb 2026 19:00:00 GMT"}, 3600),
        ({"expires": "Tue, 10 Feb 2026 20:00:00 GMT", "cache-control": "max-age=60"}, 60),
        ({"expires": "0"}, 0),
        ({"expires": "-1"}, 0),
        ({"expires": "Mon, 01 Jan 1990 00:00:00 GMT"}, 0),
        ({"expires": "soon"}, 0),
        ({}, 0),
    ],
)
def test_how_long_the_server_calls_its_answer_fresh(headers: dict[str, str], seconds: float) -> None:
    """Polling before max-age gets readers blocked; believing garbage would stop polling."""
    assert server_wish(headers, NOW) == seconds


def test_never_earlier_than_the_server_and_the_feed_wish() -> None:
    """We would be an impolite client, and be blocked."""
    by_header = after_success(FRESH, answer({"cache-control": "max-age=5000"}), feed(0, 1, 2), NOW, RULES)
    by_304 = after_not_modified(KNOWN, answer({"cache-control": "max-age=5000"}, 304), NOW, RULES)
    by_ttl = after_success(FRESH, answer(), feed(0, 1, 2, ttl_s=7200), NOW, RULES)
    by_silly_ttl = after_success(FRESH, answer(), feed(0, 1, 2, ttl_s=1e9), NOW, RULES)

    assert wait(by_header) >= 5000
    assert wait(by_304) >= 5000
    assert wait(by_ttl) >= 7200
    assert 86_400 <= wait(by_silly_ttl) <= 86_400 * 1.1


@pytest.mark.parametrize(
    ("ages_h", "seconds"),
    [
        ([n / 60 for n in range(60)], 300),  # one a minute: the floor
        ([n * 2 for n in range(80)], 1777.5),  # one in two hours
        ([10, 30, 100], 3600),  # a few a week: the ceiling of lively feeds
        ([24 * 30], 25_920),  # a month of silence
        ([24 * 300], 86_400),  # nearly dead
        ([1], 900),  # too little to tell
        ([], 900),
    ],
)
def test_interval_follows_the_rate_of_items(ages_h: list[float], seconds: float) -> None:
    """Busy wires would be read hours late, or dead feeds polled every few minutes."""
    dates = [NOW - timedelta(hours=age) for age in ages_h]

    assert interval_for(dates, NOW, RULES) == pytest.approx(seconds)


def test_a_silent_feed_slows_down_on_304s() -> None:
    """A feed that died with a 304 on its lips would be polled every quarter of an hour for years."""
    silent = replace(KNOWN, newest=NOW - timedelta(days=30))

    assert after_not_modified(silent, answer(status=304), NOW, RULES).interval_s == 25_920


def test_feeds_added_together_are_spread_and_each_stays_put() -> None:
    """All feeds would be asked in the same second of every hour."""
    due = {wait(after_success(FeedState(f"feed{n}", URL, NOW), answer(), feed(), NOW, RULES)) for n in range(50)}

    assert len(due) == 50
    assert min(due) >= 900
    assert max(due) <= 990
    assert jitter("a", 60) == jitter("a", 60)


def test_passing_failures_back_off_in_steps_and_lasting_ones_double() -> None:
    """A server in trouble would be hammered, or a feed that comes back would be found days later."""
    passing = FetchError("no answer", transient=True)
    lasting = FetchError("HTTP 404", transient=False, status=404)

    assert [_nth_wait(passing, n) for n in (1, 2, 4)] == pytest.approx([900, 1800, 3600], rel=0.11)
    assert [_nth_wait(lasting, n) for n in (1, 2, 4)] == pytest.approx([1800, 3600, 14_400], rel=0.11)
    assert _nth_wait(lasting, 60) == pytest.approx(86_400, rel=0.11)


def _nth_wait(error: FetchError, failures: int) -> float:
    return wait(after_failure(replace(KNOWN, failures=failures - 1), error, NOW, RULES))


def test_retry_after_is_a_floor_with_a_cap() -> None:
    """429 would be answered with more requests, or one bad header would end polling for months."""
    polite = FetchError("HTTP 429", transient=True, retry_after=7200, status=429)
    absurd = FetchError("HTTP 503", transient=True, retry_after=1e9, status=503)

    assert _nth_wait(polite, 1) >= 7200
    assert _nth_wait(absurd, 1) <= 86_400 * 1.1


@pytest.mark.parametrize("error", [RefusedAddress("refused"), WorkerError("killed"), FetchError("x", transient=True)])
def test_every_failure_keeps_the_validators_and_says_why(error: FetchError | WorkerError) -> None:
    """`volteface status` could not say what is wrong, and recovery would cost a full download."""
    after = after_failure(KNOWN, error, NOW, RULES)

    assert (after.etag, after.failures, after.error, after.gone) == ('"a"', 1, str(error), False)


def test_gone_ends_polling() -> None:
    """A publisher who says 410 would be asked for ever."""
    assert after_failure(KNOWN, FetchError("HTTP 410", transient=False, status=410), NOW, RULES).gone


def test_success_ends_back_off() -> None:
    """A feed that came back would stay slow."""
    after = after_success(replace(KNOWN, failures=9, error="x"), answer(), feed(), NOW, RULES)

    assert (after.failures, after.error) == (0, None)
    assert wait(after) < 1000


def test_a_permanent_redirect_is_believed_the_third_time() -> None:
    """One misconfigured afternoon at the publisher would move the feed to its home page for ever."""
    there = "https://new.example/feed"
    first = after_success(KNOWN, answer({"etag": '"n"'}, moved_to=there), feed(1), NOW, RULES)
    second = after_not_modified(first, answer(status=304, moved_to=there), NOW, RULES)
    third = after_not_modified(second, answer(status=304, moved_to=there), NOW, RULES)

    assert [first.url, second.url, third.url] == [URL, URL, there]
    assert (third.etag, third.modified, third.body_hash, third.moved_to, third.moves) == (None, None, None, None, 0)


def test_redirects_that_disagree_are_not_believed() -> None:
    """A redirect by session or region would send us somewhere at random."""
    state = KNOWN
    for target in ("https://a.example/", "https://b.example/", "https://a.example/", "https://b.example/"):
        state = after_success(state, answer(moved_to=target), feed(1), NOW, RULES)

    assert (state.url, state.moves) == (URL, 1)


def test_a_redirect_to_what_is_no_feed_is_not_counted() -> None:
    """A feed that redirects to a login page would be adopted there."""
    state = KNOWN
    for _ in range(5):
        bad = ParsedFeed("", reason="an HTML page, not a feed")
        state = after_success(state, answer(moved_to="https://login.example/"), bad, NOW, RULES)

    assert (state.url, state.moves) == (URL, 0)


def test_newest_is_never_in_the_future() -> None:
    """One item dated 2099 would make the feed look lively until then."""
    assert after_success(FRESH, answer(), feed(-24 * 365 * 70, 5), NOW, RULES).newest == NOW
