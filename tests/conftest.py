"""What several test files share: a store, on each of the two databases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import local_postgres
import pytest
import sqlalchemy as sa
from feed_desk import Desk
from local_web import LocalWeb

from volteface.store import Store, schema
from volteface.workers import Workers


@pytest.fixture(scope="session")
def postgres() -> Iterator[local_postgres.Server]:
    """A PostgreSQL server. Without one a developer's test is skipped, but CI's fails."""
    try:
        with local_postgres.running() as server:
            yield server
    except local_postgres.NoPostgres as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def migrated_postgres(postgres: local_postgres.Server) -> str:
    """URL of a PostgreSQL database with our tables."""
    url = postgres.url(postgres.create())
    Store.open(url).close()
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database with our tables and nothing in them."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "store.db")
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("migrated_postgres")
    _empty(url)
    return url


def _empty(url: str) -> None:
    # A new database takes 150 ms, this takes 10.
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(sa.delete(table))
    engine.dispose()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[str]:
    """URL of a database without any tables, of the same kind as `database_url`."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: local_postgres.Server = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store; every test that takes it runs on SQLite and on PostgreSQL."""
    with Store.open(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Store]:
    """An empty store on SQLite, for tests in which the database does not matter."""
    shutil.copy(migrated_sqlite, tmp_path / "store.db")
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


@pytest.fixture(scope="session")
def parsers() -> Iterator[Workers]:
    """Two worker processes for all tests that poll."""
    with Workers() as pool:
        yield pool


@pytest.fixture
def site() -> Iterator[LocalWeb]:
    """A web server on loopback."""
    with LocalWeb() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, migrated_sqlite: Path, parsers: Workers) -> Iterator[Callable[..., Desk]]:
    """`desk(*feeds, **rules)`: everything around a poll, on an empty SQLite store in `tmp_path / "desk.db"`."""
    shutil.copy(migrated_sqlite, tmp_path / "desk.db")
    with Store.open(f"sqlite:///{tmp_path / 'desk.db'}") as opened:
        yield lambda *feeds, **rules: Desk(opened, parsers, *feeds, **rules)
