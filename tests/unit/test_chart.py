"""The picture in an alert's thread: what it shows, that it is small, and that it is never in the way."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import timedelta

import pytest
from local_slack import TOKEN, Fault, LocalSlack
from shift_samples import FOUND, config, shift
from store_samples import NOON, arrival, later, outcome, reading, stored

from volteface.chart import chart
from volteface.config import Config
from volteface.deliver import DeliverReport, deliver
from volteface.secrets import Secret
from volteface.slack_send import SlackSink
from volteface.store import Store
from volteface.types import Mode, Observation

ON = config(slack={"channel": "#iran-us", "chart": True})
LIMIT = 60_000
"""Bytes."""


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    """A Slack with one channel, in which the bot may show files."""
    with LocalSlack() as running:
        running.scopes.add("files:write")
        yield running


def seen(number: int, days: float = 1, mode: Mode = Mode.SPEECH, **fields: str) -> Observation:
    """A reading so many days before the shift."""
    when = FOUND - timedelta(days=days)
    names = {"quote": "q", "person": "p", "outlet": "o", "family": "f", "url": "u"} | fields
    return Observation(number, "iran_president", "negotiation", 0.4, mode, 0.9, names["quote"], names["person"], number,
                       number, names["outlet"], names["family"], names["url"], when, when)  # fmt: skip


def deliver_to(slack: LocalSlack, store: Store, settings: Config = ON, keys: tuple[str, ...] = ("a",)) -> DeliverReport:
    """One pass over these new alerts."""
    sink = SlackSink(Secret(TOKEN), slack.config, timeout_s=1, sleep=lambda _: None)
    store.readings.save_detection([], [], [(shift(key), ()) for key in keys], NOON)
    return deliver(settings, store, sink, lambda: later(minutes=1), sender="test")


def test_picture_is_small_and_the_same_each_time() -> None:
    """A thread would load slowly, or the same alert would have another picture after a restart."""
    many = [seen(n, days=n / 20, mode=list(Mode)[n % 3]) for n in range(600)]

    first, again = (chart(shift(), many, config()) for _ in range(2))

    assert first
    assert first == again
    assert first.png[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(first.png) <= LIMIT
    assert struct.unpack(">II", first.png[16:24]) == (792, 374)
    assert first.words == "Iran's president on negotiations: open to talks on terms → rejects talks, 11 Mar 2025"


def test_act_statement_and_report_look_different() -> None:
    """Nobody could tell from the picture whether somebody spoke or did it."""
    pictures = {chart(shift(), [seen(1, mode=mode)], config()) for mode in Mode}

    assert len(pictures) == len(Mode)


def test_position_begins_when_it_was_taken() -> None:
    """A position of last week would look as if it had stood for a month."""
    young, old, older = (chart(shift(since=FOUND - timedelta(days=days)), [], config()) for days in (6, 31, 400))

    assert young != old == older


@pytest.mark.parametrize("name", ["", "$x_{2}$ \\frac", "ایران", "x" * 500, "a\nb\x00\ud800"])
def test_any_name_can_be_drawn(name: str) -> None:
    """A name with a dollar sign or in another script would cost every chart of that office."""
    office = config().offices[0].model_copy(update={"name": name})
    axis = config().axes[0]
    rungs = tuple(rung.model_copy(update={"name": name}) for rung in axis.rungs)
    odd = config().model_copy(update={"offices": (office,), "axes": (axis.model_copy(update={"rungs": rungs}),)})

    picture = chart(shift(), [], odd)

    assert picture
    assert len(picture.png) <= LIMIT


def test_axis_that_is_gone_has_no_picture() -> None:
    """After an edit of config.yaml, an old alert's picture would stop the pass."""
    assert chart(shift(axis="gone"), [], config()) is None


def test_chart_stands_in_the_thread(slack: LocalSlack, store: Store) -> None:
    """The reader would look for the picture in vain, or find it under another alert."""
    deliver_to(slack, store, keys=("a", "b"))

    assert slack.keys == ["a", "b"]
    for number in range(2):
        (post,) = slack.thread(number)
        assert slack.files[post["files"][0]["id"]].startswith(b"\x89PNG")
        assert post["files"][0]["title"].startswith("Iran's president on negotiations")


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.RESET, Fault.RATE_LIMIT, Fault.LOST_REPLY, "fatal_error"])
def test_failed_chart_delays_no_text(slack: LocalSlack, store: Store, method: str, fault: Fault | str) -> None:
    """A picture that Slack does not take would hold back the next shift, or the alert would come twice."""
    slack.fail(method, fault)

    report = deliver_to(slack, store, keys=("a", "b"))
    again = deliver_to(slack, store, keys=("a", "b"))

    assert (report.sent, report.waiting, report.fault) == (2, 0, None)
    assert again.sent == 0
    assert slack.keys == ["a", "b"]
    assert len(slack.thread(0)) <= 1


def test_without_the_scope_alerts_come_all_the_same(slack: LocalSlack, store: Store) -> None:
    """Who switches charts on before the app may show files would get no alerts any more."""
    slack.scopes.remove("files:write")

    assert deliver_to(slack, store, keys=("a", "b")).sent == 2
    assert [call.method for call in slack.calls].count("files.getUploadURLExternal") == 1


def test_off_by_default(slack: LocalSlack, store: Store) -> None:
    """An app without the scope for files would be asked for one at each alert."""
    deliver_to(slack, store, config())

    assert [call.method for call in slack.calls if call.method.startswith("files.")] == []


def test_history_is_of_one_holder_on_one_axis_in_order(store: Store) -> None:
    """The picture would mix somebody else's words in, or those of last year."""
    first, second, other = stored(store, *(arrival(n) for n in range(1, 4)))
    for article, made in ((second, reading(0.2)), (first, reading(0.5)), (other, reading(holder="somebody_else"))):
        store.articles.save_read([outcome(article, made)], NOON)
    mine = reading()
    since, until = NOON - timedelta(days=400), NOON + timedelta(days=400)

    found = store.readings.history(mine.holder, mine.axis, since, until)

    assert [observation.article_id for observation in found] == [first.id, second.id]
    assert store.readings.history(mine.holder, mine.axis, until, until + timedelta(days=1)) == []
