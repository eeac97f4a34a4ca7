"""How long an event loop stands still, and what of that is its own work, a wait for a processor, or the machine's."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

HEARTBEAT_S = 0.01


class Heart:
    """The longest time for which a task of this loop could not run, and the most CPU that it took at once (ms).

    `own_ms`: the longest such time, less what the thread was ready to run meanwhile and had no processor.
    """

    def __init__(self) -> None:
        self.stall_ms = self.own_ms = self.cpu_ms = 0.0

    async def beat(self) -> None:
        """Beat until cancelled."""
        while True:
            began, spent, queued = time.perf_counter(), time.thread_time(), _queued_s()
            await asyncio.sleep(HEARTBEAT_S)
            late = (time.perf_counter() - began - HEARTBEAT_S) * 1000
            self.stall_ms = max(self.stall_ms, late)
            self.own_ms = max(self.own_ms, late - (_queued_s() - queued) * 1000)
            self.cpu_ms = max(self.cpu_ms, (time.thread_time() - spent) * 1000)


def _queued_s() -> float:
    """Seconds that this thread was ready to run and had no processor; always 0 where the kernel does not count them."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0
