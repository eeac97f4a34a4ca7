"""A burst of 500 alerts against Slack's rate limit; the sender and the local Slack share a simulated clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from local_slack import TOKEN, LocalSlack
from store_samples import NOON, alerted

from volteface.config_file import load_config
from volteface.deliver import deliver
from volteface.secrets import Secret
from volteface.slack_send import SlackSink
from volteface.store import Store

pytestmark = pytest.mark.slow
BURST, EVERY_S, RETRY_AFTER_S = 20, 2.0, 30
"""Messages at once, seconds for each further one (half of what the sender's own pause allows), and the wait after."""


class Clock:
    """Seconds that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """The seconds."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """As `time.sleep`, at once."""
        self.seconds += seconds

    def now(self) -> datetime:
        """The time of day."""
        return NOON + timedelta(seconds=self.seconds)


class StrictSlack(LocalSlack):
    """Refuses what comes too fast and says for how long; counts who does not wait for that."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(retry_after=RETRY_AFTER_S)
        self.refused = self.early = 0
        self._clock, self._left, self._then, self._closed_until = clock, float(BURST), 0.0, 0.0

    def _too_fast(self, method: str, arguments: dict[str, Any]) -> bool:
        if method != "chat.postMessage":
            return False
        now = self._clock()
        self.early += now < self._closed_until
        self._left = min(float(BURST), self._left + (now - self._then) / EVERY_S)
        self._then = now
        if self._left >= 1:
            self._left -= 1
            return False
        self.refused += 1
        self._closed_until = now + RETRY_AFTER_S
        return True


def test_500_alerts_arrive_in_order_and_no_request_comes_early(store: Store) -> None:
    """On the day of a crisis alerts would be dropped, shuffled, or sent so fast that Slack shuts the app out."""
    keys, clock = [f"k{number:03}" for number in range(500)], Clock()
    alerted(store, *keys)
    config = load_config(Path(__file__).parents[1] / "config.yaml")
    with StrictSlack(clock) as slack:
        sink = SlackSink(Secret(TOKEN), slack.config, clock=clock, sleep=clock.sleep)
        while deliver(config, store, sink, clock.now, "test").waiting:
            clock.sleep(7)  # A pass every few seconds, most of them within the wait.

        assert slack.keys == keys
        assert (slack.early, store.outbox.dead()) == (0, [])
    assert slack.refused > 10
