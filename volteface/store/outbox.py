"""Messages on their way to their sink: claimed, then sent, put back or buried."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from volteface.alert_types import AlertChange, OutboxItem
from volteface.store.alerts import story_of
from volteface.store.codec import shift_from_json
from volteface.store.engine import Database
from volteface.store.records import PendingRow
from volteface.store.schema import alert, alert_change, verdict
from volteface.store.schema import outbox as table
from volteface.verdicts import VerdictKind

_UNSENT = table.c.sent_at.is_(None) & table.c.dead_at.is_(None)
_FREE = {"claimed_by": None, "claimed_until": None}


class Outbox:
    """One row for each alert and for each change of one. A row is held by at most one sender at a time, for as long as
    its lease, and a change is sent only when everything before it of the same alert was sent or given up."""

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
            return _item(connection, taken)

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
        values["refused_since"] = sa.func.coalesce(table.c.refused_since, sa.literal(now, table.c.failed_at.type))
        self._settle(_held(item_id, attempt), values)

    def defer(self, item_id: int, *, not_before: datetime, attempt: int, why: str | None = None) -> None:
        """Leave the message until `not_before` on purpose: nothing was tried and nothing failed."""
        values = {"not_before": not_before, "error": why, "attempts": table.c.attempts - 1, **_FREE}
        self._settle(_held(item_id, attempt), values)

    def bury(self, item_id: int, *, error: str, now: datetime, attempt: int | None = None) -> None:
        """Give the message up for good; it stays visible in `dead()`. `attempt` as in `retry`."""
        self._settle(_held(item_id, attempt), {"error": error, "failed_at": now, "dead_at": now, **_FREE})

    def take_for_fallback(self, item_id: int, now: datetime) -> OutboxItem | None:
        """Mark an unsent message as told by the fall-back; None where it is already, or was sent in the meantime."""
        mine = (table.c.id == item_id) & _UNSENT & table.c.fallback_at.is_(None)
        with self._database.write() as connection:
            query = sa.update(table).where(mine).values(fallback_at=now).returning(table)
            taken = connection.execute(query).one_or_none()
            return None if taken is None else _item(connection, taken)

    def fallback_failed(self, item_id: int) -> None:
        """The fall-back did not take it: it may be tried again."""
        self._settle(table.c.id == item_id, {"fallback_at": None})

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
        # An alert's own message is as old as the alert, a change or a verdict is not.
        told = sa.func.coalesce(verdict.c.at, alert_change.c.at).label("told")
        query = (
            sa.select(table, alert.c.key, alert.c.shift, alert.c.created, told, _acknowledged().label("acknowledged"))
            .join_from(table, alert)
            .outerjoin(alert_change, _same_step(alert_change))
            .outerjoin(verdict, _same_step(verdict))
            .where(where)
        )
        with self._database.read() as connection:
            return [_pending(row) for row in connection.execute(query.order_by(table.c.id))]


def _item(connection: sa.Connection, taken: sa.Row[Any]) -> OutboxItem:
    raised = connection.execute(sa.select(alert).where(alert.c.id == taken.alert_id)).one()
    post = connection.execute(sa.select(table).where(table.c.alert_id == taken.alert_id, table.c.number == 0)).one()
    changes = story_of(connection, [taken.alert_id])[taken.alert_id]
    change = next((c for c in changes if c.number == taken.number), None)
    return OutboxItem(
        id=taken.id,
        key=_key(raised.key, change),
        shift=shift_from_json(raised.shift),
        blind=tuple(post.blind),
        attempts=taken.attempts,
        maybe_sent=taken.maybe_sent,
        changes=changes,
        change=change,
        parent=post.receipt if change else None,
        fallback_at=taken.fallback_at,
    )


def _key(alert_key: str, change: AlertChange | None) -> str:
    return f"{alert_key}#{change.number}" if change else alert_key


def _claim(sender: str, now: datetime, lease_s: float) -> sa.Executable:
    ready = sa.or_(table.c.not_before.is_(None), table.c.not_before <= now)
    free = sa.or_(table.c.claimed_until.is_(None), table.c.claimed_until <= now)
    oldest = sa.select(table.c.id).where(_UNSENT, ready, free, ~_behind()).order_by(table.c.id).limit(1)
    # SQLite has one writer at a time and leaves SKIP LOCKED out; PostgreSQL needs it lest two senders pick one row.
    mine = table.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery()
    values = {
        "claimed_by": sender,
        "claimed_until": now + timedelta(seconds=lease_s),
        "attempts": table.c.attempts + 1,
        "maybe_sent": sa.or_(table.c.maybe_sent, table.c.claimed_by.is_not(None)),
    }
    return sa.update(table).where(mine).values(values).returning(table)


def _behind() -> sa.ColumnElement[bool]:
    """Whether something of the same alert still has to go first."""
    first = table.alias()
    same = (first.c.alert_id == table.c.alert_id) & (first.c.number < table.c.number)
    return sa.exists().where(same, first.c.sent_at.is_(None), first.c.dead_at.is_(None))


def _held(item_id: int, attempt: int | None) -> sa.ColumnElement[bool]:
    held = (table.c.id == item_id) & _UNSENT
    return held if attempt is None else held & (table.c.attempts == attempt)


_PENDING = tuple(PendingRow.__dataclass_fields__)


def _pending(row: sa.Row[Any]) -> PendingRow:
    columns = {name: row._mapping[name] for name in _PENDING}
    created = max(row.created, row.told or row.created)
    return PendingRow(**(columns | {"shift": shift_from_json(row.shift), "created": created}))


def _acknowledged() -> sa.ColumnElement[bool]:
    later = verdict.alias()
    seen = sa.exists().where(later.c.alert_id == table.c.alert_id, later.c.at >= table.c.dead_at)
    # An acknowledgement that could not be told calls for none: where nothing passes, each would bring the next.
    return sa.or_(seen, sa.func.coalesce(verdict.c.verdict, "") == VerdictKind.ACKNOWLEDGED.value)


def _same_step(story: sa.Table) -> sa.ColumnElement[bool]:
    return (story.c.alert_id == table.c.alert_id) & (story.c.number == table.c.number)
