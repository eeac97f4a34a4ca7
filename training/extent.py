"""Fit how far a stance goes on what a trained network sees, without changing what it sees.

    python -m training.extent --weights RUN/direction.safetensors --out extractors/weights/direction-1.safetensors

Trained together with the rest the sizes cost two to five hundredths of the sign on rows that no training saw. Two
minutes on a core.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from extractors.direction_net import EXTENTS
from extractors.net import DirectionNet
from training.examples import Example, Examples, rows
from training.train import TRAIN, split_of
from volteface.config import Axis
from volteface.types import sign_of

Cell = tuple[int, int, int, int]
"""(example, axis, 1 if towards, index into EXTENTS)."""
EPOCHS, RATE, SIZE, SMOOTHING = 15, 1e-3, 128, 0.05


def cells(examples: Sequence[Example]) -> list[Cell]:
    """Every stated stance that has a direction."""
    return [
        (n, axis, int(stance > 0), _nearest(abs(stance)))
        for n, example in enumerate(examples)
        for axis, stance in enumerate(example.stances)
        if stance is not None and sign_of(stance)
    ]


def _nearest(size: float) -> int:
    return min(range(len(EXTENTS)), key=lambda i: abs(EXTENTS[i] - size))


def seen(net: DirectionNet, texts: Sequence[str]) -> Tensor:
    """(n, axes, width): what the network's last layer gets of each masked text."""
    found: list[Tensor] = []
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    with net.last_layer(found.append):
        net.read([texts[i] for i in order])
    return torch.cat(found)[torch.tensor(order).argsort()]


def fit(features: Tensor, wanted: Sequence[Cell], seed: int = 0) -> nn.Linear:
    """The layer whose sizes of the stated direction have the lowest cross-entropy. `features`: (n, axes, width)."""
    torch.manual_seed(seed)
    layer = nn.Linear(features.shape[-1], 2 * len(EXTENTS))
    optimiser = torch.optim.AdamW(layer.parameters(), lr=RATE)
    rows_, axes, ways, sizes = (torch.tensor(column) for column in zip(*wanted, strict=True))
    inputs = features[rows_, axes]
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(wanted)).split(SIZE):
            logits = layer(inputs[batch]).view(len(batch), 2, len(EXTENTS))[torch.arange(len(batch)), ways[batch]]
            loss = nn.functional.cross_entropy(logits, sizes[batch], label_smoothing=SMOOTHING)
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
    return layer


def fitted(weights: Path, out: Path, axes: Sequence[Axis], examples: Sequence[Example]) -> None:
    """Write the network of `weights` with the layer fitted on examples to `out`."""
    from safetensors.torch import load_file, save_file

    tensors = load_file(weights)
    width = tensors["head.classes.weight"].shape[1]
    tensors["head.extent.weight"] = torch.zeros(2 * len(EXTENTS), width).half()
    tensors["head.extent.bias"] = torch.zeros(2 * len(EXTENTS)).half()
    out.parent.mkdir(parents=True, exist_ok=True)
    blank = out.with_suffix(".blank")  # not yet under the name by which the reader finds it
    save_file(tensors, blank)
    layer = fit(seen(DirectionNet(axes, blank), [e.text for e in examples]), cells(examples))
    tensors["head.extent.weight"] = layer.weight.detach().half()
    tensors["head.extent.bias"] = layer.bias.detach().half()
    save_file(tensors, out)
    blank.unlink()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    maker = Examples()
    examples = [e for row in rows(TRAIN) if split_of(row["id"]) == "train" for e in maker.of(row)]
    stated = [e for e in examples if any(e.stances)]
    fitted(a.weights, a.out, maker.configs["iran_us"].axes, stated)


if __name__ == "__main__":
    main()
