"""Copies: one story in forty outlets is one origin, and two stories are two."""

from __future__ import annotations

import struct
import tracemalloc
from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np
import pytest

from volteface.copies import TITLE_WINDOW, WINDOW, CopyIndex, Place, Sketch, sketch

NOON = datetime(2025, 4, 8, 12, tzinfo=UTC)
WORDS = [f"{a}{b}" for a in ("river", "stone", "cloud", "maple", "iron", "candle") for b in range(40)]
STORY = " ".join(WORDS[:160])
OTHER = " ".join(reversed(WORDS[60:220]))
TRANSCRIPT = [f"{word}{part}" for part in range(8) for word in WORDS]


def place(index: CopyIndex, number: int, title: str, text: str = "", outlet: str = "", later_h: float = 0) -> Place:
    at = NOON + timedelta(hours=later_h)
    return index.place(number, outlet or f"outlet {number}", sketch(title, text), at)


def test_wire_story_in_forty_outlets_is_one_origin() -> None:
    """Forty carriers of one report would look like forty confirmations."""
    index = CopyIndex()
    origins = {
        place(index, n, f"Headline number {n} of somebody", f"OMAN (Wire) — {STORY} Outlet {n}.").origin_id
        for n in range(1, 41)
    }

    assert origins == {1}


def test_abridged_copy_shares_the_origin_and_repeats() -> None:
    """A copy cut to a third would count as a second, independent report."""
    index = CopyIndex()
    place(index, 1, "The wire's own headline stands here", STORY)

    assert place(index, 2, "A subscriber wrote another headline", " ".join(WORDS[:60])) == Place(1, repeats=True)


def test_copy_with_news_of_its_own_is_to_be_read() -> None:
    """What a newsroom adds to an agency's story would never be read."""
    index = CopyIndex()
    place(index, 1, "The wire's own headline stands here", STORY)

    assert place(index, 2, "Agency story with reporting added", f"{STORY} {' '.join(WORDS[190:])}") == Place(1)


def test_other_story_is_its_own_origin() -> None:
    """Two newsrooms that report independently would be counted as one."""
    index = CopyIndex()
    place(index, 1, "First story of that day at noon", STORY)

    assert place(index, 2, "Second story of the day at noon", OTHER) == Place(2)


@pytest.mark.parametrize(
    "title",
    [
        "Minister says talks in Muscat start on Saturday - The Daily Example",
        "Minister says talks in Muscat start on Saturday | Example News",
        "Minister says the talks in Muscat will start on Saturday",
    ],
)
def test_aggregator_headline_is_a_copy(title: str) -> None:
    """An aggregator that appends the outlet's name would double every report."""
    index = CopyIndex()
    place(index, 1, "Minister says talks in Muscat start on Saturday")

    assert place(index, 2, title) == Place(1, repeats=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Iran ready to hold direct talks with US this week", "Iran not ready to hold direct talks with US this week"),
        (
            "Army says wave 31 of missiles has been launched today",
            "Army says wave 32 of missiles has been launched today",
        ),
        ("President accepts offer of talks made by mediator", "President rejects offer of talks made by mediator"),
    ],
)
def test_denial_or_other_number_is_no_copy(first: str, second: str) -> None:
    """The reversal itself would be dropped as a copy of what it reverses."""
    index = CopyIndex()
    place(index, 1, first)

    assert place(index, 2, second) == Place(2)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Iran shuts the Strait of Hormuz to tankers", "Iran opens the Strait of Hormuz to tankers"),
        ("Iran opens the Strait of Hormuz", "Iran opens the Strait of Hormuz after ultimatum"),
    ],
)
def test_headline_with_a_word_of_its_own_is_to_be_read(first: str, second: str) -> None:
    """A reversal in one verb would never be read where a feed has no more than headlines."""
    index = CopyIndex()
    place(index, 1, first)

    assert not place(index, 2, second).repeats


def test_headline_repeated_days_later_is_news() -> None:
    """A statement made again next week would be taken for last week's."""
    index = CopyIndex()
    title = "President warns of grave consequences for shipping"
    place(index, 1, title)

    assert place(index, 2, title, later_h=TITLE_WINDOW / timedelta(hours=1) + 1).origin_id == 2


def test_site_furniture_does_not_make_copies() -> None:
    """A paywall's boilerplate under every headline would merge an outlet's whole output into one story."""
    index = CopyIndex()
    titles = ["Envoy flies to Oman for talks", "Oil falls after the truce holds", "Senate votes on war powers bill"]

    assert [place(index, n, t, STORY, outlet="Paywalled").origin_id for n, t in enumerate(titles, 1)] == [1, 2, 3]


def test_copies_chain_to_the_first() -> None:
    """A copy of a copy would become an origin of its own."""
    index = CopyIndex()
    place(index, 1, "One headline for this very story", STORY)
    place(index, 2, "Two headline for that very story", STORY)

    assert place(index, 3, "Three headline about such story", STORY).origin_id == 1


def test_sketch_survives_the_store() -> None:
    """After a restart the first copy of a known story would be taken for an origin."""
    kept = sketch("Envoy does not fly to Oman for talks", STORY)
    back = Sketch.from_bytes(kept.to_bytes())
    index = CopyIndex()
    index.restore(7, 7, "first outlet", back, NOON)

    assert back.title == kept.title
    assert place(index, 8, "Some other headline for it", STORY).origin_id == 7


def test_placing_again_gives_the_same_origin() -> None:
    """An article that was edited would become a copy of itself, and not be read again."""
    index = CopyIndex()
    place(index, 1, "One headline for this very story", STORY)
    place(index, 2, "Two headline for that very story", STORY)

    assert place(index, 2, "Two headline for that very story", STORY + " more") == Place(1)


def test_memory_is_bounded_by_age_and_number() -> None:
    """A monitor that runs for months would grow until it is killed."""
    index = CopyIndex(limit=10)
    for n in range(1, 31):
        place(index, n, f"Headline number {n} of a long day", f"{STORY} {n}", later_h=n / 10)
    full = len(index)
    place(index, 99, "Much later headline of its own", OTHER, later_h=4 + WINDOW / timedelta(hours=1))

    assert (full, len(index)) == (10, 1)


def test_restored_index_is_bounded() -> None:
    """A start after weeks of a large desk would take more memory than the run before it."""
    index = CopyIndex(limit=10)
    for n in range(1, 31):
        index.restore(n, n, "outlet", sketch(f"Headline number {n} of a long day", STORY), NOON)

    assert len(index) == 10


def test_empty_article_is_its_own_origin() -> None:
    """Articles without any words would all be copies of each other."""
    index = CopyIndex()

    assert [place(index, n, "").origin_id for n in (1, 2)] == [1, 2]


def test_copy_of_the_end_of_a_long_text_shares_the_origin() -> None:
    """Of a speech whose second half an outlet prints we would make two sources."""
    index = CopyIndex()
    place(index, 1, "The office prints the whole speech", " ".join(TRANSCRIPT))

    assert place(index, 2, "A daily prints how the speech ended", " ".join(TRANSCRIPT[1000:])).origin_id == 1


def test_long_text_with_news_of_its_own_is_to_be_read() -> None:
    """A sample of a long text would hide the tenth of it that is new."""
    index = CopyIndex()
    place(index, 1, "The wire's own headline stands here", " ".join(TRANSCRIPT[:1500]))

    assert place(index, 2, "Agency story, then reporting added", " ".join(TRANSCRIPT[:1700])) == Place(1)


def test_stock_phrases_are_no_furniture() -> None:
    """A copy would not be found because other stories use some of its phrases."""
    index, phrases = CopyIndex(), " ".join(WORDS[:20])
    place(index, 1, "The wire's own headline stands here", STORY)
    for n, part in enumerate((TRANSCRIPT[400:460], TRANSCRIPT[800:860], TRANSCRIPT[1200:1260]), 2):
        place(index, n, f"Story {n} with no more than a phrase", f"{phrases} {' '.join(part)}")

    assert place(index, 9, "A subscriber cut it to fifty words", " ".join(WORDS[:50])).origin_id == 1


def test_whole_sketches_of_the_released_version_still_match() -> None:
    """After an upgrade the copies of the last 14 days' stories would all be news."""
    words = TRANSCRIPT[:600]
    shingles = sorted({crc32(" ".join(words[n : n + 5]).encode()) for n in range(596)})
    blob = struct.pack("<HH", len(shingles), 0) + np.array(shingles, dtype="<u4").tobytes()
    index = CopyIndex()
    index.restore(7, 7, "first outlet", Sketch.from_bytes(blob), NOON)

    assert place(index, 8, "Some other headline for it", " ".join(words)) == Place(7, repeats=True)


def test_hundred_thousand_articles_fit_in_300_megabytes() -> None:
    """A fortnight of busy feeds would not fit on a small machine."""
    chance, articles = np.random.default_rng(1), 500
    known = sketch("Nine words stand in the headline of this article", " ".join(TRANSCRIPT))
    texts = [np.unique(chance.integers(0, 2**31, 256, dtype=np.uint32)) for _ in range(articles)]
    tracemalloc.start()
    index = CopyIndex()
    for n, text in enumerate(texts):
        index.restore(n, n, "outlet", Sketch(text, 1, known.title), NOON)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size / articles < 3000
