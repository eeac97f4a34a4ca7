"""A little of `make test-faults`, and that it would see what it looks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.__main__ import worlds
from tests.faults.plan import Kind, plan
from tests.faults.runs import World
from tests.local_postgres import Server

pytestmark = pytest.mark.slow
SEED = 1


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """The servers of one database."""
    if request.param == "postgres":
        server: Server = request.getfixturevalue("postgres")
        with World(server.url(server.create())) as opened:
            yield opened
        return
    with worlds(["sqlite"]) as opened:
        yield opened["sqlite"]


@pytest.mark.parametrize("tens", range(2))
def test_nothing_is_lost_or_doubled_when_the_program_dies_anywhere(world: World, tens: int) -> None:
    """A crash between sending and saying so would repeat an alert, or lose a reversal in silence."""
    numbers = range(10 * tens, 10 * tens + 10)

    assert {n: wrong for n in numbers if (wrong := world.run(plan(SEED, n, Kind.RAISED)))} == {}
    assert world.tally.deaths > 5


@pytest.mark.parametrize("number", range(100, 102))
def test_nothing_is_lost_or_doubled_under_sigkill(world: World, number: int) -> None:
    """`kill -9` or the kernel's out-of-memory killer would cost an alert."""
    assert world.run(plan(SEED, number, Kind.SIGKILL)) == []


def test_what_is_lost_or_doubled_is_seen(world: World) -> None:
    """A harness that finds nothing because it looks at nothing would vouch for a broken sender."""
    peaceful = replace(plan(SEED, 0, Kind.RAISED), pair=False, slack={}, feeds=(), deaths=())
    assert world.run(peaceful) == []

    world.slack.posts.append(world.slack.posts[0])
    twice = world.wrong(peaceful)
    del world.slack.posts[-2:], world.slack.posts[:1]
    lost = world.wrong(replace(peaceful, rounds=peaceful.rounds[:1]))

    assert any(line.startswith("shown twice") for line in twice)
    assert any(line.startswith("never shown") for line in lost)
    assert any("articles published" in line for line in lost)
