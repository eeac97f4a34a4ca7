"""What `volteface feeds parse`, `export` and `import` say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from deploy.documents import Looked, files_of, look
from volteface.config import Config
from volteface.feed_types import ParsedFeed
from volteface.opml import config_rows, read_opml, write_opml
from volteface.parse import parse_feed


async def say_parsed(arguments: Sequence[str], *, as_json: bool) -> bool:
    """One line a file; whether every file could be read. Refused files are an answer, missing ones are not."""
    rows, missing = [], 0
    if not as_json:
        click.echo(f"{'format':12} {'entries':>7}  file")
    async for looked in look(files_of(arguments), parse_feed, ""):
        row = _row(looked)
        rows.append(row)
        missing += looked.missing
        click.echo(json.dumps(row) if as_json else _line(row))
    if not as_json:
        _say_sums(rows)
    return not missing


def _row(looked: Looked[ParsedFeed]) -> dict[str, Any]:
    """For programs. `entries` counts the items that the document lists, repeated and empty ones too."""
    feed = looked.found or ParsedFeed("", reason=looked.reason)
    return {"file": looked.file, "format": feed.format, "entries": feed.items, "reason": feed.reason or ""}


def _line(row: dict[str, Any]) -> str:
    reason = f": {row['reason']}" if row["reason"] else ""
    entries = "" if row["reason"] else row["entries"]
    return f"{row['format'] or 'refused':12} {entries:>7}  {_shown(row['file'])}{reason}"


def _say_sums(rows: Sequence[dict[str, Any]]) -> None:
    refused = Counter(row["reason"] for row in rows if row["reason"])
    entries = sum(row["entries"] for row in rows)
    taken = len(rows) - refused.total()
    click.echo(f"{len(rows)} files: {taken} taken with {entries} entries, {refused.total()} refused")
    for reason, count in refused.most_common():
        click.echo(f"{count:7} {reason}")


def _shown(name: str) -> str:
    """A file's name as text: it may hold bytes that are none, or control characters."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def export_opml(config: Config, target: str, now: datetime) -> None:
    """Write the config's feeds; `-` is standard output. Raises OSError."""
    opml = write_opml(config.feeds, title="volteface feeds", now=now)
    with click.open_file(target, "wb") as file:
        file.write(opml)
    written = opml.count(b"xmlUrl=")
    click.echo(f"{written} of {len(config.feeds)} feeds written to {target}", err=True)


def say_import(config: Config, body: bytes) -> None:
    """Rows for `feeds:` to standard output; what was left out, and what to fill in, to standard error."""
    subscriptions = read_opml(body)
    rows = list(config_rows(subscriptions, config.feeds))
    for row in rows:
        click.echo(f"  {row.line}" + (f"  # fill in {', '.join(row.unfilled)}" if row.unfilled else ""))
    without = [subscription for subscription in subscriptions if not subscription.url]
    for subscription in without:
        where = "/".join((*subscription.folders, subscription.title or "an outline without a title"))
        click.echo(f"left out: {where}: no web address in xmlUrl", err=True)
    known = len(subscriptions) - len(rows) - len(without)
    unfilled = sum(bool(row.unfilled) for row in rows)
    click.echo(f"{len(rows)} new feeds, {known} known already, {len(without)} without an address", err=True)
    if rows:
        to_do = f", fill in what {unfilled} of them lack (an empty `covers` counts for no side)" if unfilled else ""
        click.echo(f"put the rows under `feeds:`{to_do}, then: volteface config check", err=True)
