"""An archive as a desk would have met it: its outlets as feeds, its items as articles at a poll's ticks. No store."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zlib import crc32

from volteface.archive import ArchiveItem
from volteface.config import Config, Feed, Ownership
from volteface.dates import is_opinion, is_stale, looks_back
from volteface.types import Article, NewArticle, TextSource

TICK = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tick(item: ArchiveItem) -> datetime:
    """The first tick of the clock at or after the item became visible."""
    return _EPOCH - (_EPOCH - item.visible) // TICK * TICK


def new_article(item: ArchiveItem, now: datetime, config: Config) -> NewArticle:
    """The item as a poll at `now` would bring it."""
    max_age = timedelta(hours=config.detect.max_age_h)
    return NewArticle(
        feed=feed_id(item),
        guid=item.id,
        url=item.url,
        title=item.title,
        text=item.text,
        text_source=TextSource.FEED if item.text else TextSource.TITLE,
        published=item.published,
        seen=now,
        lang=item.lang,
        opinion=is_opinion(item.url, item.title),
        stale=is_stale(item.published, seen=now, max_age=max_age) or looks_back(item.title),
    )


def article(item: ArchiveItem, config: Config) -> Article:
    """The item as an article that has not been stored: its document is that of the stored one."""
    new = new_article(item, tick(item), config)
    return Article(**{name: getattr(new, name) for name in NewArticle.__slots__}, outlet=item.outlet)


def feed_id(item: ArchiveItem) -> str:
    """The feed that the item's outlet becomes; the checksum keeps outlets apart whose names look alike."""
    slug = re.sub(r"[^a-z0-9]+", "_", item.outlet.lower()).strip("_")[:28]
    return f"a_{slug}_{crc32(item.outlet.encode()):08x}"


def feed_url(feed: str) -> str:
    """An address under which nothing can be reached (RFC 2606)."""
    return f"https://archive.invalid/{feed}"


def with_outlets(config: Config, items: Iterable[ArchiveItem]) -> Config:
    """The config with the archive's outlets as its feeds; what it says of an outlet stays true: its family, its
    owner, and the sides that it is there to see."""
    known = {feed.outlet.lower(): feed for feed in config.feeds}
    outlets = {feed_id(item): item for item in items}
    feeds = tuple(_feed(item, known.get(item.outlet.lower())) for _, item in sorted(outlets.items()))
    # Not `model_copy`, which would carry over the cached index of the old feeds.
    return Config.model_validate({name: getattr(config, name) for name in Config.model_fields} | {"feeds": feeds})


def _feed(item: ArchiveItem, known: Feed | None) -> Feed:
    feed = feed_id(item)
    return Feed(
        id=feed,
        url=feed_url(feed),
        outlet=item.outlet,
        family=known.family if known else "",
        country=known.country if known else "INT",
        ownership=known.ownership if known else Ownership.INDEPENDENT,
        language=item.lang,
        covers=known.covers if known else (),
        page="never",
    )
