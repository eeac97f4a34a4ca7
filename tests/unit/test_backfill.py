"""Reading an archive in chunks: goes on after a kill, reads nothing twice, and serves replays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from backfill_samples import SPRING, long_archive, past_item, write_archive
from fakes import MarkedReader

from volteface.backfill import CHUNK, Archives, ReadReport, in_this_process, read_archives, survey
from volteface.config import Config
from volteface.config_file import load_config
from volteface.errors import VoltefaceError
from volteface.kept_readings import KeptReader
from volteface.replay import replay
from volteface.types import Document, Reader, Reading

NUMBER = 3 * CHUNK + 40


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(Path(__file__).parents[2] / "config.yaml")


def no_model() -> Reader:
    """Where everything is known, nothing may be built."""
    raise AssertionError("the model was loaded")


def read(config: Config, archive: Path, kept: Path, reader: MarkedReader | None = None) -> ReadReport:
    """One run in one process."""
    keeper = KeptReader(kept, "digest", no_model)
    way = in_this_process(lambda: reader or MarkedReader())
    return read_archives(config, survey([archive]), keeper, way)


def test_replay_needs_no_model_after_a_backfill(config: Config, tmp_path: Path) -> None:
    """The hours that a backfill takes would be of no use to `replay` and `tune`."""
    archive, days = long_archive(tmp_path / "a.jsonl", 100), (date(2025, 3, 3), date(2025, 3, 31))
    read(config, archive, tmp_path / "kept")

    after = replay(config, KeptReader(tmp_path / "kept", "digest", no_model), archive, *days)

    assert after == replay(config, MarkedReader(), archive, *days)


class Cut(Exception):
    """The run was killed."""


def test_killed_run_goes_on(config: Config, tmp_path: Path) -> None:
    """After a power cut a night's reading would begin anew, or its file be another than that of a run in peace."""
    archive = long_archive(tmp_path / "a.jsonl", NUMBER)

    def cut_short(chunks: Iterable[Sequence[Document]]) -> Iterator[Sequence[tuple[Reading, ...]]]:
        for number, chunk in enumerate(chunks):
            if number == 2:
                raise Cut
            yield MarkedReader().read(chunk)

    with pytest.raises(Cut):
        read_archives(config, survey([archive]), KeptReader(tmp_path / "kept", "digest", no_model), cut_short)
    rest, whole = MarkedReader(), MarkedReader()
    second = read(config, archive, tmp_path / "kept", rest)
    read(config, archive, tmp_path / "peace", whole)

    assert (len(whole.read_texts), len(rest.read_texts)) == (NUMBER, NUMBER - 2 * CHUNK)
    assert second == ReadReport(
        NUMBER, NUMBER, 2 * CHUNK, sum(map(len, MarkedReader().read([Document(text) for text in rest.read_texts])))
    )
    assert (tmp_path / "kept").read_bytes() == (tmp_path / "peace").read_bytes()
    assert read(config, archive, tmp_path / "kept").known == NUMBER


def test_text_that_comes_twice_is_read_once(config: Config, tmp_path: Path) -> None:
    """With several workers the second would be out before the first is back, and the file be another each time."""
    items = [past_item(1, "The same words.", SPRING, outlet="Wire", title="Same", id=f"n{n}") for n in range(600)]
    archive, reader, held = write_archive(tmp_path / "a.jsonl", items), MarkedReader(), list[Sequence[Document]]()

    def all_at_once(chunks: Iterable[Sequence[Document]]) -> Iterator[Sequence[tuple[Reading, ...]]]:
        held.extend(chunks)
        return iter([reader.read(chunk) for chunk in held])

    report = read_archives(config, survey([archive]), KeptReader(tmp_path / "kept", "digest", no_model), all_at_once)

    assert (report.items, report.documents, len(reader.read_texts)) == (600, 1, 1)


def test_no_more_is_in_memory_than_is_out(config: Config, tmp_path: Path) -> None:
    """An archive of years would fill the machine's memory."""
    good = long_archive(tmp_path / "a.jsonl", NUMBER)
    archives = survey([good])
    good.write_text(good.read_text(encoding="utf8") + "no item\n", encoding="utf8")

    def first_two(chunks: Iterable[Sequence[Document]]) -> Iterator[Sequence[tuple[Reading, ...]]]:
        for _, chunk in zip(range(2), chunks, strict=False):
            yield MarkedReader().read(chunk)

    report = read_archives(config, archives, KeptReader(tmp_path / "kept", "digest", no_model), first_two)

    assert report.items <= 3 * CHUNK  # the broken last line was never come to


def test_broken_archive_is_refused_before_anything_is_read(config: Config, tmp_path: Path) -> None:
    """A typing error in the last file would show after hours."""
    good = long_archive(tmp_path / "a.jsonl", 5)
    bad = tmp_path / "b.jsonl"
    bad.write_text("{}\n", encoding="utf8")

    with pytest.raises(VoltefaceError, match=r"b\.jsonl, line 1: not an archive item"):
        survey([good, bad])
    bad.write_text("", encoding="utf8")
    with pytest.raises(VoltefaceError, match="no items"):
        survey([bad])


@pytest.mark.parametrize("build", [MarkedReader, no_model])
def test_progress_reaches_the_end(config: Config, tmp_path: Path, build: Callable[[], Reader]) -> None:
    """The bar on the terminal would stop short, above all where everything was read before."""
    archive, calls = long_archive(tmp_path / "a.jsonl", NUMBER), list[tuple[int, int]]()
    if build is no_model:
        read(config, archive, tmp_path / "kept")
    kept = KeptReader(tmp_path / "kept", "digest", no_model)
    read_archives(config, survey([archive]), kept, in_this_process(build), lambda *step: calls.append(step))

    assert calls == sorted(calls)
    assert calls[-1] == (NUMBER, NUMBER)


def test_periods_hold_every_day_once() -> None:
    """A day would be missing from the store, or an archive of years be in memory as a whole."""
    days = tuple((date(2025, 3, day), number) for day, number in ((1, 4), (2, 5), (3, 30), (7, 2), (9, 3)))

    periods = list(Archives((), days).periods(10))

    assert periods == [(date(2025, 3, first), date(2025, 3, last)) for first, last in ((1, 2), (3, 3), (7, 9))]
