"""The alerts that were ever raised, whether or not they were delivered, and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from volteface import verdicts
from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.store.codec import change_from_json, change_to_json, shift_from_json, shift_to_json
from volteface.store.engine import Database, chunks
from volteface.store.records import AlertRecord
from volteface.store.schema import alert as table
from volteface.store.schema import alert_change, outbox, verdict
from volteface.types import AlertState, Shift

POST, UPDATE = "post", "update"
"""Kinds of outbox rows: an alert, and a change of it."""

FIRST_VERDICT = 1_000_000
"""Verdicts are numbered from here, lest one takes the number that a detector is about to give a change."""

_NEWEST_FIRST = (table.c.at.desc(), table.c.id.desc())


class Alerts:
    """Alerts by key; only `Readings.save_detection` adds or changes one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, limit: int) -> list[Shift]:
        """The latest shifts as they stand now, the newest first."""
        query = sa.select(table.c.shift).order_by(*_NEWEST_FIRST).limit(limit)
        with self._database.read() as connection:
            return [shift_from_json(value) for value in connection.scalars(query)]

    def open(self, since: datetime) -> list[Alert]:
        """The alerts raised since then, with what changed them, the newest first."""
        query = sa.select(table.c.id, table.c.shift).where(table.c.at >= since).order_by(*_NEWEST_FIRST)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            changes = changes_of(connection, [row.id for row in rows])
        return [Alert(shift_from_json(row.shift), changes[row.id]) for row in rows]

    def records(self, limit: int) -> list[AlertRecord]:
        """The latest alerts with their changes and how far their messages have come, the newest first."""
        query = sa.select(table).order_by(*_NEWEST_FIRST).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            ids = [row.id for row in rows]
            changes, messages = story_of(connection, ids), _messages(connection, ids)
        return [_record(row, changes[row.id], messages[row.id]) for row in rows]


def changes_of(connection: sa.Connection, alert_ids: Sequence[int]) -> defaultdict[int, tuple[AlertChange, ...]]:
    """The changes of each of these alerts, by number."""
    found: defaultdict[int, tuple[AlertChange, ...]] = defaultdict(tuple)
    for some in chunks(alert_ids):
        query = sa.select(alert_change.c.alert_id, alert_change.c.change).where(alert_change.c.alert_id.in_(some))
        for row in connection.execute(query.order_by(alert_change.c.alert_id, alert_change.c.number)):
            found[row.alert_id] += (change_from_json(row.change),)
    return found


def story_of(connection: sa.Connection, alert_ids: Sequence[int]) -> defaultdict[int, tuple[AlertChange, ...]]:
    """The changes of each of these alerts and the verdicts on it, by time."""
    found = changes_of(connection, alert_ids)
    for some in chunks(alert_ids):
        query = sa.select(verdict, table.c.key, table.c.shift).join(table).where(verdict.c.alert_id.in_(some))
        for row in connection.execute(query.order_by(verdict.c.id)):
            found[row.alert_id] += (_verdict(row),)
    for alert_id, changes in found.items():
        found[alert_id] = tuple(sorted(changes, key=lambda change: change.at))
    return found


def _verdict(row: sa.Row[Any]) -> AlertChange:
    told = verdicts.Verdict(row.key, verdicts.VerdictKind(row.verdict), row.by, row.note, row.at)
    merely_seen = told.kind is verdicts.VerdictKind.ACKNOWLEDGED
    kind = ChangeKind.ACKNOWLEDGED if merely_seen else ChangeKind.VERDICT
    state = AlertState(row.shift["state"])
    return AlertChange(row.key, row.number, kind, row.at, verdicts.words(told), state, row.shift["holder"])


def raise_alert(
    database: Database, connection: sa.Connection, shift: Shift, blind: tuple[str, ...], now: datetime
) -> bool:
    """Insert an alert with its outbox row; False, and nothing done, where its key is known."""
    values = {
        "key": shift.key,
        "at": shift.at,
        "state": shift.state.value,
        "shift": shift_to_json(shift),
        "created": now,
    }
    insert = database.insert(table).values(values).on_conflict_do_nothing(index_elements=["key"])
    alert_id = connection.scalar(insert.returning(table.c.id))
    if alert_id is None:
        return False
    connection.execute(sa.insert(outbox).values(message_row(alert_id, POST, 0, blind)))
    return True


def keep_current(database: Database, connection: sa.Connection, alert: Alert, now: datetime) -> None:
    """Bring a raised alert to what it is now, with an outbox row for each change that is new."""
    alert_id = connection.execute(sa.select(table.c.id).where(table.c.key == alert.shift.key)).scalar_one()
    values = {"state": alert.shift.state.value, "shift": shift_to_json(alert.shift), "updated": now}
    connection.execute(sa.update(table).where(table.c.id == alert_id).values(values))
    for change in alert.changes:
        row = {
            "alert_id": alert_id,
            "number": change.number,
            "kind": change.kind.value,
            "at": change.at,
            "change": change_to_json(change),
        }
        insert = database.insert(alert_change).values(row).on_conflict_do_nothing()
        if connection.scalar(insert.returning(alert_change.c.id)) is not None:
            connection.execute(sa.insert(outbox).values(message_row(alert_id, UPDATE, change.number, ())))


def message_row(alert_id: int, kind: str, number: int, blind: tuple[str, ...]) -> dict[str, Any]:
    """A new outbox row."""
    row = {"alert_id": alert_id, "kind": kind, "number": number, "blind": list(blind)}
    return row | {"attempts": 0, "maybe_sent": False}


def _messages(connection: sa.Connection, alert_ids: Sequence[int]) -> defaultdict[int, list[sa.Row[Any]]]:
    """The outbox rows of each of these alerts, the alert's own first."""
    found: defaultdict[int, list[sa.Row[Any]]] = defaultdict(list)
    for some in chunks(alert_ids):
        query = sa.select(outbox).where(outbox.c.alert_id.in_(some)).order_by(outbox.c.alert_id, outbox.c.number)
        for row in connection.execute(query):
            found[row.alert_id].append(row)
    return found


def _record(row: sa.Row[Any], changes: tuple[AlertChange, ...], messages: Sequence[sa.Row[Any]]) -> AlertRecord:
    post, *updates = messages
    return AlertRecord(
        shift=shift_from_json(row.shift),
        changes=changes,
        created=row.created,
        updated=row.updated,
        delivery=_delivery(post),
        receipt=post.receipt,
        error=next((m.error for m in messages if m.error), None),
        updates_waiting=sum(_delivery(update) == "waiting" for update in updates),
        updates_given_up=sum(_delivery(update) == "given up" for update in updates),
    )


def _delivery(message: sa.Row[Any]) -> str:
    return "delivered" if message.sent_at else "given up" if message.dead_at else "waiting"
