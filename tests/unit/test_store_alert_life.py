"""The migration to alerts that live, on databases that hold alerts already; and the outbox of changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from store_samples import NOON, later, shift

from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.store import Store
from volteface.store.codec import shift_to_json
from volteface.store.engine import Database
from volteface.types import AlertState


def old_database(url: str) -> None:
    """A database of the first schema: one alert delivered, one given up, one waiting."""
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", "volteface.store:migrations")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = sa.MetaData()
        old.reflect(connection, only=["alert", "outbox"])
        alert, outbox = old.tables["alert"], old.tables["outbox"]
        for key in ("sent", "dead", "open"):
            told = shift_to_json(shift(key, state=AlertState.PROVISIONAL if key == "open" else AlertState.CONFIRMED))
            insert = sa.insert(alert).values(key=key, at=NOON, shift=told, created=NOON).returning(alert.c.id)
            row = {"alert_id": connection.scalar(insert), "blind": ["dark-feed"], "attempts": 3, "maybe_sent": False}
            settled = {"sent": {"sent_at": NOON, "receipt": "1748779200.1"}, "dead": {"dead_at": NOON}, "open": {}}
            connection.execute(sa.insert(outbox).values(row | settled[key]))
    database.engine.dispose()


def test_alerts_from_before_keep_their_messages_and_can_change(empty_url: str) -> None:
    """An update of volteface would lose the alerts that wait, repeat those that were sent, or fail on a desk's data."""
    old_database(empty_url)
    with Store.open(empty_url) as store:
        assert {found.key for found in store.alerts.recent(9)} == {"sent", "dead", "open"}
        assert [(row.key, row.kind, row.number, row.attempts) for row in store.outbox.pending()] == [
            ("open", "post", 0, 3)
        ]
        assert [row.key for row in store.outbox.dead()] == ["dead"]

        change = AlertChange("sent", 1, ChangeKind.EVIDENCE, NOON, "more", AlertState.CONFIRMED, "iran_president")
        store.readings.save_detection([], [], [], NOON, [Alert(shift("sent"), (change,))])
        taken = [store.outbox.claim("s", NOON) for _ in range(3)]
        assert [item and (item.key, item.parent, item.blind) for item in taken] == [
            ("open", None, ("dark-feed",)),
            ("sent#1", "1748779200.1", ("dark-feed",)),
            None,
        ]


def test_migrated_alerts_have_their_state_as_a_column(empty_url: str) -> None:
    """Metrics by state would count every alert of the past as provisional."""
    old_database(empty_url)
    Store.open(empty_url).close()
    engine = sa.create_engine(empty_url)
    with engine.connect() as connection:
        states = dict(connection.execute(sa.text("SELECT key, state FROM alert")).tuples().all())
        indexes = {index["name"]: index for index in sa.inspect(connection).get_indexes("outbox")}
    engine.dispose()

    assert states == {"sent": "confirmed", "dead": "confirmed", "open": "provisional"}
    assert set(indexes) >= {"ix_outbox_unsent", "ix_outbox_dead"}
    assert all(options for name in indexes if name for options in [indexes[name]["dialect_options"]])


def _story(store: Store, changes: int) -> None:
    steps = tuple(
        AlertChange("k1", n, ChangeKind.EVIDENCE, later(hours=n), f"step {n}", AlertState.CONFIRMED, "iran_president")
        for n in range(1, changes + 1)
    )
    store.readings.save_detection([], [], [(shift("k1"), ("dark-feed",))], NOON, [Alert(shift("k1"), steps)])


def test_a_change_waits_for_everything_before_it(store: Store) -> None:
    """A line of the thread would come before the message that it belongs to, or before an older line."""
    _story(store, 2)
    post = store.outbox.claim("one", NOON)
    assert post
    assert store.outbox.claim("two", NOON) is None
    store.outbox.retry(post.id, error="503", maybe_sent=False, not_before=later(minutes=5), now=NOON)
    assert store.outbox.claim("two", later(minutes=4)) is None

    again = store.outbox.claim("two", later(minutes=5))
    assert again
    assert again.key == "k1"
    store.outbox.sent(again.id, receipt="17.1", now=later(minutes=5))
    first = store.outbox.claim("one", later(minutes=5))
    assert first
    assert (first.key, first.change and first.change.number, first.parent) == ("k1#1", 1, "17.1")
    assert [c.number for c in first.changes] == [1, 2]
    assert store.outbox.claim("two", later(minutes=5)) is None
    store.outbox.bury(first.id, error="too long", now=later(minutes=5))
    second = store.outbox.claim("two", later(minutes=5))
    assert second
    assert second.key == "k1#2"


def test_a_change_of_a_buried_alert_has_no_parent(store: Store) -> None:
    """The sender would edit a message that was never there."""
    _story(store, 1)
    post = store.outbox.claim("one", NOON)
    assert post
    store.outbox.bury(post.id, error="invalid_blocks", now=NOON)
    change = store.outbox.claim("one", NOON)
    assert change
    assert (change.key, change.parent) == ("k1#1", None)


def _tell(store: Store, sender: str) -> list[str]:
    told = []
    for _ in range(400):
        item = store.outbox.claim(sender, NOON)
        if item is None:
            if not store.outbox.pending():
                break
            continue
        assert (item.change is None) == (item.parent is None), "a change was given out before its alert was sent"
        told.append(item.key)
        store.outbox.sent(item.id, receipt=f"{item.id}.0", now=NOON)
    return told


def test_threads_tell_each_story_once_and_none_before_its_beginning(store: Store) -> None:
    """Two instances over one database would tear a story apart: a line without its message, or twice."""
    keys = [f"k{number}" for number in range(8)]
    stories = []
    for key in keys:
        steps = tuple(
            AlertChange(key, n, ChangeKind.EVIDENCE, NOON, f"step {n}", AlertState.CONFIRMED, "iran_president")
            for n in (1, 2, 3)
        )
        stories.append(Alert(shift(key), steps))
    store.readings.save_detection([], [], [(one.shift, ()) for one in stories], NOON, stories)

    with ThreadPoolExecutor(3) as pool:
        told = [key for keys in pool.map(lambda n: _tell(store, f"thread {n}"), range(3)) for key in keys]

    assert sorted(told) == sorted(k for key in keys for k in (key, f"{key}#1", f"{key}#2", f"{key}#3"))
    assert store.outbox.pending() == store.outbox.dead() == []
