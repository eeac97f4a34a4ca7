"""Messages on their way to their sink: claimed, then sent, put back or buried."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from volteface.store.codec import shift_from_json
from volteface.store.engine import Database
from volteface.store.records import PendingRow
from volteface.store.schema import alert
from volteface.store.schema import outbox as table
from volteface.types import OutboxItem

_UNSENT = table.c.sent_at.is_(None) & table.c.dead_at.is_(None)
_FREE = {"claimed_by": None, "claimed_until": None}


class Outbox:
    """One row for each alert. A row is held by at most one sender at a time, for as long as its lease."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, sender: str, now: datetime, lease_s: float = 120) -> OutboxItem | None:
        """Take the oldest message that may be sent now, or None.

        `attempts` counts this one. A message whose earlier sender let the lease run out comes back with
        `maybe_sent=True`: that sender may have died between sending and saying so.
        """
        with self._database.write() as connection:
            taken = connection.execute(_claim(sender, now, lease_s)).one_or_none()
            if taken is None:
                return None
            raised = connection.execute(sa.select(alert).where(alert.c.id == taken.alert_id)).one()
        return OutboxItem(
            id=taken.id,
            key=raised.key,
            shift=shift_from_json(raised.shift),
            blind=tuple(taken.blind),
            attempts=taken.attempts,
            maybe_sent=taken.maybe_sent,
        )

    def sent(self, item_id: int, *, receipt: str, now: datetime) -> None:
        """The message is in its sink. The first receipt stays."""
        values = {"sent_at": now, "receipt": receipt, "error": None, **_FREE}
        self._settle((table.c.id == item_id) & table.c.sent_at.is_(None), values)

    def retry(
        self,
        item_id: int,
        *,
        error: str,
        maybe_sent: bool,
        not_before: datetime,
        now: datetime,
        attempt: int | None = None,
    ) -> None:
        """Put the message back until `not_before`. Once it may have been sent, that stays true.

        With `attempt=item.attempts`, a sender whose lease ran out does not free what another holds by now.
        """
        doubt = sa.or_(table.c.maybe_sent, sa.literal(maybe_sent))
        values = {"error": error, "failed_at": now, "maybe_sent": doubt, "not_before": not_before, **_FREE}
        self._settle(_held(item_id, attempt), values)

    def bury(self, item_id: int, *, error: str, now: datetime, attempt: int | None = None) -> None:
        """Give the message up for good; it stays visible in `dead()`. `attempt` as in `retry`."""
        self._settle(_held(item_id, attempt), {"error": error, "failed_at": now, "dead_at": now, **_FREE})

    def pending(self) -> list[PendingRow]:
        """Messages still to be sent, the oldest first."""
        return self._rows(_UNSENT)

    def dead(self) -> list[PendingRow]:
        """Messages that were given up, the oldest first."""
        return self._rows(table.c.dead_at.is_not(None))

    def _settle(self, where: sa.ColumnElement[bool], values: dict[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(where).values(values))

    def _rows(self, where: sa.ColumnElement[bool]) -> list[PendingRow]:
        query = sa.select(table, alert.c.key, alert.c.shift, alert.c.created).join(alert).where(where)
        with self._database.read() as connection:
            return [_pending(row) for row in connection.execute(query.order_by(table.c.id))]


def _claim(sender: str, now: datetime, lease_s: float) -> sa.Executable:
    ready = sa.or_(table.c.not_before.is_(None), table.c.not_before <= now)
    free = sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until <= now)
    oldest = sa.select(table.c.id).where(_UNSENT, ready, free).order_by(table.c.id).limit(1)
    # SQLite has one writer at a time and leaves SKIP LOCKED out; PostgreSQL needs it lest two senders pick one row.
    mine = table.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery()
    values = {
        "claimed_by": sender,
        "claimed_until": now + timedelta(seconds=lease_s),
        "attempts": table.c.attempts + 1,
        "maybe_sent": sa.or_(table.c.maybe_sent, table.c.claimed_by.is_not(None)),
    }
    return sa.update(table).where(mine).values(values).returning(table)


def _held(item_id: int, attempt: int | None) -> sa.ColumnElement[bool]:
    held = (table.c.id == item_id) & _UNSENT
    return held if attempt is None else held & (table.c.attempts == attempt)


_PENDING = tuple(PendingRow.__dataclass_fields__)


def _pending(row: sa.Row[Any]) -> PendingRow:
    columns = {name: row._mapping[name] for name in _PENDING}
    return PendingRow(**(columns | {"shift": shift_from_json(row.shift)}))
