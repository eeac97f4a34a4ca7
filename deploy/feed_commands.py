"""`volteface feeds ...`: the feeds, their health and what they hold."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

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
