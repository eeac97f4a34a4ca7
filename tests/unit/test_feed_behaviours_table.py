"""docs/feed_behaviours.md says which test shows which of the fifty behaviours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "feed_behaviours.md").read_text(encoding="utf-8")
SECTIONS = {
    file: section for section in PAGE.split("\n## ")[1:] for file in re.findall(r"^.*`(tests/.*\.py)`", section)
}


def test_every_number_has_one_row() -> None:
    """A behaviour would be forgotten, or claimed twice with different words."""
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == [str(number) for number in range(1, 51)]


@pytest.mark.parametrize("file", SECTIONS)
def test_every_row_has_its_tests_in_the_file_of_its_table(file: str) -> None:
    """The page would promise what nothing checks."""
    source = (ROOT / file).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .* \| `(test_b\d\d)`", SECTIONS[file], re.MULTILINE)

    assert len(rows) == SECTIONS[file].count("\n| ") - 1
    assert [name for number, name in rows if name != f"test_b{int(number):02}" or f"def {name}_" not in source] == []
    assert set(re.findall(r"def (test_b\d\d)_", source)) == {name for _, name in rows}


def test_a_reason_stands_for_everything_left_out() -> None:
    """ "On purpose" without a reason is a gap with a nicer name."""
    decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    section = decisions.split("Behaviours of a feed client that are otherwise on purpose")[1].split("\n## ")[0]
    otherwise = [
        row.split(" | ")[0] for row in re.findall(r"^\| (\d+ \| .*On purpose otherwise.*)", PAGE, re.MULTILINE)
    ]

    assert [number for number in otherwise if f"({number})" not in section] == []
