"""The observations of the team's archive, and its timeline, for the instruments that measure detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deploy.replay_commands import observations_of
from tests.quality.instruments import CACHE, ROOT, SHARED
from volteface.backtest import Timeline, read_timeline
from volteface.config import Config
from volteface.config_file import load_config
from volteface.types import Observation

NEWS = SHARED / "data" / "news"
ARCHIVE = NEWS / "archive_2026_01_to_04.jsonl.gz"
TIMELINE = NEWS / "timeline_2026_01_to_04.csv"
DAYS = (date(2026, 1, 1), date(2026, 4, 30))


@dataclass(frozen=True, slots=True)
class Period:
    """A past period as detection saw it."""

    config: Config
    observations: Sequence[Observation]
    timeline: Timeline


def load(kept: Path | None = None) -> Period:
    """The team's four months; minutes the first time, then a second. Raises FileNotFoundError without ../shared."""
    for file in (ARCHIVE, TIMELINE):
        if not file.exists():
            raise FileNotFoundError(file)
    CACHE.mkdir(parents=True, exist_ok=True)
    config = load_config(ROOT / "config.yaml")
    seen = observations_of(config, ARCHIVE, DAYS, CACHE / "readings.jsonl", kept or CACHE / "observations.jsonl")
    return Period(config, seen, read_timeline(TIMELINE, config, *DAYS))
