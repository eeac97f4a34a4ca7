"""The ratchet over the reader's figures, and where its table goes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from quality import gate
from quality.gate import Floor, Floors, Lowered, failures, load, raised, save

TODAY = date(2026, 5, 1)
FLOORS = Floors("aa", {"gold.side_sign_f1": Floor(0.80, 0.01), "speed": Floor(200.0, 0.5)})


def update(measured: dict[str, float], *, gold: str | None = "aa", reason: str | None = None) -> Floors:
    return raised(FLOORS, measured, gold_sha256=gold, reason=reason, today=TODAY)


def test_a_figure_below_its_floor_fails() -> None:
    """A worse reader would be merged without anybody seeing it."""
    (line,) = failures(FLOORS, {"gold.side_sign_f1": 0.70, "speed": 250.0}, "aa")
    assert "gold.side_sign_f1" in line
    assert "0.700" in line


@pytest.mark.parametrize(("value", "passes"), [(0.793, True), (0.791, False), (0.9, True), (math.nan, False)])
def test_only_noise_is_forgiven(value: float, passes: bool) -> None:
    """CI would fail on another processor, or let a real loss or an undefined figure through."""
    assert (not failures(FLOORS, {"gold.side_sign_f1": value}, "aa")) is passes


def test_other_gold_data_fails() -> None:
    """Figures could be raised by changing the data that they are measured on."""
    assert "gold file" in failures(FLOORS, {"gold.side_sign_f1": 0.9}, "bb")[0]


def test_absent_gold_is_no_failure() -> None:
    """CI on a machine without the shared data would always fail."""
    assert failures(FLOORS, {"speed": 200.0}, None) == []


def test_an_update_raises_floors() -> None:
    """A gain would not be held: the next change could lose it again."""
    assert update({"gold.side_sign_f1": 0.91}).figures["gold.side_sign_f1"].value == 0.91


def test_noise_does_not_move_a_floor() -> None:
    """Floors would creep down, a little at each update."""
    assert update({"gold.side_sign_f1": 0.795}).figures == FLOORS.figures


def test_an_update_keeps_figures_that_were_not_measured() -> None:
    """A quick run would drop the floors of the slow figures."""
    assert update({"gold.side_sign_f1": 0.85}).figures["speed"] == FLOORS.figures["speed"]


def test_a_new_figure_gets_a_floor() -> None:
    """A figure that is measured for the first time would stay unguarded."""
    assert update({"plover.root_macro_f1": 0.8}).figures["plover.root_macro_f1"].value == 0.8


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_an_update_refuses_to_lower_without_a_reason(reason: str | None) -> None:
    """The ratchet would be no ratchet."""
    with pytest.raises(Lowered, match=r"gold\.side_sign_f1"):
        update({"gold.side_sign_f1": 0.60}, reason=reason)


def test_an_undefined_figure_cannot_become_a_floor_silently() -> None:
    """A broken measurement would erase its floor."""
    with pytest.raises(Lowered):
        update({"gold.side_sign_f1": math.nan})


def test_other_gold_data_need_a_reason_too() -> None:
    """Swapping the gold file and updating would get round the digest."""
    with pytest.raises(Lowered, match="gold_sha256"):
        update({"gold.side_sign_f1": 0.9}, gold="bb")


def test_a_lowered_floor_records_why(tmp_path: Path) -> None:
    """Nobody could see later when and why a floor was given up."""
    once = update({"gold.side_sign_f1": 0.60}, reason="the guide changed")
    twice = raised(once, {"speed": 50.0}, gold_sha256="aa", reason="fp32 again", today=TODAY)
    save(twice, tmp_path / "floors.json")
    kept = load(tmp_path / "floors.json")
    assert kept.figures["gold.side_sign_f1"].value == 0.60
    assert [(r["figure"], r["from"], r["reason"]) for r in kept.regressions] == [
        ("gold.side_sign_f1", 0.80, "the guide changed"),
        ("speed", 200.0, "fp32 again"),
    ]
    assert kept.regressions[0]["on"] == "2026-05-01"


def test_the_file_survives_a_round_trip(tmp_path: Path) -> None:
    """An update would lose part of the floors."""
    floors = replace(FLOORS, regressions=({"figure": "speed", "reason": "x"},))
    save(floors, tmp_path / "floors.json")
    assert load(tmp_path / "floors.json") == floors


def test_the_shipped_floors_can_be_read() -> None:
    """CI's gate would stop with a traceback rather than judge."""
    shipped = load(gate.FILE)
    assert len(shipped.gold_sha256) == 64
    assert {"gold.side_sign_f1", "opposites.pairs"} <= shipped.figures.keys()
    assert all(0 <= floor.noise < 1 for floor in shipped.figures.values())
    assert all(item["reason"] for item in shipped.regressions)
    assert json.loads(gate.FILE.read_text(encoding="utf-8"))["figures"]
