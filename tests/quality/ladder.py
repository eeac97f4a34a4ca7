"""The ladder: five instruments on the same items, from the majority class to the shipped reader.

    python -m tests.quality.ladder [--json]

Three sets: the gold statements, the tenth of the written corpus that no model is trained on, and a pair of sides that
training never saw. Four figures each, with 95 % intervals by resampling documents.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click
import numpy as np

import extractors
from extractors.batch import read_lines
from tests.quality import rungs
from tests.quality.figures import NAMES, Figure, figures
from tests.quality.instruments import (
    CACHE,
    GOLD,
    OFFICIAL,
    Item,
    Readings,
    corpus_items,
    gold_items,
    main_config,
    read,
    shipped,
)
from training.examples import configs, rows
from training.train import TRAIN, split_of
from volteface.config import Config
from volteface.types import Embedder, Extractors, Vectors

GOLD_SET, SHIPPED = "gold dev", "shipped reader"
HELD_OUT, HELD_OUT_PAIR = "heldout_us_north_korea.jsonl", "us_north_korea"
SPEED_LINES = 1000

Table = dict[str, dict[str, dict[str, Figure]]]
"""Set to rung to figure."""


def dev_rows() -> list[Item]:
    """The dev tenth of the main pair's corpus."""
    return corpus_items(r for r in rows(TRAIN) if r["pair"] == "iran_us" and split_of(r["id"]) == "dev")


def training_rows() -> list[Item]:
    """What the lower rungs learn from: the other nine tenths."""
    return corpus_items(r for r in rows(TRAIN) if r["pair"] == "iran_us" and split_of(r["id"]) == "train")


def measure() -> Table:
    """The whole table; empty without ../shared, whose scorer it uses. About two minutes on two cores, then one."""
    if not OFFICIAL.exists():
        click.echo(f"skipped: the ladder, for there is no {OFFICIAL}")
        return {}
    training = training_rows()
    heads = rungs.LogisticHeads([*main_config().axis], training, _vectors(shipped().embedder, training))
    held_out = configs()[HELD_OUT_PAIR]
    sets = [
        (GOLD_SET, main_config(), shipped(), gold_items() if GOLD.exists() else []),
        ("corpus dev", main_config(), shipped(), dev_rows()),
        ("held-out pair", held_out, extractors.build(held_out), corpus_items(rows([HELD_OUT]), block=1)),
    ]
    return {
        name: {
            rung: figures(items, found, config)
            for rung, found in _climb(config, instruments, items, rungs.majority(training), heads)
        }
        for name, config, instruments, items in sets
        if items
    }


def _climb(
    config: Config, instruments: Extractors, items: Sequence[Item], majority: rungs.Rung, heads: rungs.LogisticHeads
) -> Iterator[tuple[str, Readings]]:
    embedder = instruments.embedder
    if config is main_config():
        yield "majority class", majority(items)
    yield "keyword rules (CAMEO verbs)", rungs.keywords(config)(items)
    yield "embedding axis (cosine to exemplars)", rungs.cosine(config, embedder)(items)
    yield "frozen encoder + logistic head", heads.rung(config, embedder)(items)
    yield SHIPPED, read(instruments, items)


def _vectors(embedder: Embedder, items: Sequence[Item]) -> Vectors:
    """Embeddings of the training rows, kept under build/: they cost most of the ladder's time."""
    file = CACHE / "training_vectors.npz"
    texts = np.array([item.text for item in items])
    if file.exists():
        with np.load(file) as kept:
            if np.array_equal(kept["texts"], texts):
                return np.asarray(kept["vectors"], dtype=np.float32)
    vectors = embedder.embed([item.text for item in items])
    CACHE.mkdir(parents=True, exist_ok=True)
    np.savez(file, texts=texts, vectors=vectors)
    return vectors


def gold_dev() -> dict[str, Figure]:
    """The shipped reader on the gold statements: the figures that the ratchet guards."""
    items = gold_items()
    return figures(items, read(shipped(), items), main_config())


def speed() -> float:
    """Sentences a second of `volteface read`, warm: 1,000 different sentences of the corpus."""
    texts = dict.fromkeys(row["text"] for row in rows(TRAIN[:3]) if row["kind"] != "transcript")
    lines = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate([*texts][: SPEED_LINES + 64])]
    list(read_lines(shipped(), lines[SPEED_LINES:]))
    start = time.perf_counter()
    list(read_lines(shipped(), lines[:SPEED_LINES]))
    return SPEED_LINES / (time.perf_counter() - start)


def as_markdown(table: Table) -> str:
    """One table a set."""
    parts = []
    for name, by_rung in table.items():
        parts += [f"**{name}**", "", "| instrument | " + " | ".join(NAMES) + " |", "|---" * (len(NAMES) + 1) + "|"]
        parts += [f"| {rung} | " + " | ".join(str(row[n]) for n in NAMES) + " |" for rung, row in by_rung.items()]
        parts.append("")
    return "\n".join(parts).rstrip()


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True)
def main(as_json: bool) -> None:
    """Command line."""
    table = measure()
    plain = {s: {r: {n: asdict(f) for n, f in row.items()} for r, row in by.items()} for s, by in table.items()}
    click.echo(json.dumps(plain) if as_json else as_markdown(table))
    click.echo(f"\nspeed: {speed():.0f} sentences/s", err=as_json)


if __name__ == "__main__":
    main()
