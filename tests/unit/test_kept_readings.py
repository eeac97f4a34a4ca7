"""Readings kept in a file: read once, never out of date, and nobody's file overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes import MarkedReader

from volteface.errors import VoltefaceError
from volteface.kept_observations import load_observations
from volteface.kept_readings import KeptReader
from volteface.types import Document

MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
DOCUMENTS = [
    Document(
        "He will talk. {us_president negotiation +0.7 act 0.93}", "Talks", "Wire", datetime(2025, 1, 6, tzinfo=UTC)
    ),
    Document("Nothing is said here.", "Calm"),
    Document("Überraschung: he will not. {us_president negotiation -0.7 report 0.31}"),
]


class Desk:
    """A file of readings, and how often the true reader was needed."""

    def __init__(self, folder: Path) -> None:
        self.path, self.built = folder / "readings.jsonl", 0

    def build(self) -> MarkedReader:
        """The true reader, counted."""
        self.built += 1
        return MarkedReader()

    def reader(self, digest: str = "one") -> KeptReader:
        """A new run's."""
        return KeptReader(self.path, digest, self.build)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_second_run_needs_no_model(desk: Desk) -> None:
    """Every change of a threshold would cost the minutes that reading takes."""
    first = desk.reader().read(DOCUMENTS)
    second = desk.reader().read([*DOCUMENTS, DOCUMENTS[0]])

    assert first == MarkedReader().read(DOCUMENTS)
    assert second == [*first, first[0]]
    assert desk.built == 1


def test_new_documents_are_read_and_kept(desk: Desk) -> None:
    """A longer archive would be read from the start, or its new items not at all."""
    desk.reader().read(DOCUMENTS[:1])
    desk.reader().read(DOCUMENTS)

    assert desk.built == 2
    assert desk.reader().read(DOCUMENTS) == MarkedReader().read(DOCUMENTS)
    assert desk.built == 2


def test_other_instruments_read_anew(desk: Desk) -> None:
    """After new weights a desk would tune on what the old ones had read."""
    desk.reader("one").read(DOCUMENTS)
    desk.reader("two").read(DOCUMENTS)

    assert desk.built == 2


def test_run_that_was_cut_off_spoils_nothing(desk: Desk) -> None:
    """After a power cut the file would have to be deleted by hand, or a half line be taken for readings."""
    desk.reader().read(DOCUMENTS[:2])
    desk.path.write_bytes(desk.path.read_bytes()[:-10])
    desk.reader().read(DOCUMENTS)

    assert desk.reader().read(DOCUMENTS) == MarkedReader().read(DOCUMENTS)
    assert desk.built == 2


@pytest.mark.parametrize("content", ["version: 1\n", "[]\n", '{"format": "something else"}\n'])
def test_other_files_are_not_overwritten(desk: Desk, content: str) -> None:
    """`--readings config.yaml`, typed by mistake, would destroy the config."""
    desk.path.write_text(content, encoding="utf8")

    with pytest.raises(VoltefaceError, match="no file of readings"):
        desk.reader()
    with pytest.raises(VoltefaceError, match="no file of observations"):
        load_observations(desk.path, "one")
    assert desk.path.read_text(encoding="utf8") == content


def test_no_text_of_an_article_is_kept(desk: Desk) -> None:
    """The file could not be handed on: publishers own what they wrote."""
    desk.reader().read(DOCUMENTS)

    assert "talk" not in desk.path.read_text(encoding="utf8")
