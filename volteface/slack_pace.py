"""How fast Slack may be told: one message at a time, with a pause in between."""

from __future__ import annotations

import time
from collections.abc import Callable

GAP_S = 1.0
"""Slack allows about one message a second in a channel."""


class Pace:
    """Turns at a channel, GAP_S apart. `clock` and `sleep` take seconds; one thread at a time may use it.

    Longer waits, that Slack asks for, are the outbox's business.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._free_at = 0.0

    def wait(self) -> None:
        """Wait for the next turn, and take it."""
        now = self._clock()
        if now < self._free_at:
            self._sleep(self._free_at - now)
        self._free_at = self._clock() + GAP_S
