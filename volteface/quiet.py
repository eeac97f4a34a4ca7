"""Quiet hours: which messages wait for the morning. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from volteface.alert_types import SAID, OutboxItem
from volteface.config import Config
from volteface.config_messages import QuietHours
from volteface.types import Mode
from volteface.verdicts import escalates

LOOK_AGAIN = timedelta(minutes=15)
"""A message that waits is looked at anew so often: a deed that joins the words in the night must not wait."""


def waits_until(item: OutboxItem, config: Config, now: datetime) -> datetime | None:
    """When to look at the message again, at the latest at the end of the quiet hours; None where it may go now."""
    rules = config.slack.quiet_hours
    end = ends(rules, now) if rules else None
    if rules is None or end is None or _passes(item, config, rules):
        return None
    return min(end, now + LOOK_AGAIN)


def ends(rules: QuietHours, now: datetime) -> datetime | None:
    """The end of the quiet hours in which `now` lies, or None where it lies in none."""
    today = now.astimezone(rules.zone).date()
    over_night = timedelta(days=rules.end < rules.begin)
    for day in (today, today - timedelta(days=1)):
        begin = datetime.combine(day, rules.begin, rules.zone).astimezone(UTC)
        end = datetime.combine(day + over_night, rules.end, rules.zone).astimezone(UTC)
        if begin <= now < end:
            return end
    return None


def _passes(item: OutboxItem, config: Config, rules: QuietHours) -> bool:
    """Escalations, deeds and the highest offices are heard at any hour; so is whoever is awake and gives a verdict."""
    office = config.office.get(item.shift.holder)
    high = office is not None and office.rank <= rules.let_through_rank
    deed = any(piece.mode is Mode.ACT for piece in item.shift.evidence)
    said = item.change is not None and item.change.kind in SAID
    return high or deed or said or escalates(item.shift, config)
