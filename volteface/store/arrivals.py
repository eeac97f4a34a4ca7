"""Taking a feed's articles in: new, edited, or known.

An article is known by its feed and guid, or by its feed and URL together with its headline or its date (publishers
change guids; a channel's or a live page's one address carries many items). When title or text changed since, the
article is *edited*: it takes the new text, its `revision` goes up by one, and it is read again. Readings of the old
text that no detector saw are deleted. Readings that were detected stay: they are in the ledger already, and
`Articles.save_read` does not add the same ones again. What housekeeping dropped is known, too, and stays dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from volteface.store.engine import chunks
from volteface.store.records import PollSaved
from volteface.store.schema import article as table
from volteface.store.schema import reading
from volteface.store.tombstones import dropped_before
from volteface.types import NewArticle

MAX_EDITS = 24
"""Some feeds carry a counter or a clock in their text: after so many edits the article is left as it is."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    article: NewArticle
    guid_hash: bytes
    url_hash: bytes
    content_hash: bytes


def save_arrivals(connection: sa.Connection, feed: str, articles: Sequence[NewArticle]) -> PollSaved:
    """Insert or update one feed's articles. Within one batch the first of two with the same identity counts."""
    arrivals = _distinct(articles)
    known = _known(connection, feed, arrivals)
    edits = [(arrival, row) for arrival, row in known if _differs(arrival, row)]
    new = _new_rows(connection, feed, arrivals, known)
    if new:
        connection.execute(sa.insert(table), new)
    for arrival, row in edits:
        _edit(connection, arrival, row)
    return PollSaved(new=len(new), edited=len(edits), known=len(articles) - len(new) - len(edits))


def unknown_rows(connection: sa.Connection, feed: str, articles: Sequence[NewArticle]) -> list[dict[str, Any]]:
    """Rows for those of one feed's articles that were never taken; the others are left as they are."""
    arrivals = _distinct(articles)
    return _new_rows(connection, feed, arrivals, _known(connection, feed, arrivals))


def _new_rows(
    connection: sa.Connection, feed: str, arrivals: Sequence[_Arrival], known: Sequence[tuple[_Arrival, sa.Row[Any]]]
) -> list[dict[str, Any]]:
    matched = {arrival.guid_hash for arrival, _ in known}
    unknown = [arrival for arrival in arrivals if arrival.guid_hash not in matched]
    return [_row(arrival, feed) for arrival in _undropped(connection, feed, unknown)]


def count_known(connection: sa.Connection, feed: str, articles: Sequence[NewArticle]) -> int:
    """How many of one feed's articles were taken before, dropped ones among them."""
    arrivals = _distinct(articles)
    matched = {arrival.guid_hash for arrival, _ in _known(connection, feed, arrivals)}
    unknown = [arrival for arrival in arrivals if arrival.guid_hash not in matched]
    return len(arrivals) - len(_undropped(connection, feed, unknown))


def _distinct(articles: Sequence[NewArticle]) -> list[_Arrival]:
    titles: defaultdict[str, set[str]] = defaultdict(set)
    for article in articles:
        titles[article.url].add(article.title)
    arrivals: dict[bytes, _Arrival] = {}
    links: set[bytes] = set()
    for article in articles:
        # One link under several headlines is the publisher's front page, not an article.
        arrival = _arrival(article, linked=bool(article.url) and len(titles[article.url]) == 1)
        if arrival.guid_hash not in arrivals and arrival.url_hash not in links:
            arrivals[arrival.guid_hash] = arrival
            links.add(arrival.url_hash)
    return list(arrivals.values())


def _arrival(article: NewArticle, *, linked: bool) -> _Arrival:
    link = f"link {article.url}" if linked else f"guid {article.guid}"
    content = f"{' '.join(article.title.split())}\n{' '.join(article.text.split())}"
    return _Arrival(article, digest(article.guid), digest(link), digest(content))


def digest(text: str) -> bytes:
    """What an article's guid, link or content is known by, 16 bytes."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _known(connection: sa.Connection, feed: str, arrivals: Sequence[_Arrival]) -> list[tuple[_Arrival, sa.Row[Any]]]:
    """Each arrival that is known, with its row; no row twice. Where guid and link disagree, the guid decides."""
    by_guid = _rows_by(connection, feed, table.c.guid_hash, [arrival.guid_hash for arrival in arrivals])
    by_link = _rows_by(connection, feed, table.c.url_hash, [arrival.url_hash for arrival in arrivals])
    found = [(arrival, by_guid[arrival.guid_hash][0]) for arrival in arrivals if arrival.guid_hash in by_guid]
    taken = {row.id for _, row in found}
    for arrival in arrivals:
        if arrival.guid_hash in by_guid:
            continue
        same = (row for row in by_link.get(arrival.url_hash, ()) if row.id not in taken and _same(arrival, row))
        if row := next(same, None):
            found.append((arrival, row))
            taken.add(row.id)
    return found


def _same(arrival: _Arrival, row: sa.Row[Any]) -> bool:
    """Whether an item with a known address and another guid is the known article."""
    return bool(row.title == arrival.article.title or row.published == arrival.article.published)


def _rows_by(
    connection: sa.Connection, feed: str, column: sa.Column[bytes], values: Sequence[bytes]
) -> dict[bytes, list[sa.Row[Any]]]:
    found: defaultdict[bytes, list[sa.Row[Any]]] = defaultdict(list)
    columns = (table.c.id, table.c.content_hash, table.c.revision, table.c.title, table.c.published)
    for some in chunks(values):
        query = sa.select(column, *columns).where(table.c.feed == feed, column.in_(some))
        for row in connection.execute(query.order_by(table.c.id)):
            found[row[0]].append(row)
    return found


def _undropped(connection: sa.Connection, feed: str, arrivals: Sequence[_Arrival]) -> list[_Arrival]:
    if not arrivals:
        return []
    seen = arrivals[0].article.seen  # one poll, one moment
    dropped = dropped_before(connection, feed, ((a.guid_hash, a.url_hash) for a in arrivals), seen)
    return [arrival for arrival in arrivals if arrival.guid_hash not in dropped]


def _differs(arrival: _Arrival, row: sa.Row[Any]) -> bool:
    return bool(row.content_hash != arrival.content_hash and row.revision < MAX_EDITS)


def _row(arrival: _Arrival, feed: str) -> dict[str, Any]:
    article = arrival.article
    return _content(arrival) | {
        "feed": feed,
        "guid": article.guid,
        "guid_hash": arrival.guid_hash,
        "published": article.published,
        "seen": article.seen,
        "revision": 0,
    }


def _content(arrival: _Arrival) -> dict[str, Any]:
    article = arrival.article
    return {
        "url": article.url,
        "url_hash": arrival.url_hash,
        "content_hash": arrival.content_hash,
        "title": article.title,
        "text": article.text,
        "text_source": article.text_source.value,
        "lang": article.lang,
        "opinion": article.opinion,
        "stale": article.stale,
        "text_at": article.seen if article.complete else None,
        "note": "",
    }


def _edit(connection: sa.Connection, arrival: _Arrival, row: sa.Row[Any]) -> None:
    # `published` stays: an edit does not make old news new. What only the edit says was seen at `edited_at`.
    values = _content(arrival) | {
        "revision": row.revision + 1,
        "edited_at": arrival.article.seen,
        "read_at": None,
    }
    connection.execute(sa.update(table).where(table.c.id == row.id).values(values))
    undetected = (reading.c.article_id == row.id) & reading.c.detected_at.is_(None)
    connection.execute(sa.delete(reading).where(undetected))
