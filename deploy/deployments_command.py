"""`volteface deployments`: the schedules for a work pool, where several machines share the work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from volteface.errors import ConfigError

if TYPE_CHECKING:
    from volteface.config import Config


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it there instead of printing it.")
@click.option(
    "--config-at", default="/etc/volteface/config.yaml", show_default=True, help="The config's path on the workers."
)
@click.option("--pool", default="volteface", show_default=True, help="The work pool.")
@click.option("--install", is_flag=True, help="Also bring the automations of the server at PREFECT_API_URL up to date.")
@click.pass_obj
def deployments(config_file: Path, out: Path | None, config_at: str, pool: str, install: bool) -> None:
    """The scheduled deployments as a prefect.yaml, for `prefect deploy --all` on a work pool."""
    from deploy.deployments import prefect_yaml
    from volteface.config_file import load_config

    config = load_config(config_file)
    document = prefect_yaml(config, config_at, pool)
    if out is None:
        click.echo(document, nl=False)
    else:
        out.write_text(document, encoding="utf-8")
        click.echo(f"{out}: {len(config.schedule.model_dump())} deployments for the work pool {pool}")
    if install:
        _install(config)


def _install(config: Config) -> None:
    from deploy.automations import install
    from deploy.serve import environment, require_api

    api = os.environ.get("PREFECT_API_URL")
    if not api:
        raise ConfigError("--install needs PREFECT_API_URL: the address of the Prefect server, with /api at its end")
    os.environ.update(environment(api))
    require_api()
    for name in install(config, os.environ):
        click.echo(f"installed automation {name!r}", err=True)
