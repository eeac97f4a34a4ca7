"""The past of a desk: articles of an archive with their readings, as if each had been read and detected in its time.

Nothing of it is ever in a queue, so no step takes it up, and nothing old is told. It has no signature either: an
archive must not make a live article a copy that nobody reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from volteface.store.arrivals import digest, unknown_rows
from volteface.store.codec import evidence_from_json
from volteface.store.engine import DETECT, Database, chunks
from volteface.store.ledger import to_row
from volteface.store.schema import article, reading, standing
from volteface.types import NewArticle, Reading, Standing

Name = tuple[str, str]
"""A feed's id and an article's guid in it."""
CONFIGURED = "config"
"""The outlet of the evidence that a starting position of the config rests on."""


@dataclass(frozen=True, slots=True)
class PastArticle:
    """An article of the past, and what came of it."""

    article: NewArticle
    """Its feed is known to the store (`Feeds.sync` or `Feeds.rest`)."""
    origin: Name | None = None
    """The article that had the story first; None where that is itself."""
    readings: tuple[Reading, ...] = ()
    note: str = ""
    """Why nothing was read, in words, where nothing was: `language fa`, `copy`."""

    @property
    def name(self) -> Name:
        """Its own."""
        return self.article.feed, self.article.guid


class History:
    """Writes what was; reading it is `Readings.history`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, past: Sequence[PastArticle], now: datetime) -> tuple[int, int]:
        """Keep those that the store has never had, as read and detected `now`: how many articles, and readings.

        An origin that the store does not have leaves the article its own. Raises StoreError; then nothing was saved.
        """
        by_name = {one.name: one for one in past}
        with self._database.write() as connection:
            new = [by_name[name] for name in _insert(connection, by_name, now)]
            ids = _ids(connection, {name for one in new for name in (one.name, one.origin) if name})
            rows = [_reading(ids[one.name], found, now) for one in new for found in one.readings]
            for one in new:
                origin = ids.get(one.origin or one.name, ids[one.name])
                values = {"origin_id": origin, "note": one.note}
                connection.execute(sa.update(article).where(article.c.id == ids[one.name]).values(values))
            if rows:
                connection.execute(sa.insert(reading), rows)
        return len(new), len(rows)

    def stand(self, standings: Iterable[Standing]) -> int:
        """Put these in place of positions that are missing or rest on the config alone; how many that were.

        What any reading has confirmed or moved stays as it is.
        """
        rows, placed = [to_row(one) for one in standings], 0
        with self._database.write() as connection:
            self._database.alone(connection, DETECT)
            for row in rows:
                if _is_open(connection, row):
                    mine = (standing.c.holder == row["holder"]) & (standing.c.axis == row["axis"])
                    connection.execute(sa.delete(standing).where(mine))
                    connection.execute(sa.insert(standing).values(row))
                    placed += 1
        return placed


def _insert(connection: sa.Connection, past: dict[Name, PastArticle], now: datetime) -> list[Name]:
    """Insert what is new, feed by feed; the names of that."""
    feeds: defaultdict[str, list[NewArticle]] = defaultdict(list)
    for one in past.values():
        feeds[one.article.feed].append(one.article)
    rows = [row for feed, articles in feeds.items() for row in unknown_rows(connection, feed, articles)]
    if rows:
        connection.execute(sa.insert(article), [row | {"text_at": row["seen"], "read_at": now} for row in rows])
    return [(row["feed"], row["guid"]) for row in rows]


def _ids(connection: sa.Connection, names: Iterable[Name]) -> dict[Name, int]:
    """The article numbers of those that the store has."""
    found: dict[Name, int] = {}
    guids: defaultdict[str, list[str]] = defaultdict(list)
    for feed, guid in names:
        guids[feed].append(guid)
    for feed, of_feed in guids.items():
        for some in chunks([digest(guid) for guid in of_feed]):
            query = sa.select(article.c.guid, article.c.id).where(article.c.feed == feed, article.c.guid_hash.in_(some))
            found |= {(feed, row.guid): row.id for row in connection.execute(query)}
    return found


def _reading(article_id: int, found: Reading, now: datetime) -> dict[str, Any]:
    return asdict(found) | {"mode": found.mode.value, "article_id": article_id, "detected_at": now}


def _is_open(connection: sa.Connection, row: dict[str, Any]) -> bool:
    """Whether no reading has touched the position."""
    mine = (standing.c.holder == row["holder"]) & (standing.c.axis == row["axis"])
    query = sa.select(standing.c.evidence, standing.c.pending, standing.c.members).where(mine)
    known = connection.execute(query).one_or_none()
    if known is None:
        return True
    # A committee keeps its ledgers from the first reading that any of them takes on.
    evidence = (*evidence_from_json(known.evidence), *evidence_from_json(known.pending))
    return known.members is None and all(piece.outlet == CONFIGURED for piece in evidence)
