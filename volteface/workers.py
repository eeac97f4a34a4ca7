"""Processes for work on hostile input: each task has a time and a memory limit, and a stuck one is killed.

The processes are spawned, not forked: forking a process that runs threads (a Prefect worker does) can deadlock.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as Overdue
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from volteface.errors import WorkerError

T = TypeVar("T")

TIMEOUT_S = 20.0
MEMORY = 1_000_000_000
"""Bytes of address space that tasks may take beyond what the process has when it starts."""
TASKS_A_PROCESS = 300
"""A process is replaced after so many tasks: parsers leak."""


def limit_memory(allowance: int) -> None:
    """Cap this process's address space at what it has now plus `allowance` bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + allowance
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


class Workers:
    """A pool of killable processes. Nothing is started before the first `run`; use as a context manager.

    Functions and arguments must be picklable, and functions importable by name.
    """

    def __init__(self, count: int = 2, *, timeout_s: float = TIMEOUT_S, memory: int = MEMORY) -> None:
        self._timeout_s, self._count, self._memory = timeout_s, count, memory
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._count,
            max_tasks=TASKS_A_PROCESS,
            initializer=limit_memory,
            initargs=(self._memory,),
            context=get_context("spawn"),
        )

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """`function(*args)` in a process. Raises WorkerError where it crashes, fails or takes too long."""
        future = self._schedule(function, args)
        what = function.__name__
        try:
            return await asyncio.wrap_future(future)
        except (Overdue, TimeoutError) as error:
            raise WorkerError(f"{what}: no result after {self._timeout_s:g} s, process killed") from error
        except ProcessExpired as error:
            raise WorkerError(f"{what}: the process died ({error})") from error
        except MemoryError as error:
            raise WorkerError(f"{what}: out of memory") from error
        except Exception as error:
            raise WorkerError(f"{what}: {type(error).__name__}: {error}"[:500]) from error

    def _schedule(self, function: Callable[..., T], args: tuple[Any, ...]) -> ProcessFuture[T]:
        try:
            return self._pool.schedule(function, args=args, timeout=self._timeout_s)
        except RuntimeError:
            # One broken pool must not end the pass: whoever is next gets a new one.
            self._pool = self._new_pool()
            return self._pool.schedule(function, args=args, timeout=self._timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
