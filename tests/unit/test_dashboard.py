"""The dashboard: what an operator learns in one look, and what hostile words cannot do to it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shift_samples import FOUND, config, evidence, shift

from volteface.alert_types import AlertChange, ChangeKind
from volteface.blindness import coverage
from volteface.chart import Picture
from volteface.config import Config
from volteface.dashboard import KEYS, PICTURES, Board, boards, chart_board, state_line, unknown
from volteface.dashboard_pages import slack_address
from volteface.errors import StoreError
from volteface.feed_types import FeedState
from volteface.health import Health, Snapshot, judge
from volteface.notices import Notice
from volteface.status import Status, healths, positions
from volteface.store.census import Queue, Totals
from volteface.store.records import AlertRecord, Counts, PendingRow
from volteface.types import AlertState, Standing

NOW = FOUND + timedelta(hours=1)
FEEDS = [
    {"id": name, "url": f"https://{name}.example/feed", "outlet": name.title(), "country": "INT", "covers": ["iran"]}
    | {"ownership": "independent", "language": "en"}
    for name in ("herald", "wire", "ledger", "radio")
]
HOSTILE = "a | b\n[x](javascript:alert(1)) <img src=x> `c` ![p](http://tracker.example/p)"


def desk(**changes: Any) -> Config:
    return config(feeds=FEEDS, **changes)


def state(feed: str, **fields: Any) -> FeedState:
    recent = {"checked": NOW, "succeeded": NOW, "newest": NOW - timedelta(hours=1)}
    return FeedState(feed, f"https://{feed}.example/feed", NOW, **(recent | fields))


def states(**fields: Any) -> list[FeedState]:
    """One healthy, one silent, one failing as `fields` say, one that was never polled."""
    failing = {
        "failures": 9,
        "error": "HTTP 503: https://ledger.example/feed",
        "failing_since": NOW - timedelta(days=2),
    }
    silent = {"newest": NOW - timedelta(days=30)}
    return [state("herald"), state("wire", **silent), state("ledger", **(failing | fields))]


def snapshot(desk: Config, feeds: list[FeedState], **parts: Any) -> Snapshot:
    by_id = {feed.feed: feed for feed in feeds}
    status = {
        "feeds": healths(desk, by_id, NOW),
        "coverage": tuple(coverage(desk, feeds, NOW).values()),
        "positions": positions(desk, {}),
        "counts": Counts(0, 0, 0, 0, 0, (), ()),
        "waiting": (),
        "dead": (),
    }
    return Snapshot(Status(**(status | parts)), Totals(0, 0, Queue(), Queue(), 0, {}, 0, 0), 0)


def record(**fields: Any) -> AlertRecord:
    plain = {"changes": (), "created": FOUND, "updated": None, "delivery": "delivered", "receipt": "1741696800.000100"}
    told = {"error": None, "updates_waiting": 0, "updates_given_up": 0, "shift": shift()}
    return AlertRecord(**(plain | told | fields))


def page(key: str, found: tuple[Board, ...]) -> Board:
    return next(board for board in found if board.key == f"dashboard-{key}")


def rows(board: Board) -> list[str]:
    return [line for line in board.page.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (None, "sees 1 of 4 feeds, reads, delivers"),
        ("poll", "sees 1 of 4 feeds, TOO LITTLE: why; reads; delivers"),
        ("coverage-iran", "sees 1 of 4 feeds, TOO LITTLE: why; reads; delivers"),
        ("reading", "sees 1 of 4 feeds; READS TOO LATE: why; delivers"),
        ("texts", "sees 1 of 4 feeds; READS TOO LATE: why; delivers"),
        ("delivery", "sees 1 of 4 feeds; reads; DOES NOT DELIVER: why"),
        ("dead-letters", "sees 1 of 4 feeds; reads; DOES NOT DELIVER: why"),
        ("database", "CANNOT BE TOLD: why"),
    ],
)
def test_state_is_one_line(key: str | None, line: str) -> None:
    """An operator would have to open page after page to learn whether the system sees, reads and delivers."""
    faults = (Notice(key, "why", NOW),) if key else ()

    assert state_line(Health(NOW, faults), snapshot(desk(), states()).status.feeds) == line


def test_every_fault_of_health_is_in_the_state() -> None:
    """A new kind of fault would leave the line calm while the watchdog cries."""
    late = PendingRow(1, "k", shift(), FOUND - timedelta(days=1), 3, False, "gone", None, None, None, None, None)
    old = Queue(7, NOW - timedelta(days=2))
    seen = snapshot(desk(), [state("herald", failures=9, succeeded=NOW - timedelta(days=1))], waiting=(late,))
    seen = replace(seen, totals=replace(seen.totals, wanting_text=old, wanting_reading=old))

    for fault in judge(desk(), seen, NOW).faults:
        line = state_line(Health(NOW, (fault,)), seen.status.feeds)
        assert any(word in line for word in ("TOO LITTLE", "READS TOO LATE", "DOES NOT DELIVER")), fault


def test_long_reason_is_cut() -> None:
    """A server's error page as the reason would push everything else off the screen."""
    line = state_line(Health(NOW, (Notice("delivery", "x" * 5000, NOW),)), ())

    assert len(line) < 200


def test_every_page_begins_with_the_state() -> None:
    """A page that somebody was linked to would not tell whether it can be believed."""
    found = boards(desk(), snapshot(desk(), states()), [record()], NOW)

    assert tuple(board.key for board in found) == KEYS
    for board in found:
        assert board.page.startswith("**Sees 1 of 4 feeds, TOO LITTLE: only 1 of 4 sources on Iran can be seen")
        assert "(as of 11 Mar 2025, 13:40 UTC)" in board.page.splitlines()[0]
        assert "- only 1 of 4 sources on Iran can be seen: 2 failing, 1 silent (since 11 Mar 2025, 13:40)" in board.page


def test_worst_feed_comes_first_and_is_linked() -> None:
    """A dead feed would be somewhere among seventy healthy ones."""
    board = page("feeds", boards(desk(), snapshot(desk(), states()), [], NOW))

    assert board.line == "1 of 4 feeds in sight: 1 silent, 1 failing, 1 not yet polled"
    assert rows(board)[1:] == [
        "| [Ledger](https://ledger.example/feed)<br>ledger | failing | 11 Mar, 12:40 | 11 Mar, 13:40 | iran | "
        "HTTP 503, since 9 Mar, 13:40 |",
        "| [Wire](https://wire.example/feed)<br>wire | silent | 9 Feb, 13:40 | 11 Mar, 13:40 | iran |  |",
        "| [Radio](https://radio.example/feed)<br>radio | not yet polled | never | never | iran |  |",
        "| [Herald](https://herald.example/feed)<br>herald | healthy | 11 Mar, 12:40 | 11 Mar, 13:40 | iran |  |",
    ]


def test_coverage_names_what_is_out_of_sight() -> None:
    """A side below its floor would be a number, and nobody would know which feed to mend."""
    board = page("coverage", boards(desk(), snapshot(desk(), states()), [], NOW))

    assert board.line == "1 of 4 sources on Iran in sight (25 %)"
    unseen = "2 cannot be read, 1 silent for 30 days or more"
    assert f"| Iran | 1 of 4 | 25%, BELOW THE FLOOR | 50% | {unseen} |" in board.page
    assert "## Out of sight on Iran" in board.page
    assert "herald.example" not in board.page


def test_positions_carry_their_words() -> None:
    """An operator could not tell on what a standing position rests, or that accounts and ledgers depart from it."""
    stands = Standing(
        "iran_president", "negotiation", -0.7, FOUND - timedelta(days=9), FOUND, (evidence(),), (evidence(),)
    )
    stands = replace(stands, members=(stands, replace(stands, value=0.4), stands))
    board = page("positions", boards(desk(), snapshot(desk(), states(), positions=(stands,)), [], NOW))

    assert board.line == "1 position, none of them changed in the last 24 h"
    (row,) = rows(board)[1:]
    assert row.startswith(
        "| Iran's president<br>negotiations | rejects talks<br>since 2 Mar 2025<br>restated 11 Mar 2025 | “"
    )
    assert f"]({evidence().url})<br>1 account departs from it<br>1 of 3 ledgers stand elsewhere |" in row


def test_alert_links_to_articles_and_to_slack() -> None:
    """The way from the control room to what was said, and to what the channel was told, would be a search."""
    slack = {"channel": "C0IRANUS01", "workspace": "https://acme.slack.com/"}
    change = AlertChange("k", 1, ChangeKind.EVIDENCE, NOW, "a third origin", AlertState.CONFIRMED, "iran_president")
    board = page("alerts", boards(desk(slack=slack), snapshot(desk(), states()), [record(changes=(change,))], NOW))

    assert board.line == "1 alert in the last 24 h; all delivered"
    (row,) = rows(board)[1:]
    assert "[delivered](https://acme.slack.com/archives/C0IRANUS01/p1741696800000100)" in row
    assert f"]({shift().evidence[0].url})" in row
    assert "<br>a third origin |" in row


@pytest.mark.parametrize(
    ("slack", "receipt"),
    [
        ({"channel": "C0IRANUS01"}, "1741696800.000100"),
        ({"channel": "C0IRANUS01", "workspace": "https://acme.slack.com"}, "console"),
        ({"channel": "C0IRANUS01", "workspace": "https://acme.slack.com"}, None),
    ],
)
def test_message_of_unknown_address_is_not_linked(slack: dict[str, str], receipt: str | None) -> None:
    """A click would end on a page of Slack's that says that there is nothing."""
    assert slack_address(desk(slack=slack).slack, receipt) is None


def test_workspace_without_the_channels_id_is_refused() -> None:
    """Somebody would set the workspace, see no link, and not know why."""
    with pytest.raises(ValueError, match="workspace needs the channel's id in `channel`, such as C0123ABCD"):
        desk(slack={"channel": "#iran-us", "workspace": "https://acme.slack.com"})


def test_undelivered_stands_above_all_else() -> None:
    """An alert that nobody got would be found by scrolling."""
    waiting = PendingRow(1, "k", shift(), FOUND, 3, False, "token_revoked", None, None, None, None, None)
    dead = replace(waiting, dead_at=NOW, error="msg_too_long")
    seen = snapshot(desk(), states(), waiting=(waiting,), dead=(dead,))
    board = page("alerts", boards(desk(), seen, [record()], NOW))

    assert board.line == "1 alert in the last 24 h; 1 waiting, 1 given up"
    first, second, *_ = [row for row in rows(board) if "11 Mar, 12:40" in row]
    assert first.endswith("| given up | msg_too_long |")
    assert "| waits, 3 attempts | token_revoked |" in second


def test_hostile_words_stay_words() -> None:
    """A feed could break a table, run a script in the operator's browser, or see who is looking."""
    bad = evidence(quote=HOSTILE, outlet=HOSTILE, url="javascript:alert(1)")
    moved = shift(evidence=(bad,))
    change = AlertChange("k", 1, ChangeKind.EVIDENCE, NOW, HOSTILE, AlertState.CONFIRMED, "iran_president")
    feeds = [FEEDS[0] | {"outlet": HOSTILE}, *FEEDS[1:]]
    stands = Standing("iran_president", "negotiation", -0.7, FOUND, FOUND, (bad,))
    ours = config(feeds=feeds)
    seen = snapshot(ours, states(error=HOSTILE, moved_to=HOSTILE), positions=(stands,))
    for board in boards(ours, seen, [record(shift=moved, changes=(change,), error=HOSTILE)], NOW):
        assert not re.search(r"(?<!\\)(\]\(javascript|!\[|`|<(?!br>))", board.page)
        assert all(row.endswith(" |") for row in rows(board))


def test_pages_of_a_big_desk_are_bounded() -> None:
    """Thousands of feeds with pages of errors would make an artifact that neither server nor browser takes."""
    many = [FEEDS[0] | {"id": f"f{n}", "outlet": "x" * 500} for n in range(2000)]
    ours = config(feeds=many)
    failing = [state(f"f{n}", failures=9, error="e" * 5000) for n in range(2000)]
    quotes = tuple(evidence(quote="q" * 9000, outlet=f"o{n}") for n in range(500))
    found = boards(ours, snapshot(ours, failing), [record(shift=shift(evidence=quotes))] * 30, NOW)

    assert max(len(board.page) for board in found) < 400_000


def test_store_that_cannot_be_asked_is_told_on_every_page() -> None:
    """Yesterday's pages would look as if all were well."""
    found = unknown(StoreError("the database stayed locked"), datetime(2025, 3, 11, 12, tzinfo=UTC))

    assert tuple(board.key for board in found) == KEYS
    assert {board.line for board in found} == {"CANNOT BE TOLD: the database stayed locked"}
    assert all("the database stayed locked" in board.page for board in found)


def test_shifts_that_are_not_drawn_are_counted() -> None:
    """On a morning of ten shifts the page would look as if there had been four."""
    board = chart_board([Picture(b"png", f"shift {n}", "position.png") for n in range(PICTURES)], shifts=9)

    assert board.page.count("data:image/png;base64,") == PICTURES
    assert board.page.endswith("\n\n5 more, not drawn.")
    assert board.line == "shift 0"
