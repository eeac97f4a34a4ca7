"""Forty days in a minute: with housekeeping the store stops growing, and no step slows down."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from tests.plain_rules import plainly_ruled
from tests.quality.year import START, STEPS, Year, table, verdict
from volteface.store import Store

pytestmark = pytest.mark.slow
KEEP = 15


def test_store_levels_off(tmp_path: Path) -> None:
    """A desk that nobody looks after would fill its disk, or grow slower day by day, and stop in its second year."""
    base = plainly_ruled()
    kept = base.retention.model_copy(update={"articles_days": KEEP, "vectors_days": KEEP})
    config = base.model_copy(update={"retention": kept, "feeds": base.feeds[:8]})
    with Store.open(f"sqlite:///{tmp_path}/year.db") as store:
        store.feeds.sync(config.feeds, START)
        year = Year(config, store, per_day=30)
        for number in range(40):
            year.day(number)
        articles = store.census.totals().articles

    assert year.sink.taken > 0
    assert articles < 40 * 30 / 2
    assert median(year.size[-10:]) < 1.15 * median(year.size[KEEP : KEEP + 10])
    assert median(year.rss[-10:]) < 1.15 * median(year.rss[KEEP : KEEP + 10])
    assert len(list(table(year))) == 3
    assert all(step in verdict(year, KEEP) for step in STEPS)
