"""Train the direction model on the written corpus: LoRA on the packaged encoder, and a head that axes share.

    python -m training.train --out RUN [--epochs 3] [--seed 0] [--order 0] [--drop 0.08]

One core needs about an hour. The weights are written after each epoch.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import ascii_lowercase
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn

from extractors.direction_net import (
    MODES,
    AxisHead,
    Encoded,
    axis_vectors,
    fast_arithmetic,
    load_base,
    run_layers,
    tokenizer_of,
)
from extractors.net import plain_topic
from training.examples import Example, Examples, class_of, rows
from training.generate import generated
from training.score import scores

PARTS = (*ascii_lowercase, *(f"u{letter}" for letter in ascii_lowercase))
TRAIN = (*(f"iran_us_{part}.jsonl" for part in PARTS), "other_pairs.jsonl", "minimal_pairs.jsonl")
MAX_TOKENS = 96


def split_of(row: str) -> str:
    """`dev` for a tenth of the rows; neighbours (minimal pairs) stay together."""
    stem, number = row.rsplit("-", 1)
    return "dev" if crc32(f"{stem}{int(number) // 10}".encode()) % 10 == 0 else "train"


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Random batches of texts of like length: less padding, same epochs."""
    order = sorted(examples, key=lambda e: len(e.text) + rng.random() * 40)
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(groups)
    yield from groups


class Trainer:
    """The model, its optimiser and the loss."""

    def __init__(
        self,
        axes: Sequence[str],
        topics: Sequence[str],
        seed: int,
        rank: int,
        rate: float,
        steps: int,
        frozen: int,
        drop: float,
    ) -> None:
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        self.tokenizer = tokenizer_of()
        base = load_base(self.tokenizer)
        self.frozen, self.drop = frozen, drop
        self.axes, self.topics = axes, axis_vectors(base, self.tokenizer, topics)
        lora = LoraConfig(
            r=rank,
            lora_alpha=2 * rank,
            lora_dropout=0.0,  # dropout inside the encoder costs a fifth of the time on CPU; the head has its own
            target_modules=["query", "key", "value", "dense"],
            layers_to_transform=list(range(frozen, 6)),
        )
        self.cache: dict[str, Tensor] = {}
        self.encoder = get_peft_model(base, lora)
        self.head = AxisHead()
        groups = [
            {"params": [p for p in self.encoder.parameters() if p.requires_grad], "lr": rate},
            {"params": self.head.parameters(), "lr": rate},
        ]
        self.optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        warm = max(1, steps // 10)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda s: min(1.0, (s + 1) / warm) * max(0.0, 0.5 * (1 + math.cos(math.pi * s / steps)))
        )
        self.weights = torch.tensor([1.0, 2.0, 3.0, 2.0])

    def step(self, batch: Sequence[Example]) -> float:
        """One optimiser step; the loss."""
        self.encoder.eval()  # no dropout, as said above; gradients flow all the same
        self.head.train()
        loss = self._loss(batch)
        loss.backward()
        nn.utils.clip_grad_norm_([*self.encoder.parameters(), *self.head.parameters()], 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.optimiser.zero_grad()
        return float(loss.detach())

    def _loss(self, batch: Sequence[Example]) -> Tensor:
        judged = self.judge(batch)
        classes = torch.tensor([[class_of(s) for s in e.stances] for e in batch])
        loss = nn.functional.cross_entropy(
            judged.logits.flatten(0, 1), classes.flatten(), weight=self.weights, label_smoothing=0.03
        )
        stated = classes > 0
        if stated.any():
            stance = torch.tensor([[s or 0.0 for s in e.stances] for e in batch])
            mode = torch.tensor([[MODES.index(m) if m else 0 for m in e.modes] for e in batch])
            loss = loss + nn.functional.smooth_l1_loss(judged.stance[stated], stance[stated])
            loss = loss + 0.3 * nn.functional.cross_entropy(judged.mode[stated], mode[stated])
        return loss

    def judge(self, batch: Sequence[Example]):  # type: ignore[no-untyped-def]
        """Judgement tensors for a batch."""
        encoded = Encoded.of(self.tokenizer, [e.text for e in batch], MAX_TOKENS)
        model = self.encoder.base_model.model
        below = self._with_gaps(model, encoded) if torch.is_grad_enabled() else self._below(model, batch, encoded)
        with fast_arithmetic():
            tokens = run_layers(model, below, encoded.mask, self.frozen, 6).float()
        return self.head(tokens, encoded.mask, encoded.holder, self.topics)

    @torch.no_grad()
    def _with_gaps(self, model, encoded: Encoded) -> Tensor:  # type: ignore[no-untyped-def]
        """As `_below`, with some words hidden: a sentence must not be known by one of them. Masks of holders stay."""
        hidden = (encoded.ids > self.tokenizer.mask_token_id) & (torch.rand(encoded.ids.shape) < self.drop)
        ids = encoded.ids.masked_fill(hidden, self.tokenizer.mask_token_id)
        return run_layers(model, model.embeddings(input_ids=ids), encoded.mask, 0, self.frozen)

    @torch.no_grad()
    def _below(self, model, batch: Sequence[Example], encoded: Encoded) -> Tensor:  # type: ignore[no-untyped-def]
        """What the frozen layers make of the texts; computed once for each text."""
        new = [i for i, e in enumerate(batch) if e.text not in self.cache]
        if new:
            mask = encoded.mask[new]
            hidden = run_layers(model, model.embeddings(input_ids=encoded.ids[new]), mask, 0, self.frozen)
            for row, i in enumerate(new):
                self.cache[batch[i].text] = hidden[row, : int(mask[row].sum())].bfloat16()
        rows = [self.cache[e.text].float() for e in batch]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True)

    @torch.no_grad()
    def probabilities(self, examples: Sequence[Example], size: int = 64) -> np.ndarray:
        """(n, axes, 4)."""
        self.encoder.eval()
        self.head.eval()
        parts = [self.judge(examples[i : i + size]).logits.softmax(-1) for i in range(0, len(examples), size)]
        return torch.cat(parts).numpy()

    def save(self, out: Path) -> None:
        """Adapter and head as half-precision safetensors."""
        from safetensors.torch import save_file

        out.mkdir(parents=True, exist_ok=True)
        state = {k: v for k, v in self.encoder.state_dict().items() if "lora_" in k}
        tensors = {f"encoder.{k}": v for k, v in state.items()} | {
            f"head.{k}": v for k, v in self.head.state_dict().items()
        }
        save_file({k: v.half().contiguous() for k, v in tensors.items()}, out / "direction.safetensors")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="of the start")
    parser.add_argument("--order", type=int, default=0, help="of the batches and the generated statements")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--drop", type=float, default=0.08, help="share of the words that a training step does not see")
    parser.add_argument("--frozen", type=int, default=0, help="layers, from below, without an adapter: less time")
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--generated", type=int, default=4000)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--files", nargs="*", default=TRAIN)
    a = parser.parse_args()
    maker, rng = Examples(), random.Random(a.order)
    data = [e for row in rows(a.files) for e in maker.of(row)]
    train = [e for e in data if split_of(e.row) == "train"] + generated(maker.axes, a.generated, a.order)
    dev = [e for e in data if split_of(e.row) == "dev"]
    topics = [plain_topic(axis) for axis in maker.configs["iran_us"].axes]
    steps = a.epochs * (len(train) // a.batch + 1)
    trainer = Trainer(maker.axes, topics, a.seed, a.rank, a.rate, steps, a.frozen, a.drop)
    trainable = sum(p.numel() for p in trainer.encoder.parameters() if p.requires_grad)
    print(f"{len(train)} train, {len(dev)} dev examples; {trainable} adapter parameters", flush=True)
    start = time.monotonic()
    for epoch in range(a.epochs):
        losses = [trainer.step(batch) for batch in batches(train, a.batch, rng)]
        result = scores(dev, trainer.probabilities(dev))
        print(epoch, f"{time.monotonic() - start:.0f}s loss {np.mean(losses):.3f}", json.dumps(result), flush=True)
        trainer.save(a.out)
        if time.monotonic() - start > a.minutes * 60:
            break


if __name__ == "__main__":
    main()
