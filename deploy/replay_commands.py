"""`volteface replay`, `volteface tune`: the past under a simulated clock, and the rules that would have served it."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from volteface.backtest import Backtest
    from volteface.config import Config
    from volteface.replay import ReplayResult
    from volteface.types import Observation, Reader

_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])
_READINGS = click.option(
    "--readings", type=_OUT, help="Keep what was read in this file; with it, the next run does without the model."
)


def _report_path(ctx: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    if path and path.suffix not in (".md", ".json"):
        raise click.BadParameter("must end in .md (for people) or .json (for programs)", ctx, option)
    return path


@click.command()
@click.argument("archive", type=_IN)
@click.option("--from", "start", type=_DAY, required=True, help="First day (UTC).")
@click.option("--to", "end", type=_DAY, required=True, help="Last day (UTC), included.")
@click.option("--alerts", type=_OUT, required=True, help="Where alerts go.")
@click.option("--timeline", type=_IN, help="Known shifts (CSV), to hold the alerts against.")
@click.option("--report", type=_OUT, callback=_report_path, help="Found, missed and in vain: .md or .json.")
@_READINGS
@click.option("--seed", default=0, show_default=True, help="Equal seed and input give equal output.")
@click.pass_obj
def replay(
    config_file: Path,
    archive: Path,
    start: datetime,
    end: datetime,
    alerts: Path,
    timeline: Path | None,
    report: Path | None,
    readings: Path | None,
    seed: int,
) -> None:
    """Simulated time over an archive: what would have been alerted, and when."""
    from deploy.screens import progress, show_replay
    from volteface.backtest import backtest, read_timeline
    from volteface.config_file import load_config
    from volteface.replay import replay as run
    from volteface.replay import write_alerts

    if report and not timeline:
        raise click.UsageError("--report needs --timeline: it says which known shifts were found")
    config, days = load_config(config_file), (_day(start), _day(end))
    known = read_timeline(timeline, config, *days) if timeline else None
    with progress() as tick:
        result = run(config, _reader(config, readings), archive, *days, seed=seed, progress=tick)
    write_alerts(result, alerts)
    show_replay(result, alerts)
    if known:
        _report(config, backtest(config, known, result.alerts, result.observations, result.held), result, report)


@click.command()
@click.option("--timeline", type=_IN, required=True, help="Known shifts (CSV).")
@click.option("--archive", type=_IN, required=True, help="The news of that time.")
@click.option("--alerts-per-week", type=click.FloatRange(0, min_open=True), required=True, help="At most so many.")
@click.option("--from", "start", type=_DAY, help="First day (UTC); by default the archive's.")
@click.option("--to", "end", type=_DAY, help="Last day (UTC), included; by default the archive's.")
@click.option("--trials", type=click.IntRange(1), default=200, show_default=True, help="Settings to try.")
@click.option("--ledgers", type=click.IntRange(1, 31), default=7, show_default=True, help="Size of the committee.")
@click.option("--seed", default=0, show_default=True, help="Equal seed and input give equal output.")
@_READINGS
@click.option("--observations", type=_OUT, help="Keep what detection saw; with it, the next run starts at once.")
@click.pass_obj
def tune(
    config_file: Path,
    timeline: Path,
    archive: Path,
    alerts_per_week: float,
    start: datetime | None,
    end: datetime | None,
    trials: int,
    ledgers: int,
    seed: int,
    readings: Path | None,
    observations: Path | None,
) -> None:
    """Search the detection rules that serve a past period best; prints them, and changes nothing."""
    from deploy.screens import progress
    from volteface.archive import days_of
    from volteface.backtest import read_timeline
    from volteface.config_file import load_config
    from volteface.tuned import as_yaml, seat
    from volteface.tuning import Search
    from volteface.tuning import tune as search

    config = load_config(config_file)
    first, last = days_of(archive)
    days = (_day(start) if start else first, _day(end) if end else last)
    seen = observations_of(config, archive, days, readings, observations)
    known = read_timeline(timeline, config, *days)
    options = Search(alerts_per_week, trials, seed=seed)
    with progress("tuning") as tick:
        tuned = search(config, seen, known, options, tick)
    click.echo(as_yaml(config, tuned, seat(config, seen, known, options, tuned, ledgers)))


def _day(moment: datetime) -> date:
    return moment.replace(tzinfo=UTC).date()


def _reader(config: Config, readings: Path | None) -> Reader:
    import extractors
    from volteface.kept_readings import KeptReader

    if readings is None:
        return extractors.build(config).reader
    return KeptReader(readings, reader_digest(config), lambda: extractors.build(config).reader)


def observations_of(
    config: Config, archive: Path, days: tuple[date, date], readings: Path | None, kept: Path | None
) -> tuple[Observation, ...]:
    """What detection sees of an archive on those days: from the file `kept` where that is still true, else made."""
    from deploy.screens import progress
    from volteface.kept_observations import load_observations, save_observations
    from volteface.replay import replay

    digest = observations_digest(config, archive, days)
    known = load_observations(kept, digest) if kept else None
    if known is not None:
        return known
    with progress() as tick:
        found = replay(config, _reader(config, readings), archive, *days, progress=tick).observations
    if kept:
        save_observations(kept, digest, found)
    return found


def _report(config: Config, tested: Backtest, result: ReplayResult, target: Path | None) -> None:
    from volteface.backtest_report import as_json, as_markdown, summary

    click.echo(summary(tested.score))
    if target is None:
        return
    if target.suffix == ".json":
        text = json.dumps(as_json(config, tested, result.coverage), indent=2, ensure_ascii=False) + "\n"
    else:
        text = as_markdown(config, tested, result.coverage)
    target.write_text(text, encoding="utf8")
    click.echo(f"report written to {target}")


def reader_digest(config: Config) -> str:
    """Of everything that a reading depends on besides its document: config, code and weights of the instruments."""
    import extractors

    folder = Path(extractors.__file__).parent
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".pyc")
    return _digest([_config_part(config, "sides", "offices", "axes", "models"), *(path.read_bytes() for path in files)])


def observations_digest(config: Config, archive: Path, days: tuple[date, date]) -> str:
    """Of all that observations depend on: readings, the archive and its days, copies, what is news, feeds, families."""
    from volteface import analyze, archive_feeds, copies, dates
    from volteface import archive as reading

    code = [inspect.getsource(module).encode() for module in (analyze, archive_feeds, copies, dates, reading)]
    period = "/".join(day.isoformat() for day in days).encode()
    age = str(config.detect.max_age_h).encode()
    parts = (reader_digest(config).encode(), _config_part(config, "feeds"), age, period, archive.read_bytes())
    return _digest([*parts, *code])


def _config_part(config: Config, *sections: str) -> bytes:
    return config.model_dump_json(include=set(sections)).encode()


def _digest(parts: Iterable[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()
