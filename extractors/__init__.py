"""What needs a model or a lexicon: documents to embeddings, and documents to readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volteface.config import Config
    from volteface.types import Extractors

__all__ = ["build", "check"]


def build(config: Config) -> Extractors:
    """The instruments that `config.models` names. Loads the encoder once, for both.

    Importing this package is free; the first call pays for torch (seconds). Raises ModelError with the remedy where
    a model cannot be loaded or `models.direction` names no instrument.
    """
    from extractors.encoder import load_encoder
    from extractors.judges import load_judge
    from extractors.nli import is_hub_name
    from extractors.reader import StanceReader
    from extractors.topic import AxisTopics
    from volteface.types import Extractors

    offline = not is_hub_name(config.models.direction)
    embedder = load_encoder(config.models.encoder, batch=config.models.batch, offline=offline)
    topics = AxisTopics(config, embedder)
    return Extractors(embedder, StanceReader(config, load_judge(config, topics)))


def check(config: Config) -> None:
    """Whether `models.direction` names an instrument that can judge, without loading it.

    Free for the packaged ones; a hub's model is fetched here if it is not on this machine. Raises ModelError.
    """
    if config.models.direction not in ("packaged", "rules"):
        from extractors.nli import check_nli, nli_folder

        check_nli(nli_folder(config.models.direction), config.models.direction)
