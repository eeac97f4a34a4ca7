"""`make demo`, the first thing that a stranger runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.sample_web import load_sample

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
LONGEST_S = 240
"""Under a minute on two idle cores; a machine that tests is busy."""


@dataclass(frozen=True)
class Shown:
    """What the demo left on the terminal."""

    returncode: int
    text: str
    errors: str
    seconds: float


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """One run in an empty home, with a Slack token lying about that it must not use."""
    home = str(tmp_path_factory.mktemp("home"))
    env = os.environ | {"HOME": home, "COLUMNS": "110", "VOLTEFACE_SLACK_TOKEN": "xoxb-of-the-user"}
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "deploy.demo"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Shown(run.returncode, run.stdout, run.stderr, time.monotonic() - began)


def closing(demo: Shown) -> str:
    """What stands below the last pass, blanks and line ends made one."""
    return " ".join(demo.text.split("What was held back, and why")[-1].split())


def test_demo_succeeds_in_time(demo: Shown) -> None:
    """A stranger's first command would fail, or take so long that nobody waits for it."""
    assert demo.returncode == 0, demo.errors
    assert demo.errors == ""
    assert demo.seconds < LONGEST_S


def test_demo_shows_alerts_as_slack_would(demo: Shown) -> None:
    """The product itself would not be seen."""
    panels = re.findall(r"╭─+╮(.*?)╰─+╯", demo.text, re.DOTALL)

    assert 3 <= len(panels) <= 10
    assert all("What shows it" in panel and "The position that was left" in panel for panel in panels)
    assert f"{len(panels)} alerts, above" in demo.text
    assert "no Slack token configured" in demo.text


def test_demo_says_what_was_held_back(demo: Shown) -> None:
    """A stranger could not tell restraint from blindness."""
    told = closing(demo)

    assert re.search(r"\d articles: copy repeats a text already read", told)
    assert re.search(r"1 article: opinion a commentator's wish", told)
    assert re.search(r"[2-9] articles: stale old, or looks back", told)
    assert re.search(r"1 dead feed: Isfahan Echo HTTP 503, \d+ times in a row", told)


def test_lines_are_not_broken(demo: Shown) -> None:
    """Plain lines broken at the edge of the terminal could be neither searched nor copied."""
    passes = re.findall(r"^\w{3} [ \d]\d \w{3} 2025, \d\d:\d\d  .*$", demo.text, re.MULTILINE)

    assert len(passes) >= 12
    assert any(len(line) > 110 for line in demo.text.splitlines())


def test_sample_is_what_the_demo_claims() -> None:
    """The sample would have lost one of the cases for which it is there."""
    sample = load_sample()
    texts = [item.text for item in sample.items]

    assert len(sample.items) >= 62
    assert {item.feed for item in sample.items} < set(sample.feeds)
    assert len(set(texts)) <= len(texts) - 5, "syndicated copies"
    assert sum("denie" in item.title for item in sample.items) >= 1
    assert sum(item.section == "opinion" for item in sample.items) >= 1
    assert sum(item.dated is not None or "en years" in item.title for item in sample.items) >= 2
    assert sum("broken" in feed for feed in sample.feeds.values()) == 1
