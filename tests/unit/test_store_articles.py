"""Articles waiting for their text and for their reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
import sqlalchemy as sa
from store_samples import NOON, arrival, feed, later, outcome, reading, state, stored

from volteface.store import Counts, Fingerprint, Store
from volteface.store.schema import article as table
from volteface.types import Article, Observation, TextSource


def _settle(store: Store, article: Article, text: str = "The whole page.", at: datetime = NOON) -> None:
    store.articles.save_text(
        article.id,
        text=text,
        text_source=TextSource.PAGE,
        published=later(hours=-3),
        lang="de",
        note="from the page",
        now=at,
    )


def test_an_article_waits_for_its_text_before_it_is_read(store: Store) -> None:
    """A summary read in place of the article would miss most positions."""
    assert [found.guid for found in stored(store, arrival(1), arrival(2, complete=False))] == ["g1"]
    [waiting] = store.articles.wanting_text(10)
    _settle(store, waiting)
    assert store.articles.wanting_text(10) == []
    settled = replace(
        waiting,
        text="The whole page.",
        text_source=TextSource.PAGE,
        published=later(hours=-3),
        lang="de",
        complete=True,
    )
    assert settled in store.articles.wanting_reading(10)


def test_text_is_settled_once(store: Store) -> None:
    """A second run that raced the first would put other words under readings that exist."""
    stored(store, arrival(complete=False))
    [waiting] = store.articles.wanting_text(10)
    _settle(store, waiting)
    _settle(store, waiting, text="Another text.")
    assert store.articles.wanting_reading(10)[0].text == "The whole page."


def test_queues_are_in_order_of_arrival_then_publication(store: Store) -> None:
    """A copy read before its original would be taken for the origin."""
    stored(store, arrival(1, seen=later(minutes=5)), arrival(3), arrival(2), arrival(4, published=arrival(2).published))
    queue = store.articles.wanting_reading(10)
    assert [found.guid for found in queue] == ["g2", "g4", "g3", "g1"]
    assert store.articles.wanting_reading(2) == queue[:2]


def test_reading_an_article_takes_it_from_the_queue(store: Store) -> None:
    """Every run would read everything again."""
    first, second = stored(store, arrival(1), arrival(2))
    store.articles.save_read([outcome(first, reading())], NOON)
    assert store.articles.wanting_reading(10) == [second]


def test_a_batch_saved_twice_counts_once(store: Store) -> None:
    """Two analyze runs that overlap would double each statement's weight."""
    [found] = stored(store)
    store.articles.save_read([outcome(found, reading())], NOON)
    store.articles.save_read([outcome(found, reading(), reading(-0.5))], later(minutes=1))
    assert [seen.stance for seen in store.readings.undetected(10)] == [0.5]


def test_a_batch_is_saved_together_or_not_at_all(store: Store) -> None:
    """Half a batch would leave articles marked as read without their readings."""
    first, second = stored(store, arrival(1), arrival(2))
    broken = outcome(second, reading(holder=None))
    with pytest.raises(Exception, match="holder"):
        store.articles.save_read([outcome(first, reading()), broken], NOON)
    assert store.articles.wanting_reading(10) == [first, second]
    assert store.readings.undetected(10) == []


def test_an_outcome_for_a_text_that_was_edited_meanwhile_is_void(store: Store) -> None:
    """A quote would be shown that the article no longer holds."""
    [before] = stored(store)
    store.feeds.save_poll(state(), [arrival(text="Corrected: no talks.")])
    store.articles.save_read([outcome(before, reading())], NOON)
    assert store.readings.undetected(10) == []
    assert [found.revision for found in store.articles.wanting_reading(10)] == [1]


def test_a_reading_comes_back_with_its_article(store: Store) -> None:
    """An alert shows quote, outlet and link: one wrong column is a false claim about somebody."""
    store.feeds.sync([feed(family="Group")], NOON)
    store.feeds.save_poll(state(), [arrival()])
    [found] = store.articles.wanting_reading(10)
    given = reading(stance=1 / 3)
    store.articles.save_read([outcome(found, given, origin_id=77)], NOON)
    [seen] = store.readings.undetected(10)
    assert seen == Observation(
        reading_id=seen.reading_id,
        holder=given.holder,
        axis=given.axis,
        stance=1 / 3,
        mode=given.mode,
        confidence=given.confidence,
        quote=given.quote,
        person=given.person,
        article_id=found.id,
        origin_id=77,
        outlet="Gazette",
        family="Group",
        url=found.url,
        published=found.published,
        seen=found.seen,
        start=given.start,
    )


def test_an_outlet_without_a_family_is_its_own(store: Store) -> None:
    """All outlets without a family would count as one origin."""
    [found] = stored(store)
    store.articles.save_read([outcome(found, reading())], NOON)
    assert store.readings.undetected(1)[0].family == "Gazette"


def test_fingerprints_are_those_of_articles_read_since(store: Store) -> None:
    """Copies are found among them: a missing one makes a second origin of one story."""
    old, first, second = stored(store, arrival(1, seen=later(days=-20)), arrival(2), arrival(3))
    signed = [outcome(found, signature=found.guid.encode(), origin_id=first.id) for found in (old, first)]
    store.articles.save_read([*signed, outcome(second)], NOON)
    found = list(store.articles.fingerprints(later(days=-14)))
    assert found == [Fingerprint(first.id, first.id, "Gazette", first.seen, b"g2")]


def test_embeddings_are_kept_at_half_precision(store: Store) -> None:
    """At full precision a year of news would need twice the disk; at less, topics would blur."""
    first, second, third = stored(store, arrival(1), arrival(2), arrival(3))
    vectors = np.random.default_rng(1).normal(size=(2, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    done = [outcome(first, embedding=vectors[0]), outcome(second), outcome(third, embedding=vectors[1])]
    store.articles.save_read(done, NOON)
    ids, kept = store.articles.embeddings(NOON)
    assert ids.tolist() == [first.id, third.id]
    assert kept.dtype == np.float32
    np.testing.assert_allclose(kept, vectors, atol=1e-3)
    assert store.articles.embeddings(later(days=1))[1].shape == (0, 0)


def test_counts_tell_how_far_the_articles_have_come(store: Store) -> None:
    """`volteface status` would hide that a language is not read, or that a queue grows."""
    first, second, third, _ = stored(
        store,
        *(arrival(number) for number in (1, 2)),
        arrival(3, lang="fa"),
        arrival(4, lang="fa"),
        arrival(5, complete=False),
        arrival(6, seen=later(days=-9), published=later(days=-9)),
    )[1:]
    store.articles.save_read(
        [outcome(first), outcome(second, origin_id=first.id), outcome(third, note="language fa")], NOON
    )
    assert store.articles.counts(later(days=-1)) == Counts(
        seen=5,
        wanting_text=1,
        wanting_reading=1,
        read=3,
        copies=1,
        languages=(("en", 3), ("fa", 2)),
        notes=(("language fa", 1),),
    )


def test_a_note_of_the_text_step_survives_the_reading(store: Store) -> None:
    """Nobody could find out why an outlet's pages give no text."""
    stored(store, arrival(complete=False))
    [waiting] = store.articles.wanting_text(10)
    _settle(store, waiting)
    store.articles.save_read([outcome(waiting)], NOON)
    assert store.articles.counts(NOON).notes == (("from the page", 1),)


@pytest.mark.parametrize(
    ("index", "where"),
    [
        ("ix_article_wanting_text", table.c.text_at.is_(None)),
        ("ix_article_wanting_reading", table.c.read_at.is_(None) & table.c.text_at.is_not(None)),
    ],
)
def test_each_queue_is_served_by_its_index(database_url: str, index: str, where: sa.ColumnElement[bool]) -> None:
    """After a year, every run would read the whole table to find a dozen rows."""
    order = (table.c.seen, table.c.published, table.c.id)
    query = sa.select(table.c.title).where(where).order_by(*order).limit(10)
    engine = sa.create_engine(database_url)
    sql = str(query.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            for step in ("seqscan", "bitmapscan", "sort", "incremental_sort"):  # what it prefers for a small table
                connection.exec_driver_sql(f"SET enable_{step} = off")
        explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = str(connection.exec_driver_sql(f"{explain} {sql}").all())
    engine.dispose()
    assert index in plan
    assert "SORT" not in plan.upper()
    assert "TEMP B-TREE" not in plan
