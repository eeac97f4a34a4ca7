"""The open archives of feeds: how many files are taken, why others are refused, and whether the entries are right.

    python -m tests.quality.archives

Three kinds of expectation lie in the archives: a JSON file beside the feed with the result that its project wants
(gofeed, fastfeedparser); a comment in the feed that speaks of its entries (feedparser; so many at least); and, for the
others, the items that a plain search for start tags counts.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from deploy.documents import files_of, look
from tests.quality.instruments import SHARED
from volteface.feed_types import ParsedFeed
from volteface.parse import parse_feed

FEEDS = SHARED / "data" / "feeds"
_UNPACK = 'mkdir -p "$2" && zstd -d --long=27 -q -c "$1" | tar -xf - -C "$2"'
_EXPECT = re.compile(rb"Expect:(.{0,2000}?)(?:-->|\n\s*\n)", re.DOTALL)
_INDEX = re.compile(rb"entries\[(\d{1,3})\]")
_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tally:
    """One archive."""

    name: str
    files: int
    refused: Counter[str]
    told: int
    """Files taken whose number of entries is told beside them or in them."""
    right: int
    wrong: tuple[str, ...]


def unpack(archive: Path, folder: Path) -> Path:
    """The archive's content in a folder of its own."""
    target = folder / archive.name.removesuffix(".tar.zst")
    subprocess.run(["bash", "-o", "pipefail", "-c", _UNPACK, "_", archive, target], check=True)
    return target


def expectation(file: Path) -> tuple[int, bool] | None:
    """(number of entries, whether that is all of them), as the archive tells it; None where it does not."""
    body = file.read_bytes()
    beside = file.with_suffix(".json")
    if file.suffix != ".json" and beside.exists():
        wanted = json.loads(beside.read_bytes())
        return len(wanted.get("items") or wanted.get("entries") or ()), True
    expect = _EXPECT.search(body[:4_000])
    if expect:
        return max((int(index) + 1 for index in _INDEX.findall(expect[1])), default=0), False
    if file.suffix == ".json":
        items = json.loads(body).get("items")
        return (len(items), True) if isinstance(items, list) else None
    return len(_ITEM.findall(body.replace(b"\0", b""))), True


async def tally(folder: Path) -> Tally:
    """Parse all files of an archive as `volteface feeds parse` does."""
    refused: Counter[str] = Counter()
    files, told, wrong = 0, 0, []
    async for looked in look(files_of([str(folder)]), parse_feed, ""):
        files += 1
        feed = looked.found or ParsedFeed("", reason=looked.reason)
        if feed.reason:
            refused[feed.reason] += 1
            continue
        wanted = expectation(Path(looked.file))
        told += wanted is not None
        if wanted and (feed.items != wanted[0] if wanted[1] else feed.items < wanted[0]):
            wrong.append(f"{Path(looked.file).relative_to(folder)}: {feed.items}, not {wanted[0]}")
    return Tally(folder.name, files, refused, told, told - len(wrong), tuple(wrong))


def as_markdown(tallies: Sequence[Tally]) -> str:
    """The table of docs/quality.md."""
    lines = ["| archive | files | taken | entries as expected | refused, and why |", "|---|---|---|---|---|"]
    for row in tallies:
        why = "; ".join(f"{count} {reason}" for reason, count in row.refused.most_common())
        taken = row.files - row.refused.total()
        lines.append(f"| {row.name} | {row.files} | {taken} | {row.right} of {row.told} | {why} |")
    return "\n".join(lines)


@click.command(help=__doc__)
def main() -> None:
    """Command line."""
    archives = sorted(FEEDS.glob("*.tar.zst"))
    if not archives:
        raise click.ClickException(f"no archives in {FEEDS}: they are not part of the repository")
    with tempfile.TemporaryDirectory() as folder:
        tallies = [asyncio.run(tally(unpack(archive, Path(folder)))) for archive in archives]
    click.echo(as_markdown(tallies))
    for row in tallies:
        for line in row.wrong:
            click.echo(f"{row.name}/{line}")


if __name__ == "__main__":
    main()
