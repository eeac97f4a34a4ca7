"""The PLOVER instrument: the packaged encoder, fine-tuned on marked sentences, beside a frozen one with a linear head.

Trained at run time (a few minutes on two cores), never shipped: the public training file states no licence.
"""

from __future__ import annotations

import math
import os
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from extractors.direction_net import model_folder
from tests.quality.plover_data import ROOTS, Row, generated

Shares = NDArray[np.float32]
"""(n, 15), rows that sum to 1, over ROOTS."""

MARKS = {"<s>": "[unused4]", "</s>": "[unused5]", "<t>": "[unused6]", "</t>": "[unused7]"}
MAX_TOKENS = 80


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
        return self.head(self.drop(torch.cat(parts, -1)))


def _mean(hidden: Tensor, which: Tensor) -> Tensor:
    weight = which.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weight).sum(1) / weight.sum(1).clamp(min=1)


class FineTuned:
    """One fine-tuned encoder."""

    def __init__(self, seed: int, *, epochs: int = 8, rate: float = 2e-4, own: int = 40, batch: int = 16) -> None:
        from transformers import AutoModel, AutoTokenizer

        torch.manual_seed(seed)
        self._seed, self._epochs, self._rate, self._own, self._batch = seed, epochs, rate, own, batch
        self._tokenizer = AutoTokenizer.from_pretrained(model_folder(), local_files_only=True)
        self._tokenizer.add_special_tokens({"additional_special_tokens": list(MARKS.values())})
        base = AutoModel.from_pretrained(model_folder(), local_files_only=True)
        _quiet_marks(base, self._tokenizer)
        base.embeddings.requires_grad_(False)
        self._net = MarkedEncoder(base, len(ROOTS))

    def fit(self, rows: Sequence[Row]) -> FineTuned:
        """Train; deterministic for a seed and a machine."""
        rng = random.Random(self._seed)
        per_epoch = (len(rows) + self._own * len(ROOTS)) // self._batch + 1
        optimiser, schedule = self._optimiser(per_epoch * self._epochs)
        counts = np.bincount([ROOTS.index(row.root) for row in rows], minlength=len(ROOTS)) + self._own
        weights = torch.tensor((counts.mean() / counts) ** 0.5, dtype=torch.float32)
        self._net.train()
        for epoch in range(self._epochs):
            own = generated(self._seed * 100 + epoch, self._own) if self._own else []
            for batch in _batches([*rows, *own], self._batch, rng):
                gold = torch.tensor([ROOTS.index(row.root) for row in batch])
                loss = nn.functional.cross_entropy(self._logits(batch), gold, weight=weights, label_smoothing=0.1)
                loss.backward()
                nn.utils.clip_grad_norm_(self._net.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                optimiser.zero_grad()
        return self

    def _optimiser(self, steps: int) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LambdaLR]:
        layers = self._net.base.encoder.layer
        groups: list[dict[str, Any]] = [
            {"params": list(layer.parameters()), "lr": self._rate * 0.85 ** (len(layers) - 1 - depth)}
            for depth, layer in enumerate(layers)
        ]
        groups.append({"params": list(self._net.head.parameters()), "lr": 5 * self._rate})
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        warm = max(1, steps // 10)
        return optimiser, torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda s: min(1.0, (s + 1) / warm) * 0.5 * (1 + math.cos(math.pi * min(1.0, s / steps)))
        )

    def _logits(self, batch: Sequence[Row]) -> Tensor:
        texts = [_marked(row.text) for row in batch]
        coded = self._tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        ids = coded["input_ids"]
        opens, closes = (
            self._tokenizer.convert_tokens_to_ids(list(MARKS.values())[::2]),
            self._tokenizer.convert_tokens_to_ids(list(MARKS.values())[1::2]),
        )
        spans = [((ids == o).cumsum(1) - (ids == c).cumsum(1)).clamp(0, 1) for o, c in zip(opens, closes, strict=True)]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=os.environ.get("PLV_BF16", "1") == "1"):
            logits = self._net(ids, coded["attention_mask"], *spans)
        return logits.float()

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


@torch.no_grad()
def _quiet_marks(base: Any, tokenizer: Any) -> None:
    """Unused slots of the vocabulary hold noise: start the marks from what brackets mean."""
    table = base.embeddings.word_embeddings.weight
    for mark, like in zip(MARKS.values(), ("[", "]", "(", ")"), strict=True):
        table[tokenizer.convert_tokens_to_ids(mark)] = table[tokenizer.convert_tokens_to_ids(like)]


def _marked(text: str) -> str:
    return re.sub("|".join(MARKS), lambda m: f" {MARKS[m[0]]} ", text)


def plain(text: str) -> str:
    """The sentence without marks."""
    return re.sub("|".join(MARKS), "", text)


def _batches(rows: Sequence[Row], size: int, rng: random.Random) -> Iterator[list[Row]]:
    """Random batches of like length: less padding."""
    order = sorted(rows, key=lambda row: len(row.text) + rng.random() * 60)
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(groups)
    yield from groups
