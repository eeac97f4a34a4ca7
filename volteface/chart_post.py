"""Pictures for the threads of the alerts that a pass told: after all text is out, tried once, and never in its way."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

from volteface.chart import SPAN, Picture, chart
from volteface.config import Config
from volteface.errors import DeliveryError
from volteface.store import Store
from volteface.types import Shift

log = logging.getLogger(__name__)

MOST = 10
"""Pictures in one pass: after a burst, the next alerts must not wait for pictures of the last ones."""


@runtime_checkable
class TakesPictures(Protocol):
    """A sink that can show a picture below a message."""

    def attach(self, receipt: str, picture: Picture) -> None:
        """Show the picture in the thread of the message with that receipt. Raises DeliveryError."""
        ...


def picture_of(config: Config, store: Store, shift: Shift) -> Picture | None:
    """The chart of a shift, with what was read around it; None where its axis is gone. Raises StoreError."""
    readings = store.readings.history(shift.holder, shift.axis, shift.at - SPAN, shift.at + timedelta(days=1))
    return chart(shift, readings, config)


def attach_charts(config: Config, store: Store, sink: object, told: Sequence[tuple[Shift, str]]) -> int:
    """Show a chart for each alert (shift, receipt); how many are shown.

    Each is tried once and at most once, for a picture is worth neither a second message nor a wait: what fails is
    logged. Raises StoreError.
    """
    if not config.slack.chart or not isinstance(sink, TakesPictures):
        return 0
    shown = 0
    for shift, receipt in told[:MOST]:
        picture = picture_of(config, store, shift)
        try:
            if picture is not None:
                sink.attach(receipt, picture)
                shown += 1
        except DeliveryError as error:
            log.warning("alert %s has no chart: %s", shift.key, error)
            if error.sink_wide or error.retry_after is not None:
                break
    return shown
