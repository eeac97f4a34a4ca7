"""`volteface extract`: the article on a page, as a poll would take it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from deploy.documents import Looked
    from volteface.feed_types import PageText


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a file, for programs.")
def extract(files: tuple[str, ...], as_json: bool) -> None:
    """The article on saved pages: title, date, language, text, or why there is none.

    FILE is a page's HTML (also gzip), `-` for standard input, or a folder for all of its files.
    """
    sys.exit(0 if asyncio.run(_say_extracted(files, as_json=as_json)) else 1)


async def _say_extracted(arguments: Sequence[str], *, as_json: bool) -> bool:
    """Whether every file could be read."""
    from deploy.documents import files_of, look
    from volteface.page import extract_page

    missing = 0
    async for looked in look(files_of(arguments), extract_page, ""):
        row = _row(looked)
        missing += looked.missing
        click.echo(json.dumps(row) if as_json else _block(row))
    return not missing


def _row(looked: Looked[PageText]) -> dict[str, Any]:
    page = looked.found
    published = page.published if page else None
    # Most pages tell a day; midnight would be an invention.
    day_only = published is not None and (published.hour, published.minute, published.second) == (0, 0, 0)
    return {
        "file": looked.file,
        "title": page.title if page else "",
        "published": "" if published is None else published.date().isoformat() if day_only else published.isoformat(),
        "lang": (page.lang if page else None) or "",
        "text": page.text if page else "",
        "reason": (page.reason if page else looked.reason) or "",
    }


def _block(row: dict[str, Any]) -> str:
    head = click.style(ascii(row["file"])[1:-1], bold=True)
    if row["reason"]:
        return f"{head}\nno article: {row['reason']}\n"
    return f"{head}\n{row['title']}\n{row['published'] or 'no date'}, {row['lang']}\n\n{row['text']}\n"
