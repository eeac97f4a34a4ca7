"""`volteface backfill`: an archive as the desk's past."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from volteface.errors import ConfigError

if TYPE_CHECKING:
    from volteface.backfill import Archives, Progress, ReadReport
    from volteface.config import Config
    from volteface.kept_readings import KeptReader
    from volteface.types import Reader

_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("archives", nargs=-1, required=True, metavar="ARCHIVE...", type=_IN)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that read.")
@click.option(
    "--readings", type=_OUT, default=Path("readings.jsonl"), show_default=True,
    help="Keep what was read in this file; a run that was killed goes on from it, `replay` and `tune` take it.",
)  # fmt: skip
@click.option("--only-read", is_flag=True, help="Fill the file, and leave the store as it is.")
@click.option("--port", default=4200, show_default=True, help="Port of the Prefect server, if one is started here.")
@click.pass_obj
def backfill(
    config_file: Path, archives: tuple[Path, ...], workers: int, readings: Path, only_read: bool, port: int
) -> None:
    """An archive as the desk's past: its articles and readings as history, positions that start from it. No alerts."""
    from deploy.once import open_store, utc_now
    from deploy.replay_commands import reader_digest
    from deploy.screens import progress
    from volteface.backfill import survey
    from volteface.config_file import load_config
    from volteface.kept_readings import KeptReader
    from volteface.past import remember

    if workers > 1:
        _need_scale()
    config, found = load_config(config_file), survey(archives)
    kept = KeptReader(readings, reader_digest(config), lambda: _reader(config))
    with progress("reading") as tick:
        report = _read(config, found, kept, workers, port, tick)
    click.echo(f"{report.line()}; kept in {readings}")
    if not only_read:
        with open_store(config) as store:
            click.echo(f"{remember(config, store, found, kept, utc_now()).line()}: {store.name}")


def _reader(config: Config) -> Reader:
    import extractors

    return extractors.build(config).reader


def _need_scale() -> None:
    if find_spec("prefect_dask") is None:
        raise ConfigError("several workers need the extra `scale`: pip install volteface[scale], or --workers 1")


def _read(
    config: Config, archives: Archives, kept: KeptReader, workers: int, port: int, progress: Progress
) -> ReadReport:
    from volteface.backfill import in_this_process, read_archives

    if workers == 1:
        return read_archives(config, archives, kept, in_this_process(lambda: _reader(config)), progress)
    with _prefect(port):
        from flows.backfill import Job, read_in_parallel

        # Dask tells of every connection; what a person must know comes as an error.
        logging.getLogger("distributed").setLevel(logging.ERROR)
        return read_in_parallel(Job(config, archives, kept, progress), workers)


@contextmanager
def _prefect(port: int) -> Iterator[None]:
    """The Prefect server of PREFECT_API_URL, or one of our own for as long as the context lasts."""
    from deploy.serve import TAG, environment, prefect_server

    with ExitStack() as stack:
        api = os.environ.get("PREFECT_API_URL") or stack.enter_context(prefect_server(port))
        # A line for each chunk would tear the progress bar apart; the run's page tells the same.
        os.environ.update({"PREFECT_LOGGING_LEVEL": "WARNING"} | environment(api))
        click.echo(f"watch the run at {api.removesuffix('/api')}/runs", err=True)
        from prefect import tags

        stack.enter_context(tags(TAG))
        yield
