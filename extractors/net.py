"""One trained direction network: the packaged encoder, a small adapter merged into it, and its head."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from extractors.direction_net import (
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

MAX_TOKENS = 96
BATCH = 64
REMEDY = "reinstall, train some (training/README.md), or set models.direction to `rules`"


@dataclass(frozen=True, slots=True)
class Opinion:
    """Log-probabilities for n texts and k axes."""

    classes: Tensor
    """(n, k, 4), over `direction_net.CLASSES`."""
    extent: Tensor
    """(n, k, 2, 3), over `direction_net.EXTENTS`, if the stance is away and if it is towards."""
    mode: Tensor
    """(n, k, 3), over `direction_net.MODES`."""

    def of(self, rows: Tensor) -> Opinion:
        """Of some of the texts, by their indices or as a mask."""
        return Opinion(self.classes[rows], self.extent[rows], self.mode[rows])


class DirectionNet:
    """Reads masked sentences, one pass a text for all axes."""

    def __init__(self, axes: Sequence[Axis], weights: Path) -> None:
        """Raises ModelError where the weights are missing or do not fit the packaged encoder."""
        self.axes = len(axes)
        self._tokenizer = tokenizer_of()
        self._encoder = load_base(self._tokenizer).eval()
        self._topics = axis_vectors(self._encoder, self._tokenizer, [plain_topic(axis) for axis in axes])
        self._head = AxisHead().eval()
        try:
            _merge(self._encoder, self._head, _read(weights))
        except (KeyError, RuntimeError) as error:
            raise ModelError(f"direction weights {weights} do not fit this version ({error}): {REMEDY}") from error
        if native_bf16():
            _halve(self._encoder)

    def read(self, texts: Sequence[str]) -> Opinion:
        """What it makes of each of the texts, at least one; none depends on its neighbours."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = [self._pass([texts[i] for i in order[n : n + BATCH]]) for n in range(0, len(order), BATCH)]
        classes, extent, mode = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
        return Opinion(classes, extent, mode).of(torch.tensor(order).argsort())

    @contextmanager
    def last_layer(self, take: Callable[[Tensor], None]) -> Iterator[None]:
        """While open, `take` gets what the last layer sees of each batch, shortest texts first: (n, k, width). For
        training that layer."""
        hook = self._head.mix.register_forward_hook(lambda _module, _inputs, mixed: take(mixed.clone()))
        try:
            yield
        finally:
            hook.remove()

    @torch.inference_mode()
    def _pass(self, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
        encoded = Encoded.of(self._tokenizer, texts, MAX_TOKENS)
        with fast_arithmetic():
            hidden = self._encoder.embeddings(input_ids=encoded.ids)
            tokens, mask = run_packed(self._encoder, hidden, encoded.mask)
        holder = pad(encoded.holder, (0, mask.shape[1] - encoded.holder.shape[1]))
        judged = self._head(tokens.float(), mask, holder, self._topics)
        return judged.logits.log_softmax(-1), judged.extent.log_softmax(-1), judged.mode.log_softmax(-1)


def plain_topic(axis: Axis) -> str:
    """An axis' topic phrase without the places of the sides."""
    return axis.topic.replace("[A]", "").replace("[B]", "")


def _read(weights: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return {name: tensor.float() for name, tensor in load_file(weights).items()}
    except (OSError, SafetensorError) as error:
        raise ModelError(f"direction weights {weights} cannot be read ({error}): {REMEDY}") from error


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
