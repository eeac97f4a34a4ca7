"""The standing positions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from volteface.store.codec import evidence_from_json, evidence_to_json, standings_from_json, standings_to_json
from volteface.store.engine import DETECT, Database
from volteface.store.schema import standing as table
from volteface.types import Standing


class Ledger:
    """One row for each holder and axis. `Readings.save_detection` changes it, and before that `History.stand` may."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seed(self, standings: Iterable[Standing]) -> None:
        """Insert the positions that are missing; what stands already is left as it is."""
        rows = [to_row(standing) for standing in standings]
        with self._database.write() as connection:
            self._database.alone(connection, DETECT)
            for row in rows:
                connection.execute(self._database.insert(table).values(row).on_conflict_do_nothing())

    def all(self) -> dict[tuple[str, str], Standing]:
        """Standing positions by (holder, axis)."""
        return self._found(sa.true())

    def of(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Standing]:
        """Those of some (holder, axis): all that a committee remembers is twenty times as much work."""
        return self._found(sa.tuple_(table.c.holder, table.c.axis).in_(sorted(set(keys))))

    def _found(self, which: sa.ColumnElement[bool]) -> dict[tuple[str, str], Standing]:
        query = sa.select(table).where(which).order_by(table.c.holder, table.c.axis)
        with self._database.read() as connection:
            standings = [_standing(row) for row in connection.execute(query)]
        return {(standing.holder, standing.axis): standing for standing in standings}


def to_row(standing: Standing) -> dict[str, Any]:
    """The columns of `schema.standing`."""
    plain = {name: getattr(standing, name) for name in _PLAIN}
    evidence = evidence_to_json(standing.evidence)
    members = standings_to_json(standing.members)
    return plain | {"evidence": evidence, "pending": evidence_to_json(standing.pending), "members": members}


_PLAIN = ("holder", "axis", "value", "since", "confirmed", "alerted")


def _standing(row: sa.Row[Any]) -> Standing:
    columns = dict(row._mapping)
    evidence = {name: evidence_from_json(columns[name]) for name in ("evidence", "pending")}
    return Standing(**(columns | evidence | {"members": standings_from_json(columns["members"])}))
