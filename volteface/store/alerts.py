"""The alerts that were ever raised, whether or not they were delivered."""

from __future__ import annotations

import sqlalchemy as sa

from volteface.store.codec import shift_from_json
from volteface.store.engine import Database
from volteface.store.schema import alert as table
from volteface.types import Shift


class Alerts:
    """Alerts by key; only `Readings.save_detection` adds one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, limit: int) -> list[Shift]:
        """The latest shifts, the newest first."""
        query = sa.select(table.c.shift).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [shift_from_json(value) for value in connection.scalars(query)]
