"""Fuzz for a while: python -m tests.fuzz [--minutes 10] [--seed 0] [--target NAME].

Each target gets an equal share of the time, in rounds of 200 inputs. A round is repeated exactly by its seed. A finding
is printed with the smallest input that shows it and ends the run with exit code 1; put that input into
tests/fuzz/findings.py, where `tests/unit/test_fuzz.py` tries it ever after.
"""

from __future__ import annotations

import time
import warnings

import click
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

ROUND = 200
_SETTINGS = settings(
    max_examples=ROUND,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
    print_blob=True,
)


def one_round(target: Target, number: int) -> None:
    """200 inputs. Raises what the first finding raised, with the smallest input in its notes."""
    seed(number)(_SETTINGS(given(target.inputs)(target.check)))()


def rounds(target: Target, seconds: float, first: int) -> int:
    """Rounds until the time is over; how many there were."""
    number, until = first, time.monotonic() + seconds
    while time.monotonic() < until:
        one_round(target, number)
        number += 1
    return number - first


@click.command(help=__doc__)
@click.option("--minutes", default=10.0, show_default=True, help="In total.")
@click.option("--seed", "first", default=0, show_default=True, help="Of the first round.")
@click.option("--target", "names", multiple=True, help="Only these targets.")
def main(minutes: float, first: int, names: tuple[str, ...]) -> None:
    """Command line."""
    warnings.simplefilter("ignore")
    targets = [target for target in TARGETS if not names or target.name in names]
    for target in targets:
        count = rounds(target, minutes * 60 / len(targets), first)
        click.echo(f"{target.name:8} {count * ROUND:8} inputs, seeds {first} to {first + count - 1}: nothing found")


if __name__ == "__main__":
    main()
