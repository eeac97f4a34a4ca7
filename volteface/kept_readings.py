"""Readings of an archive, computed once and kept in a file: reading takes minutes, everything after it seconds.

The file is JSON lines: a header with the digest of what the readings depend on, then one line a document. Readings of
another digest are not used: the file is started afresh.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from volteface.errors import VoltefaceError
from volteface.types import Document, Mode, Reader, Reading

_FORMAT = "volteface readings 1"


class KeptReader:
    """A Reader that looks into the file first, and adds to it what it had to read.

    `build` makes the true reader, and is called only if a document is not in the file. The constructor raises
    VoltefaceError where `path` holds something else: somebody's file is not overwritten by a slip of the pen.
    """

    def __init__(self, path: Path, digest: str, build: Callable[[], Reader]) -> None:
        self.name = f"kept {digest[:8]}"
        self._path, self._build = path, build
        self._reader: Reader | None = None
        self._known = dict(_load(path, digest))
        if not self._known:
            path.write_text(json.dumps({"format": _FORMAT, "digest": digest}) + "\n", encoding="utf8")

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """As `volteface.types.Reader.read`."""
        unknown = [d for d in dict.fromkeys(documents) if not self.knows(d)]
        if unknown:
            self._learn(unknown)
        return [tuple(_reading(document, row) for row in self._known[key_of(document)]) for document in documents]

    def knows(self, document: Document) -> bool:
        """Whether its readings are in the file."""
        return key_of(document) in self._known

    def _learn(self, documents: Sequence[Document]) -> None:
        if self._reader is None:
            self._reader = self._build()
        self.keep(documents, self._reader.read(documents))

    def keep(self, documents: Sequence[Document], readings: Sequence[tuple[Reading, ...]]) -> None:
        """Add what was read of some documents, one tuple each; from then on they are known."""
        found = [
            (key_of(document), [_row(reading) for reading in of_document])
            for document, of_document in zip(documents, readings, strict=True)
        ]
        with self._path.open("a", encoding="utf8") as file:
            file.write("\n")  # so that a line that was cut off spoils no other
            file.writelines(json.dumps(row) + "\n" for row in found)
        self._known.update(found)


def _load(path: Path, digest: str) -> Iterator[tuple[str, list[Any]]]:
    if not path.exists() or not path.stat().st_size:
        return
    with path.open(encoding="utf8", errors="replace") as lines:
        if _header(path, next(lines))["digest"] != digest:
            return
        for line in lines:
            with suppress(ValueError):  # a line that a run began and did not live to finish
                key, rows = json.loads(line)
                yield key, rows


def _header(path: Path, line: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(line)
        if header["format"] == _FORMAT:
            return header
    except (ValueError, KeyError, TypeError):
        pass
    raise VoltefaceError(f"{path} exists and is no file of readings: name another file, or delete it")


def key_of(document: Document) -> str:
    """What a document is known by in the file: a digest of all that its readings depend on, 32 characters."""
    published = document.published.isoformat() if document.published else ""
    parts = (document.text, document.title, document.outlet, published)
    return hashlib.sha256("\x1f".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def _row(reading: Reading) -> list[Any]:
    # The quote is a span of the document and need not be kept: no publisher's text lies in this file.
    return [
        reading.holder,
        reading.axis,
        float(reading.stance),
        reading.mode.value,
        int(reading.start),
        int(reading.end),
        float(reading.confidence),
        reading.person,
    ]


def _reading(document: Document, row: Sequence[Any]) -> Reading:
    holder, axis, stance, mode, start, end, confidence, person = row
    quote = document.text[start:end]
    return Reading(holder, axis, stance, Mode(mode), quote, start, end, confidence, person)
