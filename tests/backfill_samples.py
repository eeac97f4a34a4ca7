"""An archive in words of our own, and readers of it that worker processes can import."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fakes import MarkedReader

from volteface.config import Config
from volteface.types import Document, Reader, Reading

SPRING = datetime(2025, 3, 3, 6, tzinfo=UTC)


def past_item(number: int, text: str, at: datetime, **more: Any) -> dict[str, Any]:
    """A line of an archive."""
    plain = {"id": f"item{number}", "outlet": f"Outlet {number % 5}", "url": f"https://example.org/{number}"}
    title = f"Headline{number} about{number} something{number} else{number}"
    return plain | {"published": at.isoformat(), "title": title, "text": text, "lang": "en"} | more


def write_archive(path: Path, items: Sequence[dict[str, Any]]) -> Path:
    """One item a line."""
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf8")
    return path


def long_archive(path: Path, number: int) -> Path:
    """Items in order of time, half an hour apart; every third of them says something."""
    marks = (" {us_president sanctions -0.7 act 0.9}", "", "")
    items = [
        past_item(
            n, f"Report {n} from the harbour, the {n}. of the year.{marks[n % 3]}", SPRING + timedelta(hours=n / 2)
        )
        for n in range(number)
    ]
    return write_archive(path, items)


class LoggedReader(MarkedReader):
    """A reader that takes its time, and notes in a folder which process built it and what that read."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._note = folder / f"{os.getpid()}.read"
        with self._note.open("a", encoding="utf8") as note:
            note.write("built\n")

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """As `volteface.types.Reader.read`."""
        time.sleep(0.3)
        with self._note.open("a", encoding="utf8") as note:
            note.write(f"{len(documents)} documents\n")
        return super().read(documents)


def logged_reader(config: Config) -> Reader:
    """Builds a `LoggedReader` that writes beside the config's database."""
    return LoggedReader(Path(config.database.removeprefix("sqlite:///")).parent)


class DeadlyReader(MarkedReader):
    """A reader that a certain word kills, with its process."""

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """As `volteface.types.Reader.read`."""
        if any("poison" in document.text for document in documents):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(documents)


def deadly_reader(config: Config) -> Reader:
    """Builds a `DeadlyReader`."""
    return DeadlyReader()
