"""`volteface verdict`, `mute` and `verdicts export`: what people say of alerts."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta
from pathlib import Path

import click

VERDICTS = ("true_shift", "restatement", "wrong_speaker", "old_news", "acknowledged")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # A container whose user id has no name.
        return ""


def _span(_ctx: click.Context, _option: click.Parameter, value: str) -> timedelta:
    from volteface.verdicts import duration

    try:
        return duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _line(_ctx: click.Context, option: click.Parameter, value: str) -> str:
    from volteface.verdicts import LONGEST_NAME, LONGEST_NOTE

    longest = LONGEST_NAME if option.name == "by" else LONGEST_NOTE
    if len(value) > longest:
        raise click.BadParameter(f"at most {longest} characters")
    return " ".join(value.split())


_by = click.option("--by", default=_user, callback=_line, help="Who says so.  [default: the user of this machine]")


@click.command()
@click.argument("key")
@click.argument("verdict", type=click.Choice(VERDICTS))
@_by
@click.option("--note", default="", callback=_line, help="Why, in a sentence.")
@click.pass_obj
def verdict(config_file: Path, key: str, verdict: str, by: str, note: str) -> None:
    """Say what the alert KEY is; its message tells so from the next pass on."""
    from deploy.once import open_store, utc_now
    from volteface.config_file import load_config
    from volteface.verdicts import Verdict, VerdictKind, words

    said = Verdict(key, VerdictKind(verdict), by, note, utc_now())
    with open_store(load_config(config_file)) as store:
        new = store.verdicts.add(said)
    click.echo(f"alert {key}: {words(said)}{'' if new else ' (was on record already)'}")


@click.command()
@click.argument("holder")
@click.argument("axis")
@click.option("--for", "span", default="12h", show_default=True, callback=_span, help="How long: 90m, 12h, 3d.")
@click.option("--off", is_flag=True, help="End the mute; what it held goes out with the next pass.")
@_by
@click.pass_obj
def mute(config_file: Path, holder: str, axis: str, span: timedelta, off: bool, by: str) -> None:
    """Hold the alerts of HOLDER on AXIS back for a time. An escalation passes all the same."""
    from deploy.once import open_store, utc_now
    from volteface.config_file import load_config
    from volteface.verdicts import Mute

    config, now = load_config(config_file), utc_now()
    _known("HOLDER", holder, list(config.office))
    _known("AXIS", axis, list(config.axis))
    until = now if off else now + span
    with open_store(config) as store:
        store.verdicts.mute(Mute(holder, axis, until, by, now))
    told = "no longer muted" if off else f"muted until {until:%Y-%m-%d %H:%M} UTC; escalations pass"
    click.echo(f"{config.office[holder].name} on {config.axis[axis].name}: {told}")


def _known(what: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise click.BadParameter(f"{name!r} is not in config.yaml; one of {', '.join(names)}", param_hint=what)


@click.group()
def verdicts() -> None:
    """Verdicts as data."""


@verdicts.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export(config_file: Path, file: Path) -> None:
    """The readings behind judged alerts as labelled data, a JSON object a line."""
    from deploy.once import open_store
    from volteface.config_file import load_config
    from volteface.verdicts import label_rows

    with open_store(load_config(config_file)) as store:
        judged = store.verdicts.judged()
        titles = store.verdicts.titles([e.url for shift, _ in judged for e in shift.evidence])
    rows = [row for shift, said in judged for row in label_rows(shift, said, titles)]
    with file.open("w", encoding="utf-8", errors="backslashreplace") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    click.echo(f"{file}: {len(rows)} readings of {len(judged)} judged alerts")


COMMANDS = (verdict, mute, verdicts)
