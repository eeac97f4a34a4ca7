"""Opening a store: schema, two processes at once, and messages for a stranger."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from store_samples import NOON, arrival, feed, state, stored

from volteface.errors import StoreError
from volteface.store import Store, schema


def test_the_migrations_build_the_schema_of_the_code(database_url: str) -> None:
    """A column in the code but not in a migration would break every existing installation."""
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    """If HEAD lagged behind, a new migration would never run."""
    assert ScriptDirectory("volteface/store/migrations").get_heads() == [schema.HEAD]


def test_opening_again_keeps_what_is_there(database_url: str) -> None:
    """A restart must not lose an article."""
    with Store.open(database_url) as store:
        before = stored(store)
    with Store.open(database_url, create=False) as store:
        assert store.articles.wanting_reading(10) == before


def test_an_open_database_needs_no_alembic(database_url: str) -> None:
    """`volteface status` would take noticeably longer to answer."""
    code = (
        f"import sys; from volteface.store import Store; Store.open({database_url!r}); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_create_false_refuses_an_empty_database(empty_url: str, tmp_path: Path) -> None:
    """A typo in `database` would show an empty status instead of an error."""
    with pytest.raises(StoreError, match=r"no volteface data yet.*config\.yaml"):
        Store.open(empty_url, create=False)
    assert not (tmp_path / "empty.db").exists()


def test_a_database_of_a_newer_version_is_refused(empty_url: str) -> None:
    """An old program must not write into a schema that it does not know."""
    Store.open(empty_url).close()
    engine = sa.create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"another version.*9999.*upgrade volteface"):
        Store.open(empty_url)


def test_sqlite_is_in_wal_mode_and_can_shrink(tmp_path: Path) -> None:
    """Without WAL a reader blocks the poll; without auto_vacuum a file never gets smaller."""
    Store.open(f"sqlite:///{tmp_path}/new.db").close()
    raw = sqlite3.connect(tmp_path / "new.db")
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert raw.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    raw.close()


def test_a_store_in_memory_works() -> None:
    """A replay needs a store that leaves nothing behind."""
    with Store.open("sqlite://") as store:
        assert len(stored(store)) == 1


def test_a_locked_database_says_so(tmp_path: Path) -> None:
    """`OperationalError` with a page of SQL would tell an operator nothing."""
    url = f"sqlite:///{tmp_path}/locked.db"
    with Store.open(url, lock_wait_s=0.05) as store:
        store.feeds.sync([feed()], NOON)
        holder = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"locked for 0\.05 s.*locked\.db"):
            store.feeds.save_poll(state(), [arrival(text="a secret sentence")])
        holder.execute("ROLLBACK")
        holder.close()
        assert store.articles.wanting_reading(10) == []
        assert store.feeds.save_poll(state(), [arrival()]).new == 1


def test_reading_goes_on_while_another_process_writes(tmp_path: Path) -> None:
    """`volteface status` must answer during a poll."""
    with Store.open(f"sqlite:///{tmp_path}/busy.db", lock_wait_s=0.05) as store:
        stored(store)
        writer = sqlite3.connect(tmp_path / "busy.db", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        assert len(store.articles.wanting_reading(10)) == 1
        writer.close()


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_unreachable_server_is_named_without_its_password() -> None:
    """The message goes to logs and Prefect's UI: it must help, and must not leak."""
    url = f"postgresql://desk:hunter2@127.0.0.1:{_closed_port()}/news?password=hunter2"
    with pytest.raises(StoreError, match=r"cannot be reached.*desk:\*\*\*@127\.0\.0\.1") as caught:
        Store.open(url, lock_wait_s=2)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("no-database:hunter2", "not a database URL: use sqlite:///"),
        ("postgresql://desk:hunter2@host:port/news", "not a database URL: use sqlite:///"),
        ("mysql://desk:hunter2@host/news", "cannot use mysql: use sqlite:///"),
        ("sqlite:////no/such/folder/news.db", "does its folder exist.*/no/such/folder/news.db"),
    ],
)
def test_a_wrong_url_is_explained(url: str, message: str) -> None:
    """Somebody who mistyped `database` must read what to write instead."""
    with pytest.raises(StoreError, match=message) as caught:
        Store.open(url)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """`database: sqlite:///config.yaml` must not destroy config.yaml."""
    file = tmp_path / "config.yaml"
    file.write_text("version: 1\n" * 100)
    with pytest.raises(StoreError, match="not a database: move it away"):
        Store.open(f"sqlite:///{file}")
    assert file.read_text() == "version: 1\n" * 100


def test_naive_times_are_refused(store: Store) -> None:
    """A time without a zone would be hours off on one of the two databases."""
    with pytest.raises(StoreError, match="aware times only"):
        store.feeds.due(NOON.replace(tzinfo=None))
