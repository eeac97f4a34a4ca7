"""What fuzzing found once, and a little of it anew."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.findings import FINDINGS
from tests.fuzz.targets import TARGETS
from volteface.parse import parse_feed

BY_NAME = {target.name: target for target in TARGETS}


@pytest.mark.parametrize(
    ("name", "value"), [f[:2] for f in FINDINGS], ids=[f"{n}-{f[0]}" for n, f in enumerate(FINDINGS)]
)
def test_what_broke_once_holds(name: str, value: object) -> None:
    """An input that once broke a feed or a page would break it again."""
    BY_NAME[name].check(value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", BY_NAME)
def test_a_few_hostile_inputs(name: str) -> None:
    """A change to a parser would bring back crashes that only odd input shows; `python -m tests.fuzz` tries more."""
    target = BY_NAME[name]
    quick = settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))

    seed(1)(quick(given(target.inputs)(target.check)))()


def test_one_bad_reference_does_not_cost_the_feed() -> None:
    """A single number in a link would take an outlet out of sight."""
    feed = parse_feed(FINDINGS[0][1], "https://a.example/")  # type: ignore[arg-type]

    assert [entry.title for entry in feed.entries] == ["Envoys meet"]
