"""The PLOVER instrument: the packaged encoder, all layers fine-tuned on sentences with marked source and target.

Trained at run time and never shipped: the public training file states no licence.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from extractors.direction_net import fast_arithmetic, model_folder
from tests.quality.plover_data import ROOTS, Row, generated

Shares = NDArray[np.float32]
"""(n, 15), rows that sum to 1, over ROOTS."""

MARKS = {"<s>": "[unused4]", "</s>": "[unused5]", "<t>": "[unused6]", "</t>": "[unused7]"}
MARK_FORM = re.compile("|".join(MARKS))
MAX_TOKENS = 80
EPOCHS, RATE, BATCH = 6, 2e-4, 16
OWN = 25
"""Sentences of our own a class and epoch: they teach the rare classes and the moods."""


class MarkedEncoder(nn.Module):
    """Mean of the sentence, of the source and of the target, then one linear layer."""

    def __init__(self, base: Any, classes: int) -> None:
        super().__init__()
        self.base = base
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(3 * base.config.hidden_size, classes)

    def forward(self, ids: Tensor, mask: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """Logits (n, classes). All arguments (n, t)."""
        hidden = self.base(input_ids=ids, attention_mask=mask).last_hidden_state
        parts = [_mean(hidden, which) for which in (mask, source, target)]
        logits: Tensor = self.head(self.drop(torch.cat(parts, -1)))
        return logits


def _mean(hidden: Tensor, which: Tensor) -> Tensor:
    weight = which.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weight).sum(1) / weight.sum(1).clamp(min=1)


class FineTuned:
    """One fine-tuned encoder. Deterministic for a seed and a machine, on one thread."""

    def __init__(self, seed: int) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        torch.manual_seed(seed)
        self._seed = seed
        self._tokenizer = AutoTokenizer.from_pretrained(model_folder(), local_files_only=True)
        self._tokenizer.add_special_tokens({"additional_special_tokens": list(MARKS.values())})
        self._marks: list[int] = [self._tokenizer.vocab[mark] for mark in MARKS.values()]
        base = AutoModel.from_pretrained(model_folder(), local_files_only=True)
        self._quiet_marks(base)
        base.embeddings.requires_grad_(False)
        self._net = MarkedEncoder(base, len(ROOTS))

    @torch.no_grad()
    def _quiet_marks(self, base: Any) -> None:
        """Unused slots of the vocabulary hold noise: start the marks from what brackets mean."""
        table = base.embeddings.word_embeddings.weight
        for mark, like in zip(self._marks, ("[", "]", "(", ")"), strict=True):
            table[mark] = table[self._tokenizer.convert_tokens_to_ids(like)]

    def fit(self, rows: Sequence[Row]) -> FineTuned:
        """Train on these rows and fresh ones of our own in each epoch."""
        rng = random.Random(self._seed)
        steps = EPOCHS * ((len(rows) + OWN * len(ROOTS)) // BATCH + 1)
        optimiser, schedule = self._optimiser(steps)
        weights = _class_weights(rows)
        self._net.train()
        for epoch in range(EPOCHS):
            own = generated(self._seed * 100 + epoch, OWN)
            for batch in _batches([*rows, *own], rng):
                gold = torch.tensor([ROOTS.index(row.root) for row in batch])
                loss = nn.functional.cross_entropy(self._logits(batch), gold, weight=weights, label_smoothing=0.1)
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                optimiser.zero_grad()
        return self

    def _optimiser(self, steps: int) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        """Lower layers learn more slowly, the new head faster; a warm-up, then a cosine."""
        layers = self._net.base.encoder.layer
        groups: list[dict[str, Any]] = [
            {"params": list(layer.parameters()), "lr": RATE * 0.85 ** (len(layers) - 1 - depth)}
            for depth, layer in enumerate(layers)
        ]
        groups.append({"params": list(self._net.head.parameters()), "lr": 5 * RATE})
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        warm = max(1, steps // 10)
        return optimiser, torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda s: min(1.0, (s + 1) / warm) * 0.5 * (1 + math.cos(math.pi * min(1.0, s / steps)))
        )

    def _logits(self, batch: Sequence[Row]) -> Tensor:
        texts = [MARK_FORM.sub(lambda m: f" {MARKS[m[0]]} ", row.text) for row in batch]
        coded = self._tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        ids = coded["input_ids"]
        source, target = (self._between(ids, *self._marks[i : i + 2]) for i in (0, 2))
        with fast_arithmetic():
            logits: Tensor = self._net(ids, coded["attention_mask"], source, target)
        return logits.float()

    @staticmethod
    def _between(ids: Tensor, opening: int, closing: int) -> Tensor:
        return ((ids == opening).cumsum(1) - (ids == closing).cumsum(1)).clamp(0, 1)

    @torch.no_grad()
    def shares(self, rows: Sequence[Row]) -> Shares:
        """Probabilities of the roots."""
        self._net.eval()
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].text))
        result = np.zeros((len(rows), len(ROOTS)), dtype=np.float32)
        for start in range(0, len(order), 64):
            part = order[start : start + 64]
            result[part] = self._logits([rows[i] for i in part]).softmax(-1).numpy()
        return result

    def save(self, file: Path) -> None:
        """Keep what was trained; the embeddings are the package's."""
        file.parent.mkdir(parents=True, exist_ok=True)
        state = {k: v for k, v in self._net.state_dict().items() if not k.startswith("base.embeddings.")}
        torch.save(state, file)

    def load(self, file: Path) -> FineTuned:
        """Take up what `save` kept."""
        self._net.load_state_dict(torch.load(file, weights_only=True), strict=False)
        return self


def plain(text: str) -> str:
    """The sentence without marks."""
    return MARK_FORM.sub("", text)


def _class_weights(rows: Sequence[Row]) -> Tensor:
    """Rarer classes weigh more, by the square root."""
    counts = np.bincount([ROOTS.index(row.root) for row in rows], minlength=len(ROOTS)) + OWN
    return torch.tensor((counts.mean() / counts) ** 0.5, dtype=torch.float32)


def _batches(rows: Sequence[Row], rng: random.Random) -> Iterator[list[Row]]:
    """Random batches of like length: less padding."""
    order = sorted(rows, key=lambda row: len(row.text) + rng.random() * 60)
    groups = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
    rng.shuffle(groups)
    yield from groups
