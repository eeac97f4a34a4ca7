"""An archive of dated news items: JSON lines, plain or gzipped, and when each of them could first be seen. No store."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TextIO

from volteface.errors import VoltefaceError

_LATE = timedelta(days=2)
"""A first sighting so long after the day of publication is a back-fill of the archive, not a poll."""


@dataclass(frozen=True, slots=True)
class ArchiveItem:
    """One item of an archive."""

    id: str
    outlet: str
    url: str
    """`urn:archive:ID` where the archive has none."""
    title: str
    text: str
    lang: str
    published: datetime
    """For an item dated by day only: the end of that day, or when it was seen before that."""
    visible: datetime
    """When a desk could have seen it, never before it was published."""


def read_archive(path: Path, start: date, end: date) -> list[ArchiveItem]:
    """The items that became visible from the start of day `start` to the end of day `end` (UTC), oldest first.

    Raises VoltefaceError with the line number where a line is not an archive item.
    """
    low = datetime.combine(start, time(), UTC)
    high = datetime.combine(end, time(), UTC) + timedelta(days=1)
    items = [item for item in stream_archive(path) if low <= item.visible < high]
    return sorted(items, key=lambda item: (item.visible, item.published, item.id))


def days_of(path: Path) -> tuple[date, date]:
    """The first and the last UTC day on which an item became visible.

    Raises VoltefaceError where there is none, or a line is not an archive item.
    """
    days = [item.visible.date() for item in stream_archive(path)]
    if not days:
        raise VoltefaceError(f"{path}: an archive without items")
    return min(days), max(days)


def stream_archive(path: Path) -> Iterator[ArchiveItem]:
    """Every item in the order of the file, one at a time. Raises VoltefaceError with the line that is none."""
    with _lines(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield _item(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise VoltefaceError(f"{path}, line {number}: not an archive item: {error!r}") from error


@contextmanager
def _lines(path: Path) -> Iterator[TextIO]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf8") as lines:
                yield lines
        else:
            with path.open(encoding="utf8") as lines:
                yield lines
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise VoltefaceError(f"{path}: cannot be read as an archive: {error}") from error


def _item(line: dict[str, Any]) -> ArchiveItem:
    published, visible = _times(line["published"], line.get("first_seen"))
    return ArchiveItem(
        id=str(line["id"]),
        outlet=line["outlet"],
        url=line.get("url") or f"urn:archive:{line['id']}",
        title=(line.get("title") or "").strip(),
        text=(line.get("text") or "").strip(),
        lang=line["lang"],
        published=published,
        visible=visible,
    )


def _times(published: str, first_seen: str | None) -> tuple[datetime, datetime]:
    if len(published) > len("2026-01-01"):
        moment = _moment(published)
        return moment, moment
    day = _moment(published)
    close = day + timedelta(days=1) - timedelta(seconds=1)
    seen = _moment(first_seen) if first_seen else close
    visible = seen if day <= seen < day + _LATE else close
    return min(close, visible), visible


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
