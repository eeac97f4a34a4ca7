"""Which failures are worth another try inside a run; everything else waits for the next scheduled run."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff

from volteface.errors import StoreError


async def is_transient(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether the task failed for a reason that may pass: a locked or restarting database."""
    # `state.result()` is a coroutine inside of an asynchronous task, and its value in others.
    return isinstance(await state.aresult(raise_on_failure=False), StoreError)


TRANSIENT: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(backoff_factor=2),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": is_transient,
}
