"""A folder of documents as a source: feeds, HTML pages and plain texts that something else puts there.

A document is identified by its name, so that one written anew under its name is an edit. Names that start with a dot
are left alone: write there first and rename, and no half-written document is read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from volteface.entries import MAX_ENTRIES, clean_entry
from volteface.feed_types import Entry, ParsedFeed
from volteface.page import extract_page
from volteface.parse import MAX_BODY, parse_feed

_TEXTS = (".txt", ".text", ".md")


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file of a polled folder."""

    path: str
    name: str
    size: int
    """Bytes."""
    modified: datetime


def folder_of(url: str) -> Path:
    """The folder (or file) that `path:FOLDER` names; a relative one is below the working folder."""
    return Path(url.partition(":")[2])


def list_documents(folder: Path) -> list[DocumentFile]:
    """The 2,000 newest files of a folder itself (not of folders in it; links are not followed), newest first.

    Of a path that is a file, that file. Raises OSError.
    """
    if folder.is_file():
        status = folder.stat()
        return [DocumentFile(str(folder), folder.name, status.st_size, _moment(status.st_mtime))]
    with os.scandir(folder) as found:
        documents = [_document(entry) for entry in found if _counts(entry)]
    return sorted(documents, key=lambda document: (document.modified, document.name), reverse=True)[:MAX_ENTRIES]


def listing(documents: Sequence[DocumentFile]) -> bytes:
    """Bytes that change when a document comes, goes or changes."""
    lines = (f"{document.name} {document.size} {document.modified.isoformat()}" for document in documents)
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def read_document(document: DocumentFile) -> ParsedFeed:
    """One document's entries: a feed's, or one of a page or of a text (its first line is the title).

    Runs in a worker process. A date that the document does not have is that of the file.
    """
    if document.size > MAX_BODY:
        return ParsedFeed("", reason=f"more than {MAX_BODY:,} bytes")
    body = Path(document.path).read_bytes()
    if document.name.lower().endswith(_TEXTS):
        return _one("text", _text(document, body))
    feed = parse_feed(body, "")
    if feed.reason is None or "HTML" not in feed.reason:
        return feed
    page = extract_page(body, "")
    if page.reason:
        return ParsedFeed("", reason=page.reason)
    entry = clean_entry(
        "",
        guid=document.name,
        url=page.url,
        title=page.title,
        content=page.text,
        published=page.published or document.modified,
    )
    return _one("html", entry)


def _one(kind: str, entry: Entry | None) -> ParsedFeed:
    return ParsedFeed(kind, (entry,) if entry else (), items=1)


def _text(document: DocumentFile, body: bytes) -> Entry | None:
    title, _, text = body.decode("utf-8", "replace").strip().partition("\n")
    return clean_entry("", guid=document.name, title=title, content=text, published=document.modified)


def _counts(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)


def _document(entry: os.DirEntry[str]) -> DocumentFile:
    status = entry.stat(follow_symlinks=False)
    return DocumentFile(entry.path, entry.name, status.st_size, _moment(status.st_mtime))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
