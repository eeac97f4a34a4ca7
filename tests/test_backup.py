"""A copy of the database can be made while it is in use, and be brought back."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from store_samples import NOON, alerted, arrival, outcome, reading, standing, state, stored

from volteface.errors import StoreError
from volteface.store import Store
from volteface.store.backup import backup, restore

ROOT = Path(__file__).parents[1]
VOLTEFACE = str(Path(sys.executable).with_name("volteface"))


@pytest.fixture(autouse=True)
def postgres_tools(database_url: str) -> None:
    if database_url.startswith("postgresql") and not shutil.which("pg_dump"):
        pytest.skip("no pg_dump on this machine: apt-get install postgresql-client")


def fill(url: str) -> None:
    """One article with a reading, a standing position, an alert that waits."""
    with Store.open(url) as store:
        (article,) = stored(store)
        store.articles.save_read([outcome(article, reading())], NOON)
        store.ledger.seed([standing()])
        alerted(store, "k1")


def holds(url: str) -> tuple[object, ...]:
    """Everything that a person would miss."""
    with Store.open(url, create=False) as store:
        positions, waiting = store.ledger.all(), [row.key for row in store.outbox.pending()]
        return store.census.totals(), positions, waiting, store.readings.undetected(10), store.feeds.all()


def test_backup_brings_everything_back(database_url: str, tmp_path: Path) -> None:
    """After a disk failure the desk would have no positions, no history and no alerts."""
    fill(database_url)
    before = holds(database_url)
    backup(database_url, tmp_path / "copy")
    with Store.open(database_url) as store:
        store.feeds.save_poll(state(), [arrival(7), arrival(8)])
        alerted(store, "k2")

    restore(database_url, tmp_path / "copy", force=True)

    assert holds(database_url) == before
    with Store.open(database_url) as store:
        assert store.feeds.save_poll(state(), [arrival(1), arrival(9)]).new == 1


def test_restore_into_a_new_database(database_url: str, empty_url: str, tmp_path: Path) -> None:
    """On a new machine there would be no way to begin with the old data."""
    fill(database_url)
    backup(database_url, tmp_path / "copy")

    restore(empty_url, tmp_path / "copy")

    assert holds(empty_url) == holds(database_url)


def test_restore_overwrites_only_by_force(database_url: str, tmp_path: Path) -> None:
    """A slip would replace a year of data by last month's copy."""
    fill(database_url)
    backup(database_url, tmp_path / "copy")
    alerted_too = tmp_path / "other"
    backup(database_url, alerted_too)

    with pytest.raises(StoreError, match="holds data already: --force"):
        restore(database_url, alerted_too)
    with pytest.raises(StoreError, match=r"copy exists: name another file, or say --force"):
        backup(database_url, tmp_path / "copy")
    backup(database_url, tmp_path / "copy", force=True)


def test_only_our_backups_are_taken(database_url: str, tmp_path: Path) -> None:
    """Another program's file, or a broken one, would take the place of the data."""
    fill(database_url)
    before = holds(database_url)
    (tmp_path / "notes.txt").write_text("not a backup\n" * 50)
    sqlite3.connect(tmp_path / "foreign.db").execute("CREATE TABLE t (a)").connection.close()
    backup(database_url, tmp_path / "copy")
    cut = tmp_path / "cut"
    cut.write_bytes((tmp_path / "copy").read_bytes()[:6000])

    for name in ("notes.txt", "foreign.db", "cut", "missing"):
        with pytest.raises(StoreError, match=rf"{name}|pg_restore failed"):
            restore(database_url, tmp_path / name, force=True)
    assert holds(database_url) == before


def test_backup_of_a_newer_version_is_refused(database_url: str, tmp_path: Path) -> None:
    """An older program would write into tables that it does not know."""
    fill(database_url)
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    backup(database_url, tmp_path / "copy")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0006'"))
    engine.dispose()

    with pytest.raises(StoreError, match=r"schema revision 9999.*upgrade volteface"):
        restore(database_url, tmp_path / "copy", force=True)


def test_nothing_to_back_up_is_said(empty_url: str, tmp_path: Path) -> None:
    """A cron job with a wrong path would back up nothing, night after night."""
    with pytest.raises(StoreError, match="no volteface data to back up"):
        backup(empty_url, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_failed_backup_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    """Half a copy would look like a whole one."""
    fill(database_url)
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError):
        backup(database_url, tmp_path / "nowhere" / "copy")

    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_backup_of_another_kind_of_database_is_refused(tmp_path: Path, postgres_url: str) -> None:
    """Somebody who moves from SQLite to PostgreSQL would get a page of SQL errors."""
    url = f"sqlite:///{tmp_path}/store.db"
    fill(url)
    backup(url, tmp_path / "copy")

    with pytest.raises(StoreError, match="is a backup of sqlite"):
        restore(postgres_url, tmp_path / "copy", force=True)


@pytest.fixture
def postgres_url(migrated_postgres: str) -> str:
    return migrated_postgres


def test_copy_made_while_others_write_is_whole(tmp_path: Path) -> None:
    """A backup at night would be torn by the poll that runs at the same time, or stop it."""
    url = f"sqlite:///{tmp_path}/store.db"
    fill(url)
    stop = threading.Event()
    saved = []

    def write() -> None:
        with Store.open(url) as store:
            for n in range(100, 100_000):
                if stop.is_set():
                    return
                saved.append(store.feeds.save_poll(state(), [arrival(n), arrival(n + 100_000)]).new)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            backup(url, tmp_path / f"copy{n}")
    finally:
        stop.set()
        writer.join()

    assert saved
    for n in range(5):
        with Store.open(f"sqlite:///{tmp_path}/copy{n}") as store:
            assert store.census.totals().articles % 2 == 1  # two a transaction, and the first


def test_commands_tell_what_they_did(tmp_path: Path) -> None:
    """A person could not tell an empty backup from a full one."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "config.yaml"
    url = f"sqlite:///{tmp_path}/store.db"
    path.write_text(yaml.safe_dump(document | {"database": url}, allow_unicode=True), encoding="utf-8")
    fill(url)

    def volteface(*args: str) -> subprocess.CompletedProcess[str]:
        command = [VOLTEFACE, "--config", str(path), *args]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    done = volteface("backup", "copy.db")
    refused = volteface("restore", "copy.db")
    restored = volteface("restore", "--force", "copy.db")

    assert done.stdout.startswith("copy.db: 1 article, 1 reading, 1 alert, 0.")
    assert (refused.returncode, "--force replaces all of it" in refused.stderr) == (1, True)
    assert restored.stdout == "restored 1 article, 1 reading, 1 alert\n"
