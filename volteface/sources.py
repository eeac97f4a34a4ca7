"""What can be polled, kind by kind: each asks its source and gives what that holds now. A new kind is a row of KINDS.

The address in config.yaml tells the kind: `https://...` is a feed, a JSON Feed, a sitemap or an index of sitemaps, told
apart by their content; `path:FOLDER` is a folder of documents. All keep the same limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain

from volteface.dates import EARLIEST
from volteface.entries import MAX_ENTRIES, distinct
from volteface.errors import FetchError, WorkerError
from volteface.feed_types import Fetched, ParsedFeed
from volteface.fetch import Web
from volteface.folder import DocumentFile, folder_of, list_documents, listing, read_document
from volteface.parse import parse_feed
from volteface.schedule import body_hash
from volteface.workers import Workers


@dataclass(frozen=True, slots=True)
class Asked:
    """A source's address, and what is known of its last answer."""

    url: str
    etag: str | None = None
    modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a kind may use: the web within its limits, and processes for hostile input."""

    web: Web
    workers: Workers


Answer = tuple[Fetched, ParsedFeed | None]
"""What came, and what it holds; None where there is nothing new to parse."""


async def read_source(asked: Asked, reach: Reach) -> Answer:
    """Ask a source once. Raises FetchError where it cannot be reached, WorkerError where it cannot be parsed."""
    return await KINDS[asked.url.partition(":")[0].lower()](asked, reach)


async def _from_web(asked: Asked, reach: Reach) -> Answer:
    fetched = await reach.web.get(asked.url, etag=asked.etag, modified=asked.modified)
    if fetched.status == 304 or body_hash(fetched.body) == asked.body_hash:
        return fetched, None
    parsed = await _parse(fetched, reach)
    if parsed.follow:
        return await _follow(asked, fetched, parsed, reach)
    return fetched, _with_dates(parsed)


async def _parse(fetched: Fetched, reach: Reach) -> ParsedFeed:
    return await reach.workers.run(parse_feed, fetched.body, fetched.url, fetched.headers.get("content-type"))


async def _follow(asked: Asked, fetched: Fetched, index: ParsedFeed, reach: Reach) -> Answer:
    """The newest sitemaps of an index as one. One that fails is left out, and the index asked in full next time."""
    answers = await asyncio.gather(*map(reach.web.get, index.follow), return_exceptions=True)
    got = [answer for answer in answers if isinstance(answer, Fetched)]
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    if not got or not all(isinstance(error, FetchError) for error in failed):
        raise failed[0]
    if failed or not index.dated:  # what it points to may change while the index itself does not
        fetched = replace(fetched, headers=_without_validators(fetched.headers))
    fetched = replace(fetched, body=b"\n".join([fetched.body, *(answer.body for answer in got)]))
    if body_hash(fetched.body) == asked.body_hash:
        return fetched, None
    parts = await asyncio.gather(*(_parse(answer, reach) for answer in got))
    return fetched, _with_dates(_merged("sitemap", parts))


def _without_validators(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("etag", "last-modified")}


def _merged(kind: str, parts: Iterable[ParsedFeed]) -> ParsedFeed:
    """Several documents as one, the newest 2,000 entries first; refused only where all are, with the first's reason."""
    parts = list(parts)
    taken = [part for part in parts if part.reason is None]
    if parts and not taken:
        return ParsedFeed("", reason=parts[0].reason)
    entries = distinct(chain.from_iterable(part.entries for part in taken))
    newest = sorted(entries, key=lambda entry: entry.published or EARLIEST, reverse=True)[:MAX_ENTRIES]
    whole = all(part.whole for part in parts)
    return ParsedFeed(kind, tuple(newest), items=sum(part.items for part in taken), whole=whole)


def _with_dates(parsed: ParsedFeed) -> ParsedFeed:
    """A sitemap's entries that have a date: it lists all of a site's pages, and only dates tell which are new."""
    if parsed.format != "sitemap":
        return parsed
    dated = tuple(entry for entry in parsed.entries if entry.published)
    if parsed.entries and not dated:
        return ParsedFeed("", reason="a sitemap without dates, so that new pages cannot be told from old ones")
    return replace(parsed, entries=dated)


async def _from_folder(asked: Asked, reach: Reach) -> Answer:
    try:
        documents = await asyncio.to_thread(list_documents, folder_of(asked.url))
    except OSError as error:
        raise FetchError(f"{error.strerror or error}: {asked.url}", transient=False) from error
    fetched = Fetched(200, asked.url, listing(documents), {})
    if body_hash(fetched.body) == asked.body_hash:
        return fetched, None
    parts = await asyncio.gather(*(_document(document, reach) for document in documents))
    return fetched, _merged("folder", parts)


async def _document(document: DocumentFile, reach: Reach) -> ParsedFeed:
    try:
        return await reach.workers.run(read_document, document)
    except WorkerError as error:  # perhaps for want of time or memory: the folder is read anew next time
        return ParsedFeed("", reason=str(error), whole=False)


KINDS: dict[str, Callable[[Asked, Reach], Awaitable[Answer]]] = {
    "https": _from_web,
    "http": _from_web,
    "path": _from_folder,
}
