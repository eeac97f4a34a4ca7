"""How much of everything there is: cheap enough to be asked every few seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from volteface.store.engine import Database
from volteface.store.schema import alert, article, outbox, reading


@dataclass(frozen=True, slots=True)
class Queue:
    """Work that waits."""

    count: int = 0
    oldest: datetime | None = None
    """When the oldest of it was first seen."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the store holds."""

    articles: int
    readings: int
    wanting_text: Queue
    wanting_reading: Queue
    undetected: int
    """Readings that no detector has seen."""
    alerts: Mapping[str, int]
    """By state."""
    delivered: int
    dead: int


class Census:
    """Counts over the whole store. One consistent view a call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def totals(self) -> Totals:
        """Everything at once."""
        with self._database.read() as connection:
            return Totals(
                articles=_number(connection, article),
                readings=_number(connection, reading),
                wanting_text=_queue(connection, article.c.text_at.is_(None)),
                wanting_reading=_queue(connection, article.c.read_at.is_(None) & article.c.text_at.is_not(None)),
                undetected=_number(connection, reading, reading.c.detected_at.is_(None)),
                alerts=_states(connection),
                delivered=_number(connection, outbox, outbox.c.sent_at.is_not(None)),
                dead=_number(connection, outbox, outbox.c.dead_at.is_not(None)),
            )


def _number(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


def _queue(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Queue:
    row: Any = connection.execute(sa.select(sa.func.count(), sa.func.min(article.c.seen)).where(where)).one()
    return Queue(*row)


def _states(connection: sa.Connection) -> dict[str, int]:
    rows = connection.execute(sa.select(alert.c.state, sa.func.count()).group_by(alert.c.state)).tuples()
    return dict(sorted(rows.all()))
