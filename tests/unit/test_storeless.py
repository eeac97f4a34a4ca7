"""The database itself is away, so nothing of ours remembers what was told but a small file."""

from __future__ import annotations

from pathlib import Path

import pytest
from shift_samples import config
from store_samples import NOON, later
from test_notices import ListSink

from volteface.config import Config
from volteface.errors import DeliveryError
from volteface.notices import NoticeReport
from volteface.storeless import OutageFile, StoreOutage, outage_file
from volteface.watchdog import watch


class Outage:
    """A desk whose database is away until its folder is made."""

    def __init__(self, folder: Path, memory: Path) -> None:
        self.database, self.memory, self.sink = folder / "data" / "store.db", memory, ListSink()

    def at(self, minute: float) -> NoticeReport:
        """One round of the watchdog, so many minutes after noon."""
        return watch(self.settings, self.sink, OutageFile(self.memory), later(minutes=minute))

    @property
    def settings(self) -> Config:
        """Of the desk."""
        return config(database=f"sqlite:///{self.database}")

    @property
    def told(self) -> list[str]:
        """The heads of the messages; an empty database that nobody polls has its own, left out here."""
        return [text.split(":")[0] for text in self.sink.texts if "no feed" not in text]


@pytest.fixture
def outage(tmp_path: Path) -> Outage:
    return Outage(tmp_path, tmp_path / "state" / "outage")


def test_database_gone_is_told_once(outage: Outage) -> None:
    """A webhook would post the worst outage of all every ten minutes, all night."""
    reports = [outage.at(minute) for minute in (0, 10, 20, 60 * 24)]

    assert [report.sent for report in reports] == [1, 0, 0, 0]
    assert [len(report.began) for report in reports] == [1, 0, 0, 0]
    assert all(report.line().startswith("1 outage: database") for report in reports)
    assert {report.outages[0].since for report in reports} == {NOON}


def test_database_that_is_back_is_told_once(outage: Outage) -> None:
    """Somebody would get up at night for an outage that is over."""
    outage.at(0)
    outage.database.parent.mkdir()

    reports = [outage.at(minute) for minute in (10, 20, 30)]

    assert outage.told == ["volteface needs attention", "volteface is in order again"]
    assert [[row.topic for row in report.ended] for report in reports] == [[], ["database"], []]
    assert reports[1].ended[0].last == NOON


def test_next_outage_is_told(outage: Outage) -> None:
    """After the first outage of its database the system would be mute about it for good."""
    outage.at(0)
    outage.database.parent.mkdir()
    outage.at(20)
    outage.database.parent.rename(outage.database.parent.with_name("away"))

    outage.at(60)

    assert outage.told == ["volteface needs attention", "volteface is in order again", "volteface needs attention"]


def test_refused_notice_is_tried_again(outage: Outage) -> None:
    """A database and a Slack that fail together would leave nobody told."""
    outage.sink.fault = DeliveryError("no answer", permanent=False)
    first = outage.at(0)
    outage.sink.fault = None

    second = outage.at(10)

    assert (first.fault, first.began, second.sent) == ("no answer", (), 1)


def test_refused_end_is_tried_again(outage: Outage) -> None:
    """An outage that ended while Slack was away would stand in the channel as going on."""
    outage.at(0)
    outage.database.parent.mkdir()
    outage.sink.fault = DeliveryError("no answer", permanent=False)
    refused = outage.at(20)
    outage.sink.fault = None

    outage.at(30)

    assert refused.fault == "no answer"
    assert outage.told[-1] == "volteface is in order again"


@pytest.mark.parametrize("content", ["", "yesterday", "2025-03-12T12:00:00\n2025-03-12T12:00:00\n", "\u00ff"])
def test_illegible_memory_tells(content: str, outage: Outage) -> None:
    """A file that a full disk cut off would keep the outage from being told, or end the watchdog."""
    outage.memory.parent.mkdir()
    outage.memory.write_text(content, "utf-8")

    assert outage.at(0).sent == 1


def test_unwritable_memory_tells(tmp_path: Path) -> None:
    """Where nothing can be written the watchdog would die of what it is to report."""
    (tmp_path / "file").write_text("in the way")
    outage = Outage(tmp_path, tmp_path / "file" / "outage")

    assert [outage.at(0).sent, outage.at(10).sent] == [1, 1]
    assert len({message.key for message in outage.sink.shown}) == 1  # A bot finds the first one and posts no second.
    assert outage.sink.looked_up == [True, True]


def test_each_database_has_its_memory(tmp_path: Path) -> None:
    """Of two desks of one user, the second would not be told of."""
    env = {"STATE_DIRECTORY": str(tmp_path)}
    outage_file(config(database="sqlite:///one.db"), env).write(StoreOutage(NOON, NOON))

    assert outage_file(config(database="sqlite:///one.db"), env).read() == StoreOutage(NOON, NOON)
    assert outage_file(config(database="sqlite:///two.db"), env).read() is None


@pytest.mark.parametrize(
    ("env", "place"),
    [
        ({"STATE_DIRECTORY": "/var/lib/volteface", "HOME": "/home/ann"}, "/var/lib/volteface"),
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/ann"}, "/state/volteface"),
        ({"HOME": "/home/ann"}, "/home/ann/.local/state/volteface"),
    ],
)
def test_memory_lies_where_the_machine_keeps_such_files(env: dict[str, str], place: str) -> None:
    """Under systemd the home folder cannot be written, and a private /tmp is gone after each round."""
    assert str(outage_file(config(), env)).startswith(place)
