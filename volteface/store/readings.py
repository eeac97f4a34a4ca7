"""Readings on their way to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from volteface.alert_types import Alert
from volteface.errors import StoreError
from volteface.store.alerts import keep_current, raise_alert
from volteface.store.engine import DETECT, Database, chunks
from volteface.store.ledger import to_row
from volteface.store.schema import article, feed, standing
from volteface.store.schema import reading as table
from volteface.types import Mode, Observation, Shift, Standing

# What a revision says that no earlier one said became visible with the edit.
_SEEN = sa.func.coalesce(article.c.edited_at, article.c.seen, type_=article.c.seen.type)
_COLUMNS = (
    table.c.id.label("reading_id"),
    table.c.holder,
    table.c.axis,
    table.c.stance,
    table.c.mode,
    table.c.confidence,
    table.c.quote,
    table.c.person,
    table.c.article_id,
    sa.func.coalesce(article.c.origin_id, article.c.id).label("origin_id"),
    feed.c.outlet,
    feed.c.family,
    article.c.url,
    article.c.published,
    _SEEN.label("seen"),
    table.c.start,
)


class Readings:
    """What articles say, and what detection made of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def undetected(self, limit: int) -> list[Observation]:
        """Readings that no detector has seen, by (seen, published, id)."""
        query = (
            sa.select(*_COLUMNS)
            .join_from(table, article)
            .join(feed)
            .where(table.c.detected_at.is_(None))
            .order_by(_SEEN, article.c.published, article.c.id, table.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_observation(row) for row in connection.execute(query)]

    def history(self, holder: str, axis: str, since: datetime, until: datetime) -> list[Observation]:
        """What was read of a holder on an axis in articles published between the two times, the oldest first."""
        query = (
            sa.select(*_COLUMNS)
            .join_from(table, article)
            .join(feed)
            .where(table.c.holder == holder, table.c.axis == axis, article.c.published.between(since, until))
            .order_by(article.c.published, article.c.id, table.c.id)
        )
        with self._database.read() as connection:
            return [_observation(row) for row in connection.execute(query)]

    def save_detection(
        self,
        reading_ids: Sequence[int],
        standings: Iterable[Standing],
        shifts: Sequence[tuple[Shift, tuple[str, ...]]],
        now: datetime,
        changed: Sequence[Alert] = (),
    ) -> int:
        """Keep the outcome of one round of detection: all of it, or (StoreError) nothing.

        Returns the number of new alerts, each with its outbox row; a shift whose key is known makes none. `changed` are
        alerts, those of `shifts` among them, as they stand after this round; each change that the store does not know
        gets an outbox row. Raises StoreError where any of the readings was detected or edited away in the meantime: the
        ledger that this outcome stands on may be out of date, so the caller starts again from `undetected()`,
        `ledger.of()` and `alerts.open()`, in this order.
        """
        ids = sorted(set(reading_ids))
        with self._database.write() as connection:
            self._database.alone(connection, DETECT)
            marked = sum(_mark(connection, some, now) for some in chunks(ids))
            if marked != len(ids):
                raise StoreError(
                    f"{len(ids) - marked} of {len(ids)} readings were taken by another detector or edited away in the "
                    "meantime: nothing was saved; run detect again"
                )
            for row in map(to_row, standings):
                self._upsert(connection, row)
            raised = sum(raise_alert(self._database, connection, shift, blind, now) for shift, blind in shifts)
            for alert in changed:
                keep_current(self._database, connection, alert, now)
            return raised

    def _upsert(self, connection: sa.Connection, row: dict[str, Any]) -> None:
        insert = self._database.insert(standing).values(row)
        connection.execute(insert.on_conflict_do_update(index_elements=["holder", "axis"], set_=row))


def _mark(connection: sa.Connection, ids: Sequence[int], now: datetime) -> int:
    waiting = table.c.id.in_(ids) & table.c.detected_at.is_(None)
    return connection.execute(sa.update(table).where(waiting).values(detected_at=now)).rowcount


def _observation(row: sa.Row[Any]) -> Observation:
    return Observation(**(dict(row._mapping) | {"mode": Mode(row.mode)}))
