"""The shipped config with three sources, a store, and news that arrives in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fakes import LengthEmbedder, MarkedReader
from plain_rules import plainly_ruled

from volteface.analyze import AnalyzeReport, analyze
from volteface.config import Config
from volteface.detect import DetectReport, detect
from volteface.feed_types import FeedState
from volteface.store import Store
from volteface.types import Extractors, NewArticle, TextSource

NOON = datetime(2025, 4, 8, 12, tzinfo=UTC)
OUTLETS = ("Example Times", "Sample Post", "Specimen News")


def desk_config() -> Config:
    """The shipped config with three independent sources of its own."""
    shipped = plainly_ruled()
    feeds = tuple(
        {
            "id": f"feed_{n}",
            "url": f"https://example.org/{n}.xml",
            "outlet": outlet,
            "country": "INT",
            "ownership": "independent",
            "language": "en",
            "covers": ("iran",),
        }
        for n, outlet in enumerate(OUTLETS)
    )
    return Config.model_validate({**dict(shipped), "feeds": feeds})


class Desk:
    """A store with its config, and news that arrives in it."""

    def __init__(self, config: Config, store: Store, reader: MarkedReader) -> None:
        self.config, self.store, self.reader = config, store, reader
        self.extractors = Extractors(LengthEmbedder(), reader)
        self.articles = 0

    def arrives(self, text: str, *, hours: float = 0, feed: int = 0, lang: str = "en", **flags: bool) -> None:
        """A new article, `hours` after noon, under a headline that resembles no other."""
        self.articles += 1
        at, number = NOON + timedelta(hours=hours), self.articles
        article = NewArticle(
            feed=f"feed_{feed}",
            guid=f"guid {number}",
            url=f"https://example.org/{number}",
            title=f"Unlike item{number} headline{number} words{number} apart{number}",
            text=text,
            text_source=TextSource.FEED,
            published=at,
            seen=at,
            lang=lang,
            **flags,
        )
        self.store.feeds.save_poll(FeedState(f"feed_{feed}", "https://example.org/", at, newest=at), [article])

    def analyze(self, hours: float = 0) -> AnalyzeReport:
        """The read step, `hours` after noon."""
        return analyze(self.config, self.store, self.extractors, NOON + timedelta(hours=hours))

    def detect(self, hours: float = 0) -> DetectReport:
        """The read and detect steps, `hours` after noon."""
        self.analyze(hours)
        return detect(self.config, self.store, NOON + timedelta(hours=hours))
