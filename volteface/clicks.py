"""Clicks on an alert's buttons as verdicts and mutes in the store. Each counts once, however often it is delivered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from volteface.errors import UnknownAlert
from volteface.mrkdwn import clean
from volteface.slack_buttons import Click, NotOurs, click_of
from volteface.store import Store
from volteface.verdicts import Verdict

REASONS = 100
"""So many different refusals are logged, once each; after that somebody is at play."""

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a click."""

    NEW = "new"
    KNOWN = "known"
    """It is on record already."""
    REFUSED = "refused"
    """No button of ours can have sent it, or the alert is not in the database."""


class Clicks:
    """Takes interaction payloads. `channel` gives the id of the channel where our messages stand.

    The store is opened for each click, so that a restored database or one that was away needs no new start. May be used
    by several threads.
    """

    def __init__(
        self, open_store: Callable[[], Store], channel: Callable[[], str], now: Callable[[], datetime]
    ) -> None:
        self._open_store, self._channel, self._now = open_store, channel, now
        self._reasons: set[str] = set()

    def take(self, payload: Mapping[str, Any]) -> Outcome:
        """Store what the click says. One that is refused changes nothing, and is logged once.

        Raises StoreError or DeliveryError where nothing can be said of it now.
        """
        try:
            click = click_of(payload, self._channel(), self._now())
            with self._open_store() as store:
                new = store.verdicts.add(verdict_of(click), click.mute_for)
        except NotOurs as error:
            return self._refuse(str(error))
        except UnknownAlert:
            return self._refuse(f"there is no alert {clean(click.key)} in the database")
        log.info("alert %s: %s by %s%s", click.key, click.kind.value, click.by, "" if new else ", known already")
        return Outcome.NEW if new else Outcome.KNOWN

    def _refuse(self, reason: str) -> Outcome:
        if reason not in self._reasons and len(self._reasons) < REASONS:
            self._reasons.add(reason)
            log.warning("a click was refused: %s", reason)
        return Outcome.REFUSED


def verdict_of(click: Click) -> Verdict:
    """What is kept of a click; a mute is told in the note, so that the alert's message shows it."""
    note = ""
    if click.mute_for is not None:
        until = (click.at + click.mute_for).astimezone(UTC)
        note = f"this office is muted on this axis until {until:%Y-%m-%d %H:%M} UTC; escalations come all the same"
    return Verdict(click.key, click.kind, click.by, note, click.at)
