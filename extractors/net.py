"""The trained direction network as shipped: the packaged encoder, a small adapter merged into it, and its head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from extractors.cases import Case, Verdicts, nothing
from extractors.direction_net import (
    EXTENTS,
    AxisHead,
    Encoded,
    axis_vectors,
    fast_arithmetic,
    load_base,
    native_bf16,
    tokenizer_of,
)
from extractors.packed import run_packed
from volteface.config import Axis
from volteface.errors import ModelError

WEIGHTS = Path(__file__).parent / "weights" / "direction.safetensors"
MAX_TOKENS = 96
BATCH = 64


class DirectionNet:
    """A Judge that reads masked sentences, one pass a case for all axes."""

    def __init__(self, axes: Sequence[Axis], weights: Path = WEIGHTS) -> None:
        """Raises ModelError where the weights are missing or do not fit the packaged encoder."""
        self.name = "net-1"
        self._tokenizer = tokenizer_of()
        self._encoder = load_base(self._tokenizer).eval()
        self._topics = axis_vectors(self._encoder, self._tokenizer, [plain_topic(axis) for axis in axes])
        self._head = AxisHead().eval()
        _merge(self._encoder, self._head, _read(weights))
        if native_bf16():
            _halve(self._encoder)

    def judge(self, cases: Sequence[Case]) -> Verdicts:
        """Verdicts with extent and mode; equal texts are judged once, and none depends on its neighbours."""
        texts = sorted({case.masked for case in cases}, key=len)
        rows = {text: i for i, text in enumerate(texts)}
        if not texts:
            k = len(self._topics)
            return Verdicts(nothing(0, k), np.zeros((0, k, 2), np.float32), np.zeros((0, k), np.int64))
        parts = [self.pass_over(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
        shares, extent, mode = (torch.cat(tensors).numpy() for tensors in zip(*parts, strict=True))
        order = [rows[case.masked] for case in cases]
        return Verdicts(shares[order], extent[order], mode[order])

    @contextmanager
    def last_layer(self, take: Callable[[Tensor], None]) -> Iterator[None]:
        """While open, `take` gets what the last layer sees of each batch: (n, k, width). For training that layer."""
        hook = self._head.mix.register_forward_hook(lambda _module, _inputs, mixed: take(mixed.clone()))
        try:
            yield
        finally:
            hook.remove()

    @torch.inference_mode()
    def pass_over(self, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
        """Shares (n, k, 4), extents (n, k, 2) and modes (n, k) of texts of one batch."""
        encoded = Encoded.of(self._tokenizer, texts, MAX_TOKENS)
        with fast_arithmetic():
            hidden = self._encoder.embeddings(input_ids=encoded.ids)
            tokens, mask = run_packed(self._encoder, hidden, encoded.mask)
        holder = pad(encoded.holder, (0, mask.shape[1] - encoded.holder.shape[1]))
        judged = self._head(tokens.float(), mask, holder, self._topics)
        extent = torch.tensor(EXTENTS)[judged.extent.argmax(-1)]
        return judged.logits.softmax(-1), extent, judged.mode.argmax(-1)


def plain_topic(axis: Axis) -> str:
    """An axis' topic phrase without the places of the sides."""
    return axis.topic.replace("[A]", "").replace("[B]", "")


def _read(weights: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return {name: tensor.float() for name, tensor in load_file(weights).items()}
    except (OSError, SafetensorError) as error:
        remedy = "reinstall, train it (training/README.md), or set models.direction to `rules`"
        raise ModelError(f"direction weights {weights} cannot be read ({error}); {remedy}") from error


def _halve(encoder: Any) -> None:
    """Keep the weights of linear layers in bfloat16: autocast would convert them anew in each batch."""
    for module in encoder.modules():
        if isinstance(module, nn.Linear):
            module.to(torch.bfloat16)


@torch.no_grad()
def _merge(encoder: Any, head: AxisHead, tensors: dict[str, Tensor]) -> None:
    """Add each adapter (B A scaled by 2, LoRA, arXiv:2106.09685) to the layer that it adapts; load the head."""
    modules = dict(encoder.named_modules())
    for name, low in tensors.items():
        if ".lora_A." not in name:
            continue
        layer = name.removeprefix("encoder.base_model.model.").split(".lora_A.")[0]
        high = tensors[name.replace(".lora_A.", ".lora_B.")]
        if layer not in modules:
            raise ModelError(f"direction weights adapt {layer}, which the packaged encoder does not have; retrain them")
        modules[layer].weight += 2.0 * (high @ low)
    head.load_state_dict({k.removeprefix("head."): v for k, v in tensors.items() if k.startswith("head.")})
