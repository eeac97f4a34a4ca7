"""Outages in the channel: once when one begins, once when it is over, whatever breaks in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from local_slack import LocalSlack
from shift_samples import config
from store_samples import NOON, feed, later

from volteface.errors import DeliveryError
from volteface.notices import Notice, render_notice, tell
from volteface.secrets import Secret
from volteface.slack_render import Message
from volteface.slack_send import SlackSink
from volteface.store import Store
from volteface.storeless import OutageFile
from volteface.watchdog import watch

POLL = Notice("poll", "no feed was read for 70 min: the poller does not run", later(minutes=-70))
US = Notice("coverage-us", "only 1 of 40 sources on the United States can be seen: 39 failing", NOON)


@dataclass
class ListSink:
    """A sink that keeps what it gets, and refuses while `fault` is set."""

    fault: DeliveryError | None = None
    shown: list[Message] = field(default_factory=list)
    looked_up: list[bool] = field(default_factory=list)

    def send(self, message: Message, *, check_history: bool) -> str:
        """As `volteface.sinks.Sink.send`."""
        self.looked_up.append(check_history)
        if self.fault:
            raise self.fault
        self.shown.append(message)
        return f"receipt {len(self.shown)}"

    @property
    def texts(self) -> list[str]:
        """What a notification shows of each."""
        return [message.text for message in self.shown]


def at(store: Store, sink: ListSink, minute: float, *faults: Notice) -> str:
    return tell(config(), store, sink, faults, later(minutes=minute)).line()


def test_one_notice_an_outage_and_one_when_it_is_over(store: Store) -> None:
    """Every ten minutes of a night would bring a message, or nobody would learn that it is over."""
    sink = ListSink()

    lines = [at(store, sink, 10 * n, *([POLL] if n < 5 else [])) for n in range(10)]

    assert lines[0] == "1 outage: poll; 1 notice sent"
    assert lines[1:5] == ["1 outage: poll"] * 4
    assert lines[6:] == ["healthy; 1 notice sent", "healthy", "healthy", "healthy"]
    assert sink.texts == [
        f"volteface needs attention: {POLL.words}",
        f"volteface is in order again: {POLL.words}",
    ]


def test_fault_that_comes_and_goes_is_one_outage(store: Store) -> None:
    """A feed at the edge of the floor would make a message every few minutes."""
    sink = ListSink()

    for n in range(20):
        at(store, sink, 10 * n, *([POLL] if n % 2 else []))

    assert len(sink.shown) == 1


def test_second_outage_is_told(store: Store) -> None:
    """After the first outage, the system would be mute for good."""
    sink = ListSink()

    for minute, faults in ((0, [POLL]), (20, []), (40, [POLL]), (60, [])):
        at(store, sink, minute, *faults)

    assert len({message.key for message in sink.shown}) == 4


def test_outages_are_told_apart(store: Store) -> None:
    """While the poller is down, the other side going dark would not be told."""
    sink = ListSink()

    at(store, sink, 0, POLL)
    line = at(store, sink, 10, POLL, US)

    assert line == "2 outages: poll, coverage-us; 1 notice sent"


def test_notice_waits_for_its_sink(store: Store) -> None:
    """A notice that comes up while Slack is down would be lost, with the outage that it tells."""
    sink = ListSink(DeliveryError("no answer from Slack: timed out", permanent=False, maybe_sent=True))
    first = at(store, sink, 0, POLL)
    sink.fault = None

    second = at(store, sink, 10, POLL)

    assert first == "1 outage: poll; NOT DELIVERED: no answer from Slack: timed out"
    assert second == "1 outage: poll; 1 notice sent"
    assert sink.looked_up == [False, True]


def test_outage_that_ended_unheard_is_told_once(store: Store) -> None:
    """Two stale messages would come at once, the first of which says that it is still going on."""
    sink = ListSink(DeliveryError("not reachable", permanent=False))
    at(store, sink, 0, POLL)
    sink.fault = None

    at(store, sink, 30)

    assert sink.texts == [f"volteface is in order again: {POLL.words}"]


def test_crash_between_sending_and_saying_so_sends_nothing_twice(store: Store) -> None:
    """A watchdog killed in the wrong moment would repeat itself after its next start."""
    store.notices.observe({"poll": (POLL.words, POLL.since)}, NOON, later() - NOON)
    taken = store.notices.claim(NOON)
    sink = ListSink()

    assert taken is not None
    assert at(store, sink, 1, POLL) == "1 outage: poll"  # held by the other
    assert at(store, sink, 3, POLL) == "1 outage: poll; 1 notice sent"
    assert sink.looked_up == [True]


def test_words_of_feeds_are_harmless() -> None:
    """A server that answers with `<!channel>` would wake up everybody."""
    with Store.open("sqlite://") as store:
        sink = ListSink()
        at(store, sink, 0, Notice("poll", "failed: <!channel> & *bold*", NOON))

    assert "<!channel>" not in str(sink.shown[0])


def test_slack_shows_a_notice_once() -> None:
    """The notice would not pass Slack's checks, or stand twice after a lost reply."""
    with LocalSlack() as slack, Store.open("sqlite://") as store:
        sink = SlackSink(Secret(next(iter(slack.tokens))), slack.config)
        store.notices.observe({"poll": (POLL.words, POLL.since)}, NOON, later() - NOON)
        row = store.notices.claim(NOON)
        assert row is not None
        first = sink.send(render_notice(row), check_history=False)

        assert sink.send(render_notice(row), check_history=True) == first
        assert len(slack.keys) == 1


def test_plug_pulled_is_told(tmp_path: Path) -> None:
    """Nothing polls any more, and nobody hears of it."""
    settings = config(database=f"sqlite:///{tmp_path}/store.db")
    sink, memory = ListSink(), OutageFile(tmp_path / "outage")
    with Store.open(settings.database) as store:
        store.feeds.sync([feed("herald"), feed("wire")], NOON)

    moments = (later(minutes=5), later(minutes=61), later(hours=2))
    lines = [watch(settings, sink, memory, moment).line() for moment in moments]

    assert lines[0] == "healthy"
    assert lines[1].startswith("1 outage: poll; 1 notice sent")
    assert lines[2] == "1 outage: poll"
    assert sink.texts == ["volteface needs attention: no feed was read for 61 min: the poller does not run"]
