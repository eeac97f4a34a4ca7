"""Processes that may be killed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from volteface.errors import WorkerError
from volteface.workers import Workers


def test_runs_elsewhere_and_brings_the_result() -> None:
    """Parsing would block the event loop, and every feed wait for the slowest."""
    with Workers(1) as workers:
        assert asyncio.run(workers.run(os.getpid)) != os.getpid()


def test_a_stuck_task_is_killed_and_the_next_one_runs() -> None:
    """One hostile page would stop the service for good."""

    async def stuck_then_fine(workers: Workers) -> int:
        with pytest.raises(WorkerError, match="no result after 1 s"):
            await workers.run(time.sleep, 60)
        return await workers.run(abs, -3)

    started = time.monotonic()
    with Workers(1, timeout_s=1) as workers:
        assert asyncio.run(stuck_then_fine(workers)) == 3
    assert time.monotonic() - started < 20


def test_memory_is_bounded() -> None:
    """One hostile feed would make the kernel kill the service."""
    with Workers(1, memory=200_000_000) as workers, pytest.raises(WorkerError, match="out of memory"):
        asyncio.run(workers.run(bytearray, 1_000_000_000))


def test_a_crash_is_an_error_of_ours() -> None:
    """A parser that dies would take the pass down with an unknown exception."""

    async def crash_then_fine(workers: Workers) -> int:
        with pytest.raises(WorkerError, match="the process died"):
            await workers.run(os.abort)
        with pytest.raises(WorkerError, match="int: ValueError"):
            await workers.run(int, "x")
        return await workers.run(abs, -3)

    with Workers(1) as workers:
        assert asyncio.run(crash_then_fine(workers)) == 3


def test_nothing_starts_before_it_is_needed() -> None:
    """A pass in which no feed is due would still cost a second of start-up."""
    started = time.monotonic()
    with Workers():
        pass

    assert time.monotonic() - started < 0.2


def test_works_from_a_console_script(tmp_path: Path) -> None:
    """Under pytest all is well, and the installed command hangs or runs itself again in every worker."""
    (tmp_path / "command.py").write_text(
        "import asyncio, os\n"
        "from volteface.workers import Workers\n"
        "print('loaded')\n"
        "def main():\n"
        "    with Workers(1) as workers:\n"
        "        print('result', asyncio.run(workers.run(abs, -3)))\n",
        encoding="utf-8",
    )
    script = tmp_path / "command"
    script.write_text("import sys\nfrom command import main\nif __name__ == '__main__':\n    sys.exit(main())\n")
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"}

    ran = subprocess.run([sys.executable, script], env=env, capture_output=True, text=True, timeout=60, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "result 3" in ran.stdout


def test_a_broken_pool_is_replaced() -> None:
    """A pool that breaks once would end every later pass of the service."""
    with Workers(1) as workers:
        workers._pool.stop()
        workers._pool.join()

        assert asyncio.run(workers.run(abs, -3)) == 3
