"""The hours and days at which a feed asks not to be polled (RSS `skipHours`, `skipDays`, both in GMT). Pure.

feedparser keeps only the last `<hour>` of a feed, so the elements are read here. Both are bit masks: bit 0 is the hour
that starts at midnight, and bit 0 of the days is Monday.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_DAYS = (b"monday", b"tuesday", b"wednesday", b"thursday", b"friday", b"saturday", b"sunday")
_HOURS_ELEMENT = re.compile(rb"<skiphours\b[^>]*>(.{0,2000}?)</skiphours", re.IGNORECASE | re.DOTALL)
_DAYS_ELEMENT = re.compile(rb"<skipdays\b[^>]*>(.{0,2000}?)</skipdays", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour\b[^>]*>\s*(\d{1,2})\s*<", re.IGNORECASE)
_DAY = re.compile(rb"<day\b[^>]*>\s*([a-z]{6,9})\s*<", re.IGNORECASE)
_WEEK_H = 7 * 24


def skip_times(body: bytes) -> tuple[int, int]:
    """(hours, days) as bit masks, 0 where the feed has no such wish. Hour 24, as old feeds write it, is hour 0."""
    hours = {int(hour) % 24 for hour in _within(_HOURS_ELEMENT, _HOUR, body) if int(hour) <= 24}
    days = {_DAYS.index(day.lower()) for day in _within(_DAYS_ELEMENT, _DAY, body) if day.lower() in _DAYS}
    return sum(1 << hour for hour in hours), sum(1 << day for day in days)


def next_open(when: datetime, hours: int, days: int) -> datetime:
    """`when`, or the start of the first hour after it that is not skipped; `when` where a whole week is skipped."""
    if not (hours or days):
        return when
    start = when.replace(minute=0, second=0, microsecond=0)
    for step in range(_WEEK_H + 1):
        hour = start + timedelta(hours=step)
        if not (hours >> hour.hour & 1 or days >> hour.weekday() & 1):
            return max(when, hour)
    return when


def _within(element: re.Pattern[bytes], part: re.Pattern[bytes], body: bytes) -> list[bytes]:
    found = element.search(body)
    return part.findall(found[1]) if found else []
