"""What needs a model or a lexicon: documents to embeddings, and documents to readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volteface.config import Config
    from volteface.types import Extractors

__all__ = ["build"]


def build(config: Config) -> Extractors:
    """The instruments that `config.models` names. Loads the encoder once, for both.

    Importing this package is free; the first call pays for torch (seconds). Raises ModelError with the remedy where
    the encoder cannot be loaded or `models.direction` names no instrument that we have.
    """
    from extractors.encoder import load_encoder
    from extractors.judges import load_judge
    from extractors.reader import StanceReader
    from extractors.topic import AxisTopics
    from volteface.types import Extractors

    embedder = load_encoder(config.models.encoder, batch=config.models.batch)
    topics = AxisTopics(config, embedder)
    return Extractors(embedder, StanceReader(config, load_judge(config, topics)))
