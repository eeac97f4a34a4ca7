"""The upgrade path: a database of every schema that was ever released, with data in it, opens and keeps its data."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from store_samples import NOON, arrival, shift, standing, state

from volteface.store import Store, schema
from volteface.store.codec import evidence_to_json, shift_to_json

REVISIONS = sorted(s.revision for s in ScriptDirectory("volteface/store/migrations").walk_revisions())
DIGEST = b"0123456789abcdef"
ROWS: dict[str, dict[str, Any]] = {
    "feed": {
        "id": "gazette", "configured_url": "https://gazette.example/feed", "outlet": "Gazette", "family": "Gazette",
        "active": True, "url": "https://gazette.example/feed", "next_due": NOON, "interval_s": 900.0, "checked": NOON,
        "succeeded": NOON, "newest": NOON, "failures": 0, "moves": 0, "gone": False,
    },
    "article": {
        "id": 1, "feed": "gazette", "guid_hash": DIGEST, "url_hash": DIGEST, "content_hash": DIGEST, "guid": "g0",
        "url": "https://gazette.example/0", "title": "Minister speaks", "text": "Talks may resume.",
        "text_source": "feed", "published": NOON, "seen": NOON, "lang": "en", "opinion": False, "stale": False,
        "revision": 0, "text_at": NOON, "read_at": NOON, "origin_id": 1, "note": "",
    },
    "reading": {
        "id": 1, "article_id": 1, "holder": "iran_president", "axis": "negotiation", "stance": 0.5, "mode": "speech",
        "quote": "Talks may resume.", "start": 0, "end": 17, "confidence": 0.875, "person": "",
    },
    "standing": {
        "holder": "iran_president", "axis": "negotiation", "value": -0.4, "since": NOON, "confirmed": NOON,
        "evidence": evidence_to_json(standing().evidence), "pending": evidence_to_json(standing().pending),
    },
    "alert": {"id": 1, "key": "k1", "at": NOON, "shift": shift_to_json(shift("k1")), "created": NOON},
    "outbox": {"id": 1, "alert_id": 1, "blind": ["dark-feed"], "attempts": 0, "maybe_sent": False},
}  # fmt: skip
"""A row of each table as the first release wrote it."""


def at_revision(url: str, revision: str) -> None:
    """A database as the release of that schema left it, with a row in each of the first release's tables."""
    engine = sa.create_engine(url)
    if url.startswith("sqlite"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA auto_vacuum=INCREMENTAL")
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    with engine.begin() as connection:
        upgrade(connection, REVISIONS[0])
        for table, row in ROWS.items():
            insert(connection, table, row)
        if revision != REVISIONS[0]:
            upgrade(connection, revision)
    engine.dispose()


def upgrade(connection: sa.Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "volteface.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def insert(connection: sa.Connection, table: str, row: dict[str, Any]) -> None:
    """By column names alone: today's tables are not those of back then."""
    values = {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in row.items()}
    if connection.dialect.name == "sqlite":
        times = {name: value.strftime("%Y-%m-%d %H:%M:%S.%f") for name, value in row.items() if hasattr(value, "hour")}
        values |= times
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), values)


def advance_numbers(url: str) -> None:
    """PostgreSQL counts on from what it gave out itself, and the rows above brought their own numbers."""
    if url.startswith("sqlite"):
        return
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in ("article", "reading", "alert", "outbox"):
            connection.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1)"))
    engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_released_database_opens_with_its_data(revision: str, empty_url: str) -> None:
    """An upgrade would lose articles, forget where everybody stands, send alerts twice, or not start at all."""
    at_revision(empty_url, revision)
    advance_numbers(empty_url)

    with Store.open(empty_url) as store:
        (feed,) = store.feeds.all()
        (observation,) = store.readings.undetected(10)
        assert (feed.feed, feed.succeeded, feed.failures) == ("gazette", NOON, 0)
        assert (observation.quote, observation.stance, observation.seen) == ("Talks may resume.", 0.5, NOON)
        assert store.ledger.all() == {("iran_president", "negotiation"): standing(since=NOON, alerted=None)}
        assert store.alerts.recent(10) == [shift("k1")]
        assert [row.key for row in store.outbox.pending()] == ["k1"]
        assert store.census.totals().alerts == {"confirmed": 1}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_released_database_can_be_worked_with(revision: str, empty_url: str) -> None:
    """The first poll, alert or housekeeping after an upgrade would fail on a table that a migration left different."""
    at_revision(empty_url, revision)
    advance_numbers(empty_url)

    with Store.open(empty_url) as store:
        saved = store.feeds.save_poll(state(), [arrival(1), arrival(2)])
        item = store.outbox.claim("test", NOON)
        assert (saved.new, item and item.key) == (2, "k1")
        store.readings.save_detection([1], [standing(0.5)], [(shift("k2"), ())], NOON)
        dropped = store.retention.drop_articles(NOON + timedelta(days=1), store.retention.needed(), NOON)
        assert (dropped.done, store.census.totals().articles) == (0, 3)  # the only read one is evidence


def test_upgraded_schema_is_the_new_one(empty_url: str) -> None:
    """An upgraded database and a new one would differ, and only one of the two be tested."""
    at_revision(empty_url, REVISIONS[0])
    Store.open(empty_url).close()
    engine = sa.create_engine(empty_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    engine.dispose()
