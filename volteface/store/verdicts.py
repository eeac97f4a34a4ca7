"""What people said of alerts, and who is muted for how long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from volteface.errors import UnknownAlert
from volteface.store.alerts import FIRST_VERDICT, UPDATE, message_row
from volteface.store.codec import shift_from_json
from volteface.store.engine import Database, chunks
from volteface.store.schema import alert, article, mute, outbox
from volteface.store.schema import verdict as table
from volteface.types import Shift
from volteface.verdicts import MUTED, Mute, Verdict, VerdictKind


class Verdicts:
    """Verdicts with an outbox row each, so that the alert's message tells of them; and mutes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, verdict: Verdict, mute_for: timedelta | None = None) -> bool:
        """Keep a verdict and queue its message; with `mute_for`, mute the alert's holder and axis from then on as well.

        False, and no message, where this person said the same last or said it at this very moment: a verdict that
        comes twice, even late, counts once; unless a message of the alert was given up in between, of which the earlier
        word says nothing. Raises StoreError where no alert has that key.
        """
        with self._database.write() as connection:
            query = sa.select(alert.c.id, alert.c.shift).where(alert.c.key == verdict.key).with_for_update()
            judged = connection.execute(query).one_or_none()
            if judged is None:
                raise UnknownAlert(f"there is no alert {verdict.key}; `volteface alerts` shows their keys")
            if mute_for is not None:
                holder, axis = judged.shift["holder"], judged.shift["axis"]
                self._mute(connection, Mute(holder, axis, verdict.at + mute_for, verdict.by, verdict.at))
            if _known(connection, judged.id, verdict):
                return False
            _insert(connection, judged.id, verdict)
        return True

    def judged(self) -> list[tuple[Shift, Verdict]]:
        """Each alert on which somebody passed judgement, with the latest judgement, the oldest alert first.

        An acknowledgement is no judgement.
        """
        judging = table.c.verdict != VerdictKind.ACKNOWLEDGED.value
        query = sa.select(alert.c.key, alert.c.shift, table).join_from(table, alert).where(judging)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(alert.c.at, alert.c.id, table.c.at, table.c.number)).all()
        latest = {
            row.key: (row.shift, Verdict(row.key, VerdictKind(row.verdict), row.by, row.note, row.at)) for row in rows
        }
        return [(shift_from_json(value), verdict) for value, verdict in latest.values()]

    def titles(self, urls: Sequence[str]) -> dict[str, str]:
        """Titles of the articles at these addresses, as far as they are kept."""
        found: dict[str, str] = {}
        with self._database.read() as connection:
            for some in chunks(urls):
                query = sa.select(article.c.url, article.c.title).where(article.c.url.in_(some))
                found |= {row.url: row.title for row in connection.execute(query.order_by(article.c.id))}
        return found

    def mute(self, wanted: Mute) -> None:
        """Mute a holder on an axis, in place of an earlier mute of the two; `until` in the past ends it.

        Messages that an earlier mute holds are looked at afresh in the next pass. A mute wished for before the one that
        stands is late, and changes nothing.
        """
        with self._database.write() as connection:
            self._mute(connection, wanted)

    def _mute(self, connection: sa.Connection, wanted: Mute) -> None:
        row = {"holder": wanted.holder, "axis": wanted.axis, "until": wanted.until, "by": wanted.by, "at": wanted.at}
        insert = self._database.insert(mute).values(row)
        newer = mute.c.at <= insert.excluded.at
        connection.execute(insert.on_conflict_do_update(index_elements=["holder", "axis"], set_=row, where=newer))
        _release(connection, wanted)

    def mutes(self, now: datetime) -> list[Mute]:
        """The mutes that hold now, the one that ends first in front."""
        query = sa.select(mute).where(mute.c.until > now).order_by(mute.c.until, mute.c.holder, mute.c.axis)
        with self._database.read() as connection:
            return [Mute(row.holder, row.axis, row.until, row.by, row.at) for row in connection.execute(query)]


def _known(connection: sa.Connection, alert_id: int, verdict: Verdict) -> bool:
    """Whether this person said so last, or is on record with it at that moment."""
    mine = (table.c.alert_id == alert_id) & (table.c.by == verdict.by)
    query = sa.select(table.c.verdict, table.c.note, table.c.at).where(mine).order_by(table.c.at, table.c.number)
    said = [(row.at, row.verdict, row.note) for row in connection.execute(query)]
    now = (verdict.at, verdict.kind.value, verdict.note)
    if now in said or not said or said[-1][1:] != now[1:]:
        return now in said
    lost = connection.scalar(sa.select(sa.func.max(outbox.c.dead_at)).where(outbox.c.alert_id == alert_id))
    return lost is None or bool(lost <= said[-1][0])


def _insert(connection: sa.Connection, alert_id: int, verdict: Verdict) -> None:
    last = connection.scalar(sa.select(sa.func.max(table.c.number)).where(table.c.alert_id == alert_id))
    number = FIRST_VERDICT if last is None else last + 1
    row = {"alert_id": alert_id, "number": number, "verdict": verdict.kind.value, "by": verdict.by}
    connection.execute(sa.insert(table).values(row | {"note": verdict.note, "at": verdict.at}))
    connection.execute(sa.insert(outbox).values(message_row(alert_id, UPDATE, number, ())))


def _release(connection: sa.Connection, wanted: Mute) -> None:
    waiting = outbox.c.sent_at.is_(None) & outbox.c.dead_at.is_(None) & outbox.c.error.startswith(MUTED)
    rows = connection.execute(sa.select(outbox.c.id, alert.c.shift).join_from(outbox, alert).where(waiting)).all()
    shifts = {row.id: shift_from_json(row.shift) for row in rows}
    mine = [i for i, shift in shifts.items() if (shift.holder, shift.axis) == (wanted.holder, wanted.axis)]
    for some in chunks(mine):
        connection.execute(sa.update(outbox).where(outbox.c.id.in_(some)).values(not_before=None, error=None))
