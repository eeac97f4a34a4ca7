"""The feed client over months and over sizes that take minutes: real snapshots of one feed in order, a long feed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from feed_desk import Desk, feed, rss
from local_web import LocalWeb

from volteface.parse import parse_feed
from volteface.poll import PollReport
from volteface.workers import Workers

ARCHIVE = Path(__file__).parents[1].parent / "shared/data/polls/whitehouse_rss_xml.tar.zst"

pytestmark = pytest.mark.slow


@dataclass(slots=True)
class Expected:
    """What a reader of every snapshot would know: each item's latest words, and how often they changed."""

    words: dict[str, tuple[str, str]] = field(default_factory=dict)
    edits: int = 0

    def see(self, body: bytes) -> None:
        """Take note of one snapshot."""
        for entry in parse_feed(body, "https://news.example/rss.xml").entries:
            words = (" ".join(entry.title.split()), " ".join(max(entry.content, entry.summary, key=len).split()))
            self.edits += self.words.get(entry.guid, words) != words
            self.words[entry.guid] = words


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[datetime, bytes]]:
    """(time, body) of every poll in the archive, in order."""
    if not ARCHIVE.exists():
        pytest.skip(f"no {ARCHIVE}: it is not part of the repository")
    folder = tmp_path_factory.mktemp("polls")
    unpack = 'zstd -d --long=27 -q -c "$1" | tar -xf - -C "$2"'
    subprocess.run(["bash", "-o", "pipefail", "-c", unpack, "_", ARCHIVE, folder], check=True)
    files = sorted(folder.rglob("*.xml"), key=lambda file: file.name)
    return [(datetime.strptime(f.name[:17], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC), f.read_bytes()) for f in files]


def poll_twice(at: Desk, until: datetime) -> list[PollReport]:
    """The next two polls, each when it is due; fewer where `until` comes first. More would only be more 304s."""
    reports: list[PollReport] = []
    while len(reports) < 2:
        due = max(at.now, at.state().next_due) if at.store.feeds.all() else at.now
        if due >= until:
            break
        at.now = due
        reports.append(at.poll())
    return reports


def test_real_snapshots_are_taken_item_by_item(
    site: LocalWeb, desk: Callable[..., Desk], snapshots: list[tuple[datetime, bytes]]
) -> None:
    """Over nine months a statement of the White House would be lost, told twice, or its edit be missed."""
    at, expected, started = desk(feed(site.url("/rss.xml"), page="never")), Expected(), time.monotonic()
    ends = [moment for moment, _ in snapshots[1:]] + [snapshots[-1][0] + timedelta(days=1)]
    reports: list[PollReport] = []
    for (at.now, body), end in zip(snapshots, ends, strict=True):
        site.route("/rss.xml", body=body, etag=f'"{sha256(body).hexdigest()}"')
        polled = poll_twice(at, end)
        assert polled, f"not due from {at.now} to {end}"
        expected.see(body)
        reports += polled
    new, edited = sum(report.new for report in reports), sum(report.edited for report in reports)
    took = time.monotonic() - started
    print(f"{len(snapshots)} snapshots, {len(reports)} polls, {new} items, {edited} edits, {took:.0f} s")  # noqa: T201

    stored = {article.guid: article for article in at.articles()}
    assert {guid: (a.title, " ".join(a.text.split())) for guid, a in stored.items()} == expected.words
    assert new == len(stored)
    assert edited == expected.edits == sum(article.revision for article in stored.values())
    assert at.state().slid is None
    assert sum(etag is None for etag in site.sent("if-none-match")) <= 1 + (at.now - snapshots[0][0]) / timedelta(
        days=3
    )


def test_b48_a_feed_of_fifty_thousand_items_is_cut(site: LocalWeb, desk: Callable[..., Desk]) -> None:
    """An outlet that publishes its whole archive would keep the reader busy for days."""
    items = (f"<item><guid>{n}</guid><title>t{n}</title></item>" for n in range(50_000))
    at = desk(feed(site.route("/feed", body=rss(*items))))
    with Workers(1, timeout_s=120) as at.workers:
        assert at.poll().new == 2000
