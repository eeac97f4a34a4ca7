"""Copies of the database that can be brought back: SQLite's own online backup, PostgreSQL's own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from volteface.errors import StoreError
from volteface.store.engine import LOCK_WAIT_S, Database
from volteface.store.schema import HEAD, metadata

_SQLITE, _DUMP = b"SQLite format 3\0", b"PGDMP"
_PATIENCE_S = 3600
_VERSION = "alembic_version"


def backup(url: str, target: Path, *, force: bool = False) -> None:
    """Write a consistent copy while others go on writing; `target` appears when it is complete.

    Raises StoreError: `target` exists (without `force`), nothing of ours to copy, a tool of PostgreSQL's is missing.
    """
    if target.exists() and not force:
        raise StoreError(f"{target} exists: name another file, or say --force")
    if not target.parent.is_dir():
        raise StoreError(f"there is no folder {target.parent}")
    database = Database(url)
    try:
        _require_ours(database)
        with _part(target) as part:
            if database.file:
                _copy(database.file, part)
                _revision_of_file(part)
            else:
                _dump(database.engine.url, part)
            part.replace(target)
    finally:
        database.engine.dispose()


def restore(url: str, source: Path, *, force: bool = False) -> None:
    """Bring a copy back: all of it, or (StoreError) nothing. `Store.open` migrates it then.

    Raises StoreError: `source` is not a backup of ours or of a newer schema, or for another kind of database; the
    database holds data already (without `force`), or another program uses it.
    """
    database = Database(url)
    try:
        if database.file is None and database.engine.dialect.name == "sqlite":
            raise StoreError("a database in memory cannot be restored into")
        _require_kind(database, source)
        _require_known(_revision_of_file(source) if database.file else _revision_of_dump(source), source)
        if not force and _holds_tables(database):
            raise StoreError(f"{database.name} holds data already: --force replaces all of it")
        if database.file:
            _copy(source, database.file)
        else:
            _load(database.engine.url, source)
    finally:
        database.engine.dispose()


def _require_ours(database: Database) -> None:
    if (database.file and not database.file.exists()) or not _holds_tables(database):
        raise StoreError(f"there is no volteface data to back up: {database.name}")


def _holds_tables(database: Database) -> bool:
    if database.file and not database.file.exists():
        return False
    with database.read() as connection:
        return sa.inspect(connection).has_table(_VERSION)


def _require_kind(database: Database, source: Path) -> None:
    try:
        with source.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise StoreError(f"{source} cannot be read: {error.strerror}") from error
    kind = {_SQLITE: "sqlite", _DUMP: "postgresql"}.get(start if start == _SQLITE else start[:5])
    if kind is None:
        raise StoreError(f"{source} is not a backup made by `volteface backup`")
    if kind != database.engine.dialect.name:
        raise StoreError(f"{source} is a backup of {kind}, `database` is {database.name}")


def _require_known(revision: str, source: Path) -> None:
    if not revision.isdigit() or revision > HEAD:
        raise StoreError(
            f"{source} is at schema revision {revision}, this version knows up to {HEAD}: upgrade volteface"
        )


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    """A file beside the target, gone at the end unless it took the target's place."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        for left in (name, f"{name}-wal", f"{name}-shm"):
            Path(left).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=LOCK_WAIT_S)) as old,
            closing(sqlite3.connect(target, timeout=LOCK_WAIT_S)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        raise StoreError(f"{source} could not be copied to {target}: {error}") from error


def _revision_of_file(file: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            row = connection.execute(f"SELECT version_num FROM {_VERSION}").fetchone()
            connection.execute("SELECT 1 FROM article LIMIT 1")
    except sqlite3.Error as error:
        raise StoreError(f"{file} is not a backup of volteface: {error}") from error
    if verdict != "ok" or row is None:
        raise StoreError(f"{file} is damaged: {verdict}")
    return str(row[0])


def _dump(url: URL, target: Path) -> None:
    _run(url, ["pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={target}", f"--dbname={_libpq(url)}"])


def _revision_of_dump(source: Path) -> str:
    text = _run(None, ["pg_restore", "--data-only", f"--table={_VERSION}", "--file=-", str(source)])
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("COPY ")), len(lines))
    revision = lines[start + 1] if start + 1 < len(lines) else ""
    if not revision or revision == "\\.":
        raise StoreError(f"{source} is not a backup of volteface: it has no schema revision")
    return revision


def _load(url: URL, source: Path) -> None:
    """In one transaction, with what stood there: a restore that fails leaves everything as it was."""
    tables = ", ".join(f'"{name}"' for name in (*metadata.tables, _VERSION))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        _run(None, ["pg_restore", "--no-owner", "--no-acl", f"--file={script}", str(source)])
        call = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
        call += [f"--command=DROP TABLE IF EXISTS {tables} CASCADE", f"--file={script}", f"--dbname={_libpq(url)}"]
        _run(url, call)


def _libpq(url: URL) -> str:
    """The address without the password: a command line is everybody's to read."""
    bare = url.set(drivername="postgresql", password=None).difference_update_query(["password"])
    return bare.render_as_string()


def _password(url: URL | None) -> dict[str, str]:
    secret = url and (url.password or url.query.get("password"))
    return {"PGPASSWORD": str(secret)} if secret else {}


def _run(url: URL | None, command: Sequence[str]) -> str:
    tool = shutil.which(command[0])
    if tool is None:
        raise StoreError(f"{command[0]} is not on this machine: apt-get install postgresql-client")
    try:
        done = subprocess.run(
            [tool, *command[1:]],
            env=os.environ | _password(url) | {"PGOPTIONS": f"-c lock_timeout={LOCK_WAIT_S:.0f}s"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError(f"{command[0]} did not end within an hour") from error
    if done.returncode:
        raise StoreError(f"{command[0]} failed: {' '.join(done.stderr.split())[-600:]}")
    return done.stdout
