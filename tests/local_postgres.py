"""A private PostgreSQL server for one test session: Debian's binaries, a temporary folder, a socket and no port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

_NAMES = count(1)


class NoPostgres(Exception):
    """There are no PostgreSQL binaries on this machine."""


class Server:
    """A running server; `url` addresses a database of it."""

    def __init__(self, socket: Path, user: str) -> None:
        self._socket = socket
        self._user = user

    def url(self, name: str) -> str:
        """SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://{self._user}@/{name}?host={self._socket}"

    def create(self, *, template: str = "template1") -> str:
        """A new database, a copy of `template` (to which nobody may be connected)."""
        name = f"test_{next(_NAMES)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
        return name

    def drop(self, name: str) -> None:
        """Delete a database, connected clients or not."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def _run(self, statement: sql.SQL, *names: str) -> None:
        with psycopg.connect(host=str(self._socket), user=self._user, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


@contextmanager
def running() -> Iterator[Server]:
    """Start a server, and remove every trace of it at the end. Raises NoPostgres."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="volteface-pg-"))
    data = folder / "data"
    try:
        owner = _give_away(folder)
        _call(owner, binaries / "initdb", "-D", data, "-U", "volteface", "-A", "trust", "-E", "UTF8", "--no-sync")
        # A zone that is not ours shows who relies on the server's.
        settings = (
            f"-F -c timezone=Asia/Tehran -k {folder} -c listen_addresses= -c max_connections=60 -c full_page_writes=off"
        )
        _call(owner, binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-o", settings, "-w", "start")
        try:
            yield Server(folder, "volteface")
        finally:
            _call(owner, binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    found = installed[-1] if installed else Path(on_path).resolve() if on_path else None
    if found is None or not (found.parent / "pg_ctl").exists():
        raise NoPostgres("no PostgreSQL on this machine: apt-get install postgresql")
    return found.parent


def _give_away(folder: Path) -> list[str]:
    """The command that runs as the owner of the folder: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    known = {entry.pw_name for entry in pwd.getpwall()}
    owner = "postgres" if "postgres" in known else "nobody"
    shutil.chown(folder, owner)
    return ["runuser", "-u", owner, "--"]


def _call(owner: list[str], *command: str | Path) -> None:
    # Output goes to a file: the server keeps what it inherits open, and would keep a pipe waiting for ever.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run([*owner, *map(str, command)], stdout=output, stderr=output, cwd="/", check=False)
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{command[0]} failed:\n{output.read().decode(errors='replace')}")
