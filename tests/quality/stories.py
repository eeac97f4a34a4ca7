"""Can embeddings tell the same story from the next one? Written stories, each told twice and then gone further.

    python -m tests.quality.stories

`stories.yaml` tells each event in the words of two newsrooms and beside it another event of the same affair: what came
after it, or its opposite. Wanted: two newsrooms nearer to each other than either is to the next event. Lower: how many
of the stories told twice a threshold finds that joins at most one in two hundred of the others, which is what copies
are held to. The shingles of `volteface/copies.py` stand beside it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from extractors.encoder import load_encoder
from tests.quality.instruments import main_config
from volteface.copies import CopyIndex, sketch
from volteface.types import Vectors

STORIES = Path(__file__).parent / "stories.yaml"
WRONG = 0.005
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
Cosines = NDArray[np.float32]


def likeness(one: Vectors, other: Vectors) -> Cosines:
    """Cosine of each row with the same row of the other."""
    return np.einsum("ij,ij->i", one, other).astype(np.float32)


def strangers(vectors: Vectors) -> Cosines:
    """Cosines of all pairs of different stories."""
    pairs = np.array(list(combinations(range(len(vectors)), 2)))
    return likeness(vectors[pairs[:, 0]], vectors[pairs[:, 1]])


def ranked_above(same: Cosines, other: Cosines) -> float:
    """How often one of `same` is above one of `other`: 1 is perfect, 0.5 is chance."""
    return float((same[:, None] > other[None, :]).mean())


def found_at(same: Cosines, other: Cosines, wrong: float = WRONG) -> tuple[float, float]:
    """The lowest threshold that joins at most that share of `other`, and the share of `same` that it finds."""
    threshold = float(np.quantile(other, 1 - wrong, method="higher"))
    return threshold, float((same > threshold).mean())


def unread(one: str, other: str) -> bool:
    """Whether the index of copies lets the second go unread as a copy of the first."""
    index = CopyIndex()
    places = [
        index.place(n, f"outlet {n}", sketch(text.split(". ")[0], text), NOON) for n, text in enumerate((one, other))
    ]
    return places[1].repeats


def table(stories: list[dict[str, str]], one: Vectors, two: Vectors, after: Vectors) -> str:
    """The figures, as Markdown."""
    same, sequel, rest = likeness(one, two), likeness(one, after), strangers(one)
    rows = [("same event, two newsrooms", same, "two"), ("next event of the affair", sequel, "next")]
    lines = ["| pair | pairs | cosine, median | lowest | highest | unread as a copy |", "|---|---|---|---|---|---|"]
    for name, cosines, key in rows:
        copies = sum(unread(story["one"], story[key]) for story in stories)
        lines.append(f"| {name} | {len(cosines)} | {_spread(cosines)} | {copies} |")
    lines.append(f"| two affairs | {len(rest)} | {_spread(rest)} | |")
    nearer = int((same > sequel).sum())
    lines.append(f"\nthe same event nearer than the next of its own affair: {nearer} of {len(same)}")
    for name, other in (("the next event", sequel), ("another affair", rest)):
        threshold, found = found_at(same, other)
        above = ranked_above(same, other)
        lines.append(f"against {name}: ranked above {above:.2f}; at {threshold:.2f} {found:.0%} of the same are found")
    return "\n".join(lines)


def _spread(cosines: Cosines) -> str:
    return f"{np.median(cosines):.2f} | {cosines.min():.2f} | {cosines.max():.2f}"


def main() -> None:
    """Measure and print."""
    stories = yaml.safe_load(STORIES.read_text(encoding="utf-8"))
    encoder = load_encoder(main_config().models.encoder)
    vectors = [encoder.embed([story[key] for story in stories]) for key in ("one", "two", "next")]
    sys.stdout.write(table(stories, *vectors) + "\n")


if __name__ == "__main__":
    main()
