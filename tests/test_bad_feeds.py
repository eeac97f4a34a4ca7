"""Every test feed of five parser projects, sound and broken, goes through the worker processes."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_web import LocalWeb
from watched_parse import connect_watched, parse_watched, read_file_watched

from volteface.errors import WorkerError
from volteface.feed_types import ParsedFeed
from volteface.workers import Workers

ARCHIVES = Path(__file__).parents[1].parent / "shared/data/feeds"
AT_ONCE = 8

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Two worker processes for the whole file."""
    with Workers() as pool:
        yield pool


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All files of all archives."""
    archives = sorted(ARCHIVES.glob("*.tar.zst"))
    if not archives:
        pytest.skip(f"no feed archives in {ARCHIVES}: they are not part of the repository")
    folder = tmp_path_factory.mktemp("feeds")
    for archive in archives:
        unpack = 'mkdir -p "$2" && zstd -d --long=27 -q -c "$1" | tar -xf - -C "$2"'
        target = folder / archive.name.removesuffix(".tar.zst")
        subprocess.run(["bash", "-o", "pipefail", "-c", unpack, "_", archive, target], check=True)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_watch_sees_files_and_sockets(workers: Workers, tmp_path: Path) -> None:
    """The proof below would prove nothing."""
    file = tmp_path / "feed.xml"
    file.write_bytes(b"x")

    async def seen(port: int) -> tuple[list[str], list[str]]:
        return await workers.run(read_file_watched, str(file)), await workers.run(connect_watched, port)

    with LocalWeb() as web:
        opened, connected = asyncio.run(seen(int(web.address.rsplit(":", 1)[1])))

    assert any("feed.xml" in event for event in opened)
    assert any("socket.connect" in event for event in connected)


def test_no_feed_breaks_the_parser_or_leaves_it(workers: Workers, files: list[Path]) -> None:
    """One feed of some outlet would crash, hang or rob the machine, or be refused without a word."""
    started = time.monotonic()
    results = asyncio.run(_parse_all(workers, files))

    broken = {path.name: str(found) for path, found in results.items() if isinstance(found, WorkerError)}
    parsed = {path: found for path, found in results.items() if not isinstance(found, WorkerError)}
    touched = {path.name: events for path, (_, events) in parsed.items() if events}
    reasons = Counter(feed.reason for feed, _ in parsed.values() if feed.reason)
    mute = [path.name for path, (feed, _) in parsed.items() if not feed.reason and not feed.format]
    marked = [path.name for path, (feed, _) in parsed.items() if not all(map(_is_text, _strings(feed)))]
    print(f"{len(files)} files, {sum(reasons.values())} refused, {time.monotonic() - started:.0f} s\n{reasons}")  # noqa: T201
    assert broken == {}
    assert touched == {}
    assert mute == []
    assert marked == []
    assert len(files) > 3000
    assert sum(reasons.values()) < len(files) / 3


async def _parse_all(workers: Workers, files: list[Path]) -> dict[Path, tuple[ParsedFeed, list[str]] | WorkerError]:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(path: Path) -> tuple[ParsedFeed, list[str]] | WorkerError:
        async with slots:
            try:
                return await workers.run(parse_watched, path.read_bytes(), "https://news.example/feed.xml")
            except WorkerError as error:
                return error

    return dict(zip(files, await asyncio.gather(*map(one, files)), strict=True))


def _strings(feed: ParsedFeed) -> Iterator[str]:
    yield feed.title
    for entry in feed.entries:
        yield from (entry.guid, entry.url, entry.title, entry.summary, entry.content)


def _is_text(text: str) -> bool:
    """Whether a string has no control characters and can be stored."""
    text.encode()
    return not any((ord(c) < 32 and c != "\n") or ord(c) == 127 for c in text)
