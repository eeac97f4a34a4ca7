"""The store: the only SQL. Every method is one transaction, on SQLite or PostgreSQL alike."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from volteface.store import migrate
from volteface.store.alerts import Alerts
from volteface.store.articles import Articles
from volteface.store.census import Census
from volteface.store.engine import LOCK_WAIT_S, Database
from volteface.store.feeds import Feeds
from volteface.store.history import History
from volteface.store.ledger import Ledger
from volteface.store.notices import Notices
from volteface.store.outbox import Outbox
from volteface.store.readings import Readings
from volteface.store.records import Counts, Fingerprint, PendingRow, PollSaved, ReadArticle
from volteface.store.retention import Retention
from volteface.store.verdicts import Verdicts

__all__ = ["Counts", "Fingerprint", "PendingRow", "PollSaved", "ReadArticle", "Store"]


class Store:
    """Everything that outlives a run. Threads may share one; processes open their own.

    Every method may raise StoreError: unreachable, or locked for longer than `lock_wait_s`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.feeds = Feeds(database)
        self.articles = Articles(database)
        self.readings = Readings(database)
        self.ledger = Ledger(database)
        self.alerts = Alerts(database)
        self.outbox = Outbox(database)
        self.notices = Notices(database)
        self.retention = Retention(database)
        self.census = Census(database)
        self.verdicts = Verdicts(database)
        self.history = History(database)

    @classmethod
    def open(cls, url: str, *, create: bool = True, lock_wait_s: float = LOCK_WAIT_S) -> Self:
        """Connect, and migrate forward to this version's schema. Raises StoreError.

        `url`: `sqlite:///file.db` (`sqlite://` is kept in memory) or `postgresql://user:password@host/name`.
        `create=False` refuses a database without volteface's tables.
        """
        database = Database(url, lock_wait_s=lock_wait_s)
        try:
            migrate.to_head(database, create=create)
        except BaseException:
            database.engine.dispose()
            raise
        return cls(database)

    @property
    def name(self) -> str:
        """Where the data is, without password: fit for a message."""
        return self._database.name

    def close(self) -> None:
        """Let go of every connection."""
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
