"""Outages and what was told of them: one message when one begins, one when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from volteface.store.engine import NOTICE, Database
from volteface.store.schema import notice as table

DIGEST = "digest:"
"""Begins the topics that are no outages: one for each day's digest, rendered by its own sender."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A message about an outage."""

    id: int
    topic: str
    over: bool
    """Whether it tells the end of the outage, or its beginning."""
    words: str
    since: datetime
    last: datetime
    """When the fault was last seen."""
    at: datetime
    """When the message was written."""
    maybe_sent: bool
    """An earlier attempt ended without an answer: look in the channel first."""
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Turns:
    """The outages that one look found beginning and ending."""

    began: tuple[NoticeRow, ...] = ()
    ended: tuple[NoticeRow, ...] = ()


_COLUMNS = tuple(table.c[name] for name in NoticeRow.__dataclass_fields__)
_FREE = {"claimed_until": None}


class Notices:
    """Notices by topic. The newest of a topic tells how it stands: an outage goes on, or is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def observe(self, faults: Mapping[str, tuple[str, datetime]], now: datetime, settle: timedelta) -> Turns:
        """Take note of the faults of this moment, {topic: (words, since)}; what began and what ended with that.

        A topic without an outage gets a row for its beginning. An outage whose fault was not seen for `settle` gets one
        for its end; a beginning that was never sent goes then, for the end tells all.
        """
        with self._database.write() as connection:
            self._database.alone(connection, NOTICE)
            going_on = {row.topic: row for row in _newest(connection) if not row.over}
            seen_again = table.c.id.in_([row.id for topic, row in going_on.items() if topic in faults])
            connection.execute(sa.update(table).where(seen_again).values(last=now))
            new = ((topic, *fault) for topic, fault in faults.items() if topic not in going_on)
            began = [_add(connection, _row(topic, False, words, since, now, now)) for topic, words, since in new]
            gone = (row for topic, row in going_on.items() if topic not in faults and now - row.last >= settle)
            return Turns(tuple(began), tuple(_end(connection, row, now) for row in gone))

    def outages(self) -> list[NoticeRow]:
        """Those that go on, the oldest first."""
        with self._database.read() as connection:
            return sorted((row for row in _newest(connection) if not row.over), key=lambda row: row.since)

    def write_once(self, topic: str, now: datetime) -> None:
        """A message of its own that no outage ends, such as a digest; nothing where the topic has one."""
        with self._database.write() as connection:
            self._database.alone(connection, NOTICE)
            if connection.scalar(sa.select(table.c.id).where(table.c.topic == topic)) is None:
                _add(connection, _row(topic, True, "", now, now, now))

    def claim(self, now: datetime, lease_s: float = 120, *, topic: str | None = None) -> NoticeRow | None:
        """Take the oldest unsent message that nobody holds, or None. As `Outbox.claim`.

        Of that topic, or without one of any outage.
        """
        free = table.c.claimed_until.is_(None) | (table.c.claimed_until <= now)
        wanted = table.c.topic == topic if topic else ~table.c.topic.startswith(DIGEST)
        oldest = sa.select(table.c.id).where(table.c.sent_at.is_(None), free, wanted).order_by(table.c.id).limit(1)
        values = {
            "claimed_until": now + timedelta(seconds=lease_s),
            "attempts": table.c.attempts + 1,
            "maybe_sent": table.c.maybe_sent | table.c.claimed_until.is_not(None),
        }
        mine = table.c.id == oldest.with_for_update(skip_locked=True).scalar_subquery()
        with self._database.write() as connection:
            row = connection.execute(sa.update(table).where(mine).values(values).returning(*_COLUMNS)).one_or_none()
        return None if row is None else NoticeRow(**row._mapping)

    def sent(self, notice_id: int, *, receipt: str, now: datetime) -> None:
        """The message is in its sink. The first receipt stays."""
        unsent = (table.c.id == notice_id) & table.c.sent_at.is_(None)
        self._settle(unsent, {"sent_at": now, "receipt": receipt, "error": None, **_FREE})

    def failed(self, notice_id: int, *, error: str, maybe_sent: bool) -> None:
        """Put the message back for the next round. Once it may have been sent, that stays true."""
        doubt = sa.or_(table.c.maybe_sent, sa.literal(maybe_sent))
        self._settle(table.c.id == notice_id, {"error": error, "maybe_sent": doubt, **_FREE})

    def _settle(self, where: sa.ColumnElement[bool], values: dict[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(where).values(values))


def _newest(connection: sa.Connection) -> Iterable[NoticeRow]:
    newest = sa.select(sa.func.max(table.c.id)).group_by(table.c.topic)
    rows = connection.execute(sa.select(*_COLUMNS).where(table.c.id.in_(newest))).all()
    return [NoticeRow(**row._mapping) for row in rows]


def _add(connection: sa.Connection, values: dict[str, Any]) -> NoticeRow:
    return NoticeRow(**connection.execute(sa.insert(table).values(values).returning(*_COLUMNS)).one()._mapping)


def _end(connection: sa.Connection, row: NoticeRow, now: datetime) -> NoticeRow:
    ended = _add(connection, _row(row.topic, True, row.words, row.since, row.last, now))
    untold = (table.c.id == row.id) & table.c.sent_at.is_(None) & table.c.claimed_until.is_(None) & ~table.c.maybe_sent
    connection.execute(sa.delete(table).where(untold))
    return ended


def _row(topic: str, over: bool, words: str, since: datetime, last: datetime, now: datetime) -> dict[str, Any]:
    plain = {"topic": topic, "over": over, "words": words, "since": since, "last": last, "at": now}
    return plain | {"attempts": 0, "maybe_sent": False}
