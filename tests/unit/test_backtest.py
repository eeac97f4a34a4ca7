"""Alerts against a timeline: what counts as found, what is said of a miss, and the page that a desk reads."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shift_samples
from observation_samples import observation

from volteface.backtest import COLUMNS, Backtest, Timeline, backtest, read_timeline
from volteface.backtest_report import as_json, as_markdown
from volteface.config import Config
from volteface.config_file import load_config
from volteface.detect import Held
from volteface.errors import VoltefaceError
from volteface.replay import Coverage
from volteface.types import Shift

ROOT = Path(__file__).parents[2]
SCORER = ROOT.parent / "shared" / "eval" / "score_alerts.py"
JANUARY = (date(2025, 1, 1), date(2025, 1, 28))
NOON = datetime(2025, 1, 10, 12, tzinfo=UTC)
SHIFT = {
    "date_utc": "2025-01-10", "time_utc": "12:00", "actor": "The president", "side": "US", "axis": "military",
    "direction": "away", "kind": "shift", "description": "Orders strikes | and says so.",
}  # fmt: skip


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(ROOT / "config.yaml")


def alert(hours: float = 1, **more: Any) -> Shift:
    plain: dict[str, Any] = {
        "at": NOON + timedelta(hours=hours),
        "side": "us",
        "holder": "us_president",
        "axis": "military",
        "direction": "away",
    }
    return shift_samples.shift(f"{hours}{more}", **(plain | more))


def written(folder: Path, rows: Sequence[dict[str, str]], columns: Sequence[str] = COLUMNS) -> Path:
    path = folder / "timeline.csv"
    with path.open("w", encoding="utf8", newline="") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return path


def timeline(config: Config, folder: Path, *rows: dict[str, str]) -> Timeline:
    return read_timeline(written(folder, [SHIFT | row for row in rows]), config, *JANUARY)


@pytest.mark.parametrize(
    ("hours", "row", "found"),
    [
        (-6, {}, True),
        (-6.1, {}, False),
        (48, {}, True),
        (48.1, {}, False),
        (-17, {"time_utc": ""}, True),
        (59, {"time_utc": ""}, True),
        (61, {"time_utc": ""}, False),
        (1, {"direction": "towards"}, False),
        (1, {"axis": "nuclear"}, False),
        (1, {"side": "IR"}, False),
        (1, {"side": "both"}, True),
    ],
)
def test_what_counts_as_found(config: Config, tmp_path: Path, hours: float, row: dict[str, str], found: bool) -> None:
    """A desk would tune its thresholds on shifts that were not found, or blame alerts that were right."""
    score = backtest(config, timeline(config, tmp_path, row), [alert(hours)]).score

    assert (score.found, score.fitting) == (int(found), int(found))


def test_delay_counts_from_the_hour_or_the_end_of_the_day(config: Config, tmp_path: Path) -> None:
    """A row without an hour would look like a delay of a day, an early alert like one of less than nothing."""
    known = timeline(config, tmp_path, {}, {"time_utc": "", "side": "IR"}, {"axis": "nuclear"})
    alerts = [alert(2.5), alert(15, side="iran"), alert(-3, axis="nuclear")]

    assert backtest(config, known, alerts).score.delays_h == (3.0, 2.5, 0.0)


def test_reaffirmation_excuses_an_alert_and_is_not_to_be_found(config: Config, tmp_path: Path) -> None:
    """Recall would fall for not telling what is no shift."""
    score = backtest(config, timeline(config, tmp_path, {"kind": "reaffirmation"}), [alert()]).score

    assert (score.shifts, score.found, score.fitting, score.precision) == (0, 0, 1, 1.0)


@pytest.mark.skipif(not SCORER.exists(), reason="../shared/eval is not here")
def test_figures_are_those_of_the_official_scorer(config: Config, tmp_path: Path) -> None:
    """A desk would tune for other figures than those by which the alerts are judged."""
    rng = random.Random(0)
    rows = [
        {
            "date_utc": f"2025-01-{rng.randint(1, 28):02}", "time_utc": rng.choice(("", "07:30", "22:10")),
            "side": rng.choice(("IR", "US", "both", "IL")), "axis": rng.choice(("military", "nuclear")),
            "direction": rng.choice(("towards", "away")), "kind": rng.choice(("shift", "shift", "contested")),
        }
        for _ in range(60)
    ]  # fmt: skip
    alerts = [
        alert(rng.uniform(-250, 480), side=rng.choice(("iran", "us")), axis=rng.choice(("military", "nuclear")),
              direction=rng.choice(("towards", "away")))
        for _ in range(80)
    ]  # fmt: skip
    known = timeline(config, tmp_path, *rows)
    lines = [{"at": a.at.isoformat(), "side": a.side, "axis": a.axis, "direction": a.direction} for a in alerts]
    (tmp_path / "alerts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf8")
    command = [sys.executable, str(SCORER), str(tmp_path / "timeline.csv"), str(tmp_path / "alerts.jsonl")]
    period = ["--from", str(JANUARY[0]), "--to", str(JANUARY[1]), "--json"]
    official = json.loads(subprocess.run([*command, *period], check=True, capture_output=True, text=True).stdout)

    figures = as_json(config, backtest(config, known, alerts), Coverage())["figures"]

    assert 0 < official["found"] < official["shifts"]
    assert figures == {name: pytest.approx(official[name], abs=1e-4) for name in figures}


@pytest.mark.parametrize(
    ("columns", "row", "said"),
    [
        (COLUMNS[:3], {}, "no column side, axis, direction, kind, description"),
        (COLUMNS, {"date_utc": "10 January"}, "line 2: not a day and an hour"),
        (COLUMNS, {"time_utc": "noon"}, "line 2: not a day and an hour"),
    ],
)
def test_broken_timeline_is_refused_with_the_place(
    config: Config, tmp_path: Path, columns: Sequence[str], row: dict[str, str], said: str
) -> None:
    """A row that cannot be read would silently count as missed, or as not there."""
    path = written(tmp_path, [SHIFT | row], columns)

    with pytest.raises(VoltefaceError, match=said):
        read_timeline(path, config, *JANUARY)


def test_short_line_is_refused_with_the_place(config: Config, tmp_path: Path) -> None:
    """A line that was cut off would end the command in a traceback."""
    path = written(tmp_path, [SHIFT])
    path.write_text(path.read_text(encoding="utf8") + "2025-01-11,12:00,Somebody\n", encoding="utf8")

    with pytest.raises(VoltefaceError, match="line 3: fewer cells"):
        read_timeline(path, config, *JANUARY)


def test_rows_of_other_sides_and_days_stay_out(config: Config, tmp_path: Path) -> None:
    """Shifts that nobody watches would count as missed, and nobody would see that they were left out."""
    known = timeline(config, tmp_path, {}, {"side": "IL"}, {"side": ""}, {"date_utc": "2025-01-29"})

    assert ([row.sides for row in known.rows], known.ignored) == ([("us",)], 2)


def test_a_miss_says_why(config: Config, tmp_path: Path) -> None:
    """A desk could not tell a blind reader from a strict threshold or from a cool-down."""
    known = timeline(config, tmp_path, {})
    near = (NOON - datetime(2025, 1, 6, tzinfo=UTC)) / timedelta(hours=1)
    seen = [observation(1, -0.7, near), observation(2, 0.7, near), observation(3, -0.7, near + 100)]
    held = [Held(alert(), "restatement", "same move: already alerted 3 h ago")]

    def why(*args: Any) -> str:
        return backtest(config, known, (), *args).outcomes[0].why_missed

    assert why(seen) == "1 reading that way did not move a position"
    assert why(seen[1:]) == "nothing was read of this side that way"
    assert why(seen, held) == "held back as same move: already alerted 3 h ago"


@pytest.fixture
def tested(config: Config, tmp_path: Path) -> Backtest:
    known = timeline(config, tmp_path, {}, {"date_utc": "2025-01-20", "axis": "nuclear"}, {"side": "IL"})
    return backtest(config, known, [alert(), alert(100, holder="us_gov")])


def test_markdown_tells_found_missed_and_in_vain(config: Config, tested: Backtest) -> None:
    """The page would leave out what a desk tunes by, or a bar in a description would break its table."""
    page = as_markdown(config, tested, Coverage(5, 4, 2, (date(2025, 1, 3),)))

    assert "1 of 2 shifts were told, in the middle case 1.0 h after the event. 0.5 alerts a week" in page
    assert "| all | 2 | 1 | 0.50 | 2 | 0.50 | 0.50 | 0.5 | 0.2 | 1.0 h |" in page
    assert "## Missed: 1 of 2 shifts" in page
    assert "| 2025-01-10 12:00 | The president | military | away | Orders strikes \\| and says so. |" in page
    assert "| the United States | 1 | 0 |" in page
    assert "2025-01-03" in page
    assert "1 row of the timeline is of a side" in page


def test_json_has_what_the_markdown_says(config: Config, tested: Backtest) -> None:
    """A program that watches the figures from release to release would miss some."""
    found = json.loads(json.dumps(as_json(config, tested, Coverage(5, 4, 2, (date(2025, 1, 3),)))))

    assert found["by_axis"]["nuclear"]["found"] == 0
    assert found["by_holder"] == {"us_president": {"alerts": 1, "fitting": 1}, "us_gov": {"alerts": 1, "fitting": 0}}
    assert [shift["delay_h"] for shift in found["shifts"]] == [1.0, None]
    assert [row["fits"] for row in found["alerts"]] == [True, False]
    assert found["coverage"] == {
        "items": 5, "read": 4, "outlets": 2, "empty_days": ["2025-01-03"], "timeline_rows_of_other_sides": 1,
    }  # fmt: skip


def test_nothing_known_and_nothing_told_is_no_error(config: Config, tmp_path: Path) -> None:
    """The first backtest of a desk, on a quiet week, would end in a division by zero."""
    page = as_markdown(config, backtest(config, timeline(config, tmp_path), ()), Coverage())

    assert "0 of 0 shifts were told" in page
