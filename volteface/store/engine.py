"""Connections and transactions: what SQLite and PostgreSQL need in order to behave alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import StaticPool

from volteface.errors import StoreError

LOCK_WAIT_S = 10.0
MIGRATE, SYNC, DETECT, NOTICE = range(4)
_LOCKS = 0x766F6C746500  # "volte": any numbers will do, as long as no other program locks the same
_FORMS = "use sqlite:///file.db or postgresql://user:password@host/name"


class Database:
    """One database, and the only two ways to use it: `read()` and `write()`, one transaction each."""

    def __init__(self, url: str, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        parsed = _parse(url)
        self.name = _shown(parsed)
        """The URL without password and query: fit for a message."""
        self.lock_wait_s = lock_wait_s
        self.engine = _sqlite(parsed, lock_wait_s) if _is_sqlite(parsed) else _postgresql(parsed, lock_wait_s)
        self.insert: Callable[[sa.Table], Any] = sqlite.insert if _is_sqlite(parsed) else postgresql.insert
        """`insert` with `on_conflict_do_nothing` and `on_conflict_do_update`; both dialects share the call."""

    @property
    def file(self) -> Path | None:
        """The SQLite file, where there is one."""
        named = self.engine.dialect.name == "sqlite" and self.engine.url.database not in (None, "", ":memory:")
        return Path(str(self.engine.url.database)) if named else None

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A consistent view. Raises StoreError."""
        with self._explained(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """All or nothing. Raises StoreError, and then nothing was written."""
        with self._explained(), self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
            yield connection

    def alone(self, connection: sa.Connection, task: int) -> None:
        """Let one process at a time do this task, until its transaction ends. SQLite has but one writer anyway."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCKS + task)))

    def prefer_wal(self) -> None:
        """Give a new SQLite file its lasting properties: incremental vacuum (only before the first table) and WAL.

        SQLite may refuse the change at once, without waiting, while another process makes it: so we wait here.
        """
        if self.engine.dialect.name != "sqlite":
            return
        patience = time.monotonic() + self.lock_wait_s
        with self._explained():
            while not self._became_wal(last=time.monotonic() > patience):
                time.sleep(0.02)

    def _became_wal(self, *, last: bool) -> bool:
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
            cursor.execute("PRAGMA journal_mode=WAL")
        except self.engine.dialect.loaded_dbapi.OperationalError as error:
            if last or "locked" not in str(error):
                raise StoreError(self._advice(str(error))) from error
            return False
        finally:
            raw.close()
        return True

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except exc.SQLAlchemyError as error:
            reason = str(error.orig) if isinstance(error, exc.DBAPIError) else str(error)
            raise StoreError(self._advice(reason)) from error

    def _advice(self, reason: str) -> str:
        """What happened, and what to do, in one line."""
        reason = " ".join(reason.split())
        for sign, advice in _ADVICE:
            if sign in reason:
                return f"{advice.format(wait=self.lock_wait_s)}: {self.name} ({reason})"
        return f"the database refused: {self.name} ({reason})"


_ADVICE = (
    (
        "database is locked",
        "the database stayed locked for {wait:g} s: another program holds a transaction open; try again",
    ),
    ("lock timeout", "the database stayed locked for {wait:g} s: another program holds a transaction open; try again"),
    (
        "unable to open database file",
        "the database file cannot be opened: does its folder exist, and may you write there?",
    ),
    ("file is not a database", "this file is not a database: move it away or set `database` in config.yaml"),
    ("readonly database", "the database may only be read: check who owns the file and its folder"),
    ("disk is full", "the disk is full: nothing was saved; make room and run again"),
    ("authentication failed", "PostgreSQL does not accept this user and password: check `database`"),
    ("does not exist", "PostgreSQL has no such database, role or table: create it or check `database`"),
    ("connection", "PostgreSQL cannot be reached: is it running there, and may this machine connect?"),
)


def chunks(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """Slices small enough for the number of parameters that one statement may have."""
    return (values[i : i + size] for i in range(0, len(values), size))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
        # Its message and its traceback would show the URL, and with it a password.
        raise StoreError(f"`database` is not a database URL: {_FORMS}") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StoreError(f"volteface cannot use {parsed.drivername}: {_FORMS}")
    return parsed


def _shown(url: URL) -> str:
    return url.set(query={}).render_as_string(hide_password=True)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL, lock_wait_s: float) -> sa.Engine:
    # A database in memory lives as long as its one connection.
    in_memory: dict[str, Any] = {"poolclass": StaticPool} if url.database in (None, "", ":memory:") else {}
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": lock_wait_s}, **in_memory
    )

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A transaction that reads first and then writes may fail with SQLITE_BUSY_SNAPSHOT, which no waiting cures.
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _postgresql(url: URL, lock_wait_s: float) -> sa.Engine:
    wait = {} if "connect_timeout" in url.query else {"connect_timeout": max(2, round(lock_wait_s))}
    # Pre-ping: `volteface serve` outlives restarts of the database.
    engine = sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=wait)

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {round(lock_wait_s * 1000)}")
        connection.commit()

    return engine
