"""The read step: articles with text → embedding, origin, readings; one transaction a batch.

Copies: every article gets the origin of its story. An article that repeats a known text is not read, since nothing in
it can be read that was not read there; it stays in the store as a carrier (`origin_id`), which is how one sees who took
the story up. An article that shares a story but brings text of its own is read, and its readings carry the same origin,
so the ledger counts them once. Being carried widely is therefore never mistaken for being confirmed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from volteface import copies
from volteface.config import Config
from volteface.store import Store
from volteface.store.records import ReadArticle
from volteface.types import Article, Document, Extractors, Reading

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AnalyzeReport:
    """What became of the articles of one batch."""

    read: int = 0
    readings: int = 0
    copies: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    """Articles not read, by reason: `language fa`, `opinion`, `stale`, `copy`."""

    @property
    def articles(self) -> int:
        """All articles of the batch: 0 means that nothing is left to do."""
        return self.read + sum(self.skipped.values())

    def __add__(self, other: AnalyzeReport) -> AnalyzeReport:
        skipped = dict(sorted((Counter(self.skipped) + Counter(other.skipped)).items()))
        return AnalyzeReport(
            self.read + other.read, self.readings + other.readings, self.copies + other.copies, skipped
        )


def document_of(article: Article) -> Document:
    """What the reader gets of an article. Depends on nothing but the article."""
    return Document(article.body, article.title, article.outlet, article.published)


def known_copies(store: Store, now: datetime) -> copies.CopyIndex:
    """The index of the last 14 days, from what the store kept of each article."""
    index = copies.CopyIndex()
    for known in store.articles.fingerprints(now - copies.WINDOW):
        sketch = copies.Sketch.from_bytes(known.signature)
        index.restore(known.article_id, known.origin_id, known.outlet, sketch, known.seen)
    return index


def analyze(
    config: Config,
    store: Store,
    extractors: Extractors,
    now: datetime,
    limit: int = 256,
    index: copies.CopyIndex | None = None,
) -> AnalyzeReport:
    """Read up to `limit` articles that want reading, oldest first.

    `index` saves rebuilding the index of copies where one process reads many batches. Raises StoreError and whatever
    the extractors raise; nothing is saved then, and the next run starts over.
    """
    articles = store.articles.wanting_reading(limit)
    if not articles:
        return AnalyzeReport()
    index = known_copies(store, now) if index is None else index
    done = _read(articles, [_placed(config, index, article) for article in articles], extractors)
    store.articles.save_read(done, now)
    return _report(done)


def analyze_all(
    config: Config,
    store: Store,
    build: Callable[[], Extractors],
    now: datetime,
    batch: Callable[..., AnalyzeReport] = analyze,
) -> AnalyzeReport:
    """Read everything that waits, batch by batch. The model is loaded only where there is something to read."""
    total = AnalyzeReport()
    if not store.articles.wanting_reading(1):
        return total
    extractors, index = build(), known_copies(store, now)
    while (part := batch(config, store, extractors, now, index=index)).articles:
        total += part
    return total


@dataclass(frozen=True, slots=True)
class _Placed:
    sketch: copies.Sketch
    origin_id: int
    reason: str
    """Why the article is not read, or nothing."""


def _placed(config: Config, index: copies.CopyIndex, article: Article) -> _Placed:
    sketch = copies.sketch(article.title, article.text)
    reason = unreadable(config, article)
    if reason:
        # Not read, so no origin for others: its copies must not go unread because of it.
        return _Placed(sketch, article.id, reason)
    place = index.place(article.id, article.outlet, sketch, article.seen)
    return _Placed(sketch, place.origin_id, f"copy of {place.origin_id}" if place.repeats else "")


def unreadable(config: Config, article: Article) -> str:
    """Why the article is not read, in words that are stored: `language fa`, `opinion`, `stale`, `no text`; or `""`."""
    if article.lang not in config.models.languages:
        return f"language {article.lang}"
    if article.opinion:
        return "opinion"
    if article.stale:
        return "stale"
    return "" if article.body.strip() else "no text"


def _read(articles: Sequence[Article], placed: Sequence[_Placed], extractors: Extractors) -> list[ReadArticle]:
    wanted = [article for article, place in zip(articles, placed, strict=True) if not place.reason]
    documents = [document_of(article) for article in wanted]
    vectors = extractors.embedder.embed([d.text for d in documents]) if documents else np.empty((0, 0), np.float32)
    read = dict(zip((a.id for a in wanted), zip(vectors, extractors.reader.read(documents), strict=True), strict=True))
    return [_outcome(a, p, *read.get(a.id, (None, ()))) for a, p in zip(articles, placed, strict=True)]


def _outcome(article: Article, place: _Placed, vector: Vector | None, readings: tuple[Reading, ...]) -> ReadArticle:
    return ReadArticle(
        article_id=article.id,
        revision=article.revision,
        origin_id=place.origin_id,
        signature=place.sketch.to_bytes() if not place.reason or place.reason.startswith("copy") else None,
        embedding=vector,
        readings=readings,
        note=place.reason,
    )


def _report(done: Sequence[ReadArticle]) -> AnalyzeReport:
    skipped = Counter("copy" if outcome.note.startswith("copy") else outcome.note for outcome in done if outcome.note)
    return AnalyzeReport(
        read=sum(not outcome.note for outcome in done),
        readings=sum(len(outcome.readings) for outcome in done),
        copies=sum(outcome.origin_id != outcome.article_id for outcome in done),
        skipped=dict(sorted(skipped.items())),
    )
