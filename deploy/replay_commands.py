"""`volteface replay`: the past under a simulated clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day (UTC).")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day (UTC), included.")
@click.option("--alerts", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where alerts go.")
@click.option("--seed", default=0, show_default=True, help="Equal seed and input give equal output.")
@click.pass_obj
def replay(config_file: Path, archive: Path, start: datetime, end: datetime, alerts: Path, seed: int) -> None:
    """Simulated time over an archive: what would have been alerted, and when."""
    import extractors
    from deploy.screens import progress, show_replay
    from volteface.config_file import load_config
    from volteface.replay import replay as run
    from volteface.replay import write_alerts

    config = load_config(config_file)
    days = (start.replace(tzinfo=UTC).date(), end.replace(tzinfo=UTC).date())
    with progress() as tick:
        result = run(config, extractors.build(config), archive, *days, seed=seed, progress=tick)
    write_alerts(result, alerts)
    show_replay(result, alerts)
