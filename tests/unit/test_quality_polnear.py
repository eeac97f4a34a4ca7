"""The PolNeAR instrument, on a made-up article in PolNeAR's form."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tests.quality.polnear import measure
from tests.quality.polnear_data import articles

TEXT = "Mayor Ann Lee said that the bridge was safe. Nobody crossed it. “We will repair it,” the minister said."
PARTS = (
    ("Source", "Mayor Ann Lee", "E1"),
    ("Cue", "said", "E1"),
    ("Content", "that the bridge was safe", "E1"),
    ("Content", "“We will repair it,”", "E2"),
    ("Source", "the minister", "E2"),
)


def annotations() -> str:
    """Both statements; of the second the cue is left out."""
    lines, events = [], dict[str, list[str]]()
    for number, (role, words, event) in enumerate(PARTS, 1):
        start = TEXT.index(words)
        lines.append(f"T{number}\t{role} {start} {start + len(words)}\t{words}")
        events.setdefault(event, [f"Attribution:T{number}"]).append(f"{role}:T{number}")
    return "\n".join([*lines, *(f"{name}\t{' '.join(roles)}" for name, roles in events.items())])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A part of PolNeAR with one article."""
    for name, text in (("text/ferry_2016-01-01.txt", TEXT), ("attributions/ferry_2016-01-01_ab12.ann", annotations())):
        file = tmp_path / "data" / "dev" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def test_figures_count_spans_and_words(folder: Path) -> None:
    """A wrong count would praise or damn the reader's attribution."""
    figures = measure(articles([folder]), draws=10)

    assert figures["source"]["overlap"]["recall"].value == 1
    assert figures["content"]["exact"]["f1"].value == 1
    assert figures["cue"]["exact"]["precision"].value == 0.5
    assert figures["cue"]["exact"]["recall"].value == 1
    assert figures["attribution"]["overlap"]["f1"].value == 1


def test_folder_archive_and_file_are_one(folder: Path, tmp_path: Path) -> None:
    """A held-out part may come packed or as single files; a form that is not read would count as silence."""
    (tmp_path / "packed").mkdir()
    with tarfile.open(tmp_path / "packed" / "all.tar.xz", "w:xz") as archive:
        archive.add(folder / "data", "data")
        other = tarfile.TarInfo("data/train/text/x.txt")
        archive.addfile(other, io.BytesIO(b""))
    single = next(folder.rglob("*.ann"))

    assert articles([folder / "data"]) == articles([tmp_path / "packed"]) == articles([single])


def test_nothing_to_measure_is_told(tmp_path: Path) -> None:
    """A wrong path would show as figures of nothing."""
    with pytest.raises(ValueError, match=r"no \.ann file"):
        articles([tmp_path])
