"""The command line: `volteface ...`. Exit codes: 0 done, 1 something failed, 2 the config or the call is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from deploy.alert_commands import alerts
from deploy.backfill_command import backfill
from deploy.care_commands import COMMANDS as CARE
from deploy.deployments_command import deployments
from deploy.digest_command import digest
from deploy.extract_command import extract
from deploy.feed_commands import feeds
from deploy.listen import listen
from deploy.replay_commands import replay, tune
from deploy.verdict_commands import COMMANDS as VERDICTS
from volteface import __version__
from volteface.config import Config
from volteface.errors import ConfigError, DeliveryError, VoltefaceError

CONFIG = "config.yaml"


class Commands(click.Group):
    """Turns our own errors, and files that cannot be used, into one line and an exit code.

    Anything else stays a traceback, for it is a bug.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)
        except VoltefaceError as error:
            click.echo(f"volteface: {error}", err=True)
            ctx.exit(1)
        except OSError as error:
            if error.filename is None:
                raise
            click.echo(f"volteface: {error.filename}: {error.strerror}", err=True)
            ctx.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="volteface")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), default=CONFIG, envvar="VOLTEFACE_CONFIG",
    show_default=True, help="The configuration to use.",
)  # fmt: skip
@click.pass_context
def main(ctx: click.Context, config_file: Path) -> None:
    """Detects when one side changes position towards the other, and proves it."""
    ctx.obj = config_file


def _goes_to(config: Config) -> str:
    """Where alerts go. A wrong secret stops everything; a sink that refuses does not, for alerts wait in the outbox."""
    from volteface.fallback import fallback_for
    from volteface.sinks import sink_for

    fallback_for()
    try:
        return sink_for(config).verify()
    except DeliveryError as error:
        return f"alerts cannot be delivered now and will wait: {error}"


@main.command()
@click.pass_obj
def poll(config_file: Path) -> None:
    """One pass: poll, read, detect, deliver. Needs no Prefect."""
    from deploy.once import one_pass, open_store
    from volteface.config_file import load_config

    config = load_config(config_file)
    click.echo(_goes_to(config))
    with open_store(config) as store:
        delivered = one_pass(config, store, click.echo)
    sys.exit(0 if delivered else 1)


@main.command()
@click.option("--port", default=4200, show_default=True, help="Port of the Prefect server, if one is started here.")
@click.pass_obj
def serve(config_file: Path, port: int) -> None:
    """Run the scheduled deployments. Uses PREFECT_API_URL, or starts a Prefect server on this machine."""
    import extractors
    from deploy.once import open_store, utc_now
    from deploy.serve import serve as run
    from volteface.config_file import load_config
    from volteface.summary import plural

    config = load_config(config_file)
    extractors.check(config)
    with open_store(config) as store:  # A database that cannot be used must show now, not in the first run.
        # From now on a poll is awaited: the watchdog calls it late, not missing.
        store.feeds.sync(config.feeds, utc_now())
        click.echo(
            f"{len(config.feeds)} {plural(len(config.feeds), 'feed')} of {config_file.resolve()} into {store.name}"
        )
    click.echo(_goes_to(config))
    run(config, config_file, port, click.echo)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def status(config_file: Path, as_json: bool) -> None:
    """Feeds, positions and undelivered alerts."""
    from deploy.once import open_store, utc_now
    from deploy.screens import show_status, status_json
    from volteface.config_file import load_config
    from volteface.secrets import app_token
    from volteface.status import gather

    config, now, buttons = load_config(config_file), utc_now(), app_token() is not None
    with open_store(config) as store:
        state = gather(config, store, now)
    if as_json:
        click.echo(json.dumps(status_json(state) | {"buttons": buttons}))
    else:
        show_status(config, state, now)
        click.echo(f"Buttons  {'on' if buttons else 'off: VOLTEFACE_SLACK_APP_TOKEN is not set'}")


@main.command()
@click.pass_obj
def positions(config_file: Path) -> None:
    """The ledger: who stands where, since when, on what evidence."""
    from deploy.once import open_store
    from deploy.screens import show_positions
    from volteface import status
    from volteface.config_file import load_config

    config = load_config(config_file)
    with open_store(config) as store:
        show_positions(config, status.positions(config, store.ledger.all()), evidence=True)


@main.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def read(config_file: Path, source: Path, target: Path) -> None:
    """Readings for a batch of texts: IN.jsonl to OUT.jsonl."""
    if target.exists() and target.samefile(source):
        raise click.BadParameter("the texts would be overwritten before they are read", param_hint="TARGET")
    import extractors
    from extractors.batch import read_lines
    from volteface.config_file import load_config

    instruments = extractors.build(load_config(config_file))
    # A lone surrogate in a text or an id is no UTF-8; with a backslash it is the JSON that it came as.
    written = target.open("w", encoding="utf-8", errors="backslashreplace")
    with source.open(encoding="utf-8", errors="replace") as lines, written as out:
        for row in read_lines(instruments, lines):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


for command in (*CARE, *VERDICTS):
    main.add_command(command)
main.add_command(alerts)
main.add_command(backfill)
main.add_command(digest)
main.add_command(deployments)
main.add_command(extract)
main.add_command(feeds)
main.add_command(listen)
main.add_command(replay)
main.add_command(tune)


@main.group()
def config() -> None:
    """The configuration file."""


@config.command("check")
@click.pass_obj
def config_check(config_file: Path) -> None:
    """Check the configuration; exit code 2 and the list of faults if something is wrong."""
    import extractors
    from volteface.config_file import load_config

    loaded = load_config(config_file)
    extractors.check(loaded)
    watched = f"{len(loaded.offices)} offices on {len(loaded.axes)} axes, {len(loaded.positions)} standing positions"
    click.echo(f"{config_file}: {len([f for f in loaded.feeds if f.enabled])} feeds, {watched}: no faults")


if __name__ == "__main__":
    main()
