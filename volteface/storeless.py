"""Outages of the store itself, told once each: a small file remembers what the store cannot."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from volteface.config import Config
from volteface.notices import Notice, NoticeReport, Sender, send_storeless, storeless_row, tell_storeless

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreOutage:
    """An outage that was told."""

    since: datetime
    last: datetime
    """When it was last seen."""


class OutageFile:
    """Remembers the outage that goes on. A file that cannot be used is logged: then what was told is told again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> StoreOutage | None:
        """The outage that was told and is not over; None where there is none, or nothing legible."""
        try:
            since, last = map(datetime.fromisoformat, self._path.read_text("ascii").split())
        except (OSError, ValueError):
            return None
        return StoreOutage(since, last) if since.tzinfo and last.tzinfo else None

    def write(self, outage: StoreOutage) -> None:
        """Keep the outage in place of what was kept."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(f"{outage.since.isoformat()}\n{outage.last.isoformat()}\n", "ascii")
        except OSError as error:
            log.warning("%s: that the database is away will be told again: %s", self._path, error)

    def clear(self) -> None:
        """No outage goes on."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: that the database is back will be told again: %s", self._path, error)


def outage_file(config: Config, env: Mapping[str, str] = os.environ) -> OutageFile:
    """The file of this database: in systemd's STATE_DIRECTORY, or in the user's folder for such things."""
    home = env.get("XDG_STATE_HOME") or Path(env.get("HOME", "/nonexistent"), ".local", "state")
    name = blake2b(config.database.encode(), digest_size=8).hexdigest()
    return OutageFile(Path(env.get("STATE_DIRECTORY") or Path(home, "volteface"), f"store-outage-{name}"))


def tell_outage(sink: Sender, fault: Notice, memory: OutageFile, now: datetime) -> NoticeReport:
    """Tell that the store cannot be asked, where the outage is a new one."""
    known = memory.read()
    if known is None:
        report = tell_storeless(sink, fault, now)
        if report.sent:
            memory.write(StoreOutage(fault.since, now))
            report = replace(report, began=report.outages)
        return report
    memory.write(replace(known, last=now))
    return NoticeReport((storeless_row(fault.key, fault.words, known.since, now),))


def tell_over(report: NoticeReport, sink: Sender, memory: OutageFile, settle: timedelta, now: datetime) -> NoticeReport:
    """Tell that the store answers again, where an outage was told and it has answered for so long.

    `report` with that added.
    """
    known = memory.read()
    if known is None or now - known.last < settle:
        return report
    row = storeless_row("database", "the database could not be asked", known.since, known.last, over=True)
    if fault := send_storeless(sink, row):
        return replace(report, fault=report.fault or fault)
    memory.clear()
    return replace(report, ended=(*report.ended, row), sent=report.sent + 1)
