"""Mean of several trainings of the network that started from the same weights.

    python -m training.average RUN/direction.safetensors RUN/direction.safetensors... --out extractors/weights

Runs from one start (`training.train --seed`) that saw different data lie in one basin, where the mean of the weights
costs nothing at run time and does better off the training's own distribution (Wortsman et al., 2022, "Model soups").
Runs from different starts do not: their mean is worthless.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from extractors.net import WEIGHTS


def average(runs: list[Path], out: Path) -> None:
    """Write the mean of the tensors. Raises ValueError where the runs do not hold the same ones."""
    weights = [load_file(run) for run in runs]
    if any(w.keys() != weights[0].keys() for w in weights):
        raise ValueError("these are not runs of one network")
    mean = {
        name: np.mean([w[name].astype(np.float32) for w in weights], axis=0).astype(tensor.dtype)
        for name, tensor in weights[0].items()
    }
    with safe_open(runs[-1], "np") as last:
        save_file(mean, out, metadata=last.metadata())


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    average(a.runs, a.out / WEIGHTS.name)


if __name__ == "__main__":
    main()
