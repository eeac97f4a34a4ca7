"""The deliver step: each outbox row becomes one visible message, whatever breaks in between.

A change of an alert goes out after everything before it of the same alert was sent or given up: it edits the alert's
message and adds one line to its thread. Where the alert's own message was given up, each change of it becomes a message
of its own, so that what can be told is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from volteface import verdicts
from volteface.alert_types import OutboxItem
from volteface.chart_post import attach_charts
from volteface.config import Config
from volteface.errors import DeliveryError
from volteface.fallback import Fallback, tell_refused, with_note
from volteface.quiet import waits_until
from volteface.sinks import Sink
from volteface.slack_render import render
from volteface.slack_thread import update_of
from volteface.store import Store
from volteface.types import Shift

log = logging.getLogger(__name__)

HELD = "all messages held: "
"""Begins the stored error of a message that was put back on account of the sink."""
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 1800.0
REFUSED_WAIT_S = 60.0
"""After a refusal that somebody must act on: short, because then somebody is waiting to see it work."""
IN_A_ROW = 3
"""Failures one after the other that end a pass: then it is the sink that fails and not the messages."""


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What became of the messages of one pass."""

    sent: int = 0
    retried: int = 0
    """Put back, to be tried again."""
    dead: int = 0
    """Given up: this message can never pass."""
    waiting: int = 0
    """Still to be sent after the pass, those put back among them."""
    fault: str | None = None
    """Why the pass ended early, with the remedy; None where it did not."""
    by_fallback: int = 0
    """Told by the fall-back, and still waiting for the sink."""


class _Pass:
    """The counters of one pass, and what a failure does to the message and to the pass."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self.store, self.now = store, now
        self.sent = self.retried = self.dead = self.in_a_row = 0
        self.fault: str | None = None
        self.told: list[tuple[Shift, str]] = []
        """Alerts of this pass, with their receipts."""

    def succeeded(self, item: OutboxItem, receipt: str) -> None:
        if item.change is None:
            self.told.append((item.shift, receipt))
        self.store.outbox.sent(item.id, receipt=receipt, now=self.now())
        self.sent += 1
        self.in_a_row = 0
        log.info("alert %s delivered: %s", item.key, receipt)

    def hold(self, item: OutboxItem, mute: verdicts.Mute) -> None:
        """Leave the message for when its mute is over."""
        why = verdicts.reason(mute)
        self.store.outbox.defer(item.id, not_before=mute.until, attempt=item.attempts, why=why)
        log.info("alert %s waits: %s", item.key, why)

    def failed(self, item: OutboxItem, error: DeliveryError) -> None:
        log.warning("alert %s not delivered: %s", item.key, error)
        if error.permanent and not error.sink_wide:
            self.store.outbox.bury(item.id, error=str(error), now=self.now(), attempt=item.attempts)
            self.dead += 1
            return
        self._put_back(item, error)
        self.in_a_row += 1
        if _holds(error) or self.in_a_row >= IN_A_ROW:
            self.fault = str(error)

    def _put_back(self, item: OutboxItem, error: DeliveryError) -> None:
        self.store.outbox.retry(
            item.id,
            error=f"{HELD if _holds(error) else ''}{error}",
            maybe_sent=item.maybe_sent or error.maybe_sent,
            not_before=self.now() + timedelta(seconds=wait_s(item.attempts, error)),
            now=self.now(),
            attempt=item.attempts,
        )
        self.retried += 1


def deliver(
    config: Config,
    store: Store,
    sink: Sink,
    now: Callable[[], datetime],
    sender: str,
    limit: int = 200,
    fallback: Fallback | None = None,
) -> DeliverReport:
    """Send up to `limit` messages, oldest first.

    A message that cannot pass is buried and the others go on. A wait that the sink asks for ends the pass, and no
    message is tried before it is over, so that order holds. A sink that refuses everything (token revoked, channel
    archived) ends the pass too, with every message kept: they go out once somebody has acted on `fault`.
    In quiet hours messages wait, except those that cannot (`volteface.quiet`).
    The message of a muted holder and axis waits until the mute is over, unless it tells of an escalation.
    A message whose earlier attempt may have arrived is looked up in the sink before it is sent again.
    What the sink has refused for `slack.fallback_after_h` is told by the `fallback`, if there is one, and stays queued.
    """
    run = _Pass(store, now)
    run.fault = _held(store, now())
    mutes = store.verdicts.mutes(now())
    while run.fault is None and run.sent + run.retried + run.dead < limit:
        item = store.outbox.claim(sender, now())
        if item is None:
            break
        if mute := _muted(config, item, mutes, now()):
            run.hold(item, mute)
            continue
        if until := waits_until(item, config, now()):
            store.outbox.defer(item.id, not_before=until, attempt=item.attempts)
            continue
        try:
            receipt = _show(config, sink, item)
        except DeliveryError as error:
            run.failed(item, error)
        else:
            run.succeeded(item, receipt)
    told = tell_refused(config, store, fallback, now(), run.fault) if fallback else 0
    attach_charts(config, store, sink, run.told)
    return DeliverReport(run.sent, run.retried, run.dead, len(store.outbox.pending()), run.fault, told)


def _muted(config: Config, item: OutboxItem, mutes: Sequence[verdicts.Mute], now: datetime) -> verdicts.Mute | None:
    # Changes of an alert that was told go to its thread, and those of one that was not wait behind it.
    return verdicts.held_by(item.shift, mutes, config, now) if item.change is None else None


def _show(config: Config, sink: Sink, item: OutboxItem) -> str:
    if item.change is None:
        message = with_note(render(item.shift, config, item.blind, item.changes), item.fallback_at)
        return sink.send(message, check_history=item.maybe_sent)
    update = update_of(item, item.change, config)
    line, alone = (with_note(message, item.fallback_at) for message in (update.line, update.alone))
    return sink.update(replace(update, line=line, alone=alone), check_history=item.maybe_sent)


def wait_s(attempts: int, error: DeliveryError) -> float:
    """Seconds until the next attempt: as the sink asks, otherwise doubling with each attempt up to half an hour."""
    if error.retry_after is not None:
        return error.retry_after
    if error.sink_wide:
        return REFUSED_WAIT_S
    return min(FIRST_WAIT_S * 2.0 ** min(attempts - 1, 10), LONGEST_WAIT_S)


def _holds(error: DeliveryError) -> bool:
    return error.sink_wide or error.retry_after is not None


def _held(store: Store, now: datetime) -> str | None:
    """Why nothing may be sent yet: another pass, perhaps in another process, was told to wait."""
    rows = [row for row in store.outbox.pending() if row.not_before and row.not_before > now]
    return next((row.error for row in rows if row.error and row.error.startswith(HELD)), None)
