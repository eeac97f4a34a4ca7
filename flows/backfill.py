"""The backfill flow: an archive read by processes of a Dask cluster on this machine. Needs the extra `scale`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

from distributed import Security
from distributed.scheduler import KilledWorker
from prefect import flow, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner
from prefect_dask.task_runners import DaskTaskRunner

import extractors
from flows.outcome import tell
from volteface.backfill import Archives, Progress, ReadReport, on_one_core, read_archives
from volteface.config import Config
from volteface.errors import WorkerError
from volteface.kept_readings import KeptReader
from volteface.types import Document, Reader, Reading

Found = Sequence[tuple[Reading, ...]]
Build = Callable[[Config], Reader]
"""Makes the reader of a process: a function of a module, for each process imports it."""

AHEAD = 2
"""Chunks under way for each worker: none waits for its next one, and memory stays bounded."""
MEMORY = "4GiB"
"""A worker's limit, several times what the model takes; one that passes it is started anew."""


def shipped_reader(config: Config) -> Reader:
    """The reader that `config.models` names."""
    return extractors.build(config).reader


class Job:
    """What one run is about. It stays in the process of the flow run: Prefect sends a flow's parameters along with
    every task, and a worker needs none of this."""

    def __init__(
        self, config: Config, archives: Archives, kept: KeptReader, progress: Progress, build: Build = shipped_reader
    ) -> None:
        self.config, self.archives, self.kept, self.progress, self.build = config, archives, kept, progress, build

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


def read_in_parallel(job: Job, workers: int) -> ReadReport:
    """`volteface.backfill.read_archives` as a flow run, each chunk a task in one of so many processes.

    A worker that dies is replaced, and its chunk read again. Raises WorkerError where a chunk kills every worker that
    takes it, what `job.build` and its reader raise, and what Prefect raises without a server; what was kept stays.
    """
    return read_job.with_options(task_runner=cluster_of(workers))(job, workers)


@flow(name="backfill", flow_run_name="backfill", persist_result=False)
def read_job(job: Job, workers: int) -> ReadReport:
    """One run, within a task runner of so many workers."""
    shown = create_progress_artifact(progress=0.0, key="backfill-progress", description="items read")

    def step(done: int, of: int) -> None:
        job.progress(done, of)
        update_progress_artifact(shown, 100 * done / of)  # type: ignore[arg-type]  # a coroutine only in an event loop

    read = partial(read_chunks, job.config, job.build, AHEAD * workers)
    report = read_archives(job.config, job.archives, job.kept, read, step)
    tell("backfill", report.line(), report.line())
    return report


def cluster_of(workers: int) -> TaskRunner[Any]:
    """So many processes of one thread, which end with the flow run."""
    local: dict[str, Any] = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "memory_limit": MEMORY,
        "dashboard_address": "127.0.0.1:0",
        # Whoever can talk to a scheduler can run code as its user, and loopback is open to all users of a machine.
        "security": Security.temporary(),  # type: ignore[no-untyped-call]
    }
    return DaskTaskRunner(cluster_kwargs=local)


def read_chunks(config: Config, build: Build, ahead: int, chunks: Iterable[Sequence[Document]]) -> Iterator[Found]:
    """`ReadChunks` within a flow run: `ahead` chunks are out at a time."""
    out: deque[PrefectFuture[Found]] = deque()
    for chunk in chunks:
        out.append(read_chunk.submit(config, build, chunk))
        if len(out) == ahead:
            yield _found(out.popleft())
    while out:
        yield _found(out.popleft())


def _found(future: PrefectFuture[Found]) -> Found:
    # No reference may stay: Dask reads a chunk again if its result was on a worker that died and is still asked for.
    try:
        return future.result()
    except KilledWorker as error:
        raise WorkerError("a chunk ended every worker that took it: is there memory for fewer --workers?") from error


@task(name="read a chunk", cache_policy=NO_CACHE)
def read_chunk(config: Config, build: Build, documents: Sequence[Document]) -> Found:
    """In a worker."""
    return reader_of(config, build).read(documents)


@lru_cache(maxsize=1)
def reader_of(config: Config, build: Build) -> Reader:
    """Built once a process: loading the model takes seconds."""
    return on_one_core(partial(build, config))
