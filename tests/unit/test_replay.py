"""Replay: simulated time over an archive, with nothing seen before its hour."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fakes import MarkedReader
from plain_rules import plainly_ruled

from volteface.archive import read_archive
from volteface.config import Config
from volteface.errors import VoltefaceError
from volteface.replay import ReplayResult, replay, write_alerts

APRIL = (date(2025, 4, 1), date(2025, 4, 30))
OFFER = "{iran_supreme_leader negotiation +0.7 act 1.0}"


def line(number: int, text: str, published: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"item{number}",
        "outlet": f"Outlet {number}",
        "url": f"https://example.org/{number}",
        "published": published,
        "title": f"Unlike item{number} headline{number} words{number} apart{number}",
        "text": text,
        "lang": "en",
        "first_seen": None,
    } | more


LINES = [
    line(1, f"The Leader lets envoys travel. {OFFER}", "2025-04-07T09:03:00Z"),
    line(2, f"Envoys fly to Muscat for him. {OFFER}", "2025-04-07T09:58:00Z"),
    line(3, "Nachricht aus Maskat.", "2025-04-07T10:00:00Z", lang="de"),
    line(4, "The Leader calls the envoys home. {iran_supreme_leader negotiation -1.0 act 1.0}", "2025-04-20T08:00:00Z"),
    line(
        5, "He has called them home. {iran_supreme_leader negotiation -1.0 act 1.0}", "2025-04-20T08:30:00Z", url=None
    ),
]


@pytest.fixture(scope="module")
def config() -> Config:
    config = plainly_ruled()
    assert config.feed["irna"]  # a config in use, with its look-up tables built
    return config


def archive(folder: Path, lines: list[dict[str, Any]], name: str = "archive.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(item) + "\n" for item in lines), encoding="utf8")
    return path


def run(config: Config, path: Path, **options: Any) -> ReplayResult:
    return replay(config, MarkedReader(), path, *APRIL, **options)


def test_alerts_follow_the_contract(config: Config, tmp_path: Path) -> None:
    """Scripts that score a replay would break."""
    write_alerts(run(config, archive(tmp_path, LINES)), tmp_path / "alerts.jsonl")
    first, second = [json.loads(text) for text in (tmp_path / "alerts.jsonl").read_text().splitlines()]

    assert first["evidence"][0] == {
        "outlet": "Outlet 2",
        "url": "https://example.org/2",
        "quote": "Envoys fly to Muscat for him.",
        "published": "2025-04-07T09:58:00Z",
    }
    del first["key"], first["evidence"]
    assert first == {
        "at": "2025-04-07T10:00:00Z",
        "side": "iran",
        "holder": "iran_supreme_leader",
        "axis": "negotiation",
        "direction": "towards",
        "before": {"value": -0.7, "name": "rejects talks"},
        "after": {"value": 0.7, "name": "talks agreed or under way"},
        "state": "confirmed",
        "changes": [],
    }
    assert (second["at"], second["direction"]) == ("2025-04-20T08:30:00Z", "away")
    assert {e["url"] for e in second["evidence"]} == {"https://example.org/4", "urn:archive:item5"}


def test_summary_counts_what_was_not_read(config: Config, tmp_path: Path) -> None:
    """Unread languages would drop out silently, and the figures look like full coverage."""
    assert run(config, archive(tmp_path, LINES), seed=7).summary == {
        "items": 5,
        "read": 4,
        "readings": 4,
        "unread_by_language": {"de": 1},
        "copies": 0,
        "alerts": 2,
        "changes_by_kind": {},
        "held_by_reason": {},
        "seed": 7,
    }


def test_opinion_and_history_are_left_out_as_they_are_by_a_poll(config: Config, tmp_path: Path) -> None:
    """The rules would be tuned on columns and anniversaries that the desk never reads."""
    call = "{iran_supreme_leader negotiation -1.0 act 1.0}"
    unread = [
        line(6, f"He should go. {call}", "2025-04-21T08:00:00Z", url="https://example.org/opinion/6"),
        line(7, f"He went. {call}", "2025-04-21T09:00:00Z", title="On this day: envoys sent home"),
    ]

    result = run(config, archive(tmp_path, [*LINES, *unread]))

    assert result.coverage.items == len(LINES) + 2
    assert result.coverage.read == run(config, archive(tmp_path, LINES, "fewer.jsonl")).coverage.read


def test_later_items_change_no_earlier_alert(config: Config, tmp_path: Path) -> None:
    """A backtest that looks ahead would promise what the live desk cannot do."""
    early = run(config, archive(tmp_path, LINES[:3], "early.jsonl"))
    whole = run(config, archive(tmp_path, LINES, "whole.jsonl"))

    assert len(early.lines) == 1
    assert whole.lines[:1] == early.lines


def test_same_input_gives_the_same_bytes(config: Config, tmp_path: Path) -> None:
    """Nobody could tell a change of the rules from chance; nor does the order of lines in the file matter."""
    plain = archive(tmp_path, LINES)
    zipped = tmp_path / "archive.jsonl.gz"
    zipped.write_bytes(gzip.compress("".join(json.dumps(item) + "\n" for item in reversed(LINES)).encode()))
    for name, path in (("a", plain), ("b", plain), ("c", zipped)):
        write_alerts(run(config, path), tmp_path / name)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes() != b""


def test_copy_in_many_outlets_is_one_origin(config: Config, tmp_path: Path) -> None:
    """A single wire report would be raised as confirmed by all of its subscribers."""
    story = " ".join(f"word{n}" for n in range(90)) + " {iran_supreme_leader negotiation +0.7 speech 0.9}"
    copies = [line(n, story, f"2025-04-07T09:{n:02}:00Z") for n in range(10, 40)]
    result = run(config, archive(tmp_path, copies))

    assert (result.summary["copies"], result.summary["read"], result.alerts) == (29, 1, ())


@pytest.mark.parametrize(
    ("published", "first_seen", "visible"),
    [
        ("2025-04-07T09:03:00Z", "2025-04-07T11:00:00Z", "2025-04-07T09:03:00+00:00"),
        ("2025-04-07", "2025-04-07T14:47:37Z", "2025-04-07T14:47:37+00:00"),
        ("2025-04-07", "2025-04-08T03:00:00Z", "2025-04-08T03:00:00+00:00"),
        ("2025-04-07", "2025-04-20T03:00:00Z", "2025-04-07T23:59:59+00:00"),
        ("2025-04-07", "2025-04-06T20:00:00Z", "2025-04-07T23:59:59+00:00"),
        ("2025-04-07", None, "2025-04-07T23:59:59+00:00"),
    ],
)
def test_item_dated_by_day_is_not_seen_early(
    tmp_path: Path, published: str, first_seen: str | None, visible: str
) -> None:
    """An item of the evening would be known at midnight before, and the delay look like foresight."""
    path = archive(tmp_path, [line(1, "Text.", published, first_seen=first_seen)])
    item = read_archive(path, *APRIL)[0]

    assert item.visible.isoformat() == visible
    assert item.published <= item.visible


def test_office_speaks_for_itself_in_an_archive_too(config: Config, tmp_path: Path) -> None:
    """A desk would tune on alerts that it would not get: in an archive the office's own post would be hearsay."""
    threat = "The envoys stay at home. {us_president negotiation -0.7 speech 1.0}"
    told = [line(1, threat, "2025-04-07T09:03:00Z", outlet="White House")]
    hearsay = [line(1, threat, "2025-04-07T09:03:00Z", outlet="Somebody")]

    assert len(run(config, archive(tmp_path, told)).alerts) == 1
    assert not run(config, archive(tmp_path, hearsay)).alerts


def test_items_outside_the_days_asked_for_stay_out(tmp_path: Path) -> None:
    """A replay of April would begin with March's news."""
    days = ["2025-03-31T23:59:00Z", "2025-04-01T00:00:00Z", "2025-04-30T23:59:00Z", "2025-05-01T00:00:00Z"]
    path = archive(tmp_path, [line(n, "Text.", day) for n, day in enumerate(days)])

    assert [item.published for item in read_archive(path, *APRIL)] == [
        datetime(2025, 4, 1, tzinfo=UTC),
        datetime(2025, 4, 30, 23, 59, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"id": 1}\n', "line 1: not an archive item"),
        (b"\n[]\n", "line 2: not an archive item"),
        (b"\x1f\x8b broken", "cannot be read as an archive"),
        (b"", "no item between"),
    ],
)
def test_broken_archive_is_refused_with_the_place(config: Config, tmp_path: Path, content: bytes, said: str) -> None:
    """A user would get a stack trace, or a report on half of the archive."""
    path = tmp_path / ("broken.jsonl.gz" if content.startswith(b"\x1f") else "broken.jsonl")
    path.write_bytes(content)

    with pytest.raises(VoltefaceError, match=said):
        run(config, path)


def test_progress_reaches_the_end(config: Config, tmp_path: Path) -> None:
    """The bar on the terminal would stop short, or jump back half-way."""
    calls: list[tuple[int, int]] = []
    run(config, archive(tmp_path, LINES), progress=lambda done, of: calls.append((done, of)))

    assert calls == sorted(calls)
    assert calls[-1] == (9, 9)  # four items to read, five to replay
