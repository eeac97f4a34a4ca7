"""The encoder's layers over the tokens of a batch laid end to end: nothing is computed for padding.

A reading must not depend on its neighbours. In bfloat16 it would: the softmax of attention adds its terms in blocks of
16 and what is left one by one, so that the width of the padding decides in which order, and roundings grow over six
layers to a hundredth of a probability. Attention therefore always sees whole blocks, and all else sees no padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention

BLOCK = 16
"""Terms that the vector units add at once (512 bits of float32); padding to more than that changes nothing."""


@dataclass(frozen=True, slots=True)
class Packing:
    """Where the tokens of n texts of at most t tokens stand, in a row and in a padded table."""

    mask: Tensor
    """(n, t) bool, t a multiple of BLOCK: True for a token."""

    @classmethod
    def of(cls, mask: Tensor) -> Packing:
        """From an attention mask (n, any width), 1 for a token."""
        return cls(pad(mask.bool(), (0, -mask.shape[1] % BLOCK)))

    def packed(self, table: Tensor) -> Tensor:
        """(n, t or less, dim) to (tokens, dim)."""
        return table[self.mask[:, : table.shape[1]]]

    def padded(self, rows: Tensor) -> Tensor:
        """(tokens, dim) to (n, t, dim), zeros where no token is."""
        table = rows.new_zeros(*self.mask.shape, rows.shape[-1])
        table[self.mask] = rows
        return table


def run_packed(encoder: Any, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Every layer of a BERT over hidden states (n, t, dim) with an attention mask (n, t).

    Returns the last hidden states (n, t', dim) and the mask (n, t') as booleans, t' the next multiple of BLOCK.
    """
    packing = Packing.of(mask)
    rows = packing.packed(hidden)
    seen = torch.zeros(packing.mask.shape).masked_fill(~packing.mask, -torch.inf)[:, None, None, :]
    for layer in encoder.encoder.layer:
        attended = layer.attention.output(_attend(layer.attention.self, rows, packing, seen), rows)
        rows = layer.output(layer.intermediate(attended), attended)
    return packing.padded(rows), packing.mask


def _attend(attention: Any, rows: Tensor, packing: Packing, seen: Tensor) -> Tensor:
    """(tokens, dim): each token's view of its own text."""
    heads = attention.num_attention_heads
    query, key, value = (
        packing.padded(project(rows)).view(*packing.mask.shape, heads, -1).transpose(1, 2)
        for project in (attention.query, attention.key, attention.value)
    )
    views = scaled_dot_product_attention(query, key, value, attn_mask=seen.to(query.dtype))
    return packing.packed(views.transpose(1, 2).flatten(2))
