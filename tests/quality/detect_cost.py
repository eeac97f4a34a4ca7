"""What detection costs as the history grows: 500 new readings beside ten thousand and beside a million stored ones.

python -m tests.quality.detect_cost
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from volteface.config import Config
from volteface.config_file import load_config
from volteface.detect import detect
from volteface.store import ReadArticle, Store, schema
from volteface.types import Mode, NewArticle, Reading, TextSource

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NEW, AN_ARTICLE = 500, 4
ROUNDS = 7
BATCH = 20_000


def fill(url: str, feed: str, readings: int) -> None:
    """A history of detected readings, four an article, the last of them from a month before NOW."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for first in range(0, readings // AN_ARTICLE, BATCH):
            numbers = range(first + 1, min(first + BATCH, readings // AN_ARTICLE) + 1)
            connection.execute(sa.insert(schema.article), [_article(feed, n) for n in numbers])
            connection.execute(sa.insert(schema.reading), [_reading(n) for n in numbers for _ in range(AN_ARTICLE)])
    engine.dispose()


def _article(feed: str, number: int) -> dict[str, Any]:
    seen = NOW - timedelta(days=30, seconds=number)
    digest = number.to_bytes(16, "big")
    plain = {"guid_hash": digest, "url_hash": digest, "content_hash": digest, "guid": f"old {number}", "url": ""}
    times = dict.fromkeys(("published", "seen", "text_at", "read_at"), seen)
    words = {"title": f"Old {number}", "text": "", "text_source": "feed", "lang": "en", "note": ""}
    state = {"id": number, "feed": feed, "opinion": False, "stale": False, "revision": 0, "origin_id": number}
    return plain | times | words | state


def _reading(number: int) -> dict[str, Any]:
    who = {"article_id": number, "holder": "iran_president", "axis": "negotiation", "person": "", "mode": "speech"}
    return who | {"stance": 0.4, "quote": "q", "start": 0, "end": 1, "confidence": 0.8, "detected_at": NOW}


def arrive(config: Config, store: Store, turn: int) -> None:
    """500 new readings of as many articles, by offices and axes drawn by chance, equal for equal turns."""
    chance, seen = random.Random(turn), NOW + timedelta(days=turn)
    state = replace(store.feeds.all()[0], checked=seen, succeeded=seen, newest=seen)
    store.feeds.save_poll(state, [_new(state.feed, f"{turn}-{n}", seen) for n in range(NEW)])
    articles = store.articles.wanting_reading(NEW)
    readings = ((article, _drawn(config, chance)) for article in articles)
    store.articles.save_read([ReadArticle(a.id, a.revision, a.id, readings=(r,)) for a, r in readings], seen)


def _new(feed: str, guid: str, seen: datetime) -> NewArticle:
    return NewArticle(feed, guid, f"https://x.example/{guid}", guid, "A text.", TextSource.FEED, seen, seen, "en")


def _drawn(config: Config, chance: random.Random) -> Reading:
    holder, axis = chance.choice(config.offices).id, chance.choice(config.axes).id
    return Reading(holder, axis, chance.choice((-0.7, -0.4, 0.4, 0.7)), Mode.SPEECH, "A text.", 0, 7, 0.8)


def measure(config: Config, stored: int) -> float:
    """Median CPU seconds of `detect` over 500 new readings beside so many stored ones."""
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/store.db") as store:
        store.feeds.sync(config.feeds, NOW)
        fill(f"sqlite:///{folder}/store.db", config.feeds[0].id, stored)
        return median(_rounds(config, store))


def _rounds(config: Config, store: Store) -> Iterator[float]:
    for turn in range(1, ROUNDS + 1):
        arrive(config, store, turn)
        began = time.process_time()
        found = detect(config, store, NOW + timedelta(days=turn))
        yield time.process_time() - began
        assert found.observations == NEW


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    options = parser.parse_args()
    config = load_config(Path("config.yaml"))
    few, many = measure(config, options.few), measure(config, options.many)
    sys.stdout.write(
        f"detect over {NEW} new readings, median of {ROUNDS}: {few * 1000:.0f} ms beside {options.few:,} stored, "
        f"{many * 1000:.0f} ms beside {options.many:,}: {many / few:.2f} times as long\n"
    )


if __name__ == "__main__":
    main()
