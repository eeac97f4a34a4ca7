"""Files on the command line, through the worker processes of a poll: in order, several at once, one line each."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from volteface.errors import WorkerError
from volteface.workers import Workers

STDIN = "-"
MAX_BYTES = 15_000_000
AHEAD = 8
"""Documents under way for each process, so that none waits; the others are not yet read into memory."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Looked(Generic[T]):
    """What became of one file: what was found in it, or why nothing could be."""

    file: str
    found: T | None
    reason: str = ""
    missing: bool = False
    """The file could not even be read."""


def files_of(arguments: Sequence[str]) -> Iterator[str]:
    """The files that the arguments name: `-` is standard input, a folder its files at any depth, sorted."""
    for argument in arguments:
        folder = Path(argument)
        if argument != STDIN and folder.is_dir():
            yield from map(str, sorted(path for path in folder.rglob("*") if path.is_file()))
        else:
            yield argument


async def look(names: Iterable[str], function: Callable[..., T], *args: object) -> AsyncIterator[Looked[T]]:
    """`function(bytes, *args)` of each file in a worker process, in the order of the names."""
    count = max(2, len(os.sched_getaffinity(0)))
    with Workers(count) as workers:
        waiting: deque[asyncio.Task[Looked[T]]] = deque()
        for name in names:
            waiting.append(asyncio.create_task(_look(name, workers, function, args)))
            if len(waiting) >= AHEAD * count:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()


async def _look(name: str, workers: Workers, function: Callable[..., T], args: tuple[object, ...]) -> Looked[T]:
    try:
        body = _bytes(name)
    except OSError as error:
        return Looked(name, None, "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror), True)
    if len(body) > MAX_BYTES:
        return Looked(name, None, f"more than {MAX_BYTES:,} bytes")
    try:
        return Looked(name, await workers.run(function, body, *args))
    except WorkerError as error:
        return Looked(name, None, str(error))


def _bytes(name: str) -> bytes:
    """At most one byte more than the limit. Raises OSError."""
    if name == STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    if not Path(name).exists():
        raise FileNotFoundError(name)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)
