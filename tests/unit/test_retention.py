"""Housekeeping of the store: what goes, what must never go, and that nothing comes back as news."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from shift_samples import config
from store_samples import NOON, arrival, evidence, feed, later, outcome, reading, shift, standing, state

from volteface.config import Config
from volteface.retention import tidy
from volteface.store import Store, schema
from volteface.store.notices import DIGEST
from volteface.store.retention import Needed
from volteface.types import NewArticle

LATE = later(days=400)


def rules(**days: float) -> Config:
    """Everything goes after 100 days, unless said otherwise."""
    plain = {"articles_days": 100, "vectors_days": 50, "identities_days": 30, "notices_days": 100}
    document = config().model_dump(mode="json", by_alias=True)
    return Config.model_validate(document | {"retention": plain | days})


def read(store: Store, *arrivals: NewArticle, detect: bool = True, readings: int = 1) -> None:
    """Articles that came at noon, read and (unless said otherwise) detected."""
    store.feeds.sync([feed()], NOON)
    store.feeds.save_poll(state(), arrivals)
    vector = np.array([0.6, 0.8], dtype=np.float32)
    done = [
        outcome(article, *[reading()] * readings, embedding=vector, signature=b"sketch")
        for article in store.articles.wanting_reading(1000)
    ]
    store.articles.save_read(done, NOON)
    if detect:
        store.readings.save_detection([o.reading_id for o in store.readings.undetected(1000)], [], [], NOON)


def clean(store: Store, settings: Config | None = None, days: float = 400) -> str:
    report = tidy(settings or rules(), store, later(days=days), rest=lambda _: None)
    return report.line().split(";")[0]


def newest() -> NewArticle:
    """The newest article always stays."""
    return arrival(99, seen=later(days=399))


def test_old_articles_go_with_their_readings(store: Store) -> None:
    """The database of a desk that runs for years would fill the disk."""
    read(store, *(arrival(n) for n in range(1, 4)), newest())

    assert clean(store) == "3 articles dropped"
    totals = store.census.totals()
    assert (totals.articles, totals.readings) == (1, 1)


def test_young_articles_stay(store: Store) -> None:
    """Housekeeping would eat what the desk still looks at."""
    read(store, arrival(1), newest())

    assert clean(store, days=49) == "nothing to drop"
    assert clean(store, days=99) == "1 vectors dropped"
    assert store.census.totals().articles == 2


def test_vectors_go_first(store: Store) -> None:
    """Embeddings, which nobody looks back on for long, would take more room than the texts."""
    read(store, arrival(1), newest())

    clean(store, days=60)

    ids, _ = store.articles.embeddings(NOON)
    assert len(ids) == 1
    assert len(list(store.articles.fingerprints(NOON))) == 1


@pytest.mark.parametrize("work", ["text", "reading", "detection"])
def test_undone_work_stays(work: str, store: Store) -> None:
    """After a long outage of the reader, articles would vanish unread."""
    store.feeds.sync([feed()], NOON)
    if work == "detection":
        read(store, arrival(1), newest(), detect=False)
    else:
        store.feeds.save_poll(state(), [arrival(1, complete=work == "reading"), newest()])

    clean(store)

    assert store.census.totals().articles == 2


def test_evidence_stays(store: Store) -> None:
    """The analyst who asks months later what an alert rested on would find nothing."""
    read(store, *(arrival(n, url=f"https://gazette.example/{n}") for n in range(1, 9)), newest())
    shown = shift("k1", evidence=(evidence(1),), prior=(evidence(2),))
    moved = shift("k2", evidence=(evidence(7),))
    ledger = standing(evidence=(evidence(5),), pending=(evidence(6),), moved=moved)
    stands = standing(evidence=(evidence(3),), pending=(evidence(4),), members=(ledger,))
    store.readings.save_detection([], [stands], [(shown, ())], NOON)

    clean(store)

    kept = {f"https://gazette.example/{n}" for n in (1, 2, 3, 4, 5, 6, 7, 99)}
    assert store.census.totals().articles == len(kept)


def test_item_still_in_the_feed_does_not_come_back(store: Store) -> None:
    """A feed that lists its items for years would make old news new, and raise the same alert again."""
    read(store, arrival(1, seen=NOON), newest())
    clean(store)
    again = [arrival(1, seen=LATE), arrival(1, guid="another guid", seen=LATE), arrival(2, seen=LATE)]

    saved = store.feeds.save_poll(state(), again)

    assert (saved.new, saved.edited) == (1, 0)


def test_edit_of_a_dropped_item_is_no_news(store: Store) -> None:
    """A publisher who touches an old page would make an article of it."""
    read(store, arrival(1), newest())
    clean(store)

    assert store.feeds.save_poll(state(), [arrival(1, text="Other words by now.", seen=LATE)]).new == 0


def test_identity_goes_once_the_feed_has_long_shown_without_it(store: Store) -> None:
    """Tombstones would pile up for ever."""
    read(store, arrival(1), newest())
    clean(store)
    store.feeds.save_poll(state(), [arrival(50, seen=LATE + timedelta(days=20))])
    assert clean(store, days=421) == "nothing to drop"
    store.feeds.save_poll(state(), [arrival(51, seen=LATE + timedelta(days=31))])

    assert clean(store, days=431) == "1 identities forgotten"


def test_identity_stays_while_the_feed_lists_it_or_says_nothing(store: Store) -> None:
    """An item that a feed lists for years, or that stands in a feed that never changes, would come back one day."""
    read(store, arrival(1), newest())
    clean(store)
    clean(store, days=800)  # The feed was not seen since.
    assert store.feeds.save_poll(state(), [arrival(1, seen=LATE)]).new == 0
    for day in range(0, 120, 20):
        store.feeds.save_poll(state(), [arrival(1, seen=LATE + timedelta(days=day)), arrival(60, seen=LATE)])

        clean(store, days=400 + day)

    assert store.feeds.save_poll(state(), [arrival(1, seen=LATE + timedelta(days=120))]).new == 0


def test_numbers_are_not_given_out_again(store: Store) -> None:
    """A new article would take the number of an old one, and pass for the origin of that one's story."""
    read(store, arrival(1), arrival(2))
    before = store.census.totals().articles

    clean(store)
    store.feeds.save_poll(state(), [arrival(3, seen=LATE)])

    (article,) = store.articles.wanting_reading(10)
    assert article.id > before


def test_batches_go_on_past_what_stays(store: Store) -> None:
    """More kept articles than one batch holds would stop housekeeping for good."""
    read(store, *(arrival(n, seen=later(seconds=n)) for n in range(1, 8)), newest())
    needed = Needed(frozenset(), frozenset(f"https://gazette.example/{n}" for n in (1, 2, 3)))

    first = store.retention.drop_articles(later(days=300), needed, LATE, limit=3)
    second = store.retention.drop_articles(later(days=300), needed, LATE, after=first.last, limit=3)

    assert (first.done, second.done) == (0, 3)


def test_notices_go_but_not_what_tells_how_an_outage_stands(store: Store) -> None:
    """The list of notices would grow for ever, or an outage that goes on be told anew."""
    for n in range(6):  # the one fault and the other, by turns
        store.notices.observe({("poll", "coverage")[n % 2]: ("down", NOON)}, later(days=n), timedelta(minutes=1))
        store.notices.write_once(f"{DIGEST}2025-06-0{n + 1}", later(days=n))
        while row := store.notices.claim(later(days=n)):
            store.notices.sent(row.id, receipt="1.2", now=later(days=n))

    assert clean(store).startswith("15 notices dropped")  # 6 beginnings, 5 ends and 6 digests, but for the last of each
    assert [row.topic for row in store.notices.outages()] == ["coverage"]
    assert "nothing to drop" in clean(store)


def test_sqlite_file_shrinks(tmp_path: Path) -> None:
    """Room that was given up would stay taken on the disk."""
    file = tmp_path / "store.db"
    with Store.open(f"sqlite:///{file}") as store:
        long = "A sentence that says little, over and over again. " * 200
        read(store, *(arrival(n, text=f"{n} {long}") for n in range(1, 400)), newest())
        before = store.retention.size()

        clean(store)

        assert store.retention.size() < before / 5
    assert file.stat().st_size < before / 5
    with sqlite3.connect(file) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def test_file_that_cannot_shrink_ends_housekeeping_all_the_same(tmp_path: Path) -> None:
    """A database that somebody repaired by dumping it into a new file would keep housekeeping busy for ever."""
    file = tmp_path / "store.db"
    with sqlite3.connect(file) as raw:
        raw.execute("CREATE TABLE made_by_hand (a)")
    raw.close()
    with Store.open(f"sqlite:///{file}") as store:
        read(store, *(arrival(n, text="Little is said here. " * 400) for n in range(1, 40)), newest())

        assert "articles dropped" in clean(store)
        assert store.retention.give_back() == 0


def test_housekeeping_lets_others_write(tmp_path: Path) -> None:
    """A poll would wait for the database until a whole year is dropped."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store, Store.open(f"sqlite:///{tmp_path}/store.db") as other:
        read(store, *(arrival(n, guid=f"g{n}", url=f"https://g.example/{n}") for n in range(1, 500)), newest())
        polls = []

        tidy(rules(), store, LATE, rest=lambda _: polls.append(other.feeds.save_poll(state(), [])))

        assert len(polls) >= 3


def test_nothing_else_refers_to_what_is_dropped() -> None:
    """A later table that points at articles or readings would make the database refuse every deletion."""
    dropped = {"article": {"reading"}, "reading": set[str]()}
    refers = {
        name: {
            t.name for t in schema.metadata.tables.values() for key in t.foreign_keys if key.column.table.name == name
        }
        for name in dropped
    }

    assert refers == dropped
