"""An archive as the desk's past: nothing old is told, nothing new is missed, positions start where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from backfill_samples import SPRING, past_item, write_archive
from fakes import LengthEmbedder, MarkedReader
from plain_rules import plainly_ruled
from store_samples import arrival, feed, state

from volteface.analyze import analyze
from volteface.backfill import survey
from volteface.config import Config
from volteface.detect import detect, seeds
from volteface.past import PastReport, remember
from volteface.retention import tidy
from volteface.store import Store
from volteface.types import Extractors, Standing

SUMMER = SPRING + timedelta(days=90)
KEY = ("iran_supreme_leader", "negotiation")
OFFER = "The Leader sends envoys to Muscat. {iran_supreme_leader negotiation +0.7 act 1.0}"
REPEAT = "His envoys stay in Muscat for talks. {iran_supreme_leader negotiation +0.7 act 1.0}"
REFUSAL = "The Leader calls the envoys home. {iran_supreme_leader negotiation -1.0 act 1.0}"


@pytest.fixture(scope="module")
def config() -> Config:
    return plainly_ruled()


def backfill(config: Config, store: Store, folder: Path, items: Sequence[dict[str, Any]], now: datetime) -> PastReport:
    return remember(config, store, survey([write_archive(folder / "a.jsonl", items)]), MarkedReader(), now)


def offers() -> list[dict[str, Any]]:
    """Two outlets that tell of the same turn, a repetition of one word by word, and a report in German."""
    long = " ".join(f"word{n}" for n in range(90)) + f"\n{OFFER}"
    return [
        past_item(1, long, SPRING),
        past_item(2, REPEAT, SPRING + timedelta(hours=1)),
        past_item(3, long, SPRING + timedelta(hours=2)),
        past_item(4, "Nachricht aus Maskat.", SPRING + timedelta(hours=3), lang="de"),
    ]


def live(config: Config, store: Store, now: datetime, *texts: str) -> list[tuple[str, float, float]]:
    """News through the real steps; the alerts as (direction, before, after)."""
    news = [feed(f"live{number}") for number in range(len(texts))]
    store.feeds.sync(news, now)
    for source, text in zip(news, texts, strict=True):
        one = arrival(
            now.day, feed=source.id, title=text[:30], text=text, published=now - timedelta(minutes=5), seen=now
        )
        store.feeds.save_poll(state(source.id, checked=now), [one])
    analyze(config, store, Extractors(LengthEmbedder(), MarkedReader()), now)
    return [(shift.direction, shift.before, shift.after) for shift in detect(config, store, now).shifts]


def test_nothing_old_is_told(config: Config, store: Store, tmp_path: Path) -> None:
    """A channel would get the alerts of a whole year at once."""
    report = backfill(config, store, tmp_path, offers(), SUMMER)

    assert (report.articles, report.readings, report.recent) == (4, 2, 0)
    assert not store.articles.wanting_text(10)
    assert not store.articles.wanting_reading(10)
    assert detect(config, store, SUMMER).observations == 0
    assert (store.alerts.recent(10), store.outbox.pending()) == ([], [])


def test_positions_have_a_past(config: Config, store: Store, tmp_path: Path) -> None:
    """A chart would be empty before the first day of the desk; or a wire story count as often as it was printed."""
    backfill(config, store, tmp_path, offers(), SUMMER)

    first, second = store.readings.history(*KEY, SPRING - timedelta(days=1), SUMMER)

    assert (first.published, first.stance, first.quote) == (SPRING, 0.7, "The Leader sends envoys to Muscat.")
    assert first.origin_id != second.origin_id
    counts = store.articles.counts(SPRING - timedelta(days=1))
    assert (counts.copies, dict(counts.notes)) == (1, {"copy": 1, "language de": 1})


def test_a_second_run_adds_nothing(config: Config, store: Store, tmp_path: Path) -> None:
    """Whoever goes on after a kill, or adds next month's archive, would have the old one twice."""
    backfill(config, store, tmp_path, offers()[:2], SUMMER)
    before = store.ledger.all()

    again = backfill(config, store, tmp_path, offers(), SUMMER)

    assert (again.articles, again.readings) == (2, 0)
    assert store.census.totals().articles == 4
    assert store.ledger.all()[KEY].value == before[KEY].value


def test_what_is_still_news_is_left_to_the_feeds(config: Config, store: Store, tmp_path: Path) -> None:
    """A reversal of this morning that the archive holds, too, would never be alerted."""
    now = SPRING + timedelta(hours=2)

    report = backfill(config, store, tmp_path, offers(), now)

    assert (report.articles, report.recent) == (0, 4)
    assert live(config, store, now, OFFER, REPEAT) == [("towards", -0.7, 0.7)]


def test_live_article_is_no_copy_of_the_archive(config: Config, store: Store, tmp_path: Path) -> None:
    """An office that says the same again after a week would not be read."""
    backfill(config, store, tmp_path, offers(), SPRING + timedelta(days=5))
    live(config, store, SPRING + timedelta(days=6), offers()[0]["text"])

    assert len(store.readings.history(*KEY, SPRING + timedelta(days=5), SUMMER)) == 1


def test_positions_start_where_the_archive_ends(config: Config, store: Store, tmp_path: Path) -> None:
    """The first day of a desk would tell of turns that are months old, and miss the way back from them."""
    report = backfill(config, store, tmp_path, offers(), SUMMER)

    assert report.positions == 1
    assert (store.ledger.all()[KEY].value, store.ledger.all()[KEY].alerted) == (0.7, None)
    assert live(config, store, SUMMER, OFFER, REPEAT) == []
    assert live(config, store, SUMMER + timedelta(days=5), REFUSAL, f"Again. {REFUSAL}") == [("away", 0.7, -1.0)]


def test_positions_of_a_desk_that_began_from_the_config_are_brought_up_to_date(
    config: Config, store: Store, tmp_path: Path
) -> None:
    """A backfill would have to come before the very first pass, and do nothing afterwards without a word."""
    store.ledger.seed(seeds(config))

    assert backfill(config, store, tmp_path, offers(), SUMMER).positions == 1
    assert store.ledger.all()[KEY].value == 0.7


def test_positions_that_news_has_touched_stay(config: Config, store: Store, tmp_path: Path) -> None:
    """A year-old archive would overwrite what the desk knows of yesterday."""
    live(config, store, SUMMER, "He sees no point in talks. {iran_supreme_leader negotiation -0.7 speech 0.9}")
    before = store.ledger.all()[KEY]

    assert backfill(config, store, tmp_path, offers(), SUMMER + timedelta(days=9)).positions == 0
    assert store.ledger.all()[KEY] == before


def test_archive_older_than_the_config_moves_nothing(config: Config, store: Store, tmp_path: Path) -> None:
    """News of 2015 would stand as today's position."""
    old = [item | {"published": (SPRING - timedelta(days=3650)).isoformat()} for item in offers()]

    assert backfill(config, store, tmp_path, old, SUMMER).positions == 0
    assert store.ledger.all() == {}


def test_archive_out_of_order_is_put_in_order(config: Config, store: Store, tmp_path: Path) -> None:
    """Of an archive in several files a copy would be taken for the origin, because its file comes first."""
    first, second, copy, _ = offers()
    paths = [write_archive(tmp_path / f"{n}.jsonl", [item]) for n, item in enumerate((copy, second, first))]

    report = remember(config, store, survey(paths), MarkedReader(), SUMMER)

    assert (report.articles, report.readings) == (3, 2)
    assert [read.published for read in store.readings.history(*KEY, SPRING, SPRING)] == [SPRING]
    assert store.articles.counts(SPRING - timedelta(days=1)).copies == 1


def test_archives_outlets_are_no_feeds_of_the_desk(config: Config, store: Store, tmp_path: Path) -> None:
    """They would be polled, or reported as silent."""
    store.feeds.sync([feed()], SPRING)
    backfill(config, store, tmp_path, offers(), SUMMER)

    assert [known.feed for known in store.feeds.all()] == ["gazette"]
    assert [known.feed for known in store.feeds.due(SUMMER)] == ["gazette"]


def test_housekeeping_lets_the_past_go(config: Config, store: Store, tmp_path: Path) -> None:
    """The archive would stay for ever, or the evidence of a position go with it; and a second run bring it back."""
    backfill(config, store, tmp_path, offers(), SUMMER)
    late = SUMMER + timedelta(days=400)

    assert tidy(config, store, late, rest=lambda _: None).articles == 1
    assert backfill(config, store, tmp_path, offers(), late).articles == 0
    assert isinstance(store.ledger.all()[KEY], Standing)
