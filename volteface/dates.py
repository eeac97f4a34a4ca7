"""Date hygiene: what feeds claim, what we believe, and what is history or opinion rather than news."""

from __future__ import annotations

import calendar
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from urllib.parse import urlsplit

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""The web has no news before this: epoch 0, year -1 and the like are faults of the publisher's software."""

_HOUR = 3600
# Offsets in seconds of abbreviations that RFC 822 does not define and that email.utils takes for UTC.
_ZONES = {
    "WET": 0, "WEST": _HOUR, "BST": _HOUR, "CET": _HOUR, "WAT": _HOUR, "CEST": 2 * _HOUR, "EET": 2 * _HOUR,
    "SAST": 2 * _HOUR, "CAT": 2 * _HOUR, "EEST": 3 * _HOUR, "IDT": 3 * _HOUR, "MSK": 3 * _HOUR, "TRT": 3 * _HOUR,
    "EAT": 3 * _HOUR, "IRST": 12_600, "GST": 4 * _HOUR, "IRDT": 16_200, "AFT": 16_200, "PKT": 5 * _HOUR,
    "IST": 19_800, "ICT": 7 * _HOUR, "WIB": 7 * _HOUR, "HKT": 8 * _HOUR, "SGT": 8 * _HOUR, "JST": 9 * _HOUR,
    "KST": 9 * _HOUR, "AEST": 10 * _HOUR, "AEDT": 11 * _HOUR, "NZST": 12 * _HOUR, "NZDT": 13 * _HOUR,
    "AKST": -9 * _HOUR, "AKDT": -8 * _HOUR, "HST": -10 * _HOUR,
}  # fmt: skip
_ZONE_NAME = re.compile(r"\s\(?([A-Z]{3,4})\)?$")
_EPOCH = re.compile(r"^\d{10}(\d{3})?$")
_ENGLISH = ("%b %d, %Y %I:%M %p", "%B %d, %Y %I:%M %p", "%b %d, %Y", "%B %d, %Y", "%m/%d/%Y %I:%M:%S %p")


def parse_date(text: str, fallback: time.struct_time | None = None) -> datetime | None:
    """The moment that a feed's date names, in UTC, or None where it names none after 1994.

    `fallback` is another parser's reading in UTC, used for forms that we do not know. A date without a zone is UTC.
    """
    text = " ".join(text.split())[:100]
    for read in (_iso, _epoch, _rfc822, _english):
        when = read(text)
        if when is not None:
            return _plausible(when)
    return _plausible(_from_struct(fallback)) if fallback else None


def _plausible(when: datetime | None) -> datetime | None:
    return when if when and when >= EARLIEST else None


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        when = datetime.fromisoformat(text.replace(" UTC", "Z").replace(" GMT", "Z"))
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.match(text):
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC)


def _rfc822(text: str) -> datetime | None:
    if "-" in text[:8] or not re.search(r"\d:\d\d", text):  # not that form; email.utils would guess
        return None
    fields = parsedate_tz(text)
    if fields is None or re.search(r"\d\s?[AaPp]\.?[Mm]\b", text):
        return None
    zone = _ZONE_NAME.search(text)
    offset = _ZONES.get(zone[1]) if zone else None
    if offset is None:
        offset = fields[9] or 0
    try:
        return datetime(*fields[:6], tzinfo=UTC) - timedelta(seconds=offset)
    except (ValueError, OverflowError):
        return None


def _english(text: str) -> datetime | None:
    for form in _ENGLISH:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _from_struct(fields: time.struct_time) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(fields), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def clean_published(claimed: datetime | None, *, seen: datetime) -> datetime:
    """A publication time that can be trusted for ordering: never missing, never before 1995, never after `seen`."""
    if claimed is None:
        return seen
    if claimed.tzinfo is None:
        claimed = claimed.replace(tzinfo=UTC)
    return seen if claimed < EARLIEST else min(claimed, seen)


def is_stale(published: datetime, *, seen: datetime, max_age: timedelta) -> bool:
    """Whether an article was too old to be news when we first saw it."""
    return seen - published > max_age


_NUMBER = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|forty|fifty)"
_LOOKS_BACK = re.compile(
    rf"""\bon\ this\ day\b | \bthis\ day\ in\b | \bthis\ week\ in\ history\b
    | \b(?:{_NUMBER}|a|one)\ (?:years?|decades?)\ (?:ago|on|since|later)\b
    | \b(?:anniversary|retrospective|throwback|flashback|obituary)\b
    | ^(?:a\ )?(?:brief\ )?(?:timeline|history|chronology)\b | \b(?:a|brief|full)\ (?:timeline|history|chronology)\b
    | :\ a\ look\ back\b | \blooking\ back\b | \bfrom\ the\ archives?\b | \byear\ in\ review\b""",
    re.IGNORECASE | re.VERBOSE,
)


def looks_back(title: str) -> bool:
    """Whether a headline announces history (an anniversary, a timeline, "on this day") rather than news."""
    return bool(_LOOKS_BACK.search(title))


_SECTIONS = frozenset(
    (
        *("opinion", "opinions", "oped", "op-ed", "op-eds", "comment", "commentary", "commentisfree", "blog", "blogs"),
        *("analysis", "analyses", "editorial", "editorials", "column", "columns", "columnist", "columnists", "letters"),
        *("ideas", "perspective", "perspectives", "viewpoint", "viewpoints", "views", "voices"),
    )
)
_OPINION_TITLE = re.compile(
    r"^\W*(?:opinions?|op-?ed|editorial|analysis|commentary|comment|column|letters?(?: to the editor)?|viewpoint"
    r"|perspective|guest essay|explainer|view)\s*(?:[:|–—]|\s-\s)"
    r"|[|–—]\s*(?:opinion|op-?ed|editorial|analysis|commentary|comment|column|letters)\s*$",
    re.IGNORECASE,
)


def is_opinion(url: str, title: str) -> bool:
    """Whether the section in the URL or a label in the headline says that this is somebody's view, not a report."""
    try:
        folders = urlsplit(url).path.lower().split("/")[:-1]
    except ValueError:
        folders = []
    return any(folder in _SECTIONS for folder in folders) or bool(_OPINION_TITLE.search(title))
