"""`volteface digest`: the day in one screen, or in the channel."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option("--send", is_flag=True, help="Send it where alerts go, unless the day's digest was sent.")
@click.pass_obj
def digest(config_file: Path, send: bool) -> None:
    """Positions, shifts of the last 24 hours, coverage, and what was not delivered."""
    from rich.console import Console

    from volteface.config_file import load_config
    from volteface.console import WIDEST, as_panel
    from volteface.digest import render_digest
    from volteface.digest_send import look_back, send_digest, topic_of
    from volteface.sinks import sink_for
    from volteface.store import Store

    config, now = load_config(config_file), datetime.now(UTC)
    with Store.open(config.database) as store:
        if send:
            report = send_digest(config, store, sink_for(config), now)
            click.echo(report.line())
            sys.exit(1 if report.fault else 0)
        message = render_digest(look_back(config, store, now), config, topic_of(config.digest, now))
    console = Console(highlight=False)
    console.print(as_panel(message), width=min(console.width, WIDEST))
