"""`volteface replay` and `volteface tune` as they are typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from fakes import MarkedReader
from observation_samples import stormy_archive

from deploy.cli import main
from deploy.replay_commands import reader_digest
from volteface.config_file import load_config
from volteface.kept_readings import KeptReader
from volteface.replay import replay

ROOT = Path(__file__).parents[2]
DAYS = (date(2025, 1, 6), date(2025, 2, 2))
TIMELINE = """date_utc,time_utc,actor,side,axis,direction,kind,description,notes
2025-01-09,,The president,US,military,away,shift,Turns.,
2025-01-16,10:00,The president,US,military,towards,shift,Turns back.,
2025-01-24,,Tehran,IR,nuclear,away,shift,Turns.,
"""


class Desk:
    """An archive, its timeline, and its readings in a file: no model is loaded."""

    def __init__(self, folder: Path) -> None:
        self.archive, self.timeline = stormy_archive(folder, weeks=4), folder / "timeline.csv"
        self.readings, self.folder = folder / "readings.jsonl", folder
        self.timeline.write_text(TIMELINE, encoding="utf8")

    def learn(self) -> None:
        """Read the archive into the file, as the first run does."""
        config = load_config(ROOT / "config.yaml")
        replay(config, KeptReader(self.readings, reader_digest(config), MarkedReader), self.archive, *DAYS)

    def run(self, *words: object) -> Result:
        """Type a command."""
        return CliRunner().invoke(main, ["--config", str(ROOT / "config.yaml"), *map(str, words)])

    def replay(self, *more: object) -> Result:
        """Type `replay` over four weeks."""
        period: Sequence[object] = ("--from", DAYS[0], "--to", DAYS[1], "--alerts", self.folder / "alerts.jsonl")
        return self.run("replay", self.archive, *period, "--readings", self.readings, *more)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.learn()
    return desk


@pytest.mark.parametrize("suffix", ["md", "json"])
def test_replay_writes_a_report(desk: Desk, suffix: str) -> None:
    """A desk would have to score its alerts by hand."""
    report = desk.folder / f"report.{suffix}"
    done = desk.replay("--timeline", desk.timeline, "--report", report)

    assert done.exit_code == 0, done.output
    assert "of 3 shifts were told" in done.output
    text = report.read_text(encoding="utf8")
    assert json.loads(text)["figures"]["shifts"] == 3 if suffix == "json" else text.startswith("# Backtest, 2025-01-06")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--report", "report.md"), "--report needs --timeline"),
        (("--report", "report.pdf"), "must end in .md"),
    ],
)
def test_report_that_cannot_be_is_refused_before_the_replay(desk: Desk, words: Sequence[str], said: str) -> None:
    """Minutes would go by before a typing error shows."""
    done = desk.replay(*words)

    assert (done.exit_code, said in done.output) == (2, True)


def test_tune_prints_a_section_to_paste_and_changes_nothing(desk: Desk) -> None:
    """A desk would have to copy numbers by hand, or find its config changed."""
    before = (ROOT / "config.yaml").read_bytes()
    words: tuple[object, ...] = (
        "--timeline",
        desk.timeline,
        "--archive",
        desk.archive,
        "--readings",
        desk.readings,
        "--trials",
        6,
    )
    words += ("--from", DAYS[0], "--to", DAYS[1])
    kept = desk.folder / "observations.jsonl"
    first, second = (desk.run("tune", "--alerts-per-week", 7, *words, "--observations", kept) for _ in range(2))

    assert first.exit_code == 0, first.output
    assert set(yaml.safe_load(first.output)) == {"detect"}
    assert first.output == second.output
    assert kept.stat().st_size > 1000
    assert (ROOT / "config.yaml").read_bytes() == before


def test_changed_office_reads_anew(desk: Desk) -> None:
    """Somebody who adds a person to the config would be shown what was read without them."""
    config = load_config(ROOT / "config.yaml")
    changed = config.model_copy(update={"offices": config.offices[:-1]})

    assert reader_digest(config) == reader_digest(load_config(ROOT / "config.yaml"))
    assert reader_digest(changed) != reader_digest(config)


def test_changed_rules_need_no_reading(desk: Desk) -> None:
    """Every change of a threshold would cost the minutes that reading takes."""
    config = load_config(ROOT / "config.yaml")
    stricter = config.model_copy(update={"detect": config.detect.model_copy(update={"strength": 3.0})})

    assert reader_digest(stricter) == reader_digest(config)
