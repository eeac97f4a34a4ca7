"""The step digest: one message a day, remembered in the store like the messages of outages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from volteface.config import Config
from volteface.config_messages import DigestRules
from volteface.digest import Digest, digest_of, render_digest
from volteface.notices import Sender, send_claimed
from volteface.status import gather
from volteface.store import Store
from volteface.store.notices import DIGEST

LATEST = timedelta(hours=6)
"""After `digest.at`: a morning's digest at night, or one at once after an installation, would serve nobody."""


@dataclass(frozen=True, slots=True)
class DigestReport:
    """What became of a day's digest."""

    sent: bool = False
    fault: str | None = None
    """Why it could not be sent, with the remedy; it is tried again in the next round."""

    def line(self) -> str:
        """`digest sent` and the like."""
        if self.fault:
            return f"NOT DELIVERED: {self.fault}"
        return "digest sent" if self.sent else "already sent for this day, or being sent"


def is_due(rules: DigestRules, now: datetime) -> bool:
    """Whether it is between `at` and six hours later."""
    here = now.astimezone(rules.zone)
    # Last night's digest may still be due after midnight.
    days = (here.date(), here.date() - timedelta(days=1))
    began = (datetime.combine(day, rules.at, rules.zone) for day in days)
    return rules.enabled and any(timedelta(0) <= now - start < LATEST for start in began)


def topic_of(rules: DigestRules, now: datetime) -> str:
    """The key of the digest of that day, such as `digest:2026-11-24`; a day begins at `at`."""
    here = now.astimezone(rules.zone)
    day = here.date() if here.time() >= rules.at else here.date() - timedelta(days=1)
    return f"{DIGEST}{day.isoformat()}"


def look_back(config: Config, store: Store, now: datetime) -> Digest:
    """The digest as of now. Raises StoreError."""
    alerts = store.alerts.open(now - timedelta(hours=config.detect.alert_life_h) - timedelta(days=1))
    return digest_of(gather(config, store, now), alerts, now)


def send_digest(config: Config, store: Store, sink: Sender, now: datetime) -> DigestReport:
    """Send the day's digest unless it was sent. Raises StoreError."""
    topic = topic_of(config.digest, now)
    rendered = render_digest(look_back(config, store, now), config, topic)
    store.notices.write_once(topic, now)
    row = store.notices.claim(now, topic=topic)
    if row is None:
        return DigestReport()
    # The message may stand in the channel since the first attempt: it is looked for from then on.
    fault = send_claimed(store, sink, row, replace(rendered, at=row.at), now)
    return DigestReport(sent=fault is None, fault=fault)
