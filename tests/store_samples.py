"""Small valid nouns for the store's tests; every field can be overridden."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from volteface.config import Feed
from volteface.feed_types import FeedState
from volteface.store import ReadArticle, Store
from volteface.types import AlertState, Article, Evidence, Mode, NewArticle, Reading, Shift, Standing, TextSource

NOON = datetime(2025, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)


def later(**delta: float) -> datetime:
    """So long after NOON."""
    return NOON + timedelta(**delta)


def feed(name: str = "gazette", **fields: Any) -> Feed:
    """A configured source."""
    plain = {
        "id": name,
        "url": f"https://{name}.example/feed",
        "outlet": name.title(),
        "country": "GB",
        "ownership": "independent",
        "language": "en",
    }
    return Feed.model_validate(plain | fields)


def state(name: str = "gazette", **fields: Any) -> FeedState:
    """A feed's state after a poll at noon."""
    return replace(FeedState(name, f"https://{name}.example/feed", later(minutes=15), checked=NOON), **fields)


def arrival(number: int = 1, **fields: Any) -> NewArticle:
    """The `number`-th article of a feed, its text complete."""
    article = NewArticle(
        feed="gazette",
        guid=f"g{number}",
        url=f"https://gazette.example/{number}",
        title=f"Minister speaks for the {number}. time",
        text=f"The minister said on day {number} that talks may resume.",
        text_source=TextSource.FEED,
        published=later(minutes=-60 + number),
        seen=NOON,
        lang="en",
    )
    return replace(article, **fields)


def reading(stance: float = 0.5, **fields: Any) -> Reading:
    """One reading of such an article."""
    plain = Reading(
        "iran_president", "negotiation", stance, Mode.SPEECH, "talks may resume", 31, 47, 0.875, "A. Person"
    )
    return replace(plain, **fields)


def outcome(article: Article, *readings: Reading, **fields: Any) -> ReadArticle:
    """Reading this article gave these readings."""
    return replace(ReadArticle(article.id, article.revision, origin_id=article.id, readings=readings), **fields)


def evidence(number: int = 1) -> Evidence:
    """One quote, with a stance that has no short decimal form."""
    return Evidence(
        "Gazette", f"https://gazette.example/{number}", "talks — “may” resume", NOON, number, Mode.ACT, 1 / 3
    )


def shift(key: str = "k1", **fields: Any) -> Shift:
    """A move towards the other side."""
    plain = Shift(
        key=key,
        at=NOON,
        side="iran",
        holder="iran_president",
        person="A. Person",
        axis="negotiation",
        direction="towards",
        before=-0.4,
        after=0.1 + 0.2,
        since=later(days=-90),
        state=AlertState.CONFIRMED,
        confidence=0.8,
        evidence=(evidence(1), evidence(2)),
        prior=(evidence(3),),
        origins=2,
    )
    return replace(plain, **fields)


def standing(value: float = -0.4, **fields: Any) -> Standing:
    """Where the president stands on negotiation."""
    plain = Standing("iran_president", "negotiation", value, later(days=-90), NOON, (evidence(1),), (evidence(2),))
    return replace(plain, **fields)


def stored(store: Store, *arrivals: NewArticle) -> list[Article]:
    """Save articles of one feed (by default one); those that want reading."""
    store.feeds.sync([feed()], NOON)
    store.feeds.save_poll(state(), arrivals or [arrival()])
    return store.articles.wanting_reading(1000)


def alerted(store: Store, *keys: str) -> None:
    """Raise one alert for each key, in this order."""
    store.readings.save_detection([], [], [(shift(key), ("dark-feed",)) for key in keys], NOON)
