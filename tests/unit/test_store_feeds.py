"""Feed state, and articles arriving with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC
from threading import Barrier

import pytest
from store_samples import NOON, arrival, feed, later, outcome, reading, state, stored

from volteface.errors import StoreError
from volteface.feed_types import FeedState
from volteface.store import PollSaved, Store
from volteface.store.arrivals import MAX_EDITS
from volteface.types import TextSource


def _ids(states: list[FeedState]) -> list[str]:
    return [found.feed for found in states]


def test_new_feeds_are_due_at_once(store: Store) -> None:
    """The first `volteface poll` would do nothing."""
    store.feeds.sync([feed("bb"), feed("aa")], NOON)
    assert _ids(store.feeds.due(NOON)) == ["aa", "bb"]
    assert store.feeds.due(later(seconds=-1)) == []


def test_the_state_of_a_poll_comes_back_exactly(store: Store) -> None:
    """A lost ETag would download every feed in full, every time."""
    after = state(
        etag='W/"x"',
        modified="Sun, 01 Jun 2025",
        body_hash="ab",
        interval_s=1 / 3,
        succeeded=later(microseconds=1),
        newest=later(hours=-2),
        failures=3,
        error="503",
        moved_to="https://new.example/",
        moves=2,
    )
    store.feeds.sync([feed()], NOON)
    store.feeds.save_poll(after, [])
    assert store.feeds.all() == [after]


def test_due_feeds_come_longest_overdue_first(store: Store) -> None:
    """With a limit, one feed could otherwise starve."""
    store.feeds.sync([feed("aa"), feed("bb"), feed("cc")], NOON)
    for name, minutes in (("aa", 2), ("bb", 1), ("cc", 9)):
        store.feeds.save_poll(state(name, next_due=later(minutes=minutes)), [])
    assert _ids(store.feeds.due(later(minutes=5))) == ["bb", "aa"]
    assert _ids(store.feeds.due(later(minutes=5), limit=1)) == ["bb"]


def test_gone_disabled_and_removed_feeds_are_not_polled(store: Store) -> None:
    """A desk that removes a source expects silence from it."""
    store.feeds.sync([feed("aa"), feed("bb"), feed("cc"), feed("dd")], NOON)
    store.feeds.save_poll(state("aa", gone=True), [])
    store.feeds.sync([feed("aa"), feed("bb", enabled=False), feed("dd")], NOON)
    assert _ids(store.feeds.due(later(days=1))) == ["dd"]
    assert _ids(store.feeds.all()) == ["aa", "dd"]


def test_a_sync_that_changes_nothing_keeps_the_state(store: Store) -> None:
    """Every start of the service would poll everything again."""
    store.feeds.sync([feed()], NOON)
    store.feeds.save_poll(state(etag="x", failures=2), [])
    store.feeds.sync([feed()], later(minutes=1))
    assert store.feeds.all() == [state(etag="x", failures=2)]


def test_a_feed_that_moved_itself_is_not_reset_by_a_sync(store: Store) -> None:
    """A permanent redirect that the poll took over would be forgotten at each start."""
    store.feeds.sync([feed()], NOON)
    moved = state(url="https://new.example/feed", etag="x")
    store.feeds.save_poll(moved, [])
    store.feeds.sync([feed()], NOON)
    assert store.feeds.all() == [moved]


def test_a_changed_url_starts_afresh(store: Store) -> None:
    """The ETag of one URL at another would answer 304 for ever; `gone` was said of the old one."""
    store.feeds.sync([feed()], NOON)
    store.feeds.save_poll(state(etag="x", gone=True, failures=9, error="410"), [])
    store.feeds.sync([feed(url="https://gazette.example/new")], later(hours=1))
    assert store.feeds.due(later(hours=1)) == [
        FeedState("gazette", "https://gazette.example/new", next_due=later(hours=1))
    ]


def test_syncs_at_once_do_not_get_in_each_others_way(store: Store) -> None:
    """All flows of the service start together, and each syncs the same feeds."""
    feeds = [feed(f"feed_{number}") for number in range(100)]
    together = Barrier(3)

    def sync(_: int) -> None:
        together.wait()
        store.feeds.sync(feeds, NOON)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(sync, range(3)))
    assert len(store.feeds.due(NOON)) == 100


def test_a_poll_of_an_unknown_feed_saves_nothing(store: Store) -> None:
    """Articles without their source could never be quoted."""
    with pytest.raises(StoreError, match="does not know this feed: gazette"):
        store.feeds.save_poll(state(), [arrival()])


def test_an_article_is_taken_once(store: Store) -> None:
    """A feed repeats its items at every poll: each must be read once."""
    assert stored(store, arrival(1), arrival(2))[0].title == arrival(1).title
    again = store.feeds.save_poll(state(), [arrival(2), arrival(3), arrival(3)])
    assert again == PollSaved(new=1, edited=0, known=2)
    assert [found.guid for found in store.articles.wanting_reading(10)] == ["g1", "g2", "g3"]


def test_an_article_comes_back_as_it_was_given(store: Store) -> None:
    """Quotes are spans of the text: one changed character breaks them."""
    given = arrival(
        text="“Talks” — نعم 🕊\n\nline two", opinion=True, stale=True, lang="fa", text_source=TextSource.PAGE
    )
    [found] = stored(store, given)
    kept = {name: getattr(found, name) for name in given.__dataclass_fields__}
    assert type(given)(**kept) == given
    assert (found.outlet, found.revision, found.seen.tzinfo) == ("Gazette", 0, UTC)


def test_the_same_guid_in_two_feeds_is_two_articles(store: Store) -> None:
    """Numbers such as `1` are guids in many feeds."""
    store.feeds.sync([feed("aa"), feed("bb")], NOON)
    for name in ("aa", "bb"):
        assert store.feeds.save_poll(state(name), [arrival(feed=name)]).new == 1


def test_a_new_guid_for_a_known_link_is_the_same_article(store: Store) -> None:
    """Publishers that change guids would have each story told twice."""
    stored(store, arrival(1))
    assert store.feeds.save_poll(state(), [arrival(1, guid="other")]) == PollSaved(known=1)


def test_a_channel_s_items_of_several_polls_stay_apart(store: Store) -> None:
    """A channel with one address for all would look like one article, edited daily: its news would keep an old date."""
    store.feeds.sync([feed()], NOON)
    url = "https://channel.example/"
    assert [store.feeds.save_poll(state(), [arrival(number, url=url)]).new for number in (1, 2, 3)] == [1, 1, 1]
    assert store.feeds.save_poll(state(), [arrival(2, url=url, guid="other", text="Corrected.")]) == PollSaved(edited=1)


def test_where_guid_and_link_disagree_the_guid_decides(store: Store) -> None:
    """Two items that swapped places would overwrite each other at every poll."""
    stored(store, arrival(1))
    batch = [
        arrival(2, guid="other", url=arrival(1).url, published=arrival(1).published),
        arrival(1, url="https://gazette.example/moved", text="New."),
    ]
    assert store.feeds.save_poll(state(), batch) == PollSaved(new=1, edited=1)
    assert store.feeds.save_poll(state(), batch) == PollSaved(known=2)


def test_items_that_share_a_front_page_link_stay_apart(store: Store) -> None:
    """Some agencies link every item to their start page: all but one would be lost."""
    items = [arrival(number, url="https://gazette.example/") for number in (1, 2, 3)]
    assert len(stored(store, *items)) == 3
    assert store.feeds.save_poll(state(), items) == PollSaved(known=3)


def test_items_without_a_link_stay_apart(store: Store) -> None:
    """An empty link identifies nothing."""
    assert len(stored(store, arrival(1, url=""), arrival(2, url="", title=arrival(1).title))) == 2


def test_guids_and_links_of_any_length_are_kept(store: Store) -> None:
    """PostgreSQL refuses index entries over 2.7 kB: one odd feed would fail at every poll."""
    long = "https://gazette.example/" + "".join(f"{number:x}" for number in range(5000))
    [found] = stored(store, arrival(1, guid=long, url=long))
    assert (found.guid, found.url) == (long, long)
    assert store.feeds.save_poll(state(), [arrival(1, guid=long, url=long)]) == PollSaved(known=1)


def test_an_edited_article_is_read_again(store: Store) -> None:
    """A corrected headline can turn the meaning round."""
    [before] = stored(store)
    store.articles.save_read([outcome(before, reading())], NOON)
    edit = arrival(title="Minister does not speak", seen=later(hours=2), published=later(hours=2))
    assert store.feeds.save_poll(state(), [edit]) == PollSaved(edited=1)
    [after] = store.articles.wanting_reading(10)
    expected = replace(before, title="Minister does not speak", revision=1)
    assert after == expected
    assert (after.seen, after.published) == (before.seen, before.published)


def test_an_edit_deletes_readings_that_nobody_acted_on(store: Store) -> None:
    """A withdrawn sentence would still raise an alert."""
    [before] = stored(store)
    store.articles.save_read([outcome(before, reading())], NOON)
    store.feeds.save_poll(state(), [arrival(text="The minister said nothing.")])
    assert store.readings.undetected(10) == []


def test_an_edit_does_not_count_the_same_words_twice(store: Store) -> None:
    """Each correction of a typo would weigh like another statement."""
    [before] = stored(store)
    store.articles.save_read([outcome(before, reading())], NOON)
    [seen] = store.readings.undetected(10)
    store.readings.save_detection([seen.reading_id], [], [], NOON)
    store.feeds.save_poll(state(), [arrival(title="Minister speaks up")])
    [after] = store.articles.wanting_reading(10)
    fresh = reading(-0.5, quote="no talks")
    store.articles.save_read([outcome(after, reading(start=29, end=45), fresh)], NOON)
    assert [found.quote for found in store.readings.undetected(10)] == ["no talks"]


def test_what_only_the_edit_says_was_seen_with_the_edit(store: Store) -> None:
    """A live page's news of the evening would be told as this morning's, and its alert would stand before others."""
    [first] = stored(store, arrival(1))
    store.articles.save_read([outcome(first, reading(0.5))], NOON)
    store.readings.save_detection([o.reading_id for o in store.readings.undetected(9)], [], [], NOON)
    [edited] = stored(store, arrival(1, text="The minister rejects talks.", seen=later(hours=6)))
    store.articles.save_read([outcome(edited, reading(-0.7, quote="rejects talks"))], later(hours=6))

    [new] = store.readings.undetected(9)
    assert (new.seen, new.published) == (later(hours=6), arrival(1).published)


def test_a_change_of_blanks_is_no_edit(store: Store) -> None:
    """Reformatted feeds would have everything read again."""
    stored(store)
    spaced = arrival(text=arrival().text.replace(" ", "\n  "))
    assert store.feeds.save_poll(state(), [spaced]) == PollSaved(known=1)


def test_the_page_text_is_not_mistaken_for_an_edit(store: Store) -> None:
    """Every poll would fetch every page again."""
    stored(store, arrival(complete=False))
    [waiting] = store.articles.wanting_text(10)
    store.articles.save_text(
        waiting.id, text="Long.", text_source=TextSource.PAGE, published=NOON, lang="en", note="", now=NOON
    )
    assert store.feeds.save_poll(state(), [arrival(complete=False)]) == PollSaved(known=1)
    assert store.articles.wanting_text(10) == []


def test_an_article_that_changes_at_every_poll_is_left_alone_in_the_end(store: Store) -> None:
    """A counter in the text (`12 comments`) would keep the reader busy for ever."""
    stored(store)
    edits = [store.feeds.save_poll(state(), [arrival(text=f"{n} comments")]).edited for n in range(MAX_EDITS + 2)]
    assert sum(edits) == MAX_EDITS


def test_a_large_feed_fits(store: Store) -> None:
    """Databases bound the parameters of one statement."""
    many = [arrival(number) for number in range(3000)]
    store.feeds.sync([feed()], NOON)
    assert store.feeds.save_poll(state(), many) == PollSaved(new=3000)
    assert store.feeds.save_poll(state(), many) == PollSaved(known=3000)


def test_state_and_articles_are_saved_together_or_not_at_all(store: Store) -> None:
    """A new ETag without its articles would lose them: the next poll answers 304."""
    store.feeds.sync([feed()], NOON)
    broken = arrival(2, seen=NOON.replace(tzinfo=None))
    with pytest.raises(StoreError):
        store.feeds.save_poll(state(etag="new"), [arrival(1), broken])
    assert store.feeds.all()[0].etag is None
    assert store.articles.counts(later(days=-9)).seen == 0


def test_messages_do_not_carry_articles(store: Store) -> None:
    """One failed batch once wrote 30 kB of news into a log."""
    store.feeds.sync([feed()], NOON)
    with pytest.raises(StoreError) as caught:
        store.feeds.save_poll(state(), [arrival(text="rare words", seen=NOON.replace(tzinfo=None))])
    assert "rare words" not in str(caught.value)
