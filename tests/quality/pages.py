"""Main text of 181 real pages against text marked by people (the open "article extraction benchmark").

    python -m tests.quality.pages

Scored as its evaluator does: runs of four words, counted as often as they occur; precision and recall of each page;
their means over the pages; F1 of the two means. A page that is refused counts as one without text.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import click

from deploy.documents import files_of, look
from tests.quality.archives import unpack
from tests.quality.instruments import SHARED
from volteface.page import extract_page

ARCHIVE = SHARED / "data" / "pages" / "article_extraction_benchmark.tar.zst"
RUN = 4
"""Words that are compared together."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PageScore:
    """Means over pages, 0 to 1."""

    f1: float
    precision: float
    recall: float
    pages: int
    refused: Mapping[str, str]
    """Page to reason."""


def runs(text: str) -> Counter[tuple[str, ...]]:
    """Every run of four words of a text; a shorter text is one run, an empty one none."""
    words = _WORD.findall(text)
    found = (tuple(words[start : start + RUN]) for start in range(max(1, len(words) - RUN + 1)))
    return Counter(run for run in found if run)


def overlap(truth: str, found: str) -> tuple[float | None, float | None]:
    """(precision, recall) of one page; None where it cannot be said: nothing was found, or nothing is there."""
    wanted, got = runs(truth), runs(found)
    common = (wanted & got).total()
    return common / got.total() if got else None, common / wanted.total() if wanted else None


def score(truth: Mapping[str, str], found: Mapping[str, str], refused: Mapping[str, str]) -> PageScore:
    """Score texts by page; a page that is not in `found` has none."""
    pairs = [overlap(text, found.get(page, "")) for page, text in truth.items()]
    precision = mean(p for p, _ in pairs if p is not None)
    recall = mean(r for _, r in pairs if r is not None)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return PageScore(f1, precision, recall, len(pairs), refused)


async def measure(folder: Path) -> PageScore:
    """Extract every page of the unpacked archive as `volteface extract` does."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    found, refused = {}, {}
    async for looked in look(files_of([str(folder / "html")]), extract_page, ""):
        page = Path(looked.file).name.partition(".")[0]
        if looked.found and looked.found.text:
            found[page] = looked.found.text
        else:
            refused[page] = looked.reason or (looked.found and looked.found.reason) or ""
    return score({page: row.get("articleBody", "") for page, row in truth.items()}, found, refused)


@click.command(help=__doc__)
def main() -> None:
    """Command line."""
    if not ARCHIVE.exists():
        raise click.ClickException(f"no {ARCHIVE}: it is not part of the repository")
    with tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(measure(unpack(ARCHIVE, Path(folder))))
    click.echo(
        f"F1 {result.f1:.4f}, precision {result.precision:.4f}, recall {result.recall:.4f}; "
        f"{result.pages} pages, {len(result.refused)} refused"
    )
    for page, reason in result.refused.items():
        click.echo(f"  {page}: {reason}")


if __name__ == "__main__":
    main()
