"""Kill the program and break the network, run after run: python -m tests.faults [--runs 2000] [--database both].

Every tenth run is of real processes that die by SIGKILL, the others die by an exception inside one process. A third of
the runs has two programs at once: two pollers and two senders. A run that ends with anything lost, doubled or out of
order is printed with the command that repeats it, and the exit code is 1. Where a process dies at a random moment the
repetition is of the same plan, not of the same instant.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import click

from tests import local_postgres
from tests.faults.plan import Kind, plan
from tests.faults.runs import World
from volteface.errors import StoreError

DATABASES = ("sqlite", "postgres")


@contextmanager
def worlds(databases: Iterable[str]) -> Iterator[dict[str, World]]:
    """A world for each of the databases. Raises NoPostgres."""
    with ExitStack() as stack:
        opened = {}
        for name in databases:
            url = name
            if name == "postgres":
                server = stack.enter_context(local_postgres.running())
                url = server.url(server.create())
            opened[name] = stack.enter_context(World(url))
        yield opened


def kind_of(number: int) -> Kind:
    """How the program dies in the run of that number."""
    return Kind.SIGKILL if number % 10 == 9 else Kind.RAISED


def tried(world: World, seed: int, number: int, kind: Kind) -> list[str]:
    """What was wrong with one run, in words."""
    try:
        return world.run(plan(seed, number, kind))
    except StoreError as error:
        return [str(error)]


@click.command(help=__doc__)
@click.option("--runs", default=2000, show_default=True, help="Runs in all, over all databases.")
@click.option("--seed", default=0, show_default=True, help="Of the plans.")
@click.option("--database", type=click.Choice((*DATABASES, "both")), default="both", show_default=True)
@click.option("--run", "only", type=int, help="Only the run of this number.")
def main(runs: int, seed: int, database: str, only: int | None) -> None:
    """Command line."""
    logging.disable(logging.CRITICAL)
    names = DATABASES if database == "both" else (database,)
    failed, done, took = 0, Counter[str](), defaultdict[str, float](float)
    with worlds(names) as opened:
        for number in range(runs) if only is None else (only,):
            # Either kind of death on either database: every tenth run is of processes.
            name, kind = names[(number // 2) % len(names)], kind_of(number)
            begun = time.monotonic()
            wrong = tried(opened[name], seed, number, kind)
            done[f"{name}, {kind}"] += 1
            took[f"{name}, {kind}"] += time.monotonic() - begun
            failed += bool(wrong)
            if number % 100 == 99:
                click.echo(f"{number + 1} runs, {failed} failed")
            for line in wrong:
                click.echo(f"run {number} ({name}, {kind}): {line}")
            if wrong:
                click.echo(f"  again: python -m tests.faults --database {database} --seed {seed} --run {number}")
        for name, world in opened.items():
            click.echo(f"{name}: {world.tally}")
    for what, count in sorted(done.items()):
        click.echo(f"{what}: {count} runs, {count / took[what]:.1f} a second")
    click.echo(f"{failed} of {sum(done.values())} runs lost, doubled or disordered something")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
