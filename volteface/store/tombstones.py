"""What was known once: items whose article was dropped must not come back as news while their feed lists them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from volteface.store.engine import chunks
from volteface.store.schema import tombstone as table

RENEWED = timedelta(days=1)
"""How often `listed` is written anew: no poll needs to write every old item that it meets."""

Identity = tuple[bytes, bytes]
"""Digests of guid and link."""


def dropped_before(connection: sa.Connection, feed: str, identities: Iterable[Identity], now: datetime) -> set[bytes]:
    """The guid digests among `identities` of items that were dropped, under this guid or under this link."""
    asked = list(identities)
    by_guid = _rows(connection, feed, table.c.guid_hash, [guid for guid, _ in asked])
    by_link = _rows(connection, feed, table.c.url_hash, [link for _, link in asked])
    found = {guid: by_guid.get(guid) or by_link.get(link) for guid, link in asked}
    rows = [row for row in found.values() if row is not None]
    _renew(connection, feed, {row.guid_hash for row in rows if row.listed < now - RENEWED}, now)
    return {guid for guid, row in found.items() if row is not None}


def _rows(
    connection: sa.Connection, feed: str, column: sa.Column[bytes], values: Sequence[bytes]
) -> dict[bytes, sa.Row[Any]]:
    found: dict[bytes, sa.Row[Any]] = {}
    for some in chunks(values):
        query = sa.select(column, table.c.guid_hash, table.c.listed).where(table.c.feed == feed, column.in_(some))
        found |= {row[0]: row for row in connection.execute(query)}
    return found


def _renew(connection: sa.Connection, feed: str, guids: set[bytes], now: datetime) -> None:
    for some in chunks(sorted(guids)):
        mine = (table.c.feed == feed) & table.c.guid_hash.in_(some)
        connection.execute(sa.update(table).where(mine).values(listed=now))
