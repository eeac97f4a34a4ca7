"""`volteface feeds ...`: the feeds, their health and what they hold."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import BinaryIO

import click


@click.group(invoke_without_command=True)
@click.pass_context
def feeds(ctx: click.Context) -> None:
    """The feeds and their health."""
    if ctx.invoked_subcommand:
        return
    from deploy.once import open_store, utc_now
    from deploy.screens import show_feeds
    from volteface.config_file import load_config
    from volteface.status import gather

    config, now = load_config(ctx.obj), utc_now()
    with open_store(config) as store:
        show_feeds(config, gather(config, store, now).feeds, now)


@feeds.command()
@click.pass_obj
def check(config_file: Path) -> None:
    """Try every feed once and say which have moved, died, or are no feeds."""
    from deploy.screens import show_checks
    from volteface.config_file import load_config
    from volteface.feed_check import check_feeds

    results = asyncio.run(check_feeds(load_config(config_file)))
    show_checks(results)
    sys.exit(0 if all(result.ok for result in results) else 1)


@feeds.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a file, for programs.")
def parse(files: tuple[str, ...], as_json: bool) -> None:
    """Parse saved feeds as a poll would: format and entries, or why a file is refused.

    FILE is a feed, JSON Feed or sitemap (also gzip), `-` for standard input, or a folder for all of its files.
    """
    from deploy.feed_documents import say_parsed

    sys.exit(0 if asyncio.run(say_parsed(files, as_json=as_json)) else 1)


@feeds.command("export")
@click.argument("target", metavar="FILE.opml", type=click.Path(dir_okay=False, writable=True, allow_dash=True))
@click.pass_obj
def export_(config_file: Path, target: str) -> None:
    """Write the feeds of the configuration as OPML, for other readers (`-` for standard output)."""
    from deploy.feed_documents import export_opml
    from deploy.once import utc_now
    from volteface.config_file import load_config

    export_opml(load_config(config_file), target, utc_now())


@feeds.command("import")
@click.argument("source", metavar="FILE.opml", type=click.File("rb"))
@click.pass_obj
def import_(config_file: Path, source: BinaryIO) -> None:
    """Rows for config.yaml from another reader's OPML, without the feeds that are there already."""
    from deploy.feed_documents import say_import
    from volteface.config_file import load_config
    from volteface.opml import MAX_BYTES

    say_import(load_config(config_file), source.read(MAX_BYTES + 1))
