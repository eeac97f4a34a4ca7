"""Prefect's runner, with an end that its runs survive in good order."""

from __future__ import annotations

import asyncio
import signal
import sys
from concurrent.futures import Future
from typing import Any

from prefect.runner import Runner


class StoppableRunner(Runner):
    """On SIGTERM, SIGHUP or Ctrl-C it cancels its runs, waits for them to end and returns; a second signal ends it now.

    Prefect 3.8.8's own handler stops nothing, since it is called inside the event loop: runs in progress are killed,
    look alive for ever, and keep their slot for five minutes.
    """

    _ending: Future[None] | None = None

    def serve(self) -> None:
        """Serve until a signal comes."""
        for signum in (signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, self.handle_sigterm)
        asyncio.run(self.start())

    def handle_sigterm(self, *_args: Any, **_kwargs: Any) -> None:
        """What SIGTERM does; `start` installs it."""
        if self._ending is not None:
            sys.exit(1)
        self._ending = asyncio.run_coroutine_threadsafe(self.astop(), asyncio.get_running_loop())
