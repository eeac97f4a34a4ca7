"""Observations and an archive of them, in words of our own."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from volteface.types import Mode, Observation

NEW_YEAR = datetime(2025, 1, 6, tzinfo=UTC)
"""A Monday."""


def observation(number: int, stance: float, hours: float, **more: Any) -> Observation:
    """The US president on military action, each time another story of another outlet."""
    at = NEW_YEAR + timedelta(hours=hours)
    plain: dict[str, Any] = {
        "reading_id": number,
        "holder": "us_president",
        "axis": "military",
        "stance": stance,
        "mode": Mode.ACT,
        "confidence": 0.95,
        "quote": f"Statement {number}.",
        "person": "",
        "article_id": number,
        "origin_id": number,
        "outlet": f"Outlet {number}",
        "family": f"Outlet {number}",
        "url": f"https://example.org/{number}",
        "published": at,
        "seen": at,
    }
    return Observation(**(plain | more))


def stormy_archive(folder: Path, weeks: int = 6, seed: int = 1) -> Path:
    """Marked items (`fakes.MarkedReader`) of two offices a side, whose sides turn every other day."""
    rng = random.Random(seed)
    holders = ("us_president", "us_gov", "iran_gov", "iran_foreign_ministry")
    path, at, mood = folder / "storm.jsonl", NEW_YEAR, 0.7
    with path.open("w", encoding="utf8") as file:
        for number in range(weeks * 40):
            at += timedelta(minutes=rng.expovariate(1 / 252))
            mood = rng.choice((-1.0, -0.4, 0.4, 0.7)) if number % 16 == 0 else mood
            stance = mood if rng.random() < 0.8 else rng.choice((-1.0, -0.4, 0.4, 0.7))
            mode, confidence = rng.choice(("speech", "act", "report")), rng.choice((0.4, 0.7, 0.95))
            mark = f"{{{rng.choice(holders)} {rng.choice(('military', 'nuclear'))} {stance} {mode} {confidence}}}"
            file.write(json.dumps(_item(number, mark, at)) + "\n")
    return path


def _item(number: int, mark: str, at: datetime) -> dict[str, Any]:
    return {
        "id": f"item{number}",
        "outlet": f"Outlet {number % 7}",
        "url": f"https://example.org/{number}",
        "published": at.isoformat(timespec="seconds"),
        "title": f"Unlike item{number} headline{number} words{number} apart{number}",
        "text": f"Report{number} of{number} that{number} day{number}. {mark}",
        "lang": "en",
    }
